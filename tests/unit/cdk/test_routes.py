"""Routes that API Gateway can hold, and those that it cannot."""

from __future__ import annotations

import pytest

from gateleg.cdk.routes import Route, RouteTable, normalize_path, parse_key
from gateleg.errors import RouteError


def route(key: str, handler: str = "svc.rest:handler", *, fixed: bool = False) -> Route:
    method, path = key.split(" ", 1)
    return Route(method, path, handler, "svc.rest:app", fixed=fixed)


def added(*routes: Route) -> RouteTable:
    table = RouteTable()
    for one in routes:
        table.add(one)
    return table


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/rooms", "/rooms"),
        ("/rooms/", "/rooms"),
        ("/rooms/<room>", "/rooms/{room}"),
        ("/rooms/{room}/messages", "/rooms/{room}/messages"),
        ("/files/.+", "/files/{proxy+}"),
        ("/files/{path+}", "/files/{path+}"),
        ("/a-b_c.d:e", "/a-b_c.d:e"),
    ],
)
def test_paths_take_api_gateways_form(given: str, expected: str) -> None:
    assert normalize_path(given, "h") == expected


@pytest.mark.parametrize("path", ["rooms", "/a//b", "/v<id>", "/{id}.json", "/{rest+}/more", "/a b", "/[0-9]+", "/é", "/{}", "/{a b}"])
def test_paths_that_api_gateway_cannot_express_are_refused(path: str) -> None:
    with pytest.raises(RouteError, match="svc:h"):
        normalize_path(path, "svc:h")


@pytest.mark.parametrize("key", ["GET", "/rooms", "FETCH /rooms", "GET ", ""])
def test_a_key_without_method_or_path_is_refused_with_the_form_to_write(key: str) -> None:
    with pytest.raises(RouteError, match="GET /rooms"):
        parse_key(key)


def test_a_method_may_be_written_in_any_case() -> None:
    assert parse_key("get /rooms") == ("GET", "/rooms")


def test_a_duplicate_names_both_handlers() -> None:
    with pytest.raises(RouteError, match=r"GET /a is answered by one:f and by two:g") as caught:
        added(route("GET /a", "one:f"), route("GET /a/", "two:g"))
    assert caught.value.code == "declaration.route.duplicate"


def test_variables_of_other_names_do_not_make_another_route() -> None:
    with pytest.raises(RouteError, match="is answered by"):
        added(route("GET /a/{x}", "one:f"), route("GET /a/{y}", "two:g"))


def test_methods_of_a_path_and_any_stand_side_by_side() -> None:
    assert [one.key for one in added(route("GET /a"), route("POST /a"), route("ANY /a")).routes] == ["GET /a", "POST /a", "ANY /a"]


def test_apps_may_name_the_same_variable_differently_and_are_told() -> None:
    table = added(route("GET /users/{id}"), route("GET /users/{user_id}/posts/{post}"))
    assert [one.path for one in table.routes] == ["/users/{id}", "/users/{id}/posts/{post}"]
    assert "{user_id} is {id} at the gateway" in table.renamed[0]


def test_a_function_that_reads_its_variables_by_name_is_not_renamed() -> None:
    with pytest.raises(RouteError, match=r"write \{id\} in both"):
        added(route("GET /users/{id}"), route("GET /users/{user}/x", "Direct", fixed=True))


def test_a_greedy_variable_has_no_other_variable_beside_it() -> None:
    with pytest.raises(RouteError, match="one path variable at a place"):
        added(route("GET /files/{id}"), route("GET /files/{path+}"))


def test_renaming_never_makes_one_name_twice() -> None:
    with pytest.raises(RouteError, match="stands twice"):
        added(route("GET /a/{x}"), route("GET /a/{y}/b/{x}"))


def test_unknown_methods_are_refused() -> None:
    with pytest.raises(RouteError, match="TRACE"):
        added(route("TRACE /a"))


def test_resources_are_counted_as_api_gateway_counts_them() -> None:
    assert added(route("GET /"), route("GET /a/b"), route("POST /a/b"), route("GET /a/{c}/d")).resources == 5
