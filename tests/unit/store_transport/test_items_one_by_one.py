"""Answers whose items are taken one by one are the answers that are read at once, and fail where those fail."""

from __future__ import annotations

import asyncio
import json
import zlib
from base64 import b64encode
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from botocore.exceptions import ChecksumError
from botocore.parsers import ResponseParserError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateleg.errors import StoredItemInvalidError, StoreError
from gateleg.model import Attr, Entity, Table, access, attr
from gateleg.store import AsyncStore, BotocoreTransport, Patience, Store, ThreadTransport
from gateleg.store import transport_items as one_by_one
from gateleg.store import transport_raw as raw
from tests.unit.store_transport.test_raw_bodies import items, proven, some

if TYPE_CHECKING:
    from tests.unit.store_transport.canned import Canned

TABLE = Table("logs", partition_key="owner", sort_key="number")


class RemoteError(Exception):
    """What code of the entity's own raises when it asks somebody else, and is no failure of DynamoDB."""

    response: ClassVar[dict[str, Any]] = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}


def looked_up(text: str) -> str:
    if text == "gone":
        raise RemoteError
    return text


class Log(Entity, table=TABLE):
    owner: Attr[str] = attr(partition_key=True)
    number: Attr[int] = attr(sort_key=True)
    text: Attr[str] = attr(load=looked_up)

    @access
    def of(*, owner: str) -> None:
        """The logs of an owner."""


def log(number: int, **more: Any) -> dict[str, Any]:
    return {"owner": {"S": "a"}, "number": {"N": str(number)}, "text": {"S": "x"}, "_type": {"S": "Log"}, **more}


answers = st.fixed_dictionaries(
    {}, optional={"Items": some(items) | st.none(), "Count": st.integers(), "LastEvaluatedKey": items, "é": st.none() | st.floats()}
)


@settings(deadline=None)
@given(
    answers,
    st.permutations(["Items", "Count", "LastEvaluatedKey", "é"]),
    st.sampled_from([None, 0, 1, "\t\r "]),
    st.sampled_from(["ascii", "utf-8"]),
)
def test_every_answer_is_the_one_that_is_read_at_once(answer: dict[str, Any], order: list[str], indent: Any, charset: str) -> None:
    said = {name: answer[name] for name in order if name in answer}
    body = json.dumps(said, indent=indent, ensure_ascii=charset == "ascii", default=lambda blob: b64encode(blob).decode())
    encoded = body.encode("utf-8", "surrogatepass")
    assert repr(one_by_one.read(encoded, {}, dict)) == repr(raw.read(encoded, {}))
    assert repr(one_by_one.read(encoded, {}, repr).get("Items")) == repr(
        [repr(item) for item in said["Items"]] if said.get("Items") else said.get("Items")
    )


def outcome(read: Any, body: bytes, *more: Any) -> Any:
    try:
        return read(body, {}, *more)
    except ResponseParserError as error:
        return str(error)


whole = b'{"Count": 2, "Items": [{"a": {"S": "b"}}, {"a": {"N": "1"}}], "ScannedCount": 2}'
mutations = st.tuples(
    st.integers(0, len(whole)), st.integers(0, 3), st.sampled_from(["", "{", "}", "[", "]", ",", ":", '"', "1", " ", "\0", "null"])
)


@settings(deadline=None)
@given(mutations)
@example((0, 0, "\ufeff"))
@example((len(whole), 0, "{}"))
def test_every_damaged_body_is_read_or_refused_as_it_is_at_once(mutation: tuple[int, int, str]) -> None:
    at, length, text = mutation
    body = whole[:at] + text.encode() + whole[at + length :]
    assert outcome(one_by_one.read, body, dict) == outcome(raw.read, body)


@pytest.mark.parametrize("body", [whole.decode().encode("utf-16"), whole.decode().encode("utf-32"), b"", b"{}", b"[]", b'{"Items": []}'])
def test_what_is_out_of_the_ordinary_is_read_as_it_is_at_once(body: bytes) -> None:
    assert outcome(one_by_one.read, body, dict) == outcome(raw.read, body)


def test_a_damaged_page_is_refused() -> None:
    with pytest.raises(ChecksumError):
        one_by_one.read(whole, {"x-amz-crc32": "1"}, dict)
    assert one_by_one.read(whole, {"x-amz-crc32": str(zlib.crc32(whole))}, dict)["Count"] == 2


