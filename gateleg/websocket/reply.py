"""How a handler's result is written: by what the handler says that it returns."""

from __future__ import annotations

import typing
from functools import cached_property
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union

from pydantic_core import to_json

from gateleg.errors import AnswerInvalidError, RouteError
from gateleg.websocket.messages import checked, encode

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from gateleg.websocket.payload import Binding


class Reply:
    """What one handler answers with.

    Args:
        binding: The handler's parameters, and its annotations.
        name: The handler, for messages.
    """

    def __init__(self, binding: Binding, name: str) -> None:
        self._binding = binding
        self._name = name

    def frame(self, action: str | None, result: Any, request_id: Any) -> bytes:
        """The answer as it is sent: `{"action", "data", "request_id"}`.

        A result is validated by the annotation, as Powertools does, so that what is sent is what the handler's declaration says; without
        one it is written as it is.

        Raises:
            AnswerInvalidError: The result is not what the handler says that it returns, is not JSON, or is too large.
            RouteError: The annotation cannot be read.
        """
        if (adapter := self.described) is None or (result is None and self.perhaps_none):
            return encode({"action": action, "data": result, "request_id": request_id})
        try:
            data = adapter.serializer.to_json(adapter.validator.validate_python(result), by_alias=True)
        except ValueError as error:  # pydantic's own are its kin
            message = f"the result is not what {self._name} says that it returns: {error}; return that, or annotate what is returned"
            raise AnswerInvalidError(message, value=result) from error
        return checked(b'{"action":%b,"data":%b,"request_id":%b}' % (to_json(action), data, to_json(request_id)))

    @property
    def untold(self) -> bool:
        """Whether the handler does not say what it returns, so that it may be anything."""
        returns = _without_none(self._binding.returns)
        return returns is Any or returns is object

    @property
    def perhaps_none(self) -> bool:
        """Whether the handler says that it may return `None`, and something else."""
        return NoneType in typing.get_args(self._binding.returns)

    @cached_property
    def described(self) -> TypeAdapter[Any] | None:
        """What results are validated and written by; `None` where the handler does not say what it returns, or returns nothing.

        Raises:
            RouteError: The annotation cannot be read, or pydantic does not know the type.
        """
        returns = _without_none(self._binding.returns)
        if returns is Any or returns is object or returns is NoneType:
            return None
        from pydantic import ConfigDict, TypeAdapter
        from pydantic.errors import PydanticUserError

        try:
            try:
                return TypeAdapter(returns, config=ConfigDict(ser_json_bytes="base64"))
            except PydanticUserError as error:
                if error.code != "type-adapter-config-unused":
                    raise
                return TypeAdapter(returns)
        except PydanticUserError as error:
            first = str(error).strip().partition("\n")[0]
            message = f"what {self._name} returns cannot be written ({first}); annotate types that pydantic knows"
            raise RouteError(message, path=self._name) from error


def _without_none(annotation: Any) -> Any:
    """What is sent: nothing is, for `None`."""
    parts = [part for part in typing.get_args(annotation) if part is not NoneType]
    if typing.get_origin(annotation) not in {Union, UnionType}:
        return annotation
    return Union[tuple(parts)]  # noqa: UP007 (the parts are values)
