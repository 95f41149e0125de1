"""A template that was read from a file, from text, or from a cloud assembly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from gateleg.template import manifest
from gateleg.template.canonical import mapping
from gateleg.template.function import FUNCTION_TYPE, FunctionView
from gateleg.template.stack_template import Resource, StackTemplate, json_of, parsed
from gateleg.template.table import TABLE_TYPES, TableView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self


@dataclass(frozen=True, eq=False)
class ReadTemplate(StackTemplate):
    """A template whose functions and tables are read as such; its attributes are those of `StackTemplate`."""

    kinds: ClassVar[Mapping[str, type[Resource]]] = {FUNCTION_TYPE: FunctionView, **dict.fromkeys(TABLE_TYPES, TableView)}

    @classmethod
    def from_json(cls, template: str | Mapping[str, Any], *, name: str = "the template") -> Self:
        """Read a template's text or parsed JSON. Construct paths are known where the template has `aws:cdk:path` metadata.

        Raises:
            TemplateMismatchError: It is not a template.
        """
        __tracebackhide__ = True
        read = json_of(parsed(template) if isinstance(template, str) else template)
        resources = {logical_id: mapping(item.get("Metadata")) for logical_id, item in mapping(read.get("Resources")).items()}
        return cls(read, name=name, paths={key: str(data["aws:cdk:path"]) for key, data in resources.items() if "aws:cdk:path" in data})

    @classmethod
    def from_file(cls, path: Path | str) -> Self:
        """Read a template file; in a cloud assembly's folder, with construct paths and assets."""
        __tracebackhide__ = True
        file = Path(path)
        if (file.parent / "manifest.json").is_file():
            return cls.of(manifest.read(file.parent).of_file(file.name))
        return cls.from_json(file.read_text(encoding="utf-8"), name=file.name)

    @classmethod
    def of(cls, template: StackTemplate) -> Self:
        """The same template, read as this class."""
        return cls(**vars(template))
