"""What a template says by itself: parameters with defaults, pseudo parameters and conditions, without asking CloudFormation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from gateleg.changes.template import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.changes.template import Json

_NO_VALUE: Final = object()
_LOOKED_UP: Final = "AWS::SSM::Parameter::Value"
"""Parameters of these types have the name of a value as their default, and not the value."""


class Place(Protocol):
    """Where a stack is deployed, as far as it is known before."""

    @property
    def account(self) -> str | None:
        """The account's number; `None` where only the deploy tells."""

    @property
    def region(self) -> str | None:
        """The region; `None` where only the deploy tells."""


@dataclass(frozen=True)
class Environment:
    """A place that may be left open.

    Attributes:
        account: The account's number.
        region: The region.
    """

    account: str | None = None
    region: str | None = None


def evaluated(template: Json, target: Place, given: Mapping[str, Any] | None = None) -> Json:
    """Return the template without the resources whose condition is false, and with the rest of what it decides by itself.

    `Ref` of a parameter or a pseudo parameter and `Fn::If` give way to their values; what only a deploy tells stays as it stands.

    Args:
        template: The template; it stays as it is.
        target: The account and region of the stack; what is open stays as it stands.
        given: Parameters that a parent stack passes, by name; one that only a deploy tells is still an intrinsic.
    """
    intrinsics = _Intrinsics(template, target, given or {})
    kept = {
        name: resource
        for name, resource in template.get("Resources", {}).items()
        if intrinsics.holds(resource.get("Condition")) is not False
    }
    return {**template, "Resources": intrinsics.value(kept)}


def undecided(node: Any) -> bool:
    """Return whether an intrinsic is left at any depth."""
    if is_object(node):
        return any(name == "Ref" or name.startswith("Fn::") or undecided(part) for name, part in node.items())
    return is_array(node) and any(undecided(part) for part in node)


class _Intrinsics:
    def __init__(self, template: Json, target: Place, given: Mapping[str, Any]) -> None:
        self._conditions = template.get("Conditions", {})
        self._values = {
            **{
                name: parameter["Default"]
                for name, parameter in template.get("Parameters", {}).items()
                if "Default" in parameter and not str(parameter.get("Type")).startswith(_LOOKED_UP)
            },
            **given,
            **({} if target.account is None else {"AWS::AccountId": target.account, "AWS::Partition": "aws"}),
            **({} if target.region is None else {"AWS::Region": target.region}),
            "AWS::NoValue": _NO_VALUE,
        }

    def value(self, node: Any) -> Any:
        if is_array(node):
            return [value for part in node if (value := self.value(part)) is not _NO_VALUE]
        if not is_object(node):
            return node
        if len(node) == 1:
            [(name, argument)] = node.items()
            if name == "Ref":
                return self._values.get(argument, node)
            if name == "Fn::If" and (holds := self.holds(argument[0])) is not None:
                return self.value(argument[1 if holds else 2])
        return {name: value for name, part in node.items() if (value := self.value(part)) is not _NO_VALUE}

    def holds(self, condition: Any) -> bool | None:
        """Return whether a named condition or an expression holds; `None` where only a deploy tells."""
        if isinstance(condition, str):
            return self.holds(self._conditions.get(condition))
        if not is_object(condition):
            return None
        [(name, arguments)] = condition.items()
        if name == "Condition":
            return self.holds(arguments)
        if name == "Fn::Equals":
            one, other = (self.value(argument) for argument in arguments)
            return None if is_object(one) or is_object(other) else _text(one) == _text(other)
        parts = [self.holds(argument) for argument in arguments]
        if name == "Fn::Not":
            return None if parts[0] is None else not parts[0]
        decisive = name == "Fn::Or"
        return decisive if decisive in parts else None if None in parts else not decisive


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
