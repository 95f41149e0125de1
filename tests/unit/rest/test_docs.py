"""The reference page that the API serves."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from gateleg.rest import serve_docs
from gateleg.rest.powertools import routes_of

Request = Callable[..., dict[str, Any]]


class Paint(BaseModel):
    """Says </script> in its description."""

    colour: str


def app_with_docs(**options: Any) -> APIGatewayRestResolver:
    app = APIGatewayRestResolver(enable_validation=True)
    serve_docs(app, **options)

    @app.get("/paint", security=[{"token": []}])
    def paint() -> Paint:
        return Paint(colour="red")

    @app.get("/bare")
    def bare() -> Response:  # type: ignore[type-arg]  # pyright: ignore[reportUnknownParameterType, reportMissingTypeArgument]: the route without a schema
        return Response(204)  # pyright: ignore[reportUnknownVariableType]: as above

    assert len(routes_of(app)) == 3
    return app


def document(app: APIGatewayRestResolver, event: dict[str, Any]) -> dict[str, Any]:
    answer = app.resolve(event, LambdaContext())
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/json"]
    loaded: dict[str, Any] = json.loads(answer["body"])
    return loaded


def test_the_page_holds_the_document_and_loads_nothing_from_elsewhere(request_to: Request) -> None:
    answer = app_with_docs(title="Paints").resolve(request_to("GET", "/docs"), LambdaContext())
    assert answer["statusCode"] == 200
    assert answer["multiValueHeaders"]["Content-Type"] == ["text/html"]
    assert '"title": "Paints"' in answer["body"]
    assert "<script src=" not in answer["body"]
    assert "Says </script>" not in answer["body"]


def test_the_document_has_the_routes_that_have_a_schema(request_to: Request) -> None:
    found = document(app_with_docs(version="3.2.1"), request_to("GET", "/docs", query={"format": "json"}))
    assert list(found["paths"]) == ["/paint"]
    assert found["info"]["version"] == "3.2.1"
    assert found["paths"]["/paint"]["get"]["security"] == [{"token": []}]
    assert "token" in found["components"]["securitySchemes"]


@pytest.mark.parametrize(("path", "url"), [("/docs", "."), ("/", "."), ("/reference/v1", "..")])
def test_requests_from_the_page_go_to_the_apps_own_root(request_to: Request, path: str, url: str) -> None:
    """Relative to the page: so they find the stage, a domain's base path and a proxy's prefix alike."""
    app = APIGatewayRestResolver(enable_validation=True)
    serve_docs(app, path)

    assert document(app, request_to("GET", path, query={"format": "json"}))["servers"] == [{"url": url}]


def test_the_page_may_stand_elsewhere(request_to: Request) -> None:
    app = app_with_docs(path="/reference")
    assert app.resolve(request_to("GET", "/reference"), LambdaContext())["statusCode"] == 200
    assert app.resolve(request_to("GET", "/docs"), LambdaContext())["statusCode"] == 404
