"""What is exported comes back as it was, in either format; what does not fit is told line by line, and nothing of it is written."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from gateleg.data import Rate, Rejection, export_items, import_items
from gateleg.data.rejection import RejectsFile
from gateleg.errors import DataError, ItemExistsError, UniqueConflictError
from gateleg.model import Attr, Entity, Index, Table, attr, index_key, key
from tests.integration.data.things import THINGS, Level, Part, Person, Thing

if TYPE_CHECKING:
    from pathlib import Path

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

FULL: dict[str, Any] = {
    "whole": 10**37 + 1,
    "exact": Decimal("-1.2345678901234567890123456789012345678E-90"),
    "real": 0.1,
    "flag": True,
    "raw": b"\x00\xff\n",
    "maybe": None,
    "moment": datetime(2024, 2, 29, 1, 2, 3, 4, UTC),
    "day": date(2024, 2, 29),
    "hour": time(1, 2, 3),
    "span": timedelta(days=1, microseconds=1),
    "number": UUID(int=7),
    "level": Level.HIGH,
    "names": {"a", "ß", "日"},
    "numbers": {Decimal("1.5"), Decimal(10) ** 40},
    "blobs": {b"", b"\x00"} - {b""},
    "listed": [3, 1, 2],
    "mapped": {"a": Decimal("0.1"), "b c": Decimal(-3)},
    "part": Part(name="n", count=None, more=[Part(name="m", count=2)]),
    "either": "text",
    "anything": {"nested": [1, None, {"deep": Decimal("1.10")}, True]},
    "secret": SecretStr("hush"),
    "shouted": "loud",
    "packed": "bytes",
    "ends": datetime(2100, 1, 1, tzinfo=UTC),
}
FORMATS = ["things.jsonl", "things.json.gz", "folder"]


def stored(make_store: MakeStore, store: Store) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = make_store.client.scan(TableName=store.table_name, ConsistentRead=True)["Items"]
    for item in items:
        for wire in item.values():
            for kind in {"SS", "NS", "BS"} & wire.keys():
                wire[kind] = sorted(wire[kind])
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def filled(make_store: MakeStore) -> Store:
    store = make_store(THINGS)
    store.batch_put([Thing(tenant="t", thing_id=1, **FULL), *(Thing(tenant=f"t{number}", thing_id=number) for number in range(20))])
    store.create(Person(name="ada", mail="ada@example.com"))
    return store


@pytest.mark.parametrize("name", FORMATS)
def test_everything_comes_back_as_it_was(make_store: MakeStore, tmp_path: Path, name: str) -> None:
    store = filled(make_store)
    before = stored(make_store, store)

    exported = export_items(store, tmp_path / name)
    other = make_store(THINGS)
    done = import_items(other, tmp_path / name)

    assert (exported.items, exported.written) == (23, 23)
    assert (done.written, done.skipped, done.failed) == (22, 1, 0), "the claim of a unique value is made anew"
    assert stored(make_store, other) == before
    with pytest.raises(UniqueConflictError):
        other.create(Person(name="bob", mail="ada@example.com"))


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_there_already_is_left_alone_where_it_is_the_same_and_told_where_it_is_not(
    make_store: MakeStore, tmp_path: Path, name: str
) -> None:
    store = filled(make_store)
    export_items(store, tmp_path / name)
    store.update(Thing.key(tenant="t", thing_id=1), Thing.whole.set(7))
    before = stored(make_store, store)
    found: list[Rejection] = []

    done = import_items(store, tmp_path / name, rejected=found.append)

    assert (done.written, done.unchanged, done.failed) == (0, 21, 1)
    assert [type(one.error) for one in found] == [ItemExistsError]
    assert stored(make_store, store) == before
    again = import_items(store, tmp_path / name, replace=True)
    assert (again.written, again.unchanged, again.failed) == (1, 21, 0)
    assert stored(make_store, store)[:1] != before[:1] or stored(make_store, store) != before


def test_a_file_of_one_entity_has_typed_columns(make_store: MakeStore, tmp_path: Path) -> None:
    export_items(filled(make_store), tmp_path / "things.parquet", Thing)

    table: Any = cast("Any", pq).read_table(tmp_path / "things.parquet")
    types = {field.name: str(field.type) for field in table.schema}
    wanted = {
        "pk": "string",
        "thing_id": "int64",
        "exact": "decimal128(38, 10)",
        "real": "double",
        "flag": "bool",
        "raw": "binary",
        "moment": "timestamp[us, tz=UTC]",
        "day": "date32[day]",
        "colour": "string",
        "level": "int64",
        "names": "list<element: string>",
        "mapped": "map<string, decimal128(38, 10) ('mapped')>",
        "anything": "string",
        "number": "string",
        "ends": "int64",
        "revision": "int64",
    }
    assert {name: types[name] for name in wanted} == wanted
    assert table.num_rows == 21
    [full] = [row for row in table.to_pylist() if row["tenant"] == "t"]
    assert full["moment"] == FULL["moment"]
    assert dict(full["mapped"]) == FULL["mapped"]
    assert full["number"] == str(FULL["number"])
    assert full["whole"] is None
    assert json.loads(full["gateleg_rest"])["whole"] == {"N": str(10**37 + 1)}, "no column of 64 bits holds it"


def test_lines_are_those_of_dynamodbs_own_exports(make_store: MakeStore, tmp_path: Path) -> None:
    export_items(filled(make_store), tmp_path / "all.json.gz")

    lines = [json.loads(line) for line in gzip.decompress((tmp_path / "all.json.gz").read_bytes()).splitlines()]

    [full] = [line["Item"] for line in lines if line["Item"].get("tenant") == {"S": "t"}]
    assert full["raw"] == {"B": "AP8K"}
    assert sorted(full["numbers"]["NS"]) == sorted(["1.5", f"1{'0' * 40}"])
    assert full["flag"] == {"BOOL": True}
    assert full["blobs"] == {"BS": ["AA=="]}
    assert [line.keys() for line in lines] == [{"Item"}] * 23


def test_an_import_of_a_former_declaration_s_lines_is_stored_by_the_present_one(make_store: MakeStore, tmp_path: Path) -> None:
    now = Table("notes", partition_key="pk", indexes=[Index("all", partition_key="gpk", sharded=2)])

    def renamed(values: dict[str, Any]) -> dict[str, Any]:
        return {"text": values["body"], **{name: value for name, value in values.items() if name != "body"}}

    class Note(Entity, table=now, upgrades=[renamed]):
        note_id: Attr[str]
        text: Attr[str]
        stars: Attr[int] = attr(default=3)
        key = key("NOTE#{note_id}")
        everything = index_key("all", "ALL")

    lines = [{"Item": {"_type": {"S": "Note"}, "note_id": {"S": f"{number}"}, "body": {"S": "b"}}} for number in range(9)]
    (tmp_path / "notes.json").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    store = make_store(now)

    assert import_items(store, tmp_path / "notes.json").written == 9

    items = make_store.client.scan(TableName=store.table_name)["Items"]
    assert {item["gpk"]["S"] for item in items} == {"ALL", "ALL#1"}
    assert all(item["text"] == {"S": "b"} and item["stars"] == {"N": "3"} and "body" not in item for item in items)
    assert Note.__gateleg__ is not None


ITEM = {"_type": {"S": "Person"}, "name": {"S": "a"}, "mail": {"S": "a@example.com"}}
WRONG = [
    ("not json", "data.line", "is not JSON"),
    ('{"Item": {"a": {"S": "x"}, "a": {"S": "y"}}}', "data.line", "stands twice"),
    ('{"Item": {"a": {"N": NaN}}}', "data.line", "is not JSON"),
    ("[]", "data.line", "is no object"),
    ('{"Item": {}, "More": 1}', "data.line", "'More'"),
    ('{"Keys": {}, "NewImage": {}}', "data.line", "import the full one"),
    ('{"Item": 3}', "data.item", "an item is an object"),
    (json.dumps({"Item": {**ITEM, "name": "a"}}), "data.item", "'name' has text"),
    (json.dumps({"Item": {**ITEM, "name": {"X": "a"}}}), "data.item", "the types 'X'"),
    (json.dumps({"Item": {**ITEM, "age": {"N": "1e999"}}}), "data.item", "magnitudes"),
    (json.dumps({"Item": {**ITEM, "age": {"N": "one"}}}), "data.item", "digits"),
    (json.dumps({"Item": {**ITEM, "raw": {"B": "?"}}}), "data.item", "base64"),
    (json.dumps({"Item": {**ITEM, "set": {"NS": ["1", "1.0"]}}}), "data.item", "no two are the same"),
    (json.dumps({"Item": {**ITEM, "set": {"SS": []}}}), "data.item", "no two are the same"),
    (json.dumps({"Item": {**ITEM, "flag": {"BOOL": "true"}}}), "data.item", "true or false"),
    (json.dumps({"Item": {**ITEM, "none": {"NULL": False}}}), "data.item", "true"),
    (json.dumps({"Item": {**ITEM, "": {"S": "a"}}}), "data.item", "a name of 0 bytes; DynamoDB takes 1 to 65535"),
    (json.dumps({"Item": {**ITEM, "map": {"M": {"": {"S": "a"}}}}}), "data.item", "a name of 0 bytes"),
    (json.dumps({"Item": {**ITEM, "ß" * 32_768: {"S": "a"}}}), "data.item", "a name of 65536 bytes"),
    (json.dumps({"Item": {"name": {"S": "a"}}}), "data.item", "of no entity"),
    (json.dumps({"Item": {**ITEM, "_type": {"S": "Dog"}}}), "data.item", "of 'Dog', which is no entity"),
    (json.dumps({"Item": {"_type": {"S": "Person"}, "name": {"S": "a"}}}), "item.invalid", "mail"),
    (json.dumps({"Item": {**ITEM, "pk": {"S": "PERSON#b"}}}), "item.invalid", "'pk' of the item is"),
    (json.dumps({"Item": {**ITEM, "big": {"S": "x" * 410_000}}}), "item.invalid", "409600"),
]


@pytest.mark.parametrize(("line", "code", "told"), WRONG, ids=[told for _, _, told in WRONG])
def test_a_line_that_is_not_taken_is_told_with_its_number_and_the_others_are_written(
    make_store: MakeStore, tmp_path: Path, line: str, code: str, told: str
) -> None:
    good = json.dumps({"Item": {**ITEM, "name": {"S": "good"}}})
    (tmp_path / "some.jsonl").write_text(f"{good}\n\n{line}\n", encoding="utf-8")
    store = make_store(THINGS)
    found: list[Rejection] = []

    would = import_items(store, tmp_path / "some.jsonl", dry_run=True, rejected=found.append)
    done = import_items(store, tmp_path / "some.jsonl", rejected=found.append)

    assert (would.written, would.failed) == (done.written, done.failed) == (1, 1)
    assert {(one.where, one.error.code) for one in found} == {("some.jsonl:3", code)}
    assert told in found[0].error.message
    assert [item["name"]["S"] for item in stored(make_store, store) if "name" in item] == ["good"]
    with pytest.raises(type(found[0].error)):
        import_items(store, tmp_path / "some.jsonl", dry_run=True)


def test_an_export_s_dry_run_tells_what_it_would_take_and_writes_nothing(make_store: MakeStore, tmp_path: Path) -> None:
    store = filled(make_store)

    would = export_items(store, tmp_path / "all.jsonl", dry_run=True)

    assert would.items == would.written
    assert would.read_units > 0
    assert list(tmp_path.iterdir()) == []


def test_items_of_no_entity_stand_beside_files_of_parquet(make_store: MakeStore, tmp_path: Path) -> None:
    store = filled(make_store)
    make_store.client.put_item(TableName=store.table_name, Item={"pk": {"S": "X"}, "sk": {"S": "Y"}, "_type": {"S": "Other"}})

    done = export_items(store, tmp_path / "all")

    assert done.written == 24
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["Person.parquet", "Thing.parquet", "others.jsonl"]
    found: list[Rejection] = []
    assert import_items(make_store(THINGS), tmp_path / "all", rejected=found.append).written == 22
    assert [one.error.message[:20] for one in found] == ["the item is of 'Othe"]


def test_only_those_asked_for_are_exported(make_store: MakeStore, tmp_path: Path) -> None:
    done = export_items(filled(make_store), tmp_path / "people.jsonl", Person)

    assert done.written == 1
    assert len((tmp_path / "people.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_an_export_that_fails_leaves_no_file(make_store: MakeStore, tmp_path: Path) -> None:
    for name in ("all.jsonl", "all"):
        with pytest.raises(LookupError):
            export_items(make_store(THINGS, table_name="no-such-table"), tmp_path / name)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_overwritten(make_store: MakeStore, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text("mine", encoding="utf-8")

    with pytest.raises(DataError, match="is there already"):
        export_items(make_store(THINGS), tmp_path / "all.jsonl")

    assert (tmp_path / "all.jsonl").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(("name", "told"), [("all.csv", "says no format"), ("all.parquet", "holds one entity")], ids=["format", "entities"])
def test_a_name_that_says_no_format_is_refused(make_store: MakeStore, tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        export_items(make_store(THINGS, table_name="no-such-table"), tmp_path / name)


@pytest.mark.parametrize("content", [b"\x1f\x8bnot gzip", b"PAR1 not parquet"])
def test_a_file_that_cannot_be_read_is_told(make_store: MakeStore, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / ("some.jsonl" if content.startswith(b"\x1f") else "some.parquet")
    path.write_bytes(content)

    with pytest.raises(DataError, match="cannot be read"):
        import_items(make_store(THINGS), path, rejected=print)


@pytest.mark.parametrize("name", ["", "not-there.jsonl", "empty", "some.csv"])
def test_what_is_no_file_of_items_is_refused(make_store: MakeStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "some.csv").write_text("a,b", encoding="utf-8")

    with pytest.raises(DataError, match="name one"):
        import_items(make_store(THINGS), *([tmp_path / name] if name else []))


def test_rejects_are_taken_again_once_they_are_mended(make_store: MakeStore, tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text(json.dumps({"Item": {"_type": {"S": "Person"}, "name": {"S": "a"}}}), encoding="utf-8")
    store = make_store(THINGS)
    found: list[Rejection] = []
    import_items(store, tmp_path / "some.jsonl", rejected=found.append)
    told = found[0].as_json()
    told["Item"]["mail"] = {"S": "a@example.com"}
    (tmp_path / "mended.jsonl").write_text(json.dumps(told), encoding="utf-8")

    assert import_items(store, tmp_path / "mended.jsonl").written == 1
    assert told["Rejected"]["where"] == "some.jsonl:1"


@pytest.mark.parametrize(
    "wrong", [{"replace": 1}, {"dry_run": "no"}, {"rate": 3}, {"rejected": 3}, {"progress": 3}], ids=lambda wrong: next(iter(wrong))
)
def test_arguments_of_imports_are_checked(make_store: MakeStore, tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(wrong))):
        import_items(make_store(THINGS, table_name="no-such-table"), tmp_path / "all.jsonl", **wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"segments": 0}, {"dry_run": "no"}, {"consistent": 1}, {"rate": 3}, {"progress": 3}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_arguments_of_exports_are_checked(make_store: MakeStore, tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(wrong))):
        export_items(make_store(THINGS, table_name="no-such-table"), tmp_path / "all.jsonl", **wrong)


@pytest.mark.parametrize("units", [0, -1, float("inf"), float("nan"), True, "5"])
def test_a_rate_is_more_than_nothing(units: Any) -> None:
    with pytest.raises(DataError, match="more than 0"):
        Rate(reads=units)


@pytest.mark.parametrize(
    "where",
    ['"foreign": {"S": "a\\ud800"}', '"mail": {"S": "\\udfff"}', '"\\ud800": {"N": "1"}', '"foreign": {"M": {"\\ud800": {"N": "1"}}}'],
)
def test_text_that_is_no_utf8_is_one_reject_and_the_others_are_written(make_store: MakeStore, tmp_path: Path, where: str) -> None:
    store = make_store(THINGS)
    line = '{"Item": {"_type": {"S": "Person"}, "name": {"S": "%s"}, "mail": {"S": "%s@x"}%s}}'
    odd = line % ("odd", "odd", f", {where}")
    odd = odd.replace('"mail": {"S": "odd@x"}, ', "") if '"mail"' in where else odd
    file, rejects = tmp_path / "people.jsonl", tmp_path / "rejects.jsonl"
    file.write_text("\n".join([line % ("a", "a", ""), odd, line % ("b", "b", "")]), encoding="utf-8")

    done = import_items(store, file, rejected=RejectsFile(rejects, lambda _: None))

    assert (done.written, done.failed) == (2, 1)
    [told] = [json.loads(text) for text in rejects.read_text(encoding="utf-8").splitlines()]
    assert (told["Rejected"]["code"], told["Rejected"]["text"]) == ("data.item", odd)


def test_rejects_of_text_that_is_no_utf8_can_be_written(tmp_path: Path) -> None:
    rejects = RejectsFile(tmp_path / "rejects.jsonl", lambda _: None)

    rejects(Rejection("a", DataError("no"), {"pk": {"S": "a\ud800"}}))

    assert json.loads((tmp_path / "rejects.jsonl").read_text(encoding="utf-8"))["Item"] == {"pk": {"S": "a\ud800"}}


def test_files_that_are_no_paths_are_refused(make_store: MakeStore) -> None:
    given: Any = "things.jsonl"
    with pytest.raises(DataError, match=r"write a Path: Path\('things.jsonl'\)"):
        import_items(make_store(THINGS, table_name="not-there"), given)
    nothing: Any = None
    for use in (import_items, export_items):
        with pytest.raises(DataError, match=r"=None was given; write a Path"):
            use(make_store(THINGS, table_name="not-there"), nothing)


@pytest.mark.parametrize("replace", [False, True])
def test_an_item_that_is_there_without_its_claim_gets_it(make_store: MakeStore, tmp_path: Path, *, replace: bool) -> None:
    store, file = make_store(THINGS), tmp_path / "people.jsonl"
    store.create(Person(name="ada", mail="ada@x"))
    export_items(store, file)
    claim = next(item for item in stored(make_store, store) if item["_type"] != {"S": "Person"})
    make_store.client.delete_item(TableName=store.table_name, Key={name: claim[name] for name in ("pk", "sk")})

    first, again = (import_items(store, file, replace=replace) for _ in range(2))

    assert (first.written, again.written, again.unchanged) == (0 if replace else 1, 0, 1)
    with pytest.raises(UniqueConflictError):
        store.create(Person(name="bob", mail="ada@x"))


def test_an_export_under_a_name_that_imports_leave_out_is_refused(make_store: MakeStore, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="give another name"):
        export_items(make_store(THINGS, table_name="not-there"), tmp_path / "manifest-a.jsonl")
