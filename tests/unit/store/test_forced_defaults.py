# pyright: reportUnusedClass=false
"""Forced defaults: what every write stores, whatever the entity says; and index keys made of what the store writes itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateleg.errors import DeclarationError, ExpressionError
from gateleg.model import Attr, Entity, Index, Table, attr, index_key, key, updated_at, version
from gateleg.store import Store
from gateleg.store.commands.update import update_item
from tests.unit.store.notes import Script

TABLE = Table("forced", partition_key="pk", indexes=[Index("by_change", partition_key="gpk", sort_key="gsk")])
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
releases = iter(range(100))


class Page(Entity, table=TABLE):
    """A page that says which release wrote it last."""

    name: Attr[str]
    body: Attr[str] = attr(default="")
    release: Attr[int] = attr(default_factory=lambda: next(releases), force_default=True)
    changed: Attr[datetime] = updated_at()
    revision: Attr[int] = version()

    key = key("PAGE#{name}")
    change_key = index_key("by_change", "PAGES", "{changed}#{revision}#{release}")


def test_a_put_stores_the_default_in_place_of_the_value() -> None:
    script = Script([{}])
    page = Page(name="a", release=77)
    stored = Store(TABLE, table_name="t", transport=script).put(page)
    assert script.asked[0][1]["Item"]["release"] == {"N": str(stored.release)} != {"N": "77"}
    assert page.release == stored.release


def test_an_update_stores_it_too() -> None:
    params = update_item(Page(name="a", revision=3), (Page.body.set("x"),), NOW).params("t")
    assert "release" in params["ExpressionAttributeNames"].values()


def test_nobody_sets_it() -> None:
    with pytest.raises(ExpressionError, match=r"Page\.release is always stored as its default; leave it out"):
        update_item(Page.key(name="a"), (Page.release.set(3),), NOW)


def test_it_needs_a_default() -> None:
    with pytest.raises(DeclarationError, match=r"Wrong\.name is declared with force_default=True and has no default"):

        class Wrong(Entity, table=Table("wrong-forced", partition_key="name")):
            name: Attr[str] = attr(force_default=True)


def test_index_keys_follow_what_the_store_writes_itself() -> None:
    params: dict[str, Any] = update_item(Page(name="a", revision=3), (Page.body.set("x"),), NOW).params("t")
    values = [value["S"] for value in params["ExpressionAttributeValues"].values() if "S" in value]
    assert any(value.startswith("2026-11-22T12:00:00.000000Z#4#") for value in values)
    with pytest.raises(ExpressionError, match="give the entity instead of its key"):
        update_item(Page.key(name="a"), (Page.body.set("x"),), NOW)
