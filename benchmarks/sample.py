"""Writes the same service of N routes for both sides: a Powertools app, its table's model, an authorizer.

A route is a method and a path. Each group of five has two paths and one body model:
`GET` and `POST /things7`, `GET`, `PUT` and `DELETE /things7/{item}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_GROUP = 5

_MODEL = '''
    """The table."""

    from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key

    THINGS = Table("things", partition_key="pk", sort_key="sk", indexes=[Index("by_owner", partition_key="gsi1pk", sort_key="gsi1sk")])


    class Thing(Entity, table=THINGS):
        """A thing."""

        kind: Attr[str] = attr()
        item: Attr[str] = attr()
        owner: Attr[str] = attr(default="nobody")

        key = key("KIND#{kind}", "ITEM#{item}")
        owner_key = index_key("by_owner", "OWNER#{owner}", "ITEM#{item}")

        @access()
        def of_kind(*, kind: str): ...

        @access(index="by_owner")
        def of_owner(*, owner: str): ...
'''

_HEAD = '''
    """The handlers."""

    from aws_lambda_powertools.event_handler import APIGatewayRestResolver
    from pydantic import BaseModel, Field

    from gateleg.rest import uses
    from things.model import Thing

    app = APIGatewayRestResolver(enable_validation=True)
'''

_ROUTES = '''

    class Body{group}(BaseModel):
        """What a thing of kind {group} is made from."""

        name: str = Field(min_length=1, max_length=80)
        size: int = Field(ge=0)
        colour: str = "red"
        tags: list[str] = []


    @app.get("/things{group}")
    @uses(Thing.of_kind)
    def list{group}(owner: str = "") -> list[str]:
        return []


    @app.post("/things{group}")
    @uses(Thing.create)
    def create{group}(body: Body{group}) -> dict[str, str]:
        return {{}}


    @app.get("/things{group}/<item>")
    @uses(Thing.get)
    def get{group}(item: str) -> dict[str, str]:
        return {{}}


    @app.put("/things{group}/<item>")
    @uses(Thing.put)
    def put{group}(item: str, body: Body{group}) -> dict[str, str]:
        return {{}}


    @app.delete("/things{group}/<item>")
    @uses(Thing.delete)
    def delete{group}(item: str) -> dict[str, str]:
        return {{}}
'''

_AUTHORIZER = '''
    """Who may call."""


    def handler(event, context):
        return {}
'''


@dataclass(frozen=True)
class Group:
    """Five routes.

    Attributes:
        name: The first path segment.
        model: The name of the body's model.
    """

    name: str
    model: str


def groups(routes: int) -> list[Group]:
    """The groups that make up a number of routes.

    Raises:
        SystemExit: The number is no multiple of five.
    """
    if routes % _GROUP:
        raise SystemExit(f"routes come in groups of {_GROUP}, got {routes}; write a multiple")
    return [Group(f"things{number}", f"Body{number}") for number in range(routes // _GROUP)]


def write(folder: Path, routes: int) -> None:
    """Write the package `things` into a folder."""
    package = folder / "things"
    package.mkdir(parents=True)
    rest = _HEAD + "".join(_ROUTES.format(group=number) for number in range(len(groups(routes))))
    for name, text in {"__init__": '"""A service."""', "model": _MODEL, "rest": rest, "authorizer": _AUTHORIZER}.items():
        (package / f"{name}.py").write_text(dedent(text).lstrip(), encoding="utf-8")
    (package / "requirements.txt").write_text("aws-lambda-powertools\npydantic\n", encoding="utf-8")
