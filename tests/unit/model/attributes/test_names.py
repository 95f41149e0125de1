"""An attribute of any name works in full, or is refused as it is declared: pydantic's names and our own are not taken in half."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, PrivateAttr

from gateleg.errors import DeclarationError
from gateleg.model import Attr, Entity, Table, access, attr
from gateleg.model.paths.path import Path

TAKEN = sorted({name for kind in (BaseModel, Entity, type(Entity)) for name in dir(kind) if not name.startswith("_")} - {"model_config"})
MAKE: Any = type(Entity)
MAKE_MODEL: Any = type(BaseModel)
FREE = ["model", "fields", "items", "name", "table", "type", "registry", "values", "size", "query", "keys", "model_name", "self", "cls"]


def declared(name: str, value: Any = None) -> type[Entity]:
    """An entity with an attribute of this name."""
    namespace = {"__annotations__": {"id": Attr[str], name: Attr[str]}, "id": attr(partition_key=True), "__module__": __name__}
    kind: type[Entity] = MAKE(
        "Named", (Entity,), namespace | ({} if value is None else {name: value}), table=Table("names", partition_key="id")
    )
    return kind


@pytest.mark.parametrize("name", FREE)
def test_a_name_that_nobody_has_works_in_full(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kind = declared(name)
    given = kind.model_validate({"id": "1", name: "v"})
    assert isinstance(getattr(kind, name), Path)
    assert getattr(given, name) == "v"
    layout = kind.__gateleg__
    assert layout.encode(given)[name] == {"S": "v"}
    assert layout.decode(layout.encode(given)) == given


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_of_pydantic_or_of_entities_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match=rf"Named\.{name} has the name of something.* write attr\(alias='{name}', stored='{name}'\)"):
        declared(name)


@pytest.mark.parametrize("name", ["copy", "schema", "key"])
def test_what_the_refusal_says_works(name: str) -> None:
    kind = declared(f"{name}_", attr(alias=name, stored=name))
    given = kind.model_validate({"id": "1", name: "v"})
    layout = kind.__gateleg__
    assert layout.encode(given)[name] == {"S": "v"}
    assert layout.decode(layout.encode(given)) == given
    assert given.model_dump(by_alias=True)[name] == "v"
    assert isinstance(getattr(kind, f"{name}_"), Path)


@pytest.mark.parametrize("name", ["_x", "__name__", "_"])
def test_a_name_with_an_underscore_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match=rf"write attr\(stored='{name}'\)"):
        declared(name)


def test_pydantics_own_ways_with_such_names_stay() -> None:
    class Open(Entity, table=Table("open", partition_key="id")):
        model_config: ClassVar[ConfigDict] = ConfigDict(title="open")
        limit: ClassVar[int] = 3
        id: Attr[str] = attr(partition_key=True)
        _seen: int = PrivateAttr(default=1)

        def model_post_init(self, _: object, /) -> None:
            self._seen += 1

        def seen(self) -> int:
            return self._seen

    assert Open(id="1").seen() == 2


def test_names_of_bases_are_refused_too() -> None:
    class Shared(BaseModel):
        items: list[str]

    class Labelled(Entity):
        def label(self) -> str:
            return ""

        @access
        def of(*, id: str) -> None: ...  # noqa: A002 (the attribute's name)

    for name, whose in {"label": "Labelled", "of": "Labelled"}.items():
        namespace: dict[str, Any] = {"__annotations__": {"id": Attr[str], name: Attr[str]}, "__module__": __name__}
        with pytest.raises(DeclarationError, match=f"something that {whose} has"):
            MAKE("Lost", (Labelled,), namespace)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copied = MAKE_MODEL("Copied", (BaseModel,), {"__annotations__": {"copy": str}, "__module__": __name__})
    with pytest.raises(DeclarationError, match="something that BaseModel has"):
        MAKE("Lost", (copied, Entity), {"__module__": __name__})
    assert MAKE("Kept", (Shared, Entity), {"__module__": __name__})


def test_an_access_pattern_is_not_named_as_an_operation() -> None:
    def create(*, id: str) -> None: ...  # noqa: A002 (the attribute's name)

    with pytest.raises(DeclarationError, match="name the method otherwise"):
        MAKE("Lost", (Entity,), {"__module__": __name__, "create": access(create)})
