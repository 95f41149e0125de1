"""Whatever a tenant is called and whatever it sends, it reads its own items alone: by keys, by queries, and by cursors however forged."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import CursorError
from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key
from gateleg.store import Store
from gateleg.store.cursors import GivenKeys, sign
from tests.integration.invariants.harness import seeds

if TYPE_CHECKING:
    from gateleg.model import Query
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

OFFICE = Table(
    "office",
    partition_key="pk",
    sort_key="sk",
    indexes=[Index("by_title", partition_key="gpk", sort_key="gsk"), Index("all", partition_key="apk", sort_key="ask")],
)
PIECES = [
    "a",
    "b",
    "#",
    "%",
    "/",
    ":",
    "%23",
    "%25",
    "%2F",
    "%3A",
    "%2523",
    "DOC#",
    "#SECRETS",
    " ",
    "\x00",
    "\u00e9",
    "e\u0301",
    "\uffff",
    "\U0001f600",
]
KEYS = ["the key of this year", "the key of last year"]
STRAY = " .=%~\n\u00a0\uff21"
FORGERIES = 2000


class Document(Entity, table=OFFICE):
    """Keys of every shape: the tenant in the partition, in a partition of two parts, and in the sort key of a partition of all tenants."""

    tenant: Attr[str]
    name: Attr[str]
    title: Attr[str] = attr(default="t")

    key = key("TENANT#{tenant}", "DOC#{name}")
    title_key = index_key("by_title", "{tenant}:{title}", "{name}")
    all_key = index_key("all", "ALL", "{tenant}/DOC#{name}")

    @access
    def of(*, tenant: str) -> None: ...

    @access(index="by_title")
    def titled(*, tenant: str, title: str) -> None: ...

    @access(index="all")
    def among_all(*, tenant: str) -> None: ...


class Secret(Entity, table=OFFICE):
    """Lies in a partition whose key begins as that of the tenant's documents does."""

    tenant: Attr[str]
    name: Attr[str]

    key = key("TENANT#{tenant}#SECRETS", "DOC#{name}")

    @access
    def of(*, tenant: str) -> None: ...


def hostile(chance: random.Random, longest: int = 3) -> str:
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, longest)))


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (chance that can be repeated)


@seeds
def test_no_two_pairs_of_values_make_one_key(seed: int) -> None:
    chance = chance_of(seed)
    pairs = {(hostile(chance, 2), hostile(chance, 2)) for _ in range(2_000)}
    items = [repr(kind.key(tenant=tenant, name=name).wire) for kind in (Document, Secret) for tenant, name in pairs]
    titles = [repr(Document.titled(tenant=tenant, title=title).partition) for tenant, title in pairs]
    assert len(set(items)) == 2 * len(pairs)
    assert len(set(titles)) == len(pairs)


@seeds
def test_a_tenant_of_any_name_finds_its_own_items_alone(make_store: MakeStore, seed: int) -> None:
    chance = chance_of(seed)
    store = make_store(OFFICE)
    tenants = sorted({hostile(chance) for _ in range(10)})
    own = {tenant: sorted({hostile(chance) for _ in range(3)}) for tenant in (*tenants, "a", "a#SECRETS")}
    store.batch_put([Document(tenant=tenant, name=name, title=tenant) for tenant, names in own.items() for name in names])
    store.batch_put([Secret(tenant=tenant, name=name) for tenant, names in own.items() for name in names])
    for tenant, names in own.items():
        assert [found.name for found in store.batch_get([Document.key(tenant=tenant, name=name) for name in names])] == names
        assert sorted(secret.name for secret in store.query(Secret.of(tenant=tenant))) == names
        for query in (Document.of(tenant=tenant), Document.titled(tenant=tenant, title=tenant), Document.among_all(tenant=tenant)):
            first = store.page(query, limit=2)
            rest = [] if first.cursor is None else store.page(query, cursor=first.cursor).items
            found = [*first.items, *rest]
            assert {document.tenant for document in found} == {tenant}
            assert sorted(document.name for document in found) == names


class Canned:
    """Answers each query with three items of whom it is about, and counts what it is sent."""

    def __init__(self) -> None:
        self.sent = 0
        self.tenant = ""

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        del operation, params
        self.sent += 1
        return {"Items": [Document.__gateleg__.encode(Document(tenant=self.tenant, name=name)) for name in "abc"], "Count": 3}


