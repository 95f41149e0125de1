"""examples/integrations on the embedded AWS, asked by real HTTP clients: no function answers."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.examples import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e

EXTENDED = """
import os

from app import WHY, ShopStack
from aws_cdk import App
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

from gateleg.cdk import DirectRoute, HttpGateway
from gateleg.cdk.integrations import EventBridgePut, HttpProxy, SqsSend, StepFunctionsStart

PRICES = os.environ["PRICES_URL"]


class Http(HttpGateway):
    def _render_body(self, document):
        \"\"\"Whatever no route takes goes to the server of prices.\"\"\"
        call = {"type": "http_proxy", "httpMethod": "ANY", "uri": f"{PRICES}/whatever", "payloadFormatVersion": "1.0"}
        answered = {"default": {"description": "What the server answers."}}
        route = {"isDefaultRoute": True, "x-gateleg-public": WHY, "responses": answered, "x-amazon-apigateway-integration": call}
        document["paths"]["/$default"] = {"x-amazon-apigateway-any-method": route}
        return document


class Extended(ShopStack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        queue, bus, machine = (self.node.find_child(name) for name in ("Jobs", "Bus", "Machine"))
        routes = {
            "POST /jobs": SqsSend(queue),
            "POST /events": EventBridgePut(bus, source="shop.orders", detail_type="OrderPlaced"),
            "POST /weights": StepFunctionsStart(machine, sync=True),
            "POST /later": StepFunctionsStart(machine),
            "GET /prices/{paint}": HttpProxy(f"{PRICES}/of/{{paint}}"),
            "ANY /all/{rest+}": HttpUrlIntegration("All", f"{PRICES}/below/{{rest}}?fixed=1"),
        }
        Http(self, "Http", routes={key: DirectRoute(answer, public=WHY) for key, answer in routes.items()})


app = App()
Extended(app, "Shop")
app.synth()
"""
"""The example's stack with an HTTP API that calls the same services."""

HOSTILE = ["it's", 'say "hi"', "back\\slash", "a\nb", "é 😀", "$input.body #if(true)", "a&b=c", "50% off", "A#B"]
ORDER = {"paint": "red", "tins": 2}


class Prices(BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_GET(self) -> None:
        body = json.dumps({"asked": self.path, "who": self.headers.get("X-Who")}).encode()
        self.send_response(203)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Prices", "yes")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (as above)
        """Say nothing."""


@pytest.fixture(scope="module")
def prices() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Prices) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, prices: str) -> Iterator[LocalAws]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PRICES_URL", prices)
        with deployed("integrations", tmp_path_factory, extended=EXTENDED) as up:
            yield up


@pytest.fixture(scope="module")
def other(aws: LocalAws) -> Iterator[httpx.Client]:
    """A client of the HTTP API."""
    with httpx.Client(base_url=aws.endpoint("http").url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def http(aws: LocalAws) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=aws.endpoint("rest").url, timeout=30) as client:
        yield client


def received(aws: LocalAws, queue: str) -> str:
    """The next message of a queue."""
    url = aws.outputs["Shop"][f"{queue}Url"]
    sqs = aws.client("sqs")
    [message] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    found: str = message["Body"]
    return found


