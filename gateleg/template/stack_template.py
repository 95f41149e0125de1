"""A template as plain JSON, and its resources: what the views are read from."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from gateleg.errors import TemplateMismatchError
from gateleg.template.canonical import canonical, is_list, is_object, listing, mapping

if TYPE_CHECKING:
    from aws_cdk import assertions

    AnyTemplate: TypeAlias = "StackTemplate | assertions.Template | Mapping[str, Any]"

_TOKEN = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[\w.]+)?\}")


def json_of(template: AnyTemplate) -> Mapping[str, Any]:
    """The JSON of a template in any form that tests have one in: a view, `aws_cdk.assertions.Template`, parsed JSON.

    Raises:
        TemplateMismatchError: It is something else.
    """
    __tracebackhide__ = True
    if isinstance(template, StackTemplate):
        return template.json
    given: Any = template
    cdk = sys.modules.get("aws_cdk.assertions")  # whoever has one of its templates has imported it
    if cdk is not None and isinstance(given, cdk.Template):
        given = given.to_json()
    found = mapping(dict(given) if isinstance(given, Mapping) else given)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(given, Mapping) and all(
        is_object(part) and isinstance(part.get("Type"), str) for part in mapping(found.get("Resources")).values()
    ):
        return found
    raise TemplateMismatchError(
        f"a template is a TemplateView, an aws_cdk.assertions.Template or the parsed JSON of one, got {template!r:.100}; "
        "make one with TemplateView.from_stack(stack), TemplateView.from_file(path) or TemplateView.from_json(text)",
        value=template,
        code="template.form",
    )


def parsed(text: str) -> Any:
    """What the text of a template file says.

    Raises:
        TemplateMismatchError: It is not JSON.
    """
    __tracebackhide__ = True
    try:
        return json.loads(text)
    except ValueError as error:
        message = f"the text is not JSON ({error}); give the content of a template file, or its path to TemplateView.from_file(path)"
        raise TemplateMismatchError(message, value=text, code="template.form") from None


@dataclass(frozen=True, eq=False)
class StackTemplate:
    """The template of one stack.

    Attributes:
        json: The template.
        name: What messages call it: the stack's construct path, `Chat` or `Prod/Chat`.
        stack_name: The stack's physical name, as far as it is known.
        paths: Logical id to construct path.
        bindings: What tokens of other templates stand for, by token name; filled for the stacks of one assembly.
        assets: Object key of a file asset to the file or folder it is made from.
        assembly: The folder of the cloud assembly that it is part of.
    """

    kinds: ClassVar[Mapping[str, type[Resource]]] = {}
    """What resources of a type are read as, where that is more than a `Resource`."""

    json: Mapping[str, Any] = field(repr=False)
    name: str = "the template"
    stack_name: str = ""
    paths: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    bindings: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    assets: Mapping[str, Path] = field(default_factory=dict[str, Path], repr=False)
    assembly: Path | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not mapping(mapping(self.json).get("Resources")):
            there = ", ".join(mapping(self.json)) or repr(self.json)
            raise TemplateMismatchError(
                f"{self.where} has no resources, so nothing can be asked of it; it has: {there}", path=self.name, code="template.empty"
            )

    @property
    def where(self) -> str:
        """The template's name for messages."""
        return self.name if self.name.startswith("the ") else f"template {self.name}"

    def by_id(self, logical_id: str) -> Resource | None:
        """The resource with a logical id, if there is one."""
        return self._read(logical_id) if logical_id in self.json["Resources"] else None

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """The resources of the given types, or all; none is fine."""
        return tuple(self._read(key) for key, item in self.json["Resources"].items() if not types or mapping(item).get("Type") in types)

    def referenced(self, value: object) -> Resource | None:
        """The resource that a `Ref` or `Fn::GetAtt` names, if it is one of this template."""
        token = _TOKEN.fullmatch(canonical(value, self.bindings))
        return None if token is None else self.by_id(token[1])

    def _read(self, logical_id: str) -> Resource:
        definition = mapping(self.json["Resources"][logical_id])
        kind = self.kinds.get(str(definition.get("Type")), Resource)
        return kind(self, logical_id, definition, without_resource(self.paths.get(logical_id, logical_id)))


@dataclass(frozen=True)
class Resource:
    """One resource of a template.

    Attributes:
        view: The template that holds it.
        logical_id: Its key in the template.
        definition: Its JSON: `Type`, `Properties`, `DependsOn` and the rest.
        path: Its construct path with the stack's own, without the last `Resource`; the logical id where the template does not tell it.
    """

    view: StackTemplate = field(repr=False, compare=False)
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

    @property
    def facts(self) -> Mapping[str, str]:
        """Each fact of the resource in canonical text, by its path, with names where lists have positions.

        Among them `DeletionPolicy`; a key schema is one fact in its order: `Replicas.eu-west-1.DeletionProtectionEnabled`,
        `GlobalSecondaryIndexes.by_author.KeySchema`. To compare all of them finds whatever changed, whichever property it is of.
        """
        from gateleg.template.facts import facts_of

        return facts_of(self.definition, self.view.bindings)

    def property(self, path: str) -> Any:
        """The raw value at a dotted path below `Properties`; numbers index lists: `Replicas.0.Region`.

        Raises:
            TemplateMismatchError: There is no such property; the message says what is there.
        """
        __tracebackhide__ = True
        value: Any = self.properties
        for index, part in enumerate(keys := str(path).split(".")):
            if is_list(value) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            elif part in mapping(value):
                value = mapping(value)[part]
            else:
                raise self._no_property(".".join(keys[:index]), part, value)
        return value

    def text(self, path: str) -> str:
        """The canonical text of the value at a dotted path below `Properties`; see `gateleg.template.canonical`."""
        __tracebackhide__ = True
        return canonical(self.property(path), self.view.bindings)

    def _no_property(self, parent: str, part: str, value: object) -> TemplateMismatchError:
        there = ", ".join(mapping(value)) or (f"a list of {len(value)}" if is_list(value) else repr(value))
        below = f"{self.type} {self.logical_id} has no property {part!r}" + (f" below {parent!r}" if parent else "")
        return TemplateMismatchError(f"{below}; there is: {there}", path=f"{self.logical_id}.{parent}", value=part, code="template.missing")

    def __str__(self) -> str:
        return f"{self.logical_id} ({self.path})" if self.path != self.logical_id else self.logical_id


def without_resource(path: str) -> str:
    """A construct path without the last `Resource`, the name of a construct's main child."""
    return path.removesuffix("/Resource")