@dataclass(frozen=True)
class Genuine:
    """A query, and a cursor of it."""

    query: Query[Document]
    cursor: str


def genuine(canned: Canned, store: Store, tenant: str) -> list[Genuine]:
    canned.tenant = tenant
    of = Document.of(tenant=tenant)
    queries = [
        of,
        of.reversed(),
        of.where(Document.title == "t"),
        Document.titled(tenant=tenant, title="t"),
        Document.among_all(tenant=tenant),
    ]
    return [Genuine(query, str(store.page(query, limit=2).cursor)) for query in queries]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(cursor: str) -> tuple[bytes, bytes]:
    place, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in cursor.split("."))
    return place, signature


def flipped(data: bytes, chance: random.Random) -> bytes:
    position = chance.randrange(len(data))
    return data[:position] + bytes([data[position] ^ (1 << chance.randrange(8))]) + data[position + 1 :]


def spelled_otherwise(cursor: str, chance: random.Random) -> str:
    """The same bytes in other characters."""
    place, signature = cursor.split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    loose = signature[:-1] + last[last.index(signature[-1]) ^ chance.randint(1, 3)]
    position = chance.randrange(len(cursor))
    return chance.choice(
        [
            f"{place}.{loose}",
            f"{cursor}=",
            f"{place}=.{signature}",
            f"{cursor[:position]}{chance.choice(STRAY)}{cursor[position:]}",
            f"{cursor}.{signature}",
            cursor.swapcase(),
        ]
    )


def forged(mine: Genuine, others: list[Genuine], question: dict[str, Any], chance: random.Random) -> str:
    """A cursor that was never given for the query."""
    other = chance.choice(others)
    (place, signature), (other_place, other_signature) = parts(mine.cursor), parts(other.cursor)
    moved: dict[str, dict[str, str]] = json.loads(place)
    for value in moved.values():
        value["S"] = value["S"].replace("mine", "theirs")
    stranger = GivenKeys([chance.choice(["the key of the year before", "the key of somebody else", KEYS[0].upper()])])
    return chance.choice(
        [
            f"{b64(flipped(place, chance))}.{b64(signature)}",
            f"{b64(place)}.{b64(flipped(signature, chance))}",
            f"{b64(place)}.{b64(other_signature)}",
            f"{b64(other_place)}.{b64(signature)}",
            f"{b64(json.dumps(moved, separators=(',', ':'), sort_keys=True).encode())}.{b64(signature)}",
            f"{b64(place)}.{b64(signature[: chance.randrange(32)])}",
            f"{b64(place)}.{b64(signature + chance.randbytes(4))}",
            f"{b64(chance.randbytes(40))}.{b64(chance.randbytes(32))}",
            sign(moved, question, stranger),
            sign(json.loads(place), question, stranger),
            other.cursor,
            spelled_otherwise(mine.cursor, chance),
        ]
    )


@seeds
def test_no_forged_cursor_is_taken_and_nothing_is_sent_for_one(seed: int) -> None:
    chance, canned = chance_of(seed), Canned()
    store = Store(OFFICE, table_name="office-1", transport=canned, cursor_keys=KEYS)
    elsewhere = Store(OFFICE, table_name="office-2", transport=canned, cursor_keys=KEYS)
    mine = genuine(canned, store, "mine")
    everybodys = [*mine, *genuine(canned, store, "theirs"), *genuine(canned, elsewhere, "mine")]
    for given in mine:
        assert store.page(given.query, cursor=given.cursor).items, "a genuine one is taken"
    sent, taken = canned.sent, list[str]()
    for _ in range(FORGERIES):
        given = chance.choice(mine)
        question = {"TableName": "office-1", **store.prepare.querying(given.query).question()}
        cursor = forged(given, [other for other in everybodys if other.cursor != given.cursor], question, chance)
        if cursor == given.cursor:
            continue  # the place and signature of the same page, put together again
        try:
            store.page(given.query, cursor=cursor)
        except CursorError:
            continue
        taken.append(cursor)
    assert (taken, canned.sent) == ([], sent)
