"""What an authorizer says of the caller, as a model; one function for the events of REST and HTTP APIs.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import UTC, datetime
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Router
    from pydantic import BaseModel, ValidationError
    from pydantic.fields import FieldInfo

    _Model = TypeVar("_Model", bound=BaseModel)

logger: logging.Logger = logging.getLogger(__name__)

_LISTS = frozenset({list, tuple, set, frozenset, Sequence, AbstractSet, Collection, Iterable})
_MOMENT = re.compile(r"\w{3} \w{3} \d{2} \d{2}:\d{2}:\d{2} UTC \d{4}")
_FORMAT = "%a %b %d %H:%M:%S UTC %Y"


def claims(app: ApiGatewayResolver | Router, model: type[_Model]) -> _Model:
    """The claims of the caller's token, or what a Lambda authorizer says as its context, as a model.

    API Gateway hands on texts: pydantic reads numbers, booleans and dates of them. A list, such as `cognito:groups`, is `a,b` in a REST API
    and `[a b]` in an HTTP API, and is a list again where the model has one; a moment, such as `exp`, is what `datetime` takes. A model
    names claims with a colon by an alias: `groups: list[str] = Field(default=[], alias="cognito:groups")`. What it does not name is left out.

    Args:
        app: The resolver, or the router, whose handler asks.
        model: The claims that the handler needs.

    Raises:
        UnauthorizedError: No authorizer said anything of the caller, as on a public route or one that IAM guards; answered with 401.
        ForbiddenError: The claims are not those that the model asks for; answered with 403, and logged by their names alone.
    """
    from aws_lambda_powertools.event_handler.exceptions import ForbiddenError, UnauthorizedError
    from pydantic import ValidationError

    given = _given(app.current_event.raw_event)
    if given is None:
        raise UnauthorizedError("Unauthorized")
    try:
        return model.model_validate({name: _read(value, kinds) for name, value, kinds in _asked(given, model)})
    except ValidationError as error:
        _log(error)
        # The cause is not shown: it holds what the token says.
        raise ForbiddenError("Forbidden") from None


def _given(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the authorizer says: `claims` of a token, wherever the kind of event has them, or a context of its own; `None` for nothing."""
    authorizer = _object(_object(event.get("requestContext")).get("authorizer"))
    for token in (_object(authorizer.get("jwt")), authorizer):
        if found := _object(token.get("claims")):
            return found
    if _object(authorizer.get("iam")) or not authorizer.keys() - {"claims", "jwt", "scopes"}:
        return None
    # Of a REST API, whose context has texts alone, it is a name like any other.
    return authorizer if isinstance(authorizer.get("lambda", ""), str) else _object(authorizer["lambda"])


def _object(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if value.__class__ is dict else {}


def _asked(given: Mapping[str, Any], model: type[BaseModel]) -> Iterator[tuple[str, Any, list[Any]]]:
    """Each claim that the model names, with the types that its field takes."""
    kinds = {name: _kinds(field.annotation) for own, field in model.model_fields.items() for name in _names(own, field)}
    for name, value in given.items():
        if name in kinds or model.model_config.get("extra") == "allow":
            yield name, value, kinds.get(name, [])


def _names(own: str, field: FieldInfo) -> list[str]:
    """By which names a field is filled."""
    alias: Any = field.validation_alias
    choices = [own, *getattr(alias, "choices", [alias])]
    return [name if isinstance(name, str) else name.path[0] for name in choices if name is not None]


def _kinds(annotation: Any) -> list[Any]:
    """The classes that an annotation takes, without their arguments."""
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        return [kind for part in get_args(annotation) for kind in _kinds(part)]
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    return [origin or annotation]


def _read(value: Any, kinds: list[Any]) -> Any:
    """A claim as it was in the token, as far as the gateway's text shows."""
    if not isinstance(value, str) or str in kinds:
        return value
    if _LISTS & {*kinds}:
        inner = value[1:-1].split() if value.startswith("[") and value.endswith("]") else value.split(",")
        return [part.strip() for part in inner if part.strip()]
    if _MOMENT.fullmatch(value):
        with suppress(ValueError):
            moment = datetime.strptime(value, _FORMAT).replace(tzinfo=UTC)
            return moment if datetime in kinds else int(moment.timestamp())
    return value


def _log(error: ValidationError) -> None:
    told = [f"{'.'.join(map(str, problem['loc']))} ({problem['type']})" for problem in error.errors()]
    logger.warning("the claims of a caller are not those that %s asks for: %s", error.title, ", ".join(told))
