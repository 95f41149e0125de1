"""What a bad value is answered with: the library's own error where code makes an entity, pydantic's where pydantic reads a body."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, TypeAdapter, ValidationError, field_validator, model_validator

from gateleg.errors import ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr, created_at
from gateleg.rest import handle_errors
from gateleg.websocket.messages import error_frame


class Address(BaseModel):
    city: str


class Guest(Entity, table=Table("guests", partition_key="name")):
    name: Attr[str] = attr(min_length=1, max_length=10)
    age: Attr[int] = attr(default=0, ge=0)
    mood: Attr[Literal["good", "bad"]] = attr(default="good")
    homes: Attr[list[Address]] = attr(default_factory=list)
    came_at: Attr[datetime] = created_at()

    @field_validator("name")
    @classmethod
    def no_dots(cls, name: str) -> str:
        if "." in name:
            raise ValueError("a name has no dots")
        return name

    @model_validator(mode="after")
    def children_are_happy(self) -> Guest:
        if self.age == 1 and self.mood == "bad":
            raise ValueError("infants are good")
        return self


def refused(**values: Any) -> ItemInvalidError:
    with pytest.raises(ItemInvalidError) as caught:
        Guest(**values)
    return caught.value


@pytest.mark.parametrize(
    ("values", "path", "said"),
    [
        ({}, "name", "give it a value"),
        ({"name": 3}, "name", "3 was given; give text"),
        ({"name": ""}, "name", "at least 1 character"),
        ({"name": "a.b"}, "name", "give what the rule takes: a name has no dots"),
        ({"name": "a", "age": "3"}, "age", "'3' was given; give a valid integer"),
        ({"name": "a", "age": -1}, "age", "-1 was given; give a value that is greater than or equal to 0"),
        ({"name": "a", "mood": "so-so"}, "mood", "'good' or 'bad'"),
        ({"name": "a", "homes": [{"city": "Lund"}, {"city": 3}]}, "homes.1.city", "give text"),
        ({"name": "a", "colour": "red"}, "colour", "leave it out"),
        ({"name": "a", "came_at": "yesterday"}, "came_at", "'yesterday' was given"),
    ],
)
def test_a_constructor_says_where_what_was_given_and_what_to_write(values: dict[str, Any], path: str, said: str) -> None:
    error = refused(**values)
    assert (error.path, error.code) == (f"Guest.{path}", "item.invalid")
    assert said in error.message
    assert error.problems[0]["path"] == path
    assert isinstance(error, ValueError)


def test_all_faults_are_told_at_once() -> None:
    error = refused(name=3, age="old", colour="red")
    assert [problem["path"] for problem in error.problems] == ["name", "age", "colour"]
    assert [problem["given"] for problem in error.problems] == ["3", "'old'", "'red'"]
    assert error.message.endswith("(and 2 more)")


def test_a_rule_of_the_whole_entity_speaks_of_it_as_a_whole() -> None:
    error = refused(name="a", age=1, mood="bad")
    assert (error.path, "infants are good" in error.message) == ("Guest", True)


def test_long_values_are_shortened_in_the_message_and_kept_on_the_error() -> None:
    error = refused(name="x" * 5_000)
    assert len(error.message) < 400
    assert error.value == "x" * 5_000


def test_an_assignment_that_is_refused_changes_nothing() -> None:
    guest = Guest(name="a")
    with pytest.raises(ItemInvalidError) as caught:
        guest.age = -1
    assert (caught.value.path, guest.age) == ("Guest.age", 0)


def test_pydantic_itself_goes_on_to_raise_its_own_error() -> None:
    with pytest.raises(ValidationError):
        Guest.model_validate({"name": 3})
    with pytest.raises(ValidationError):
        Guest.model_validate_json('{"name": 3}')
    with pytest.raises(ValidationError):
        TypeAdapter(list[Guest]).validate_python([{"name": 3}])


def test_an_entity_made_within_a_validator_is_a_fault_of_what_is_validated() -> None:
    class Party(BaseModel):
        host: Any

        @field_validator("host")
        @classmethod
        def make(cls, name: Any) -> Guest:
            return Guest(name=name)

    with pytest.raises(ValidationError) as caught:
        Party(host=3)
    assert caught.value.errors()[0]["loc"] == ("host",)


def answered(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    app = APIGatewayRestResolver(enable_validation=True)
    handle_errors(app)

    @app.post("/bodies")
    def take(guest: Guest) -> dict[str, str]:
        return {"name": guest.name}

    @app.post("/made")
    def make() -> dict[str, str]:
        values: dict[str, Any] = app.current_event.json_body
        return {"name": Guest(**values).name}

    answers: list[Any] = []
    for path in ("/bodies", "/made"):
        event = {
            "httpMethod": "POST",
            "path": path,
            "headers": {"content-type": "application/json"},
            "body": json.dumps(body),
            "requestContext": {},
        }
        answers.append(app.resolve(event, LambdaContext()))
    assert answers[0]["statusCode"] == answers[1]["statusCode"]
    return answers[1]["statusCode"], json.loads(answers[1]["body"])


def test_a_rest_client_gets_422_whether_powertools_or_the_handler_makes_the_entity() -> None:
    status, body = answered({"name": 3})
    assert (status, body["error"]["code"]) == (422, "item.invalid")
    [detail] = body["error"]["details"]
    assert detail == {"loc": ["name"], "msg": "Input should be a valid string", "type": "string_type"}
    assert answered({"name": "a"})[0] == 200


def test_a_websocket_client_is_told_where_and_why() -> None:
    frame = error_frame(refused(name="a", age=-1), "join", "r1")
    assert frame["error"]["code"] == "item.invalid"
    assert frame["error"]["details"][0]["loc"] == ["age"]
    json.dumps(frame)
