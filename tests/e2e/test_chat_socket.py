"""The chat's WebSocket API as clients see it, on the embedded AWS with IAM enforced."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import DeployedChat

pytestmark = pytest.mark.e2e

SECONDS = 30.0


class Client:
    """One WebSocket client that can wait for what it expects."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def send(self, action: str, **fields: Any) -> None:
        own = {"request_id": uuid.uuid4().hex} if action == "send" else {}
        self._connection.send(json.dumps({"action": action, **own, **fields}))

    def send_text(self, text: str) -> None:
        self._connection.send(text)

    def next(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message that is wanted; others are dropped."""
        until = time.monotonic() + SECONDS
        others: list[dict[str, Any]] = []
        while (left := until - time.monotonic()) > 0:
            try:
                message: dict[str, Any] = json.loads(self._connection.recv(timeout=left))
            except TimeoutError:
                break
            if wanted(message):
                return message
            others.append(message)
        pytest.fail(f"the message did not come within {SECONDS} s; these came: {others}")

    def event(self, name: str) -> dict[str, Any]:
        return self.next(lambda message: message.get("event") == name)

    def error(self) -> dict[str, Any]:
        return self.next(lambda message: "error" in message)

    def close(self) -> None:
        self._connection.close()

    def vanish(self) -> None:
        """Drop the line without a word, as a phone in a tunnel does."""
        self._connection.socket.close()


@pytest.fixture
def come_in(chat_service: DeployedChat) -> Iterator[Callable[[str], Client]]:
    """Connect as somebody; the connections are closed after the test."""
    with ExitStack() as stack:

        def connected(name: str) -> Client:
            # What nobody reads is kept all the same: where reading stops, a goodbye is waited for in vain.
            url = chat_service.socket_url(chat_service.sign_in(name).token)
            return Client(stack.enter_context(connect(url, open_timeout=SECONDS, max_queue=None)))

        yield connected


def people(message: dict[str, Any]) -> list[str]:
    names: list[str] = message["people"]
    return names


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_nobody_connects_without_a_good_token(chat_service: DeployedChat, token: str) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(chat_service.socket_url(token), open_timeout=SECONDS):
        pass

    assert refused.value.response.status_code in {401, 403}


def test_what_one_says_the_other_hears_and_it_is_kept(come_in: Callable[[str], Client], chat_service: DeployedChat) -> None:
    ann, ben = come_in("ann"), come_in("ben")
    ann.send("join", room="talk")
    ann.event("presence")
    ben.send("join", room="talk")
    assert people(ann.event("presence")) == ["ann", "ben"]

    ben.send("send", room="talk", body="hello Ann")

    heard = ann.event("message")["message"]
    assert (heard["author"], heard["body"]) == ("ben", "hello Ann")
    kept = chat_service.sign_in("cat").http.get("rooms/talk/messages").json()["items"]
    assert [message["message_id"] for message in kept] == [heard["message_id"]]


def test_what_is_sent_again_is_answered_again_and_said_once(come_in: Callable[[str], Client], chat_service: DeployedChat) -> None:
    ann, ben = come_in("ann"), come_in("ben")
    answers: list[Any] = []
    for body in ("once", "once", "in other words"):
        ann.send("send", room="again", body=body, request_id="r-1")
        answers.append(ann.next(lambda message: message.get("request_id") == "r-1")["data"]["message"])
    assert [answer["body"] for answer in answers] == ["once"] * 3
    assert answers[1:] == answers[:1] * 2
    ben.send("send", room="again", body="another's", request_id="r-1")
    assert ben.next(lambda message: message.get("request_id") == "r-1")["data"]["message"]["body"] == "another's"

    kept = chat_service.sign_in("cat").http.get("rooms/again/messages").json()["items"]
    assert [message["body"] for message in kept] == ["another's", "once"]


def test_what_the_others_may_not_have_heard_is_told_again_and_known_by_its_id(come_in: Callable[[str], Client]) -> None:
    ann, ben = come_in("ann"), come_in("ben")
    ben.send("join", room="told-again")
    ben.event("presence")
    for _ in range(2):
        ann.send("send", room="told-again", body="once", request_id="r-2")
    assert ben.event("message") == ben.event("message")


def test_what_was_taken_back_meanwhile_is_not_said_again(come_in: Callable[[str], Client], chat_service: DeployedChat) -> None:
    ann = come_in("ann")
    ann.send("send", room="regret", body="rude", request_id="r-3")
    said = ann.next(lambda message: message.get("request_id") == "r-3")["data"]["message"]
    items = chat_service.aws.client("dynamodb")
    [table] = [name for name in items.list_tables()["TableNames"] if "Table" in name]
    items.delete_item(TableName=table, Key={"pk": {"S": "ROOM#regret"}, "sk": {"S": f"MESSAGE#{said['message_id']}"}})

    ann.send("send", room="regret", body="rude", request_id="r-3")
    assert ann.next(lambda message: message.get("request_id") == "r-3")["data"] == {"message": None}


def test_what_is_said_over_http_is_heard_too(come_in: Callable[[str], Client], chat_service: DeployedChat) -> None:
    ann = come_in("ann")
    ann.send("join", room="mixed")
    ann.event("presence")

    answer = chat_service.sign_in("Ben").http.post("rooms/mixed/messages", json={"body": "over http"})

    assert answer.status_code == 200, answer.text
    assert ann.event("message")["message"]["body"] == "over http"


def test_other_rooms_hear_nothing(come_in: Callable[[str], Client]) -> None:
    ann, ben = come_in("ann"), come_in("ben")
    ann.send("join", room="here")
    ann.event("presence")
    ben.send("join", room="there")
    ben.event("presence")
    ben.send("send", room="there", body="only there")
    ben.event("message")

    ann.send("send", room="here", body="only here")

    assert ann.event("message")["message"]["body"] == "only here"


def test_whoever_leaves_is_no_longer_present(come_in: Callable[[str], Client]) -> None:
    ann, ben = come_in("ann"), come_in("ben")
    ann.send("join", room="doors")
    ann.event("presence")
    ben.send("join", room="doors")
    assert people(ann.event("presence")) == ["ann", "ben"]

    ben.send("leave", room="doors")
    assert people(ann.event("presence")) == ["ann"]

    ben.send("join", room="doors")
    assert people(ann.event("presence")) == ["ann", "ben"]
    ben.close()
    assert people(ann.event("presence")) == ["ann"]


def test_a_closed_connection_leaves_nothing_in_the_table(come_in: Callable[[str], Client], chat_service: DeployedChat) -> None:
    ann, ben = come_in("ann"), come_in("ben-of-traces")
    for client in (ann, ben):
        client.send("join", room="traces")
        client.event("presence")

    ben.close()
    ann.next(lambda message: message.get("event") == "presence" and message["people"] == ["ann"])

    assert "ben-of-traces" not in json.dumps(chat_service.items(), default=str)


def test_a_gone_connection_is_reaped_by_the_next_broadcast(come_in: Callable[[str], Client], chat_service: DeployedChat) -> None:
    ann, ben = come_in("ann"), come_in("ben-of-the-tunnel")
    for client in (ann, ben):
        client.send("join", room="tunnel")
        client.event("presence")
    before = [item for item in chat_service.items() if "ben-of-the-tunnel" in json.dumps(item, default=str)]
    assert before
    put_back = chat_service.aws.client("dynamodb")
    [table] = [name for name in put_back.list_tables()["TableNames"] if "Table" in name]
    ben.close()
    ann.next(lambda message: message.get("event") == "presence" and message["people"] == ["ann"])
    for item in before:  # as if the disconnect had never been told, which API Gateway does not promise
        put_back.put_item(TableName=table, Item=item)

    ann.send("send", room="tunnel", body="is anybody there?")

    assert ann.event("message")["message"]["body"] == "is anybody there?"
    until = time.monotonic() + SECONDS
    while (
        left := [item for item in chat_service.items() if "ben-of-the-tunnel" in json.dumps(item, default=str)]
    ) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json at all", "json"),
        ('["a", "list"]', "object"),
        ('{"room": "x"}', "action"),
        ('{"action": "dance"}', "dance"),
        ('{"action": "send", "room": "bad"}', "body"),
        ('{"action": "send", "room": "bad", "body": 3}', "body"),
        ('{"action": "send", "room": "NOT A ROOM", "body": "x"}', "room"),
        ('{"action": "join", "room": "bad", "rom": "x"}', "rom"),
        ('{"action": "join", "room": ' + "[" * 3_000 + "]" * 3_000 + "}", "json"),
        ('{"action": "join", "room": ' + "1" * 5_000 + "}", "json"),
        ('{"action": "join", "room": "\\ud800", "request_id": "\\ud800"}', "json"),
        ('{"action": "join", "room": -Infinity}', "json"),
    ],
)
def test_a_bad_message_is_answered_clearly_and_the_connection_stays(come_in: Callable[[str], Client], text: str, says: str) -> None:
    ann = come_in("ann")

    ann.send_text(text)

    answer = ann.error()
    assert says in json.dumps(answer).lower()
    assert answer["error"]["code"].startswith("websocket.")
    ann.send("join", room="still-here")
    # The one before may be leaving just now, and her leaving be told when this one has come.
    ann.next(lambda message: message.get("people") == ["ann"])


def test_nothing_of_a_bad_message_is_kept(come_in: Callable[[str], Client], chat_service: DeployedChat) -> None:
    ann = come_in("ann")

    ann.send("send", room="quiet", body="")

    ann.error()
    assert "quiet" not in json.dumps(chat_service.items(), default=str)


def test_nothing_said_at_once_is_lost(come_in: Callable[[str], Client], chat_service: DeployedChat) -> None:
    talkers = [come_in(name) for name in ("ann", "ben", "cat")]
    for talker in talkers:
        talker.send("join", room="crowd")
        talker.event("presence")

    for number in range(10):
        for talker in talkers:
            talker.send("send", room="crowd", body=f"{number}")

    heard = {talkers[0].event("message")["message"]["message_id"] for _ in range(30)}
    kept = chat_service.sign_in("dan").http.get("rooms/crowd/messages", params={"limit": 100}).json()["items"]
    assert {message["message_id"] for message in kept} == heard
    assert len(heard) == 30
