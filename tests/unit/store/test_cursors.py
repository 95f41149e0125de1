from __future__ import annotations

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import BindingError, CursorError
from gateleg.model.values.wire import to_wire
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


@pytest.mark.parametrize("given", [b"a.b", 1, ["a.b"]])
def test_what_is_no_text_is_no_cursor(given: Any) -> None:
    with pytest.raises(CursorError):
        read(given, QUERY, KEYS)


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
    """A secret with its versions, noting how often it is read."""

    def __init__(self, first: str) -> None:
        self.versions = [first]
        self.reads: list[str] = []
        self.fails = False
        self.seconds = 0.0

    def rotate(self, value: str) -> None:
        self.versions = [value, self.versions[0]]

    def get_secret_value(self, SecretId: str, VersionStage: str) -> dict[str, str]:  # noqa: N803 (boto3's names)
        assert SecretId == "arn:secret"
        self.reads.append(VersionStage)
        time.sleep(self.seconds)
        if self.fails:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "later"}}, "GetSecretValue")
        if VersionStage == "AWSPREVIOUS" and len(self.versions) == 1:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}, "GetSecretValue")
        return {"SecretString": self.versions[VersionStage == "AWSPREVIOUS"]}

    def asked(self) -> int:
        """How often it was read since this was asked last."""
        count = len(self.reads)
        self.reads.clear()
        return count


PLACE = {"pk": {"S": "a"}}
FORGED = sign(PLACE, QUERY, GivenKeys(["a key that nobody has"]))


class Rotating:
    """A secret, a clock, and the execution environments that share them."""

    def __init__(self) -> None:
        self.vault = Vault("the first key")
        self.now = 0.0

    def environment(self) -> SecretKeys:
        return SecretKeys("chat", lambda: self.vault, lambda: self.now)


@pytest.fixture
def rotating(monkeypatch: pytest.MonkeyPatch) -> Rotating:
    monkeypatch.setenv("GATELEG_CURSOR_SECRET_CHAT", "arn:secret")
    return Rotating()


def takes(keys: SecretKeys, cursor: str) -> bool:
    try:
        return bool(read(cursor, QUERY, keys) == PLACE)
    except CursorError:
        return False


def test_a_secret_is_read_once_in_five_minutes_and_its_older_version_only_when_needed(rotating: Rotating) -> None:
    keys, vault = rotating.environment(), rotating.vault
    assert [keys.signing(), keys.signing(), next(iter(keys.verifying()))] == [b"the first key"] * 3
    assert vault.reads == ["AWSCURRENT"]
    vault.rotate("the second key")
    rotating.now = 300
    assert keys.signing() == b"the first key"
    assert b"the first key" in list(keys.verifying())
    rotating.now = 601
    vault.rotate("the third key")
    assert keys.signing() == b"the third key"


def test_reading_the_older_version_makes_the_current_one_no_younger(rotating: Rotating) -> None:
    keys = rotating.environment()
    first = keys.verifying()
    assert next(first) == b"the first key"
    rotating.vault.rotate("the second key")
    rotating.now = 200
    verifying = keys.verifying()
    rotating.vault.versions = ["the second key", "the key before"]
    assert [next(verifying), next(verifying)] == [b"the first key", b"the key before"]
    rotating.now = 301
    assert keys.signing() == b"the second key"


@pytest.mark.parametrize("age", [0, 1, 11, 299, 301, 601])
def test_through_a_rotation_every_environment_takes_the_cursors_of_every_other(rotating: Rotating, age: int) -> None:
    warm, paged = rotating.environment(), rotating.environment()
    old = sign(PLACE, QUERY, warm)
    assert not takes(paged, FORGED)  # which reads that there is no version before
    rotating.now = 250
    rotating.vault.rotate("the second key")
    fresh = rotating.environment()
    new = sign(PLACE, QUERY, fresh)
    rotating.now += age
    for keys in (warm, paged, fresh, rotating.environment()):
        assert takes(keys, new)
        assert takes(keys, old)
    assert takes(fresh, sign(PLACE, QUERY, warm))


def test_a_key_is_forgotten_after_two_rotations(rotating: Rotating) -> None:
    warm = rotating.environment()
    old = sign(PLACE, QUERY, warm)
    rotating.vault.rotate("the second key")
    rotating.vault.rotate("the third key")
    rotating.now = 301
    assert not takes(warm, old)
    assert takes(warm, sign(PLACE, QUERY, rotating.environment()))


def test_invented_cursors_cannot_make_it_read_for_each(rotating: Rotating) -> None:
    keys = rotating.environment()
    assert takes(keys, sign(PLACE, QUERY, keys))
    rotating.vault.asked()
    assert not takes(keys, FORGED)
    assert rotating.vault.asked() == 3
    assert not any(takes(keys, FORGED) for _ in range(100))
    rotating.now = 9.9
    assert not takes(keys, FORGED)
    assert rotating.vault.asked() == 0
    rotating.now = 10
    assert not any(takes(keys, FORGED) for _ in range(100))
    assert rotating.vault.asked() == 2


def test_a_secret_that_cannot_be_read_again_is_not_asked_for_each_cursor(rotating: Rotating) -> None:
    keys = rotating.environment()
    assert not takes(keys, FORGED)
    rotating.now, rotating.vault.fails = 20, True
    with pytest.raises(BindingError, match="ThrottlingException"):
        takes(keys, FORGED)
    rotating.vault.asked()
    assert not takes(keys, FORGED)
    assert takes(keys, sign(PLACE, QUERY, keys))
    assert rotating.vault.asked() == 0


def test_misses_at_once_share_one_reading(rotating: Rotating) -> None:
    keys = rotating.environment()
    assert not takes(keys, FORGED)
    rotating.now = 20
    rotating.vault.rotate("the second key")
    new = sign(PLACE, QUERY, rotating.environment())
    rotating.vault.asked()
    rotating.vault.seconds = 0.05
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(takes, [keys] * 8, [new] * 8))
    assert rotating.vault.asked() == 2


def test_environments_that_start_at_once_read_once(rotating: Rotating) -> None:
    keys, rotating.vault.seconds = rotating.environment(), 0.05
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(SecretKeys.signing, [keys] * 8)) == {b"the first key"}
    assert rotating.vault.asked() == 1
