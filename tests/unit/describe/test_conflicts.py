"""Routes of one app that cannot stand beside each other."""

from collections.abc import Callable

import pytest

from gateleg.describe import describe
from gateleg.errors import RouteError


def refused(app: str) -> str:
    with pytest.raises(RouteError) as caught:
        describe(app)
    return caught.value.message


@pytest.mark.parametrize(("first", "second"), [("/a", "/a"), ("/a", "/a/"), ("/<x>", "/<x>"), ("/<x>/b", "/<y>/b")])
def test_two_handlers_for_one_route_are_both_named(write_app: Callable[..., str], first: str, second: str) -> None:
    message = refused(write_app(f"@app.get('{first}')\ndef one() -> str: ...\n@app.get('{second}')\ndef two() -> str: ...\n"))
    assert "declared twice" in message
    assert "sample:one" in message
    assert "sample:two" in message


def test_two_patterns_for_one_path_of_api_gateway_are_refused(write_app: Callable[..., str]) -> None:
    message = refused(write_app("@app.get('/a/[0-9]+')\ndef one() -> str: ...\n@app.get('/a/[a-z]+')\ndef two() -> str: ...\n"))
    assert "GET /a/{segment2} is declared twice" in message


def test_variables_may_be_named_differently_in_different_routes(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/rooms/<room>')\ndef one() -> str: ...\n@app.get('/rooms/<id>/messages')\ndef two() -> str: ...\n")
    assert [route.key for route in describe(app).routes] == ["GET /rooms/{room}", "GET /rooms/{id}/messages"]


def test_a_fixed_segment_may_stand_beside_a_variable(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/rooms/mine')\ndef one() -> str: ...\n@app.get('/rooms/<room>')\ndef two() -> str: ...\n")
    assert [route.key for route in describe(app).routes] == ["GET /rooms/mine", "GET /rooms/{room}"]


def test_one_path_may_have_several_methods(write_app: Callable[..., str]) -> None:
    app = write_app("@app.route('/a', method=['GET', 'POST'])\ndef one() -> str: ...\n@app.put('/a')\ndef two() -> str: ...\n")
    assert [route.key for route in describe(app).routes] == ["GET /a", "POST /a", "PUT /a"]


def test_a_handler_of_its_own_goes_before_an_empty_greedy_path(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/files/.*')\ndef all_files() -> str: ...\n@app.get('/files')\ndef listing() -> str: ...\n")
    assert {route.key: route.handler for route in describe(app).routes} == {
        "GET /files/{proxy+}": "sample:all_files",
        "GET /files": "sample:listing",
    }


def test_an_empty_greedy_path_is_routed_too(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/files/.*', security=[{'token': []}])\ndef all_files() -> str: ...\n")
    routes = {route.key: route for route in describe(app).routes}
    assert set(routes) == {"GET /files", "GET /files/{proxy+}"}
    assert (routes["GET /files"].operation, routes["GET /files"].security) == (None, ({"token": []},))


@pytest.mark.parametrize("method", ["ANY", "TRACE", "FETCH"])
def test_a_method_that_api_gateway_or_powertools_lacks_is_refused(write_app: Callable[..., str], method: str) -> None:
    message = refused(write_app(f"@app.route('/a', method='{method}')\ndef one() -> str: ...\n"))
    assert f"no method '{method}'" in message
    assert "GET, POST" in message
