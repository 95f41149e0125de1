"""Reads a handler's parameters from a message.

Parameters are taken by name from the JSON object that the client sent: `def send(room: str, body: str)`. A handler with one
parameter that is a model, dataclass or typed dict takes the whole message, and so does a parameter annotated with `Payload()`.
`CurrentConnection` and `Depends` are no part of the message; `bytes` are in base64.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, cast

from gateleg.client.problems import summary, told_of
from gateleg.errors import PayloadError, RouteError
from gateleg.websocket.injection import check_dependencies, wanted_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel, TypeAdapter, ValidationError

Unknown = Literal["forbid", "ignore"]
"""What becomes of keys that no parameter names."""


class Payload:
    """Marks the parameter that takes the whole message: `Annotated[SendMessage, Payload()]`; as `str` or `bytes`, what came as it came."""


class Binding:
    """A handler's parameters, and how they are read from a message.

    The pydantic model is made at the first message, so that a cold start pays only for the route that it serves.

    Args:
        handler: The function; its annotations are read when they are first needed.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._handler = handler
        self._models: dict[str, type[BaseModel]] = {}
        self._signature = dict(inspect.signature(handler).parameters)
        self.rest: str | None = next((name for name, parameter in self._signature.items() if parameter.kind is parameter.VAR_KEYWORD), None)
        for name, parameter in self._signature.items():
            if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL}:
                self._refuse(f"parameter {name!r} has no name to be read by", "def handler(name: type)")

    @cached_property
    def injected(self) -> dict[str, Any]:
        """The parameters that are not read from the message: see `gateleg.websocket.injection`.

        Raises:
            RouteError: The handler's annotations cannot be read, or a dependency cannot be called.
        """
        if not self._signature:
            return {}
        wanted = wanted_of(self._hints)
        check_dependencies(wanted)
        return wanted

    @cached_property
    def _parameters(self) -> dict[str, inspect.Parameter]:
        return {name: parameter for name, parameter in self._signature.items() if name not in self.injected}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters that are read from the message, `**rest` left aside."""
        return tuple(name for name in self._parameters if name != self.rest)

    @property
    def required(self) -> tuple[str, ...]:
        """The parameters without a default."""
        without = [name for name, each in self._signature.items() if name != self.rest and each.default is inspect.Parameter.empty]
        return tuple(name for name in without if name in self.names)

    @cached_property
    def raw(self) -> type[str | bytes] | None:
        """`str` or `bytes` where the handler takes what came as it came, so that it need not be JSON."""
        bare = None if self.whole is None else self._bare(self._hints[self.whole])
        return bare if bare in {str, bytes} else None

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

    def read(self, message: Mapping[str, Any], *, control: frozenset[str] = frozenset(), unknown: Unknown = "forbid") -> dict[str, Any]:
        """The handler's arguments, of a handler that takes JSON.

        Args:
            message: The decoded message.
            control: Keys that are not part of the payload, such as the action; given only to parameters that name them.
            unknown: Whether keys that no parameter names are refused, so that a misspelt one is told, or left aside. A handler with
                `**rest` takes them, and a model that takes the whole message says for itself.

        Raises:
            PayloadError: Values are missing or of the wrong type; all of them are listed.
            RouteError: The handler's annotations cannot be read.
        """
        if not self._parameters and (unknown == "ignore" or message.keys() <= control):
            return {}
        try:
            if self.whole is not None:
                return {self.whole: self._whole_value(message, control)}
            return self._by_name(message, control, unknown)
        except ValueError as error:
            from pydantic import ValidationError

            if not isinstance(error, ValidationError):
                raise
            raise _invalid(error, message) from error

    def described(self) -> TypeAdapter[Any] | None:
        """What the message is validated by; `None` where the handler takes no JSON.

        Raises:
            RouteError: The handler's annotations cannot be read.
        """
        if not self._parameters or self.raw is not None:
            return None
        from pydantic import TypeAdapter

        return self._adapter if self.whole is not None else TypeAdapter(self._model("ignore"))

    def schema(self) -> dict[str, Any] | None:
        """The payload's JSON schema; `None` where the handler takes none.

        Raises:
            RouteError: The handler's annotations cannot be read, or have no schema.
        """
        if (adapter := self.described()) is None:
            return None
        from pydantic.errors import PydanticUserError

        try:
            return adapter.json_schema()
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
        return {name: hints.get(name, Any) for name in (*self._signature, "return")}

    @property
    def returns(self) -> Any:
        """What the handler returns; `Any` where it does not say.

        Raises:
            RouteError: The handler's annotations cannot be read.
        """
        return self._hints["return"]

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
        fields: dict[str, Any] = {field: self._field(name) for name, field in self._fields}
        try:
            return create_model(
                _title(self._handler), __config__=ConfigDict(extra=extra, val_json_bytes="base64", allow_inf_nan=False), **fields
            )
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
        given = {**message}
        for key in control:
            if key not in self._parameters:
                given.pop(key, None)
        model = (self._models.get(unknown) or self._model(unknown)).model_validate(given)
        values: dict[str, Any] = {}
        for name, field in self._fields:
            values[name] = getattr(model, field)
        return {**(model.model_extra or {}), **values} if self.rest else values

    def _whole_value(self, message: Mapping[str, Any], control: frozenset[str]) -> Any:
        declared = self._declared
        return self._adapter.validate_python({key: value for key, value in message.items() if key not in control or key in declared})

    @cached_property
    def _fields(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, f"p{number}") for number, name in enumerate(self.names))

    @cached_property
    def _declared(self) -> frozenset[str]:
        return _field_names(self._bare(self._hints[cast("str", self.whole)]))

    def _metadata(self, name: str) -> tuple[Any, ...]:
        return getattr(self._hints[name], "__metadata__", ())

    @staticmethod
    def _bare(annotation: Any) -> Any:
        return typing.get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation

    def _refuse(self, why: str, instead: str) -> NoReturn:
        name = f"{self._handler.__module__}:{getattr(self._handler, '__qualname__', type(self._handler).__name__)}"
        raise RouteError(f"a message cannot be read into {name}: {why}; write {instead}", path=name)


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
