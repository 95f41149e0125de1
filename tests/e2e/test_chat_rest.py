"""The chat's REST API as a client sees it, on the embedded AWS with IAM enforced."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from gateleg.data.where import local_name
from gateleg.errors import DataError
from gateleg.model import Table
from lambdas.chat.model import CHAT

if TYPE_CHECKING:
    from tests.conftest import DeployedChat, Person

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def ann(chat_service: DeployedChat) -> Person:
    return chat_service.sign_in("Ann")


@pytest.fixture(scope="module")
def room(ann: Person) -> str:
    answer = ann.http.post("rooms", json={"room": "rest-room", "title": "For these tests"})
    assert answer.status_code == 200, answer.text
    return "rest-room"


def say(person: Person, room: str, body: str) -> dict[str, object]:
    answer = person.http.post(f"rooms/{room}/messages", json={"body": body})
    assert answer.status_code == 200, answer.text
    said: dict[str, object] = answer.json()
    return said


def test_the_page_is_for_everybody(chat_service: DeployedChat) -> None:
    answer = httpx.get(chat_service.url, timeout=60)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert chat_service.aws.endpoint("websocket").url in answer.text


def test_the_reference_lists_the_routes(chat_service: DeployedChat) -> None:
    page, document = (httpx.get(chat_service.url + path, timeout=60) for path in ("docs", "docs/openapi.json"))

    assert page.status_code == 200
    assert "/rooms/{room}/messages" in document.json()["paths"]


@pytest.mark.parametrize("token", [None, "Bearer nonsense"])
def test_without_a_good_token_nothing_is_answered(chat_service: DeployedChat, token: str | None) -> None:
    answer = httpx.get(chat_service.url + "rooms", headers={"authorization": token} if token else {}, timeout=60)

    assert answer.status_code in {401, 403}
    assert "items" not in answer.text


def test_a_room_is_opened_once(ann: Person, room: str) -> None:
    again = ann.http.post("rooms", json={"room": room})

    assert again.status_code == 409
    assert again.json()["error"]["code"] == "store.item_exists"
    assert room in [found["room"] for found in ann.http.get("rooms").json()["items"]]


def test_messages_come_back_newest_first_page_by_page(ann: Person) -> None:
    ann.http.post("rooms", json={"room": "paged"})
    said = [say(ann, "paged", f"line {number}")["message_id"] for number in range(5)]

    seen: list[str] = []
    cursor: str | None = None
    for _ in range(5):
        page = ann.http.get("rooms/paged/messages", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [message["message_id"] for message in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break

    assert seen == said[::-1]
    assert cursor is None


def test_a_cursor_opens_no_other_room(ann: Person, room: str) -> None:
    for body in ("one", "two"):
        say(ann, room, body)
    cursor = ann.http.get(f"rooms/{room}/messages", params={"limit": 1}).json()["cursor"]

    elsewhere = ann.http.get("rooms/paged/messages", params={"limit": 1, "cursor": cursor})
    altered = ann.http.get(f"rooms/{room}/messages", params={"limit": 1, "cursor": cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")})

    assert (elsewhere.status_code, altered.status_code) == (400, 400)
    assert elsewhere.json()["error"]["code"] == "cursor.invalid"


def test_the_author_index_finds_what_somebody_said_anywhere(chat_service: DeployedChat) -> None:
    zoe = chat_service.sign_in("Zoe")
    for name in ("here", "there"):
        zoe.http.post("rooms", json={"room": name})
        say(zoe, name, f"I am {name}")

    found = zoe.http.get("authors/%5AOE/messages").json()["items"]

    assert [(message["author"], message["body"]) for message in found] == [("zoe", "I am there"), ("zoe", "I am here")]


def test_somebody_likes_a_message_once(ann: Person, room: str, chat_service: DeployedChat) -> None:
    said = say(ann, room, "like me")
    path = f"rooms/{room}/messages/{said['message_id']}/likes"
    bob = chat_service.sign_in("Bob")

    first, second, other = ann.http.post(path), ann.http.post(path), bob.http.post(path)

    assert [answer.status_code for answer in (first, second, other)] == [200, 409, 200], second.text
    assert other.json()["likes"] == 2


def test_liking_what_is_not_there_writes_nothing(ann: Person, room: str, chat_service: DeployedChat) -> None:
    def of_room() -> list[str]:
        """Its items alone: connections of other tests may still be ending."""
        return sorted(text for item in chat_service.items() if room in (text := json.dumps(item, default=str, sort_keys=True)))

    before = of_room()

    answer = ann.http.post(f"rooms/{room}/messages/nothing/likes")

    assert answer.status_code in {404, 409}
    assert of_room() == before != []


@pytest.mark.parametrize(
    ("body", "status"),
    [({"body": ""}, {400, 422}), ({"body": "x" * 4_001}, {400, 422}), ({}, {400, 422}), ({"body": 3}, {400, 422}), ([], {400, 422})],
)
def test_a_bad_message_is_refused_with_its_fault(ann: Person, room: str, body: object, status: set[int]) -> None:
    answer = ann.http.post(f"rooms/{room}/messages", json=body)

    assert answer.status_code in status
    assert "Traceback" not in answer.text


def test_a_route_that_is_not_declared_is_not_there(ann: Person) -> None:
    assert ann.http.delete("rooms").status_code in {403, 404}
    assert ann.http.get("nowhere").status_code in {403, 404}


def test_a_preflight_is_answered(chat_service: DeployedChat) -> None:
    answer = httpx.options(
        chat_service.url + "rooms", headers={"origin": "https://elsewhere.example", "access-control-request-method": "POST"}, timeout=60
    )

    assert answer.status_code in {200, 204, 403}
    assert answer.headers.get("access-control-allow-origin") != "*"


UNREADABLE = {
    "deep": ('{"name": "a", "x": ' + "[" * 3_000 + "]" * 3_000 + "}", "application/json"),
    "long integer": ('{"name": "a", "x": ' + "1" * 5_000 + "}", "application/json"),
    "NaN": ('{"name": NaN}', "application/json"),
    "lone surrogate": ('{"name": "\\ud800"}', "application/json"),
    "not UTF-8": (b'{"name": "\xff\xfe"', "application/json"),
    "no boundary": ("x", "multipart/form-data"),
    "text": ('{"name": "a"}', "text/plain"),
    "words": ("hunter2", "application/json"),
    "an array": ('["hunter2"]', "application/json"),
}


@pytest.mark.parametrize(("body", "content_type"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_cannot_be_read_is_the_clients_fault(chat_service: DeployedChat, body: str | bytes, content_type: str) -> None:
    answer = httpx.post(chat_service.url + "sessions", content=body, headers={"content-type": content_type}, timeout=30)

    assert answer.status_code in {415, 422}, answer.text
    assert set(answer.json()) == {"statusCode", "detail"}
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("name", ["x" * 2_100, "A%20b", "%23" * 700, "%ED%A0%80", "%00"])
@pytest.mark.parametrize("path", ["rooms/{}/messages", "authors/{}/messages", "rooms/{}/presence"])
def test_no_name_in_a_path_fails_or_shows_what_is_inside(ann: Person, path: str, name: str) -> None:
    answer = ann.http.get(path.format(name))

    assert answer.status_code < 500, answer.text
    for inside in ("Message", "gsi1", '"pk', "'pk", "xxx", "AUTHOR#"):
        assert inside not in answer.text


def test_what_an_entity_refuses_is_told_without_its_class_and_the_value(ann: Person) -> None:
    answer = ann.http.post("rooms/HUNTER%202/messages", json={"body": "hello"})

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], error["details"][0]["loc"]) == ("item.invalid", ["room"])
    assert "HUNTER" not in answer.text
    assert "Message" not in answer.text


def test_commands_find_the_table_by_what_the_functions_know(chat_service: DeployedChat) -> None:
    name = local_name(chat_service.aws.client("lambda"), CHAT)

    assert name in chat_service.aws.client("dynamodb").list_tables()["TableNames"]
    with pytest.raises(DataError, match="no function of the local run has it; name it with --table-name"):
        local_name(chat_service.aws.client("lambda"), Table("nowhere", partition_key="pk"))
