"""Reading and rebuilding CloudFormation templates as plain JSON, and the target that they are adapted to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gateleg.changes.template import Json, is_array, is_object, listed, resources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Json", "Target", "is_array", "is_object", "listed", "logical_id", "references", "replace_resources", "resources", "rewrite"]


@dataclass(frozen=True)
class Target:
    """The embedded AWS that a template is adapted to.

    Attributes:
        port: The port that the emulator listens on, on 127.0.0.1.
        account: The twelve-digit account that the stacks are deployed into.
        region: The region that the stacks are deployed into.
        secret: The secret access key of the account's root, another in each run.
    """

    port: int
    account: str = "000000000000"
    region: str = "us-east-1"
    secret: str = field(default="", repr=False)

    @property
    def endpoint_url(self) -> str:
        """Where every AWS API of the emulator answers, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"


def replace_resources(template: Json, changed: Json, *, dropped: frozenset[str] = frozenset()) -> Json:
    """Return the template with resources changed or added, and others dropped."""
    kept = {name: resource for name, resource in template.get("Resources", {}).items() if name not in dropped}
    return {**template, "Resources": {**kept, **changed}}


def rewrite(node: Any, change: Callable[[Any], Any]) -> Any:
    """Return a copy of a JSON tree in which `change` was applied to every node, leaves first."""
    if is_object(node):
        return change({key: rewrite(value, change) for key, value in node.items()})
    if is_array(node):
        return change([rewrite(value, change) for value in node])
    return change(node)


def references(node: Any) -> Iterator[str]:
    """Yield every logical id or parameter that a JSON tree names through Ref, Fn::GetAtt or Fn::Sub."""
    if is_object(node):
        for key, value in node.items():
            yield from _named_by(key, value)
            yield from references(value)
    elif is_array(node):
        for value in node:
            yield from references(value)


def _named_by(key: str, value: Any) -> Iterator[str]:
    if key == "Ref" and isinstance(value, str):
        yield value
    elif key == "Fn::GetAtt":
        yield str(value[0]) if is_array(value) else str(value).split(".", 1)[0]
    elif key == "Fn::Sub":
        text = value[0] if is_array(value) else value
        yield from (name.split(".", 1)[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", str(text)))


def logical_id(*parts: str) -> str:
    """Name a resource after what it stands for; the same parts give the same name, other parts another."""
    digest = sha256("\0".join(parts).encode()).hexdigest()[:8].upper()
    return re.sub(r"[^A-Za-z0-9]", "", "".join(part.title() if part.islower() else part for part in parts))[:200] + digest