def store_of(canned: Canned, **more: Any) -> Store:
    return Store(TABLE, table_name="physical", transport=proven(canned), patience=Patience(base=0), cursor_keys=["k" * 32], **more)


def test_entities_come_out_of_pages_and_out_of_iteration(canned: Canned) -> None:
    store = store_of(canned)
    canned.say({"Items": [log(number) for number in range(4)], "Count": 4, "ScannedCount": 9})
    results = store.query(Log.of(owner="a"))
    assert [entity.number for entity in results] == [0, 1, 2, 3]
    assert (results.reading.count, results.reading.scanned) == (4, 9)
    page = store.page(Log.of(owner="a"), limit=3)
    assert [entity.number for entity in page.items] == [0, 1, 2]
    assert page.cursor is not None
    assert len(list(store.collect(Log.of(owner="a")))) == 4
    assert [entity.number for entity in store.scan(Log)] == [0, 1, 2, 3]


def test_an_item_that_is_not_valid_is_refused_as_ever(canned: Canned) -> None:
    store = store_of(canned)
    canned.say({"Items": [log(1), log(2, text={"BOOL": True})], "Count": 2})
    with pytest.raises(StoredItemInvalidError, match="not a valid Log: text"):
        list(store.query(Log.of(owner="a")))


def test_an_error_of_the_entitys_own_code_is_nobody_elses(canned: Canned) -> None:
    store = store_of(canned)
    canned.say({"Items": [log(1), log(2, text={"S": "gone"})], "Count": 2})
    with pytest.raises(RemoteError):
        list(store.query(Log.of(owner="a")))


def test_a_body_that_cannot_be_read_is_no_answer(canned: Canned) -> None:
    store = store_of(canned)
    canned.body, canned.headers = b'{"Items":[{', {}
    with pytest.raises(StoreError, match="did not answer"):
        list(store.query(Log.of(owner="a")))


def test_whoever_stands_between_sees_the_items(canned: Canned) -> None:
    seen: list[Any] = []

    class Watched(BotocoreTransport):
        def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            answer = super().call(operation, params)
            seen.extend(answer["Items"])
            return answer

    store = Store(TABLE, table_name="physical", transport=Watched(canned.client))
    canned.say({"Items": [log(1)], "Count": 1})
    for _ in range(2):
        assert [entity.number for entity in store.query(Log.of(owner="a"))] == [1]
    assert seen == [log(1)] * 2


def test_items_are_taken_as_they_are_read(canned: Canned) -> None:
    transport = proven(canned)
    canned.say({"Items": [log(1), log(2)], "Count": 2})
    taken = transport.call_each("Query", {"TableName": "t"}, lambda item: item["number"])["Items"]
    assert isinstance(taken, one_by_one.Taken)
    assert taken == [{"N": "1"}, {"N": "2"}]


def test_a_store_that_awaits_takes_items_in_the_thread_that_reads_them(canned: Canned) -> None:
    asked: list[str] = []

    class Noted(ThreadTransport):
        async def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            asked.append("call")
            return await super().call(operation, params)

        async def call_each(self, operation: str, params: dict[str, Any], each: Any) -> dict[str, Any]:
            answer = await super().call_each(operation, params, each)
            asked.append(type(answer["Items"]).__name__)
            return answer

    async def act() -> None:
        store = AsyncStore(TABLE, table_name="physical", transport=Noted(proven(canned)))
        canned.say({"Items": [log(1), log(2)], "Count": 2})
        assert [entity.number async for entity in store.query(Log.of(owner="a"))] == [1, 2]

    asyncio.run(act())
    assert asked == ["Taken"]


def test_an_awaited_transport_that_overrides_the_call_sees_whole_answers(canned: Canned) -> None:
    seen: list[Any] = []

    class Watched(ThreadTransport):
        async def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            answer = await super().call(operation, params)
            seen.extend(answer["Items"])
            return answer

    async def act() -> None:
        store = AsyncStore(TABLE, table_name="physical", transport=Watched(proven(canned)))
        canned.say({"Items": [log(1)], "Count": 1})
        assert [entity.number async for entity in store.query(Log.of(owner="a"))] == [1]

    asyncio.run(act())
    assert seen == [log(1)]
