"""Placeholders: every name and value of an expression by reference, so that no word is reserved and no value is parsed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gateleg.errors import ExpressionError
from gateleg.expressions.sizes import MAX_VARIABLES_BYTES, value_size
from gateleg.model.values.hidden import SecretWire

if TYPE_CHECKING:
    from gateleg.model.paths.place import Place
    from gateleg.model.values.wire import WireValue


class Placeholders:
    """The names and values of one request; the same name or value always has the same placeholder.

    Attributes:
        most_bytes: How many bytes the values have at most.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, tuple[str, WireValue]] = {}
        self.most_bytes: int = 0

    def name(self, name: str) -> str:
        """The placeholder of an attribute's name: `#0`."""
        return self._names.setdefault(name, f"#{len(self._names)}")

    def value(self, wire: WireValue) -> str:
        """The placeholder of a value: `:0`."""
        identity = json.dumps(wire, default=repr, sort_keys=True)
        if identity not in self._values:
            self._values[identity] = (f":{len(self._values)}", wire)
            self.most_bytes += len(identity)
        elif isinstance(wire, SecretWire):
            # What equals a secret shows it.
            self._values[identity] = (self._values[identity][0], wire)
        return self._values[identity][0]

    def path(self, path: Place) -> str:
        """A path with its names as placeholders: `#0.#1[2]`."""
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{self.name(step)}" for step in path.steps)
        return self.name(path.attribute.stored) + steps

    def params(self) -> dict[str, Any]:
        """`ExpressionAttributeNames` and `ExpressionAttributeValues`, each only where it holds something.

        Raises:
            ExpressionError: The values have more than 2 MB.
        """
        if self.most_bytes > MAX_VARIABLES_BYTES:
            self._check_size()
        params: dict[str, Any] = {}
        if self._names:
            params["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in self._names.items()}
        if self._values:
            params["ExpressionAttributeValues"] = dict(self._values.values())
        return params

    def _check_size(self) -> None:
        size = sum(len(name.encode()) for name in self._names) + sum(value_size(wire) for _, wire in self._values.values())
        if size > MAX_VARIABLES_BYTES:
            message = f"the names and values of a request have {size} bytes, and DynamoDB takes {MAX_VARIABLES_BYTES}; ask for less at once"
            raise ExpressionError(message, path="ExpressionAttributeValues", value=size)
