# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""Views: what an answer shows of an entity."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, computed_field

from gateleg.errors import AttributeUnknownError, DeclarationError
from gateleg.model import Attr, Entity, Page, Table, View, attr, key, version

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Table("views", partition_key="pk")


class Address(BaseModel):
    city: str


class User(Entity, table=TABLE):
    name: Attr[str] = attr(min_length=1, description="what they are called", save=str.lower)
    mail: Attr[str] = attr(alias="eMail")
    password: Attr[bytes]
    home: Attr[Address | None] = attr(default=None)
    revision: Attr[int] = version()
    key = key("USER#{name}")


class Admin(User):
    level: Attr[int] = attr(default=1)


class PublicUser(View[User], exclude=[User.password, User.revision]):
    name: str

    @computed_field
    def initial(self) -> str:
        return self.name[0]


class Named(View[User], include=[User.name]):
    pass


ANN = User(name="Ann", eMail="a@example.com", password=b"secret", home=Address(city="Lund"))


def test_a_view_shows_what_is_not_excluded() -> None:
    shown = PublicUser.of(ANN)
    assert shown.model_dump() == {"name": "Ann", "mail": "a@example.com", "home": {"city": "Lund"}, "initial": "A"}
    assert json.loads(shown.model_dump_json(by_alias=True))["eMail"] == "a@example.com"
    assert Named.of(ANN).model_dump() == {"name": "Ann"}


def test_a_subclass_is_seen_as_its_base() -> None:
    assert Named.of(Admin(name="Bob", eMail="b@example.com", password=b"")).model_dump() == {"name": "Bob"}


def test_a_view_has_a_schema_of_its_own() -> None:
    schema = PublicUser.model_json_schema(mode="serialization")
    assert schema["title"] == "PublicUser"
    assert schema["properties"].keys() == {"name", "eMail", "home", "initial"}
    assert Named.model_json_schema()["properties"]["name"] == {
        "title": "Name",
        "type": "string",
        "description": "what they are called",
        "minLength": 1,
    }


def test_a_page_of_entities_becomes_a_page_of_views_with_the_same_cursor() -> None:
    page = Named.page_of(Page[User](items=[ANN], cursor="c"))
    assert page.model_dump() == {"items": [{"name": "Ann"}], "cursor": "c"}


def test_a_view_of_a_view_shows_less() -> None:
    class Less(PublicUser, include=[User.name]):
        pass

    assert isinstance(Less.of(ANN), PublicUser)


def test_routes_answer_with_views_and_document_them() -> None:
    app = APIGatewayRestResolver(enable_validation=True)

    @app.get("/users")
    def users() -> Page[PublicUser]:
        return PublicUser.page_of(Page[User](items=[ANN]))

    event: dict[str, Any] = {"httpMethod": "GET", "path": "/users", "headers": {}, "requestContext": {}}
    answer = app.resolve(event, LambdaContext())
    [shown] = json.loads(str(answer["body"]))["items"]
    assert (answer["statusCode"], shown["name"], "password" in shown) == (200, "Ann", False)
    assert "PublicUser" in app.get_openapi_json_schema()


def both() -> None:
    class Lost(View[User], include=[User.name], exclude=[User.mail]):
        pass


def nothing() -> None:
    class Lost(View[User], include=[]):
        pass


def text() -> None:
    names: Any = ["nam"]

    class Lost(View[User], include=names):
        pass


def nested() -> None:
    class Lost(View[User], exclude=[User.home["city"]]):
        pass


def of_another() -> None:
    class Other(Entity, table=TABLE):
        name: Attr[str] = attr(partition_key=True)

    class Lost(View[User], exclude=[Other.name]):
        pass


@pytest.mark.parametrize(
    ("declare", "error", "said"),
    [
        (both, DeclarationError, "give one of them"),
        (nothing, DeclarationError, "shows nothing of User"),
        (text, AttributeUnknownError, "'nam', which is not an attribute of User"),
        (nested, AttributeUnknownError, "not an attribute of User"),
        (of_another, AttributeUnknownError, r"Other\.name, which is not an attribute of User"),
    ],
)
def test_a_view_that_cannot_be_is_refused(declare: Callable[[], None], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        declare()
