"""Routes of one app that meet: those that cannot stand beside each other, and those that may answer for each other."""

import zlib
from collections.abc import Callable

import pytest

from gateleg.describe import describe
from gateleg.description import App
from gateleg.errors import RouteError

Writes = Callable[..., str]


def described(write_app: Writes, *rules: str) -> App:
    """An app whose handlers are called `h0`, `h1`, …; a rule may begin with a method."""
    split = [rule.rsplit(" ", 1) for rule in rules]
    lines = (
        f"@app.route({part[-1]!r}, method={part[0] if len(part) > 1 else 'GET'!r})\ndef h{at}() -> str: ...\n"
        for at, part in enumerate(split)
    )
    return describe(write_app("".join(lines), name=f"sample{len(rules)}_{zlib.crc32(repr(rules).encode())}"))


def keys(app: App) -> list[tuple[str, str]]:
    return [(route.key, route.handler.partition(":")[2]) for route in app.routes]


def also(app: App) -> dict[str, tuple[str, ...]]:
    return {route.key: route.also for route in app.routes if route.also}


@pytest.mark.parametrize(
    ("first", "second"), [("/a", "/a"), ("/a", "/a/"), ("/<x>", "/<x>"), ("/<x>/b", "/<y>/b"), ("/a/[0-9]+", r"/a/\d+")]
)
@pytest.mark.filterwarnings("ignore:A route like this was already registered")
def test_two_handlers_for_one_rule_are_both_named(write_app: Writes, first: str, second: str) -> None:
    with pytest.raises(RouteError, match=r"h1 is (declared twice|never reached): its requests go to .*h0.*another path or method"):
        described(write_app, first, second)
    assert described(write_app, first, f"PUT {second}")


@pytest.mark.filterwarnings("ignore:A route like this was already registered")
def test_the_other_handler_is_the_one_that_takes_the_requests(write_app: Writes) -> None:
    with pytest.raises(RouteError, match=r"h2 is declared twice: its requests go to /rooms of .*h1"):
        described(write_app, "/v1.0/x", "/rooms", "/rooms")


def test_a_rule_of_which_another_one_takes_all_is_refused_with_what_to_write(write_app: Writes) -> None:
    with pytest.raises(RouteError, match=r"h0 is never reached.*h1.*write \(\.\+\) and register it last"):
        described(write_app, "/rooms/<room>", ".+")
    assert keys(described(write_app, "/rooms/<room>", "(.+)")) == [("GET /rooms/{room}", "h0"), ("GET /", "h1"), ("GET /{proxy+}", "h1")]


def test_a_narrower_rule_goes_first(write_app: Writes) -> None:
    with pytest.raises(RouteError, match=r"h1 is never reached.*register the narrower one first"):
        described(write_app, "/users/<id>", r"/users/<id>\.json")
    app = described(write_app, r"/users/<id>\.json", "/users/<id>")
    assert keys(app) == [("GET /users/{id}", "h0"), ("GET /users/{id}", "h1")]
    assert not also(app)


@pytest.mark.parametrize(("first", "second"), [("/(?:ab)+", "/ba"), ("/(?!x)[a-z]+", "/x"), ("/[a-z]{2,4}", "/abcde"), (r"/a\b.+", "/ab")])
def test_a_rule_that_is_read_wider_than_it_is_hides_no_other(write_app: Writes, first: str, second: str) -> None:
    assert f"GET {second}" in dict(keys(described(write_app, first, second)))


def test_two_patterns_of_one_path_stand_side_by_side(write_app: Writes) -> None:
    app = described(write_app, "/a/[0-9]+", "/a/[a-z]+")
    assert keys(app) == [("GET /a/{segment2}", "h0"), ("GET /a/{segment2}", "h1")]