def way(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


# -- DynamoDB ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_an_item_is_put_and_read_and_found(http: httpx.Client, text: str) -> None:
    name = text.replace("\n", " ")  # the embedded AWS finds no route where a path has a line end
    path = way("customers", name, "orders", name)
    put = http.put(path, json=ORDER | {"note": text})
    assert (put.status_code, put.content) == (204, b"")
    order = {"customer": name, "order_id": name, "note": text, **ORDER}
    read = http.get(path)
    assert (read.status_code, read.json()) == (200, order)
    assert http.get(way("customers", name, "orders")).json() == {"items": [order], "cursor": None}
    assert http.get(way("customers", name, "orders"), params={"prefix": name}).json()["items"] == [order]


def test_pages_lead_on(http: httpx.Client) -> None:
    for number in range(5):
        assert http.put(f"customers/pages/orders/o{number}", json=ORDER).status_code == 204
    found: list[str] = []
    cursor: str | None = None
    for _ in range(5):
        page = http.get("customers/pages/orders", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        found += [one["order_id"] for one in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert found == [f"o{number}" for number in range(5)]
    assert http.get("customers/pages/orders", params={"limit": 21}).status_code == 422
    assert http.get("customers/pages/orders", params={"cursor": "no cursor"}).status_code == 422


def test_what_is_not_there_is_404_and_says_so_as_handlers_do(http: httpx.Client) -> None:
    answer = http.get("customers/nobody/orders/1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "store.item_not_found")


def test_a_create_does_not_replace(http: httpx.Client) -> None:
    order = {"customer": "c", "order_id": "created", **ORDER}
    assert http.post("orders", json=order).status_code == 201
    answer = http.post("orders", json=order)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "store.item_exists")


def test_a_put_keeps_another_kind_whole(aws: LocalAws, http: httpx.Client) -> None:
    item = {"pk": {"S": "CUSTOMER#kinds"}, "sk": {"S": "ORDER#1"}, "_type": {"S": "Invoice"}}
    table, dynamodb = aws.outputs["Shop"]["Store"], aws.client("dynamodb")
    dynamodb.put_item(TableName=table, Item=item)
    answer = http.put("customers/kinds/orders/1", json=ORDER)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "store.kind_mismatch")
    assert dynamodb.get_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})["Item"] == item
    assert http.get("customers/kinds/orders/1").status_code == 404


@pytest.mark.parametrize("wrong", [{"paint": "blue", "tins": 1}, {"paint": "red", "tins": 0}, {"paint": "red", "x": 1}, {}])
def test_what_the_entity_refuses_is_422(http: httpx.Client, wrong: dict[str, Any]) -> None:
    assert http.put("customers/c/orders/wrong", json=wrong).status_code in {400, 422}
    assert http.get("customers/c/orders/wrong").status_code == 404


def test_a_body_that_is_no_json_is_not_passed_on(http: httpx.Client) -> None:
    assert http.put("customers/c/orders/text", content="{}", headers={"Content-Type": "text/plain"}).status_code in {415, 422}
    assert http.get("customers/c/orders/text").status_code == 404


def test_a_guarded_route_is_closed(http: httpx.Client) -> None:
    assert http.get("mine/1").status_code == 403


# -- messages ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_a_queue_receives_the_very_body(aws: LocalAws, http: httpx.Client, text: str) -> None:
    body = json.dumps({"order_id": text, "tins": 1}, ensure_ascii=False)
    answer = http.post("jobs", content=body.encode(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, list(answer.json())) == (202, ["id"])
    assert received(aws, "Jobs") == body


def test_a_body_that_the_model_refuses_reaches_no_queue(http: httpx.Client) -> None:
    assert http.post("jobs", json={"order_id": "o"}).status_code in {400, 422}


def test_a_topic_publishes_the_very_body(aws: LocalAws, http: httpx.Client) -> None:
    body = json.dumps(HOSTILE, ensure_ascii=False)
    answer = http.post("notices", content=body.encode(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, list(answer.json())) == (202, ["id"])
    assert received(aws, "Told") == body


def test_a_bus_carries_the_body_as_detail(aws: LocalAws, http: httpx.Client) -> None:
    detail = {"order_id": 'it\'s "7" $x é', "tins": 3}
    answer = http.post("events", json=detail)
    assert (answer.status_code, list(answer.json())) == (202, ["id"])
    event = json.loads(received(aws, "Seen"))
    assert (event["detail"], event["detail-type"], event["source"]) == (detail, "OrderPlaced", "shop.orders")


def test_an_execution_is_waited_for(http: httpx.Client) -> None:
    answer = http.post("weights", json={"order_id": "it's", "tins": 4})
    assert (answer.status_code, answer.json()) == (200, {"weighed": 4})


def test_an_execution_is_started(http: httpx.Client) -> None:
    answer = http.post("later", json={"tins": 4})
    assert (answer.status_code, answer.json()["id"].split(":")[2]) == (202, "states")


# -- objects, servers, mocks -------------------------------------------------------------------------------------------------------


def test_an_object_is_stored_and_read_under_its_type(http: httpx.Client) -> None:
    assert http.put("notes/one", content="Grüße, $you", headers={"Content-Type": "text/plain"}).status_code == 201
    answer = http.get("notes/one")
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, "Grüße, $you", "text/plain")
    missing = http.get("notes/none")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "store.item_not_found")


