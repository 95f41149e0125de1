"""What handlers say of themselves."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

from gateleg.description.marks import check_marks, public, public_reason_of, publishes, uses, uses_of
from gateleg.description.uses import Use
from gateleg.errors import AuthorizerError, UsesError
from gateleg.model import Attr, Entity, Table, access, attr, key

SHOP = Table("shop", partition_key="pk", sort_key="sk")


class Item(Entity, table=SHOP):
    """Something for sale."""

    shop: Attr[str] = attr()
    item: Attr[str] = attr()

    key = key("SHOP#{shop}", "ITEM#{item}")

    @access
    def in_shop(*, shop: str) -> None: ...


GET, QUERY = Use("shop", "Item", "get", leading=("SHOP#*",)), Use("shop", "Item", "query", leading=("SHOP#*",))


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


def test_uses_returns_the_same_function_and_public_one_that_does_the_same() -> None:
    def handler(a: int, *, b: str = "b") -> tuple[int, str]:
        return a, b

    assert uses(Item.get)(handler) is handler
    opened = public("why")(handler)
    assert opened is not handler
    assert opened(1) == (1, "b")
    assert (opened.__name__, inspect.signature(opened)) == ("handler", inspect.signature(handler))
    assert get_type_hints(opened) == get_type_hints(handler)
    assert uses_of(opened) == (GET,)


def test_marks_add_up_each_use_once() -> None:
    @uses(Item.get)
    @uses(Item.in_shop, Item.get)
    def handler() -> None: ...

    assert uses_of(handler) == (QUERY, GET)


@pytest.mark.parametrize("inside", [True, False])
def test_a_wrapper_uses_what_it_wraps_uses_and_not_the_other_way_round(inside: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    def plain() -> None: ...

    outer = wrapped(uses(Item.get)(plain)) if inside else uses(Item.get)(wrapped(plain))
    assert uses_of(outer) == (GET,)
    assert uses_of(plain) == ((GET,) if inside else ())


def test_a_wrapper_that_copies_no_attributes_uses_what_it_wraps_uses_too() -> None:
    @uses(Item.get)
    def plain() -> None: ...

    assert uses_of(functools.update_wrapper(lambda: None, plain, updated=())) == (GET,)


def test_what_is_marked_public_opens_neither_what_it_wraps_nor_where_it_comes_from() -> None:
    def plain() -> None: ...

    opened = public("only the keys")(wrapped(plain))
    again = public("another reason")(plain)
    assert (public_reason_of(opened), public_reason_of(again), public_reason_of(plain)) == ("only the keys", "another reason", None)


async def marked_coroutine() -> None: ...


class Handlers:
    def handle(self) -> str:
        return f"of {type(self).__name__}"

    def __call__(self, a: int) -> int:
        return a


CALLABLES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "a method": (Handlers().handle, ()),
    "a partial": (functools.partial(int, base=2), ("11",)),
    "an object": (Handlers(), (3,)),
    "a kept result": (functools.lru_cache(lambda: 5), ()),
}


@pytest.mark.parametrize(("handler", "arguments"), CALLABLES.values(), ids=CALLABLES)
def test_whatever_can_be_called_can_be_marked(handler: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    opened = public("why")(handler)
    assert opened(*arguments) == handler(*arguments)
    assert (public_reason_of(opened), public_reason_of(handler)) == ("why", None)
    uses(Item.get)(handler)
    assert uses_of(handler) == (GET,)


def test_a_coroutine_function_stays_one() -> None:
    assert inspect.iscoroutinefunction(public("why")(marked_coroutine))


UNMARKABLE: dict[str, tuple[Any, str]] = {
    "a static method": (staticmethod(wrapped), "below @staticmethod"),
    "a class": (Handlers, "the class Handlers"),
    "no function": (3, "got 3"),
}


@pytest.mark.parametrize(("given", "hint"), UNMARKABLE.values(), ids=UNMARKABLE)
def test_what_is_not_a_function_is_refused(given: Any, hint: str) -> None:
    with pytest.raises(UsesError, match=hint):
        uses(Item.get)(given)
    with pytest.raises(AuthorizerError, match=hint):
        public("why")(given)


def test_what_takes_no_attributes_is_refused() -> None:
    with pytest.raises(UsesError, match="write a function that calls it"):
        uses(Item.get)(len)

    @uses(Item.get)
    def by_function(value: list[int]) -> int:
        return len(value)

    assert uses_of(by_function) == (GET,)


def test_a_function_that_sends_to_connections_says_so() -> None:
    class Sending:
        publishes = True

        def declared_uses(self) -> tuple[Use, ...]:
            return (QUERY,)

    def plain() -> None: ...

    sending = uses(Item.get)(uses(Sending())(wrapped(plain)))
    assert (uses_of(sending), publishes(sending), publishes(wrapped(sending)), publishes(plain)) == ((QUERY, GET), True, True, False)


def one() -> None: ...


def other() -> None: ...


def third() -> None: ...


OPENED = public("why")(one)
CLEAR: dict[str, list[tuple[str, Any]]] = {
    "the marked one and the plain one": [("/a", OPENED), ("/b", one)],
    "a wrapper marked": [("/a", public("why")(wrapped(other))), ("/b", other)],
    "marked twice": [("/a", public("why")(one)), ("/b", public("why")(one))],
    "marked, used, marked": [("/a", public("why")(uses(Item.get)(public("before")(third)))), ("/b", third)],
    "methods of one path": [("/a", OPENED), ("/a", OPENED)],
}


@pytest.mark.parametrize("registered", CLEAR.values(), ids=CLEAR)
def test_what_a_mark_opens_is_told_apart(registered: list[tuple[str, Any]]) -> None:
    check_marks(registered)
    assert public_reason_of(registered[0][1]) == "why"


SHARED: dict[str, list[tuple[str, Any]]] = {
    "registered twice": [("/a", OPENED), ("/b", OPENED)],
    "wrapped beside": [("/a", OPENED), ("/b", wrapped(OPENED))],
    "wrapped twice": [("/a", wrapped(OPENED)), ("/a", wrapped(OPENED))],
}


@pytest.mark.parametrize("registered", SHARED.values(), ids=SHARED)
def test_a_public_function_behind_several_routes_is_refused(registered: list[tuple[str, Any]]) -> None:
    with pytest.raises(AuthorizerError, match="register a function of its own") as caught:
        check_marks(registered)
    assert caught.value.path == registered[1][0]


def test_a_mark_that_never_reaches_its_route_is_refused() -> None:
    def registered() -> None: ...

    public("why")(registered)
    with pytest.raises(AuthorizerError, match="write it below"):
        check_marks([("/a", registered)])
    check_marks([("/a", wrapped(registered))])


def test_a_function_without_marks_has_none() -> None:
    assert uses_of(wrapped) == ()
    assert public_reason_of(wrapped) is None


@pytest.mark.parametrize(
    ("given", "hint"),
    [(Item, "@uses(Item.get)"), ("Item.get", "neither an operation"), (SHOP, "neither an operation"), (wrapped, "neither an operation")],
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
