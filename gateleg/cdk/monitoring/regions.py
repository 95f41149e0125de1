"""Where things are: alarms see the figures of their own account and region, and call topics of their own region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Stack, Token

from gateleg.cdk.functions import behind
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs
    from constructs import IConstruct

    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.gateway import Gateway
    from gateleg.cdk.model_table import ModelTable


def check_regions(
    scope: IConstruct,
    *,
    gateways: Iterable[Gateway],
    tables: Iterable[ModelTable],
    functions: Iterable[FunctionLike],
    dead_letters: Iterable[sqs.IQueue | sqs.Queue],
    topic: sns.ITopic | sns.Topic | None,
) -> None:
    """Refuse what is known to be elsewhere.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html.

    Raises:
        DeclarationError: Something is in another account or region than the alarms, or the topic in another region.
    """
    here = Stack.of(scope)
    watched: dict[str, list[tuple[IConstruct, Any]]] = {
        "gateways": [(one, Stack.of(one)) for one in gateways],
        "tables": [(one, one.table.env) for one in tables],
        "functions": [(one, behind(one).env) for one in functions],
        "dead_letters": [(one, one.env) for one in dead_letters],
    }
    for argument, found in watched.items():
        for construct, place in found:
            if _apart(here.region, place.region) or _apart(here.account, place.account):
                _refuse(argument, construct, place, here, "whose figures no alarm sees here; write a Monitoring in a stack there")
    if topic is not None and _apart(here.region, topic.env.region):
        _refuse("topic", topic, topic.env, here, "which alarms cannot call from here; write a topic of this region")


def _apart(here: str, there: str) -> bool:
    return here != there and not Token.is_unresolved(here) and not Token.is_unresolved(there)


def _refuse(argument: str, construct: IConstruct, place: Any, here: Stack, told: str) -> None:
    message = f"Monitoring({argument}=...): {construct.node.path} is in {place.account}/{place.region} and not in {here.account}/{here.region}, {told}"
    raise DeclarationError(message, path=f"Monitoring.{argument}", value=construct.node.path, code="declaration.monitoring.region")