def test_a_server_is_asked_as_the_api_was(http: httpx.Client) -> None:
    answer = http.get("prices/sky%20blue", params={"size": "1 l"}, headers={"X-Who": "ann"})
    assert (answer.status_code, answer.headers["X-Prices"]) == (203, "yes")
    assert answer.json()["who"] == "ann"
    assert answer.json()["asked"].replace("+", "%20") == "/of/sky%20blue?size=1%20l"


def test_a_mock_answers(http: httpx.Client) -> None:
    assert http.get("health").json() == {"status": "ok"}


# -- HTTP APIs --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_an_http_api_sends_the_very_body_and_answers_as_the_queue_does(aws: LocalAws, other: httpx.Client, text: str) -> None:
    body = json.dumps({"order_id": text}, ensure_ascii=False)
    answer = other.post("jobs", content=body.encode(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, "<MessageId>" in answer.text) == (200, True), answer.text
    assert received(aws, "Jobs") == body


def test_an_http_api_puts_events(aws: LocalAws, other: httpx.Client) -> None:
    detail = {"order_id": 'it\'s "7" $x é', "tins": 3}
    answer = other.post("events", json=detail)
    assert (answer.status_code, answer.json()["FailedEntryCount"]) == (200, 0)
    event = json.loads(received(aws, "Seen"))
    assert (event["detail"], event["detail-type"], event["source"]) == (detail, "OrderPlaced", "shop.orders")


def test_an_http_api_starts_executions(other: httpx.Client) -> None:
    done = other.post("weights", json={"tins": 4})
    assert (done.status_code, json.loads(done.json()["output"])) == (200, {"weighed": 4})
    started = other.post("later", json={"tins": 4})
    assert (started.status_code, started.json()["executionArn"].split(":")[2]) == (200, "states")


def test_an_http_api_asks_a_server_for_what_its_variables_say(other: httpx.Client) -> None:
    answer = other.get("prices/sky%20blue", params={"size": ["1", "2"]}, headers={"X-Who": "ann"})
    assert (answer.status_code, answer.headers["X-Prices"]) == (203, "yes")
    assert answer.json() == {"asked": "/of/sky%20blue?size=1&size=2", "who": "ann"}
    assert other.get("all/a/b%20c?d=e").json()["asked"] == "/below/a/b%20c?fixed=1&d=e"


def test_what_no_route_takes_goes_to_the_default_one(other: httpx.Client) -> None:
    assert other.get("nowhere/at/all?a=1").json()["asked"] == "/whatever?a=1"
    assert other.get("").json()["asked"] == "/whatever"


# -- rights ------------------------------------------------------------------------------------------------------------------------


def test_without_its_right_a_role_does_nothing_and_nobody_hears_why(aws: LocalAws, http: httpx.Client, other: httpx.Client) -> None:
    iam = aws.client("iam")
    roles = [one["RoleName"] for one in iam.list_roles()["Roles"] if "SqsSend" in one["RoleName"]]
    for role in roles:
        iam.delete_role_policy(RoleName=role, PolicyName="integration")
    assert len(roles) == 2
    assert other.post("jobs", json={}).status_code == 403, "an HTTP API passes on what the service says"
    answer = http.post("jobs", json={"order_id": "o", "tins": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert not any(role in answer.text for role in roles)
