"""Whether a route answers with bytes."""

from __future__ import annotations

import re
import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, Union

if TYPE_CHECKING:
    from gateleg.rest.powertools import RegisteredRoute

_TEXT = re.compile(r"text/.*|application/(.*\+)?(json|xml|yaml)|application/(javascript|x-www-form-urlencoded|graphql)|image/svg\+xml")


def answers_bytes(route: RegisteredRoute) -> bool:
    """Whether a route's handler says that it returns bytes, or declares only content types that are not text."""
    if route.media_types:
        return not any(_TEXT.fullmatch(name.partition(";")[0].strip().lower()) for name in route.media_types)
    try:
        hint = typing.get_type_hints(route.handler).get("return")
    except Exception:  # noqa: BLE001 (an annotation that cannot be read is told with the route's schema)
        return False
    return _is_bytes(hint)


def _is_bytes(hint: Any) -> bool:
    """Whether a hint is `bytes`, or `Response[bytes]`, a union or a pair with a status code that has it."""
    from aws_lambda_powertools.event_handler import Response

    if typing.get_origin(hint) in {Union, types.UnionType, Annotated, tuple, Response}:
        return any(map(_is_bytes, typing.get_args(hint)))
    return hint is bytes
