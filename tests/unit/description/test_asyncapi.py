"""The AsyncAPI document of a WebSocket app, held against the specification's own schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft7Validator

from gateleg.description import App, Route
from gateleg.description.asyncapi import asyncapi_of
from gateleg.errors import DeclarationError

SPECIFICATION = Path(__file__).parents[3] / "node_modules/@asyncapi/specs/schemas/3.0.0.json"
VALIDATOR = Draft7Validator(json.loads(SPECIFICATION.read_text(encoding="utf-8")))
ROOM = {"type": "object", "properties": {"room": {"type": "string", "maxLength": 40}}, "required": ["room"]}
NAME, IN_ROOM = {"$ref": "#/components/schemas/Name"}, {"$ref": "#/components/schemas/Room"}
SCHEMAS = {
    "Room": ROOM,
    "Name": {"type": "object", "additionalProperties": False, "properties": {"at": {"$ref": "#/components/schemas/Place"}}},
    "Place": ROOM,
    "Unused": ROOM,
}


def document(*routes: Route, **given: Any) -> dict[str, Any]:
    app = {name: given.pop(name) for name in ("action_key", "title", "version", "summary") if name in given}
    found = asyncapi_of(App("svc.chat.socket:app", "websocket", routes, schemas=SCHEMAS, **app), **given)
    VALIDATOR.validate(found)
    return found


def resolved(found: dict[str, Any], reference: dict[str, str]) -> Any:
    """What a reference leads to, as JSON pointers say."""
    value: Any = found
    for part in reference["$ref"].removeprefix("#/").split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return resolved(found, value) if set(value) == {"$ref"} else value


def payload(found: dict[str, Any], message: str) -> dict[str, Any]:
    made: dict[str, Any] = found["components"]["messages"][message]["payload"]
    return made


def test_a_route_is_received_with_its_action_and_answered_with_its_reply_or_an_error() -> None:
    found = document(Route("send", "h", operation={"payload": IN_ROOM, "reply": NAME, "summary": "Say it", "description": "More."}))

    assert found["asyncapi"] == "3.0.0"
    assert found["info"] == {"title": "chat-socket", "version": "1.0.0"}
    operation = found["operations"]["send"]
    assert (operation["action"], operation["summary"], operation["description"]) == ("receive", "Say it", "More.")
    assert [resolved(found, one)["name"] for one in operation["messages"]] == ["send"]
    assert [one["$ref"].rsplit("/", 1)[1] for one in operation["reply"]["messages"]] == ["send.reply", "error"]
    sent = payload(found, "send")
    assert (sent["type"], sent["required"]) == ("object", ["action", "room"])
    assert sent["properties"]["action"] == {"const": "send"}
    assert sent["properties"]["room"] == {"type": "string", "maxLength": 40}
    answer = payload(found, "send.reply")
    assert answer["properties"]["data"] == NAME
    assert set(answer["required"]) == {"action", "data", "request_id"}
    assert set(payload(found, "error")["properties"]) == {"error", "action", "request_id"}


def test_what_is_sent_fits_the_schema_and_a_misspelt_key_does_not() -> None:
    found = document(Route("name", "h", operation={"payload": NAME}))
    schema = payload(found, "name") | {"components": found["components"]}
    validator = Draft7Validator(schema)
    assert validator.is_valid({"action": "name", "request_id": 3, "at": {"room": "lobby"}})
    assert not validator.is_valid({"action": "other"})
    assert not validator.is_valid({"action": "name", "att": {}})


def test_what_may_come_twice_asks_for_a_request_id_and_nothing_else_does() -> None:
    asks = {"type": "object", "properties": {"request_id": {"type": "string"}}, "required": ["request_id"]}
    found = document(
        Route("own", "h", operation={"payload": asks}),
        Route("name", "h", operation={"payload": NAME}),
    )
    assert payload(found, "own")["required"] == ["action", "request_id"]
    assert payload(found, "name")["required"] == ["action"]


def test_only_schemas_that_are_used_are_in_it() -> None:
    found = document(Route("name", "h", operation={"payload": NAME}))
    assert list(found["components"]["schemas"]) == ["Place"]


def test_what_is_no_plain_object_stands_beside_the_action() -> None:
    either = {"anyOf": [IN_ROOM, NAME]}
    found = document(Route("either", "h", operation={"payload": either}))
    assert payload(found, "either")["allOf"][1] == either
    assert set(found["components"]["schemas"]) == {"Room", "Name", "Place"}


def test_a_route_without_parameters_and_one_of_an_undescribed_function_are_told() -> None:
    found = document(Route("ping", "h", operation={"summary": "Keep it open"}), Route("direct", "function"), Route("$disconnect", "h"))
    assert list(found["operations"]) == ["ping", "direct"]
    assert payload(found, "ping")["required"] == ["action"]


def test_a_connect_says_its_query_its_subprotocols_and_its_events() -> None:
    told = {"payload": IN_ROOM, "subprotocols": ["chat.v2", "chat.v1"], "events": {"Said": NAME}}
    found = document(Route("$connect", "h", operation=told))

    channel = found["channels"]["socket"]
    assert channel["bindings"]["ws"]["query"]["required"] == ["room"]
    assert "chat.v2, chat.v1" in channel["bindings"]["ws"]["headers"]["properties"]["Sec-WebSocket-Protocol"]["description"]
    operation = found["operations"]["send-Said"]
    assert operation["action"] == "send"
    assert resolved(found, operation["messages"][0])["payload"] == NAME


@pytest.mark.parametrize(("operation", "there"), [(None, False), ({"summary": "Whatever else", "payload": IN_ROOM}, True)])
def test_a_default_is_told_where_the_app_has_one(operation: dict[str, Any] | None, there: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    found = document(Route("$default", "h", operation=operation))
    assert ("_default" in found["operations"]) is there


def test_keys_that_are_no_names_get_some_of_their_own() -> None:
    found = document(Route("a/b", "h"), Route("a b", "h"), Route("error", "h"), action_key="type")
    assert list(found["operations"]) == ["a_b", "a_b-2", "error-2"]
    assert [payload(found, name)["properties"]["type"]["const"] for name in found["operations"]] == ["a/b", "a b", "error"]
    assert all(resolved(found, one["messages"][0]) for one in found["operations"].values())


def test_the_server_and_what_opens_it_are_told_where_they_are_known() -> None:
    scheme = {"type": "httpApiKey", "in": "query", "name": "token"}
    found = document(url="wss://chat.example.com/live", schemes={"connect": scheme}, title="Chat", version="2", summary="Talk.")
    assert found["servers"]["api"] == {
        "host": "chat.example.com",
        "protocol": "wss",
        "pathname": "/live",
        "security": [{"$ref": "#/components/securitySchemes/connect"}],
    }
    assert found["components"]["securitySchemes"] == {"connect": scheme}
    assert found["info"] == {"title": "Chat", "version": "2", "description": "Talk."}
    assert "servers" not in document()


def test_schemas_are_of_the_draft_that_asyncapi_takes() -> None:
    pair = {"prefixItems": [{"type": "integer"}, {"$ref": "#/components/schemas/Room", "description": "Where"}], "items": False}
    found = document(Route("move", "h", operation={"payload": {"type": "object", "properties": {"to": pair}}}))
    assert payload(found, "move")["properties"]["to"] == {
        "items": [{"type": "integer"}, {"allOf": [IN_ROOM], "description": "Where"}],
        "additionalItems": False,
    }


@pytest.mark.parametrize("url", ["https://x", "wss://", "x", "wss://x?y", "wss://x#y"])
def test_a_url_of_no_websocket_is_refused(url: str) -> None:
    with pytest.raises(DeclarationError, match="write wss://a1b2c3"):
        document(url=url)


def test_an_app_of_another_kind_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"is a rest app, .* such as lambdas\.chat\.socket:app"):
        asyncapi_of(App("svc.rest:app", "rest"))
