"""The one place that depends on what Powertools keeps private."""

import pytest
from aws_lambda_powertools.event_handler import ALBResolver, APIGatewayHttpResolver, APIGatewayRestResolver

from gateleg.errors import DeclarationError
from gateleg.rest.powertools import cors_of, gateway_of, middlewares_of, routes_of, validates, with_routes


def app_of(*rules: tuple[str, str]) -> APIGatewayRestResolver:
    app = APIGatewayRestResolver()
    for method, rule in rules:
        app.route(rule, method=method)(lambda: "")
    return app


def test_this_release_of_powertools_is_read() -> None:
    app = app_of(("GET", "/a/<id>"), ("post", "/b"), ("PUT", "/"), ("GET", "/c/<id>"), ("GET", "/d"))
    assert [(route.method, route.rule) for route in routes_of(app)] == [
        ("GET", "/a/<id>"),
        ("POST", "/b"),
        ("PUT", "/"),
        ("GET", "/c/<id>"),
        ("GET", "/d"),
    ]
    assert (middlewares_of(app), validates(app), cors_of(app)) == ((), False, None)
    assert [gateway_of(each) for each in (app, APIGatewayHttpResolver(), ALBResolver())] == ["rest", "http", None]


def test_a_copy_with_fewer_routes_leaves_the_app_alone() -> None:
    app = app_of(("GET", "/a/<id>"), ("GET", "/b"))
    twin = with_routes(app, routes_of(app)[:1])
    assert len(routes_of(twin)) == 1
    assert len(routes_of(app)) == 2


@pytest.mark.parametrize("attribute", ["_static_routes", "_dynamic_routes", "_route_keys"])
def test_a_release_that_keeps_its_routes_elsewhere_is_named(attribute: str) -> None:
    app = app_of(("GET", "/a"))
    delattr(app, attribute)
    with pytest.raises(DeclarationError, match=rf"aws-lambda-powertools 3\..*{attribute}") as caught:
        routes_of(app)
    assert caught.value.code == "declaration.powertools"


def test_a_release_whose_routes_look_different_is_named() -> None:
    app = app_of(("GET", "/a"))
    delattr(routes_of(app)[0].source, "openapi_path")
    with pytest.raises(DeclarationError, match="openapi_path"):
        routes_of(app)
