"""examples/functions on the embedded AWS, IAM enforced: the same requests have the same answers, whichever functions answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateleg.local.functions import chosen_functions, log_lines
from gateleg.local.hotswap import Hotswap
from tests.e2e.examples import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e

STACKS = ("ByApp", "ByRoute", "ForAll")
ORDER = {"order_id": "7", "paint": "red"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("functions", tmp_path_factory) as up:
        yield up


def url(aws: LocalAws, stack: str, kind: str) -> str:
    [found] = [value for name, value in aws.outputs[stack].items() if name.lower().startswith(kind)]
    return found if found.endswith("/") else f"{found}/"


def ask(aws: LocalAws, stack: str, kind: str, method: str, path: str, **given: Any) -> tuple[Any, ...]:
    with httpx.Client(base_url=url(aws, stack, kind), timeout=60) as client:
        answer = client.request(method, path, **given)
    told = {name: value for name, value in answer.headers.items() if name in {"content-type", "content-encoding", "x-app", "x-handled"}}
    return answer.status_code, told, answer.text


REQUESTS: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "written": (200, "POST", "orders", {"json": ORDER}),
    "read": (200, "GET", "orders/7", {}),
    "twice": (409, "POST", "orders", {"json": ORDER}),
    "invalid": (422, "POST", "orders", {"json": {"order_id": "8", "paint": "r"}}),
    "no JSON": (422, "POST", "orders", {"content": "{", "headers": {"Content-Type": "application/json"}}),
    "absent": (404, "GET", "orders/9", {}),
    "an error of the app": (418, "GET", "orders/7/price/0", {}),
    "compressed": (200, "GET", "people", {"headers": {"Accept-Encoding": "gzip"}}),
    "a wrapped handler": (200, "GET", "people/ann", {}),
    "not found in the app's words": (404, "GET", "people/eve", {}),
}


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_the_same_requests_have_the_same_answers(kind: str, aws: LocalAws) -> None:
    requests = dict(REQUESTS)
    if kind == "http":  # the table is that of the REST API
        requests["payload 2.0"] = (200, "GET", "paints/red?tins=3", {})
        requests["written"] = (200, "POST", "orders", {"json": ORDER | {"order_id": "of http"}})
    answers = {
        stack: {name: ask(aws, stack, kind, *request, **given) for name, (_, *request, given) in requests.items()} for stack in STACKS
    }

    assert {name: answer[0] for name, answer in answers["ByApp"].items()} == {name: status for name, (status, *_) in requests.items()}
    assert answers["ByRoute"] == answers["ByApp"]
    assert answers["ForAll"] == answers["ByApp"]
    assert answers["ByApp"]["an error of the app"][1:] == ({"content-type": "text/plain", "x-app": "orders"}, "no order is free of charge")
    assert answers["ByApp"]["a wrapped handler"][1]["x-handled"] == "yes"
    assert answers["ByApp"]["compressed"][1]["content-encoding"] == "gzip"


def function_of(aws: LocalAws, stack: str, service: str) -> str:
    [name] = [one.name for one in chosen_functions(aws.target, service) if one.name.startswith(f"{stack}-Rest")]
    return name


def invoked(aws: LocalAws, name: str, order: str) -> dict[str, Any]:
    """What a function answers to an event of `GET /orders/{order_id}`."""
    event = {
        "resource": "/orders/{order_id}",
        "path": f"/orders/{order}",
        "httpMethod": "GET",
        "headers": {},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"order_id": order},
        "requestContext": {"stage": "live", "requestId": "1", "httpMethod": "GET", "resourcePath": "/orders/{order_id}"},
        "body": None,
        "isBase64Encoded": False,
    }
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


def test_the_function_of_a_route_is_refused_what_another_route_may_do(aws: LocalAws) -> None:
    assert invoked(aws, function_of(aws, "ByApp", "orders"), "x")["statusCode"] == 404
    assert invoked(aws, function_of(aws, "ForAll", "rest"), "x")["statusCode"] == 404
    assert invoked(aws, function_of(aws, "ByRoute", "orders-get-orders-by-order-id"), "x")["statusCode"] == 404

    service = "orders-post-orders"
    assert invoked(aws, function_of(aws, "ByRoute", service), "x")["statusCode"] == 500
    logged = [line.text for line in log_lines(aws.target, chosen_functions(aws.target, service))]
    assert any("AccessDenied" in line for line in logged)


def test_the_function_of_all_says_what_it_cannot_answer(aws: LocalAws) -> None:
    answer = aws.client("lambda").invoke(FunctionName=function_of(aws, "ForAll", "rest"), Payload=json.dumps({"Records": []}))
    assert json.loads(answer["Payload"].read())["errorType"] == "BindingError"


def test_an_edit_reaches_every_function_that_holds_the_file(aws: LocalAws) -> None:
    swap = Hotswap(aws.synthesized, aws.project, aws.target, made_at=aws.synthesized_at)
    file = aws.project / "people.py"
    before = file.read_text()
    try:
        file.write_text(before.replace('"name": name', '"name": name.upper()'))
        swapped = swap.apply([file])
        assert {ask(aws, stack, kind, "GET", "people/ann")[2].count("ANN") for stack in STACKS for kind in ("rest", "http")} == {1}
        assert {one.function.split("-")[0] for one in swapped} == set(STACKS)
    finally:
        file.write_text(before)
        swap.apply([file])
