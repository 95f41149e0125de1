# [table]
"""The access patterns, on a fresh table of an embedded DynamoDB for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gateleg.errors import ItemInvalidError

from lambdas.starter.model import TABLE, Note

if TYPE_CHECKING:
    from gateleg.testing import MakeStore


def test_a_notebook_lists_its_own_notes_newest_first(make_store: MakeStore) -> None:
    store = make_store(TABLE)
    for note_id in ("1", "2"):
        store.create(Note(notebook="inbox", note_id=note_id, text="hello"))
    store.create(Note(notebook="another", text="not here"))

    listed = store.query(Note.in_notebook(notebook="inbox"))

    assert [note.note_id for note in listed] == ["2", "1"]


def test_a_note_says_something() -> None:
    with pytest.raises(ItemInvalidError):
        Note(notebook="inbox", text="")
# [end]
