"""The commands do what the functions do, say what was done, and end with 1 where something was not."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cli import main
from gateleg.data import Seeds
from gateleg.store import clients
from tests.integration.data.posts import NOW, Post
from tests.integration.data.test_backfill import filled, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

HERE = "tests.integration.data"
DEMO = Seeds(NOW, [Post(post_id="1", author="Ada", amount=5)])


def with_language(post: Post) -> Post:
    post.language = "fr"
    return post


@pytest.fixture(scope="module")
def dynamodb_name() -> str:
    """What the commands say is the same on both engines."""
    return "ministack"


@pytest.fixture
def store(make_store: MakeStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store of twenty posts of the former declaration, where the commands find its table."""
    client: Any = make_store.client
    credentials = client._request_signer._credentials
    store, _ = filled(make_store, 20)
    environment = {
        "AWS_ENDPOINT_URL_DYNAMODB": client.meta.endpoint_url,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_REGION": client.meta.region_name,
        "AWS_DEFAULT_REGION": client.meta.region_name,
        "GATELEG_TABLE_POSTS": store.table_name,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield store
    clients.reset()


def test_a_backfill_by_the_command(store: Store, make_store: MakeStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = ["--state", str(tmp_path / "state.json"), "--rejects", str(tmp_path / "rejects.jsonl")]

    assert main(["backfill", f"{HERE}.posts:NOW", "--dry-run"]) == 0
    assert "dry run, nothing was written; it would be 20 items: 20 written, 0 unchanged, 0 failed" in capsys.readouterr().out
    assert main(["backfill", f"{HERE}.posts:NOW", "--entity", "Post", *state, "--change", f"{HERE}.test_commands:with_language"]) == 0

    assert capsys.readouterr().out.startswith("20 items: 20 written, 0 unchanged, 0 failed, 0 skipped; ")
    assert {item["language"]["S"] for item in stored(make_store, store)} == {"fr"}
    assert list(tmp_path.iterdir()) == []


def test_there_and_back_by_the_commands(store: Store, make_store: MakeStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", f"{HERE}.posts:NOW"]) == 0
    before = stored(make_store, store)
    other = make_store(NOW).table_name

    assert main(["export", f"{HERE}.posts:NOW", str(tmp_path / "posts.parquet"), "--entity", "Post", "--dry-run"]) == 0
    assert list(tmp_path.iterdir()) == []
    assert main(["export", f"{HERE}.posts:NOW", str(tmp_path / "posts.parquet"), "--entity", "Post", "--consistent"]) == 0
    assert main(["import", f"{HERE}.posts:NOW", str(tmp_path / "posts.parquet"), "--table-name", other]) == 0

    assert capsys.readouterr().out.splitlines()[-1].startswith("20 items: 20 written")
    assert stored(make_store, make_store(NOW, table_name=other)) == before


def test_what_was_not_done_stands_in_a_file_and_the_command_ends_with_1(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rejects, lines = tmp_path / "rejects.jsonl", tmp_path / "posts.jsonl"
    lines.write_text('{"Item": {"_type": {"S": "Post"}, "post_id": {"S": "9"}}}\nno\n', encoding="utf-8")

    assert main(["import", f"{HERE}.posts:NOW", str(lines), "--rejects", str(rejects)]) == 1

    said = capsys.readouterr()
    assert said.out.startswith("2 items: 0 written, 0 unchanged, 2 failed")
    assert "posts.jsonl:1: " in said.err
    assert f"gateleg: 2 were not done; {rejects} says which, and why" in said.err
    told = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert sorted(one["Rejected"]["where"] for one in told) == ["posts.jsonl:1", "posts.jsonl:2"]
    assert [one["Rejected"].get("text") for one in told if "Item" not in one] == ["no"]
    assert store.get(Post.key(post_id="9")) is None


def rejected_by_the_import(tmp_path: Path) -> tuple[Path, list[str]]:
    """A file of 600 rejects, and the words that import it again into itself."""
    lines, rejects = tmp_path / "posts.jsonl", tmp_path / "rejects.jsonl"
    lines.write_text(
        "".join(f'{{"Item": {{"_type": {{"S": "Post"}}, "post_id": {{"S": "new-{n}"}}}}}}\n' for n in range(599)) + "no\n", encoding="utf-8"
    )
    assert main(["import", f"{HERE}.posts:NOW", str(lines), "--rejects", str(rejects)]) == 1
    return rejects, ["import", f"{HERE}.posts:NOW", str(rejects), "--rejects", str(rejects)]


@pytest.mark.usefixtures("store")
def test_an_import_of_rejects_keeps_those_that_are_still_bad_and_lets_mended_ones_go(tmp_path: Path) -> None:
    rejects, again = rejected_by_the_import(tmp_path)
    before = rejects.read_text(encoding="utf-8").splitlines()
    assert len(before) == 600
    mended = [line.replace('"post_id"', '"author": {"S": "Ada"}, "amount": {"N": "1"}, "post_id"') for line in before[:10]]
    rejects.write_text("\n".join([*mended, *before[10:]]), encoding="utf-8")

    assert main([*again, "--dry-run"]) == 1
    assert rejects.read_text(encoding="utf-8").splitlines() == [*mended, *before[10:]], "a dry run lets nothing go"
    assert main(again) == 1

    after = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    kept = [json.loads(line) for line in before[10:]]
    assert sorted(str((one.get("Item"), one["Rejected"].get("text"))) for one in after) == sorted(
        str((one.get("Item"), one["Rejected"].get("text"))) for one in kept
    )
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["posts.jsonl", "rejects.jsonl"]


def test_rejects_that_are_all_taken_are_gone(store: Store, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    rejects.write_text(
        '{"Item": {"_type": {"S": "Post"}, "post_id": {"S": "9"}, "author": {"S": "Ada"}, "amount": {"N": "1"}}}\n', encoding="utf-8"
    )

    assert main(["import", f"{HERE}.posts:NOW", str(tmp_path), "--rejects", str(rejects)]) == 0

    assert not rejects.exists()
    assert store.get(Post.key(post_id="9")) is not None


def test_seeds_by_the_command(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seed", f"{HERE}.test_commands:DEMO"]) == 0
    assert main(["seed", f"{HERE}.test_commands:DEMO"]) == 0

    assert [line[:32] for line in capsys.readouterr().out.splitlines()] == [
        "1 items: 1 written, 0 unchanged,",
        "1 items: 0 written, 1 unchanged,",
    ]
    assert store.get(Post.key(post_id="1")) is not None


class OnAws:
    """A client of a table that is in an account of AWS."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def describe_table(self, **_asked: Any) -> Any:
        return {"Table": {"TableArn": "arn:aws:dynamodb:eu-north-1:111122223333:table/posts"}}


@pytest.mark.parametrize("account", ["", "444455556666", "111122223333"])
def test_seeds_go_to_aws_only_where_the_account_is_named(
    store: Store, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], account: str
) -> None:
    on_aws: Any = OnAws(make_store.client)
    on_aws.meta = SimpleNamespace(endpoint_url="https://dynamodb.eu-north-1.amazonaws.com", events=make_store.client.meta.events)
    monkeypatch.setattr(clients, "dynamodb", lambda: on_aws)
    monkeypatch.setattr(clients, "reset", lambda: None)

    refused = account != "111122223333"
    assert main(["seed", f"{HERE}.test_commands:DEMO", *(["--account", account] if account else [])]) == int(refused)

    assert (store.get(Post.key(post_id="1")) is None) is refused
    assert ("say --account 111122223333 [data.production]" in capsys.readouterr().err) is refused


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["backfill", f"{HERE}.posts:Post"], "name the declaration of a table"),
        (["backfill", f"{HERE}.posts:NOW", "--entity", "Nobody"], "has no entity 'Nobody'; its entities: Post"),
        (["backfill", f"{HERE}.posts:NOW", "--change", f"{HERE}.posts:not_there"], "was not found"),
        (["backfill", f"{HERE}.posts:NOW", "--writes", "0"], "more than 0"),
        (["seed", f"{HERE}.posts:NOW"], "name the declaration of seeds"),
        (["export", f"{HERE}.things:THINGS", "things.jsonl"], "give --table-name, or --local"),
        (["import", f"{HERE}.posts:NOW", "not-there.jsonl"], "name one that is there"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(store: Store, capsys: pytest.CaptureFixture[str], words: list[str], told: str) -> None:
    assert main(words) == 1
    assert told in capsys.readouterr().err
    assert store.table is NOW
