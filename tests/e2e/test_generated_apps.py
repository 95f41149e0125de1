"""Apps made by chance answer through a REST API and an HTTP API as their resolvers do by themselves."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from gateleg.local import LocalAws
from tests.e2e.generated import made_app
from tests.seeds import SEEDS
from tests.unit.docs.pages import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.generated import Request

pytestmark = pytest.mark.e2e

REST, HTTP = "APIGatewayRestResolver", "APIGatewayHttpResolver"
APP = """
from aws_cdk import App, Stack

from gateleg.cdk import HttpGateway, RestGateway

app = App()
stack = Stack(app, "Made")
RestGateway(stack, "Rest", apps={rest})
RestGateway(stack, "Checked", apps={checked}, validate_requests=True)
HttpGateway(stack, "Http", apps={http})
app.synth()
"""
HOW_OFTEN = max(1, SEEDS // 10)
Answer = tuple[int, Any, str]


@dataclass(frozen=True)
class Deployed:
    """An app behind an API: the API's name and URL, the app's module, whether it reads payload 2.0, and requests to it."""

    api: str
    url: str
    module: str
    reads_2: bool
    requests: list[Request]

    def answer(self, client: httpx.Client, request: Request) -> Answer:
        """What a client is answered."""
        answer = client.request(
            request.method,
            f"{self.url}{request.path}",
            params=request.query,
            headers=headers(request),
            content=(request.body or "").encode(),
        )
        return answer.status_code, read(answer.text), answer.headers["content-type"]

    def own_answer(self, request: Request) -> Answer:
        """What the resolver gives for the event that API Gateway makes of a request."""
        event = payload_2(request) if self.reads_2 else payload_1(request)
        answer: dict[str, Any] = importlib.import_module(self.module).app(event, None)
        single = answer.get("headers") or {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        kind = {name.lower(): value for name, value in single.items()}["content-type"]
        return int(answer["statusCode"]), read(answer["body"]), kind


@pytest.fixture(scope="module", params=range(HOW_OFTEN))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Deployed]]:
    seed: int = request.param
    project = tmp_path_factory.mktemp("made")
    chance = Random(seed)  # noqa: S311 (chance that can be repeated)
    package = f"made{seed}"
    (project / package).mkdir()
    (project / package / "__init__.py").touch()
    shutil.copy(EXAMPLES / "http" / "requirements.txt", project / package)
    names: dict[str, list[str]] = {"rest": [], "checked": [], "http": []}
    apps: list[Deployed] = []
    for number in range(9):
        api = ("rest", "checked", "http")[number % 3]
        resolver = HTTP if api == "http" and number > 3 else REST
        app = made_app(chance, resolver, f"/a{number}", validates=api == "checked" or number % 2 == 0)
        name = f"{package}.app{number}"
        (project / package / f"app{number}.py").write_text(app.source, encoding="utf-8")
        names[api].append(f"{name}:app")
        apps.append(Deployed(api, "", name, resolver == HTTP, app.requests))
    (project / "app.py").write_text(APP.format(**names), encoding="utf-8")
    (project / "cdk.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}), encoding="utf-8")
    sys.path.insert(0, str(project))
    try:
        with LocalAws(project, port=0) as aws:
            outputs = aws.outputs["Made"]
            urls = {api: next(url for name, url in outputs.items() if name.startswith(f"{api.title()}Url")) for api in names}
            yield [replace(app, url=urls[app.api].rstrip("/")) for app in apps]
    finally:
        sys.path.remove(str(project))


def headers(request: Request) -> dict[str, str]:
    """What a client sends of them."""
    return dict(request.headers) | ({} if request.body is None else {"content-type": "application/json"})


def read(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


def payload_1(request: Request) -> dict[str, Any]:
    many = {name: [value] for name, value in request.query}
    return {
        "httpMethod": request.method,
        "path": request.path,
        "resource": request.path,
        "headers": headers(request),
        "multiValueHeaders": {name: [value] for name, value in headers(request).items()},
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": many or None,
        "pathParameters": None,
        "requestContext": {"stage": "live", "requestId": "x", "httpMethod": request.method, "path": request.path},
        "body": request.body or None,
        "isBase64Encoded": False,
    }


def payload_2(request: Request) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "x",
        "rawPath": request.path,
        "rawQueryString": urlencode(request.query),
        "headers": {name.lower(): value for name, value in headers(request).items()},
        "queryStringParameters": dict(request.query),
        "requestContext": {"stage": "$default", "requestId": "x", "http": {"method": request.method, "path": request.path}},
        **({"body": request.body} if request.body else {}),
        "isBase64Encoded": False,
    }


@pytest.mark.filterwarnings("ignore")
def test_an_api_answers_as_the_resolver_does(made: list[Deployed]) -> None:
    different: list[object] = []
    statuses: set[int] = set()
    with httpx.Client(timeout=30) as client:
        for app in made:
            for request in app.requests:
                found, own = app.answer(client, request), app.own_answer(request)
                statuses.add(own[0])
                # A gateway that checks requests tells less of what is wrong than pydantic does, by the same status.
                if found != own and not (app.api == "checked" and found[0] == own[0] == 422):
                    different.append((app.module, request, found, own))
    assert different == []
    assert {200, 404, 422} <= statuses
