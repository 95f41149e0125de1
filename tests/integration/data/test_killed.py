"""A backfill is killed at random points and begun again, while handlers write: every item is brought up once in effect, and nobody's write is lost."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.data.posts import BEFORE, NOW, OldPost, Post
from tests.integration.invariants.harness import SOAKS, seeds

if TYPE_CHECKING:
    from collections.abc import Generator

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
POSTS = 300
KILLS = 8 if SOAKS else 3
WRITERS = 2
SECONDS = 60
PEOPLE = ("Ada", "Ben", "Cyd")


@dataclass
class Writer:
    """A handler of the present declaration, with posts of its own, and what it was told of them."""

    store: Store
    posts: list[str]
    chance: random.Random
    likes: dict[str, int] = field(default_factory=dict[str, int])
    notes: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    deleted: set[str] = field(default_factory=set[str])

    def work(self, ended: Event) -> None:
        """Write until the end, at random."""
        while not ended.is_set():
            post_id = self.chance.choice([one for one in self.posts if one not in self.deleted])
            self.chance.choice((self.like, self.like, self.note, self.delete))(post_id)
            time.sleep(0.002)

    def like(self, post_id: str) -> None:
        self.store.update(Post.key(post_id=post_id), Post.likes.add(1))
        self.likes[post_id] = self.likes.get(post_id, 0) + 1

    def note(self, post_id: str) -> None:
        post = self.store.get(Post.key(post_id=post_id), consistent=True)
        assert post is not None
        post.note = f"note {self.chance.random()}"
        self.store.put(post)  # A backfill leaves its version alone: there is nobody to conflict with.
        self.notes[post_id] = post.note

    def delete(self, post_id: str) -> None:
        if len(self.deleted) < len(self.posts) // 4:
            self.store.delete(Post.key(post_id=post_id))
            self.deleted.add(post_id)


@contextmanager
def at_work(writers: list[Writer]) -> Generator[None]:
    ended, errors = Event(), list[BaseException]()

    def work(writer: Writer) -> None:
        try:
            writer.work(ended)
        except BaseException as error:  # noqa: BLE001 (told below)
            errors.append(error)

    threads = [Thread(target=work, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert errors == []


def begun(make_store: MakeStore, store: Store, state: Path) -> subprocess.Popen[str]:
    """The command in a process of its own, slow enough to be killed."""
    url = make_store.client.meta.endpoint_url
    key: Any = make_store.client
    credentials = key._request_signer._credentials
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_REGION": make_store.client.meta.region_name,
        "AWS_DEFAULT_REGION": make_store.client.meta.region_name,
    }
    pace = ["--segments", "3", "--reads", "10", "--writes", "200", "--rejects", str(state.with_name("rejects.jsonl"))]
    where = ["--table-name", store.table_name, "--state", str(state)]
    command = [sys.executable, "-m", "gateleg.cli", "backfill", "tests.integration.data.posts:NOW", *where, *pace]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def brought_up(make_store: MakeStore, store: Store) -> int:
    """How many items are of the present schema version."""
    asked = {"FilterExpression": "attribute_exists(#s)", "ExpressionAttributeNames": {"#s": "_schema"}, "Select": "COUNT"}
    return int(make_store.client.scan(TableName=store.table_name, **asked)["Count"])


def killed_until_done(make_store: MakeStore, store: Store, state: Path, chance: random.Random) -> tuple[int, str]:
    """How often it was killed with a state to go on from, and what it said in the end."""
    with_state = 0
    for kill in range(KILLS):
        with begun(make_store, store, state) as process:
            wanted, end = brought_up(make_store, store) + chance.randint(1, POSTS // (2 * KILLS)), time.monotonic() + SECONDS
            # The last one is killed once there is something to go on from.
            while (
                process.poll() is None
                and time.monotonic() < end
                and not (brought_up(make_store, store) >= wanted and (kill < KILLS - 1 or state.exists()))
            ):
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
            _, wrong = process.communicate()
            assert process.returncode == -signal.SIGKILL, wrong
            with_state += state.exists()
    with begun(make_store, store, state) as process:
        said, wrong = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, wrong
        return with_state, said


@seeds
def test_killed_at_random_points_and_begun_again_while_others_write(make_store: MakeStore, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (chance that can be repeated)
    store, state = make_store(NOW), tmp_path / "state.json"
    before = make_store(BEFORE, table_name=store.table_name)
    names = [f"{number:04}" for number in range(POSTS)]
    before.batch_put(OldPost(post_id=name, author=PEOPLE[int(name) % 3], amount=Decimal(name) + Decimal("0.25")) for name in names)
    writers = [Writer(store, names[number::4], random.Random(f"{seed}-{number}")) for number in range(WRITERS)]  # noqa: S311 (as above)

    with at_work(writers):
        with_state, said = killed_until_done(make_store, store, state, chance)

    assert with_state > 0, "it went on at least once where it had been"
    assert "0 failed" in said
    counted = dict(
        zip(("items", "written", "unchanged"), (int(one) for one in re.findall(r"(\d+) (?:items|written|unchanged)", said)), strict=True)
    )
    assert counted["items"] == counted["written"] + counted["unchanged"] <= POSTS, "each item counts once, however often it was met"
    assert not state.exists()
    likes = {name: count for writer in writers for name, count in writer.likes.items()}
    notes = {name: note for writer in writers for name, note in writer.notes.items()}
    left = set(names) - {name for writer in writers for name in writer.deleted}
    posts = {post.post_id: post for post in store.scan(Post)}
    assert posts.keys() == left
    assert {name: post.likes for name, post in posts.items()} == {name: likes.get(name, 0) for name in left}
    assert {name: post.note for name, post in posts.items()} == {name: notes.get(name) for name in left}
    items: list[dict[str, Any]] = make_store.client.scan(TableName=store.table_name, ConsistentRead=True)["Items"]
    assert {item["post_id"]["S"]: item["amount"]["N"] for item in items} == {name: str(int(name) * 100 + 25) for name in left}
    assert {item["_schema"]["N"] for item in items} == {"1"}
    assert [post.post_id for post in store.query(Post.newest())] == sorted(left)
    assert {post.post_id for name in PEOPLE for post in store.query(Post.of_author(author=name))} == left
