"""A project's name: in what forms it is taken, and what is written where."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import ProjectError
from gateleg.project import ProjectName


@pytest.mark.parametrize("text", ["order-book", "order_book", "OrderBook", "orderBook", "Order-Book"])
def test_a_name_is_the_same_in_every_form(text: str) -> None:
    name = ProjectName.of(text)

    assert (name.kebab, name.package, name.title) == ("order-book", "order_book", "OrderBook")


@pytest.mark.parametrize(
    ("text", "package"), [("shop", "shop"), ("a", "a"), ("v2", "v2"), ("HTTPGate", "http_gate"), ("oauth2-gate", "oauth2_gate")]
)
def test_words_are_found_in_what_is_given(text: str, package: str) -> None:
    assert ProjectName.of(text).package == package


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("order book", "order-book"),
        ("../shop", "shop"),
        ("2048", "project-2048"),
        ("-shop", "shop"),
        ("shop-", "shop"),
        ("order__book", "order-book"),
        ("größe", "groe"),
        ("class", "class-service"),
        ("Lambda", "lambda-service"),
        ("", "project"),
        ("名前", "project"),
        ("a" * 41, "project"),
        ("order.book\n", "order-book"),
    ],
)
def test_what_is_no_name_is_refused_with_one_that_is(text: str, instead: str) -> None:
    with pytest.raises(ProjectError, match=rf"write gateleg init {instead} ") as refused:
        ProjectName.of(text)

    assert (refused.value.code, refused.value.value) == ("project.name", text)
    assert ProjectName.of(instead).kebab == instead


@given(st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_-]{1,50}", fullmatch=True))
def test_every_text_is_a_name_or_refused_with_one(text: str) -> None:
    try:
        name = ProjectName.of(text)
    except ProjectError as refused:
        name = ProjectName.of(refused.message.rpartition(" ")[2])

    assert name.package.isidentifier()
    assert not keyword.iskeyword(name.package)
    assert name.title.isidentifier()
    assert ProjectName.of(name.kebab) == name
