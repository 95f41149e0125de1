from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import BindingError, CursorError
from gateleg.model.wire import to_wire
from gateleg.store import Store
from gateleg.store.cursors import GivenKeys, read, sign
from gateleg.store.secrets import SecretKeys
from tests.unit.store.notes import TABLE, Note, Script

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = GivenKeys(["the key of this year", b"the key of last year"])
QUERY: dict[str, Any] = {"TableName": "t", "KeyConditionExpression": "#0 = :0", "ExpressionAttributeValues": {":0": {"B": b"\xff"}}}


def wire(value: str | int | bytes) -> dict[str, Any]:
    return to_wire(value)


wires = (st.text(st.characters(codec="utf-8")) | st.integers(-(10**30), 10**30) | st.binary()).map(wire)


@given(place=st.dictionaries(st.text(min_size=1, max_size=5), wires, min_size=1, max_size=4))
def test_a_cursor_leads_back_to_its_place(place: Mapping[str, dict[str, Any]]) -> None:
    assert read(sign(place, QUERY, KEYS), QUERY, KEYS) == place


@given(position=st.integers(0, 200), flip=st.integers(1, 255))
def test_no_altered_cursor_is_taken(position: int, flip: int) -> None:
    cursor = sign({"pk": {"S": "a" * 60}, "sk": {"S": "b"}}, QUERY, KEYS)
    place = position % len(cursor)
    altered = cursor[:place] + chr(ord(cursor[place]) ^ flip) + cursor[place + 1 :]
    with pytest.raises(CursorError):
        read(altered, QUERY, KEYS)


@given(st.text(max_size=50) | st.binary(max_size=50).map(lambda data: base64.urlsafe_b64encode(data).decode() + "." + "A" * 43))
def test_no_invented_cursor_is_taken(cursor: str) -> None:
    with pytest.raises(CursorError):
        read(cursor, QUERY, KEYS)


def test_a_cursor_is_bound_to_the_whole_query() -> None:
    cursor = sign({"pk": {"S": "a"}}, QUERY, KEYS)
    for name, value in {"TableName": "u", "KeyConditionExpression": "#0 = :1", "FilterExpression": "x", "IndexName": "i"}.items():
        with pytest.raises(CursorError):
            read(cursor, {**QUERY, name: value}, KEYS)


def test_old_keys_verify_and_the_newest_signs() -> None:
    old = sign({"pk": {"S": "a"}}, QUERY, GivenKeys(["the key of last year"]))
    assert read(old, QUERY, KEYS) == {"pk": {"S": "a"}}
    with pytest.raises(CursorError):
        read(sign({"pk": {"S": "a"}}, QUERY, KEYS), QUERY, GivenKeys(["the key of last year"]))


@pytest.mark.parametrize("keys", [[], ["short"], ["long enough to sign with", ""]])
def test_keys_that_are_too_short_to_sign_with_are_refused(keys: list[str]) -> None:
    with pytest.raises(CursorError, match="at least 16 bytes"):
        GivenKeys(keys)


def test_a_page_that_needs_a_cursor_says_which_variable_names_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATELEG_CURSOR_SECRET_UNIT_1", raising=False)
    items = [Note.__gateleg__.encode(Note(name=name)) for name in "ab"]
    store = Store(TABLE, table_name="t", transport=Script([{"Items": items}]))
    with pytest.raises(BindingError, match="GATELEG_CURSOR_SECRET_UNIT_1 is not set") as caught:
        store.page(Note.named(name="a"), limit=1)
    assert caught.value.path == "GATELEG_CURSOR_SECRET_UNIT_1"


def test_a_page_that_is_the_last_needs_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATELEG_CURSOR_SECRET_UNIT_1", raising=False)
    items = [Note.__gateleg__.encode(Note(name="a"))]
    store = Store(TABLE, table_name="t", transport=Script([{"Items": items}]))
    assert [note.name for note in store.page(Note.named(name="a"), limit=1).items] == ["a"]


class Vault:
    """A secret with its versions, counting how often it is read."""

    def __init__(self, **versions: str) -> None:
        self.versions = versions
        self.reads: list[str] = []

    def get_secret_value(self, SecretId: str, VersionStage: str) -> dict[str, str]:  # noqa: N803 (boto3's names)
        self.reads.append(f"{SecretId}/{VersionStage}")
        return {"SecretString": self.versions[VersionStage]}


def test_a_secret_is_read_once_in_five_minutes_and_its_older_version_only_when_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELEG_CURSOR_SECRET_CHAT", "arn:secret")
    now = [0.0]
    vault = Vault(AWSCURRENT="first", AWSPREVIOUS="none")
    keys = SecretKeys("chat", lambda: vault, lambda: now[0])
    assert [keys.signing(), keys.signing(), next(iter(keys.verifying()))] == [b"first"] * 3
    assert vault.reads == ["arn:secret/AWSCURRENT"]
    vault.versions = {"AWSCURRENT": "second", "AWSPREVIOUS": "first"}
    now[0] = 301
    assert list(keys.verifying()) == [b"second", b"first"]
    assert keys.signing() == b"second"
