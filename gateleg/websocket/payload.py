"""Reads a handler's parameters from a message.

Parameters are taken by name from the JSON object that the client sent: `def send(room: str, body: str)`. A handler with one
parameter that is a model, dataclass or typed dict takes the whole message, and so does a parameter annotated with `Payload()`.
"""

from __future__ import annotations

import base64
import dataclasses
import inspect
import re
import typing
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, cast

from gateleg.client.decoding import read_json
from gateleg.client.problems import summary, told_of
from gateleg.errors import PayloadError, RouteError
from gateleg.websocket.messages import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel, TypeAdapter, ValidationError

_JSON_KINDS: dict[type, str] = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


Unknown = Literal["forbid", "ignore"]
"""What becomes of keys that no parameter names."""


class Payload:
    """Marks the parameter that takes the whole message: `Annotated[SendMessage, Payload()]`; as `str`, the text as it came."""


class Binding:
    """A handler's parameters, and how they are read from a message.

    The pydantic model is made at the first message, so that a cold start pays only for the route that it serves.

    Args:
        handler: The function; its annotations are read when they are first needed.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._handler = handler
        self._models: dict[str, type[BaseModel]] = {}
        self._parameters = dict(inspect.signature(handler).parameters)
        self.rest: str | None = next(
            (name for name, parameter in self._parameters.items() if parameter.kind is parameter.VAR_KEYWORD), None
        )
        for name, parameter in self._parameters.items():
            if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL}:
                self._refuse(f"parameter {name!r} has no name to be read by", "def handler(name: type)")

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names, `**rest` left aside."""
        return tuple(name for name in self._parameters if name != self.rest)

    @property
    def required(self) -> tuple[str, ...]:
        """The parameters without a default."""
        return tuple(name for name in self.names if self._parameters[name].default is inspect.Parameter.empty)

    @property
    def takes_text(self) -> bool:
        """Whether the handler takes whatever text came, so that it need not be JSON."""
        return not self._parameters or (self.whole is not None and self._bare(self._hints[self.whole]) is str)

    @cached_property
    def whole(self) -> str | None:
        """The parameter that takes the whole message."""
        marked = [name for name in self.names if any(isinstance(extra, Payload) or extra is Payload for extra in self._metadata(name))]
        if marked:
            if len(self._parameters) > 1:
                self._refuse(f"{marked[0]!r} takes the whole message, so there is nothing left for the others", "one parameter")
            return marked[0]
        return (
            self.names[0] if len(self._parameters) == 1 and self.names and _is_structure(self._bare(self._hints[self.names[0]])) else None
        )

    def read(
        self, message: Mapping[str, Any], text: str = "", *, control: frozenset[str] = frozenset(), unknown: Unknown = "forbid"
    ) -> dict[str, Any]:
        """The handler's arguments.

        Args:
            message: The decoded message.
            text: The message as it came.
            control: Keys that are not part of the payload, such as the action; given only to parameters that name them.
            unknown: Whether keys that no parameter names are refused, so that a misspelt one is told, or left aside. A handler with
                `**rest` takes them, and a model that takes the whole message says for itself.

        Raises:
            PayloadError: Values are missing or of the wrong type; all of them are listed.
            RouteError: The handler's annotations cannot be read.
        """
        from pydantic import ValidationError

        if not self._parameters:
            return {}
        try:
            if self.whole is not None:
                return {self.whole: self._whole_value(message, text, control)}
            return self._by_name(message, control, unknown)
        except ValidationError as error:
            raise _invalid(error, message) from error

    def schema(self) -> dict[str, Any] | None:
        """The payload's JSON schema; `None` where the handler takes none.

        Raises:
            RouteError: The handler's annotations cannot be read, or have no schema.
        """
        if not self._parameters or self.takes_text:
            return None
        from pydantic.errors import PydanticUserError

        try:
            return self._adapter.json_schema() if self.whole is not None else self._model("ignore").model_json_schema()
        except PydanticUserError as error:
            self._refuse(f"an annotation has no JSON schema ({_first_line(error)})", "types that pydantic can describe")

    @cached_property
    def _hints(self) -> dict[str, Any]:
        try:
            hints = typing.get_type_hints(self._handler, include_extras=True)
        except (NameError, TypeError, AttributeError) as error:
            self._refuse(
                f"its annotations cannot be read ({_first_line(error)})", "types that are imported at run time, not only for type checkers"
            )
        return {name: hints.get(name, Any) for name in self._parameters}

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        from pydantic import TypeAdapter
        from pydantic.errors import PydanticUserError

        assert self.whole is not None  # noqa: S101 (only reached where one parameter takes the whole message)
        try:
            return TypeAdapter(self._hints[self.whole])
        except PydanticUserError as error:
            self._refuse(f"its parameter cannot be validated ({_first_line(error)})", "types that pydantic knows")

    def _model(self, unknown: Unknown) -> type[BaseModel]:
        extra: Any = "allow" if self.rest else unknown
        if extra not in self._models:
            self._models[extra] = self._make_model(extra)
        return self._models[extra]

    def _make_model(self, extra: Any) -> type[BaseModel]:
        from pydantic import ConfigDict, create_model
        from pydantic.errors import PydanticUserError

        # The fields are numbered, since a parameter may have a name that pydantic keeps for itself.
        fields: dict[str, Any] = {f"p{number}": self._field(name) for number, name in enumerate(self.names)}
        try:
            return create_model(_title(self._handler), __config__=ConfigDict(extra=extra), **fields)
        except PydanticUserError as error:
            self._refuse(f"its parameters cannot be validated ({_first_line(error)})", "types that pydantic knows")

    def _field(self, name: str) -> tuple[Any, Any]:
        from pydantic import Field
        from pydantic.fields import FieldInfo

        default = self._parameters[name].default
        annotation = Annotated[self._hints[name], default] if isinstance(default, FieldInfo) else self._hints[name]
        extras: tuple[Any, ...] = getattr(annotation, "__metadata__", ())
        settings: dict[str, Any] = {} if any(getattr(extra, "alias", None) for extra in extras) else {"alias": name}
        if default is not inspect.Parameter.empty and not isinstance(default, FieldInfo):
            settings["default"] = default
        return annotation, Field(**settings)

    def _by_name(self, message: Mapping[str, Any], control: frozenset[str], unknown: Unknown) -> dict[str, Any]:
        given = {key: value for key, value in message.items() if key not in control or key in self._parameters}
        model = self._model(unknown).model_validate(given)
        values = {name: getattr(model, f"p{number}") for number, name in enumerate(self.names)}
        return {**(model.model_extra or {}), **values}

    def _whole_value(self, message: Mapping[str, Any], text: str, control: frozenset[str]) -> Any:
        annotation = self._bare(self._hints[cast("str", self.whole)])
        if annotation is str:
            return text
        declared = _field_names(annotation)
        return self._adapter.validate_python({key: value for key, value in message.items() if key not in control or key in declared})

    def _metadata(self, name: str) -> tuple[Any, ...]:
        return getattr(self._hints[name], "__metadata__", ())

    @staticmethod
    def _bare(annotation: Any) -> Any:
        return typing.get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation

    def _refuse(self, why: str, instead: str) -> NoReturn:
        name = f"{self._handler.__module__}:{getattr(self._handler, '__qualname__', type(self._handler).__name__)}"
        raise RouteError(f"a message cannot be read into {name}: {why}; write {instead}", path=name)


