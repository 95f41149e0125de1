"""The names of AWS's services and of their actions, as the models say that boto3 brings.

API Gateway calls a service by the first part of its endpoint's name:
https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from gateleg.cdk.integrations.service_models import models_of, services

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

NEWER = ", or upgrade boto3 where AWS has it since"


def unknown_call(service: str, action: str | None) -> str | None:
    """What is wrong with the name of a service, or of its action; nothing where AWS has it.

    Args:
        service: As URIs of API Gateway name it: `states`, or `runtime.sagemaker` with a subdomain.
        action: The action; nothing where it is called by a path.
    """
    found = False
    actions = set[str]()
    for model in models_of(service):
        if action is None or action in model.inputs:
            return None
        found = True
        actions.update(model.inputs)
    if not found:
        meant = [name for name, own in services().items() if service in own]
        return f"there is no service {service!r} in URIs of API Gateway; write one of {near(service, services(), meant)}{NEWER}"
    if not actions:
        return f"{service} is called by paths, and has no actions; write path= with the method of the request"
    return f"{service} has no action {action!r}; write one of {near(str(action), actions)}{NEWER}"


def near(name: str, known: Collection[str], own: Iterable[str] = ()) -> str:
    """The names that one is likely meant to be, quoted.

    Args:
        name: The name.
        known: The names that there are.
        own: Those of them that come first.
    """
    found = [*own, *difflib.get_close_matches(name, known, n=3, cutoff=0.4)] or sorted(known)[:3]
    return ", ".join(map(repr, dict.fromkeys(found)))
