"""What handlers say of themselves."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from gateleg.description.uses import Use
from gateleg.errors import AuthorizerError, UsesError
from gateleg.model import Attr, Entity, Table, access, attr, key
from gateleg.rest import public, uses
from gateleg.rest.marks import public_reason_of, uses_of

SHOP = Table("shop", partition_key="pk", sort_key="sk")


class Item(Entity, table=SHOP):
    """Something for sale."""

    shop: Attr[str] = attr()
    item: Attr[str] = attr()

    key = key("SHOP#{shop}", "ITEM#{item}")

    @access
    def in_shop(*, shop: str) -> None: ...


GET, QUERY = Use("shop", "Item", "get"), Use("shop", "Item", "query")


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


def test_a_mark_returns_the_same_function() -> None:
    def handler() -> None: ...

    assert uses(Item.get)(handler) is handler
    assert public("why")(handler) is handler
    assert handler.__name__ == "handler"


def test_marks_add_up_each_use_once() -> None:
    @uses(Item.get)
    @uses(Item.in_shop, Item.get)
    def handler() -> None: ...

    assert uses_of(handler) == (QUERY, GET)


@pytest.mark.parametrize("inside", [True, False])
def test_a_mark_is_seen_on_both_sides_of_a_wrapper(inside: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    def plain() -> None: ...

    outer = wrapped(uses(Item.get)(plain)) if inside else uses(Item.get)(wrapped(plain))
    assert uses_of(outer) == uses_of(plain) == (GET,)


def test_a_method_can_be_marked() -> None:
    class Handlers:
        def handle(self) -> None: ...

    handlers = Handlers()
    uses(Item.get)(handlers.handle)
    assert uses_of(handlers.handle) == (GET,)


def test_a_function_without_marks_has_none() -> None:
    assert uses_of(wrapped) == ()
    assert public_reason_of(wrapped) is None


@pytest.mark.parametrize(
    ("given", "hint"), [(Item, "@uses(Item.get)"), ("Item.get", "no operation"), (SHOP, "no operation"), (wrapped, "no operation")]
)
def test_something_else_than_an_operation_is_refused(given: Any, hint: str) -> None:
    with pytest.raises(UsesError) as caught:
        uses(given)
    assert hint in caught.value.message


@pytest.mark.parametrize("reason", ["", "  ", wrapped, None])
def test_public_needs_a_reason(reason: Any) -> None:
    with pytest.raises(AuthorizerError, match="needs a reason"):
        public(reason)


def test_the_reason_is_kept() -> None:
    @wrapped
    @public(" for the health check ")
    def handler() -> None: ...

    assert public_reason_of(handler) == "for the health check"