def text_of(event: Mapping[str, Any]) -> str:
    """The message of an event as text.

    Raises:
        PayloadError: It is larger than API Gateway's limit, or is not base64 where the event says so, or not UTF-8.
    """
    body: str = event.get("body") or ""
    try:
        data = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        text = data.decode()
    except ValueError as error:
        raise PayloadError("the message is not UTF-8 text; send JSON", code="websocket.invalid_json") from error
    if len(data) > LIMIT:
        raise PayloadError(f"the message has {len(data)} bytes, {LIMIT} are taken; send less", code="websocket.too_large", value=len(data))
    return text


def decode(text: str) -> dict[str, Any]:
    """The JSON object of a message.

    Raises:
        PayloadError: The text is not JSON, or not an object.
    """
    try:
        message = read_json(text)
    except ValueError as error:
        place = re.search(r" at line \d+ column \d+$", str(error))
        raise PayloadError(
            f'the message is not JSON{place[0] if place else ""}; send an object such as {{"action": ...}}', code="websocket.invalid_json"
        ) from error
    if not isinstance(message, dict):
        kind = _JSON_KINDS.get(type(cast("object", message)), "a number")
        raise PayloadError(f'the message is {kind}; send an object such as {{"action": ...}}', code="websocket.invalid_json")
    return cast("dict[str, Any]", message)


def _is_structure(annotation: Any) -> bool:
    return hasattr(annotation, "model_validate") or dataclasses.is_dataclass(annotation) or hasattr(annotation, "__required_keys__")


def _field_names(annotation: Any) -> frozenset[str]:
    model_fields: dict[str, Any] = getattr(annotation, "model_fields", {})
    aliases = {field.alias for field in model_fields.values() if field.alias}
    return frozenset({*model_fields, *aliases, *getattr(annotation, "__annotations__", {})})


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _title(handler: Callable[..., Any]) -> str:
    return "".join(part.title() for part in getattr(handler, "__name__", "message").split("_"))


def _invalid(error: ValidationError, given: Any) -> PayloadError:
    problems = told_of(error.errors(include_url=False, include_context=False, include_input=False), given)
    return PayloadError(summary(problems), path=".".join(map(str, problems[0]["loc"])), problems=tuple(problems))
