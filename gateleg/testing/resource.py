"""One resource of a template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateMismatchError
from gateleg.testing.canonical import canonical, is_list, listing, mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.testing.view import TemplateView


@dataclass(frozen=True)
class Resource:
    """One resource of a template.

    Attributes:
        view: The template that holds it.
        logical_id: Its key in the template.
        definition: Its JSON: `Type`, `Properties`, `DependsOn` and the rest.
        path: Its construct path with the stack's own, without the last `Resource`; the logical id where the template does not tell it.
    """

    view: TemplateView = field(repr=False, compare=False)
    logical_id: str
    definition: Mapping[str, Any] = field(repr=False, hash=False)
    path: str

    @property
    def type(self) -> str:
        """The CloudFormation type, such as `AWS::Lambda::Function`."""
        return str(self.definition.get("Type", ""))

    @property
    def properties(self) -> Mapping[str, Any]:
        """The properties as the template holds them."""
        return mapping(self.definition.get("Properties"))

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The logical ids of `DependsOn`."""
        return tuple(str(item) for item in listing(self.definition.get("DependsOn")))

    def property(self, path: str) -> Any:
        """The raw value at a dotted path below `Properties`; numbers index lists: `Replicas.0.Region`.

        Raises:
            TemplateMismatchError: There is no such property; the message says what is there.
        """
        __tracebackhide__ = True
        value: Any = self.properties
        for index, part in enumerate(keys := path.split(".")):
            if is_list(value) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            elif part in mapping(value):
                value = mapping(value)[part]
            else:
                raise self._no_property(".".join(keys[:index]), part, value)
        return value

    def text(self, path: str) -> str:
        """The canonical text of the value at a dotted path below `Properties`; see `gateleg.testing.canonical`."""
        __tracebackhide__ = True
        return canonical(self.property(path), self.view.bindings)

    def _no_property(self, parent: str, part: str, value: object) -> TemplateMismatchError:
        there = ", ".join(mapping(value)) or (f"a list of {len(value)}" if is_list(value) else repr(value))
        below = f"{self.type} {self.logical_id} has no property {part!r}" + (f" below {parent!r}" if parent else "")
        return TemplateMismatchError(f"{below}; there is: {there}", path=f"{self.logical_id}.{parent}", value=part, code="template.missing")

    def __str__(self) -> str:
        return f"{self.logical_id} ({self.path})" if self.path != self.logical_id else self.logical_id
