"""The templates of one synth together: what a reference in one of them means in all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateleg.template.function import FUNCTION_TYPE
from gateleg.template.stack_template import without_resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.template.stack_template import Resource, StackTemplate

_TOKEN = re.compile(r"\$\{(?:(?P<stack>[^:}]+):)?(?P<name>[A-Za-z0-9]+)(?:\.[^}]*)?\}")
_WRAPPERS = frozenset({"AWS::Lambda::Alias", "AWS::Lambda::Version"})


@dataclass(frozen=True)
class Known:
    """Templates that may name each other's resources."""

    templates: tuple[StackTemplate, ...]

    def of_type(self, *types: str) -> list[Resource]:
        """The resources of the given types of all templates, or all."""
        return [resource for template in self.templates for resource in template.of_type(*types)]

    def key(self, resource: Resource) -> str:
        """What a resource is known by; without its stack where there is one alone, so that two templates can be laid side by side."""
        return resource.logical_id if len(self.templates) == 1 else f"{resource.view.name}/{resource.logical_id}"

    def name(self, resource: Resource) -> str:
        """What a reader calls it: its construct path below the stack; with the stack's own where there are several."""
        path = resource.path if len(self.templates) > 1 else resource.path.removeprefix(f"{resource.view.name}/")
        if path == resource.path and len(self.templates) == 1 and "/" in path:
            path = path.partition("/")[2]
        return without_resource(path).removesuffix("/Api")

    def named(self, text: str, view: StackTemplate) -> Iterator[Resource]:
        """The resources that a text in canonical form names."""
        for token in _TOKEN.finditer(text):
            owner = view if token["stack"] is None else next((one for one in self.templates if one.name == token["stack"]), None)
            found = None if owner is None else owner.by_id(token["name"])
            if found is not None:
                yield found

    def worded(self, text: str, view: StackTemplate) -> str:
        """A text with the names of resources in place of references to them, and without what every account has its own of."""

        def named(token: re.Match[str]) -> str:
            found = next(self.named(token[0], view), None)
            return token[0] if found is None else self.name(found)

        return _TOKEN.sub(named, text.replace("${AWS::AccountId}/", ""))

    def function(self, text: str, view: StackTemplate) -> Resource | None:
        """The function that a URI or ARN names, through an alias or version too."""
        for found in self.named(text, view):
            if found.type in _WRAPPERS:
                return self.function(found.text("FunctionName"), found.view)
            if found.type == FUNCTION_TYPE:
                return found
        return None