def test_a_variable_beside_a_greedy_one_becomes_greedy_too(write_app: Writes) -> None:
    app = described(write_app, "/users/<id>", "/users/(.+)", "PUT /users/<id>/x", "/users/me")
    assert keys(app) == [
        ("GET /users/{proxy+}", "h0"),
        ("GET /users/{proxy+}", "h1"),
        ("PUT /users/{proxy+}", "h2"),
        ("GET /users/me", "h3"),
    ]


def test_ordinary_routes_never_answer_for_each_other(write_app: Writes) -> None:
    app = described(
        write_app, "/", "/a", "/<id>", "POST /<id>", "/<id>/b", "/a/<x>", "/a/new", "/<id>/b/<x>", "HEAD /a", "OPTIONS /<id>", "/c/<x>/d"
    )
    # Only paths of which neither is closer meet: /a/b is of GET /a/{x} and of GET /{id}/b, /c/b/d of the last two.
    assert also(app) == {"GET /a/{x}": ("GET /{id}/b",), "GET /c/{x}/d": ("GET /{id}/b/{x}",)}


def test_a_rule_that_powertools_tries_first_may_answer_for_a_closer_path(write_app: Writes) -> None:
    app = described(write_app, "/admin/<x>", "/[a-z]+/list")
    assert also(app) == {"GET /admin/{x}": ("GET /{segment1}/list",)}


@pytest.mark.parametrize("dot", [".", r"\."])
def test_a_bare_dot_matches_more_than_a_dot(write_app: Writes, dot: str) -> None:
    app = described(write_app, f"/report{dot}pdf", "/<page>", "/report/<kind>")
    expected = {"GET /{page}": ("GET /report.pdf",), "GET /report/{kind}": ("GET /report.pdf",)}
    assert also(app) == (expected if dot == "." else {})


def test_slashes_at_the_end_reach_rules_through_a_greedy_path(write_app: Writes) -> None:
    """Powertools strips any number of them; API Gateway has one resource for a path with and without one only."""
    assert also(described(write_app, "/rooms/<room>", "(.+)"))["GET /{proxy+}"] == ("GET /rooms/{room}",)


def test_methods_count(write_app: Writes) -> None:
    assert not also(described(write_app, "/admin/<x>", "POST /[a-z]+/list"))


def test_variables_may_be_named_differently_in_different_routes(write_app: Writes) -> None:
    app = described(write_app, "/rooms/<room>", "/rooms/<id>/messages")
    assert [route.key for route in app.routes] == ["GET /rooms/{room}", "GET /rooms/{id}/messages"]


def test_one_path_may_have_several_methods(write_app: Writes) -> None:
    app = write_app("@app.route('/a', method=['GET', 'POST'])\ndef one() -> str: ...\n@app.put('/a')\ndef two() -> str: ...\n")
    assert [route.key for route in describe(app).routes] == ["GET /a", "POST /a", "PUT /a"]


def test_an_empty_greedy_path_that_another_handler_takes_first_is_its_own(write_app: Writes) -> None:
    assert keys(described(write_app, "/files", "/files/.*")) == [("GET /files", "h0"), ("GET /files/{proxy+}", "h1")]
    first = described(write_app, "/files/.*", "/files")
    assert keys(first) == [("GET /files", "h0"), ("GET /files/{proxy+}", "h0"), ("GET /files", "h1")]


def test_an_empty_greedy_path_is_routed_too(write_app: Writes) -> None:
    app = write_app("@app.get('/files/.*', security=[{'token': []}])\ndef all_files() -> str: ...\n")
    routes = {route.key: route for route in describe(app).routes}
    assert set(routes) == {"GET /files", "GET /files/{proxy+}"}
    assert (routes["GET /files"].operation, routes["GET /files"].security) == (None, ({"token": []},))


@pytest.mark.parametrize("method", ["ANY", "TRACE", "FETCH"])
def test_a_method_that_api_gateway_or_powertools_lacks_is_refused(write_app: Writes, method: str) -> None:
    with pytest.raises(RouteError, match=f"no method '{method}'.*GET, POST"):
        described(write_app, f"{method} /a")
