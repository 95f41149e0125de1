"""examples/news on the embedded AWS: who has a token of a channel gets what is broadcast on its topic, and nobody else does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from playwright.sync_api import Page, sync_playwright
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from gateleg.browser.client import client_files
from gateleg.description import App
from tests.e2e.examples import deployed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e

EXTENDED = """
from aws_cdk import App

from app import NewsStack
from gateleg.cdk import Events, ModelTable, ServiceFunction, UsagePlan, WebSocketGateway

app = App()
stack = NewsStack(app, "News")
table = ModelTable(stack, "KeyedTable", table="news:NEWS", preset="sandbox")
events = Events(ServiceFunction(stack, "AlsoAsked", handler="news:authorize", tables=[table]))
plans = {"readers": UsagePlan(["reader"])}
WebSocketGateway(stack, "Keyed", app="news:socket", tables=[table], events=events, usage_plans=plans)
app.synth()
"""
PROGRAM = """
import { subscribe } from "./channel.js";

const [url, ticket] = process.argv.slice(2);
subscribe({
  url,
  ticket: () => JSON.parse(ticket),
  onstatechange: state => console.log(state),
  onmessage: message => { console.log(JSON.stringify(message)); process.exit(0); },
  onerror: error => { console.log(String(error)); process.exit(1); },
});
"""


PAGE_AT = "http://localhost:5173/"
PAGE = """<!doctype html><title>news</title><link rel=icon href=data:><script type=module>
import { subscribe } from "./channel.js";

globalThis.lines = [];
globalThis.WebSocket = class extends WebSocket { constructor(...given) { super(...given); lines.push(this); } };
globalThis.read = (socket, url, subject) => {
  globalThis.states = [], globalThis.told = [];
  const ticket = () => new Promise(done => {
    const line = new WebSocket(socket);
    line.onopen = () => line.send(JSON.stringify({ action: "follow", subject }));
    line.onmessage = ({ data }) => { line.close(); done(JSON.parse(data).data); };
  });
  globalThis.reading = subscribe({
    url, ticket, onstatechange: state => states.push(state), onmessage: message => told.push(message.text), onerror: error => states.push(String(error)),
  });
};
</script>"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture
def page() -> Iterator[Page]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"no browser was found; install one of {', '.join(BROWSERS)}, for example with .ci/run"
    script = client_files(App("news:socket", "websocket", channels=True))["channel.js"]
    with sync_playwright() as playwright:
        # The page comes from no address, which the browser takes for a public one.
        local = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", local])
        opened = browser.new_page()
        opened.set_default_timeout(60_000)
        opened.route(PAGE_AT, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        opened.route(f"{PAGE_AT}channel.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
        opened.goto(PAGE_AT)
        yield opened
        browser.close()


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("news", tmp_path_factory, extended=EXTENDED) as up:
        yield up


def url_of(aws: LocalAws, name: str) -> str:
    """The output of this name; CDK puts a hash behind it."""
    [url] = [value for key, value in aws.outputs["News"].items() if key.startswith(f"{name}Url")]
    return url


class Reader:
    """A client of an Event API: https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-websocket-protocol.html."""

    def __init__(self, line: Any, authorization: dict[str, str]) -> None:
        self.line = line
        self.authorization = authorization

    @classmethod
    @contextmanager
    def of(cls, aws: LocalAws, token: str) -> Generator[Reader]:
        authorization = {"host": "example.appsync-api.us-east-1.amazonaws.com", "Authorization": token}
        said = urlsafe_b64encode(json.dumps(authorization).encode()).decode().rstrip("=")
        with connect(
            url_of(aws, "SocketChannels"), subprotocols=[Subprotocol("aws-appsync-event-ws"), Subprotocol(f"header-{said}")]
        ) as line:
            yield cls(line, authorization)

    def says(self, **frame: Any) -> dict[str, Any]:
        self.line.send(json.dumps(frame))
        return self.next()

    def next(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.line.recv(timeout=30))
        return told if told["type"] != "ka" else self.next()

    def subscribe(self, channel: str, number: str = "1") -> str:
        kind: str = self.says(type="subscribe", id=number, channel=channel, authorization=self.authorization)["type"]
        return kind


@pytest.fixture
def newsroom(aws: LocalAws) -> Iterator[Any]:
    with connect(url_of(aws, "Socket"), open_timeout=60) as line:
        yield line


def ask(line: Any, action: str, **payload: str) -> Any:
    line.send(json.dumps({"action": action, "request_id": action, **payload}))
    answer: dict[str, Any] = json.loads(line.recv(timeout=60))
    return answer.get("data", answer)


def test_everybody_who_subscribes_to_a_channel_gets_what_is_broadcast_and_a_token_subscribes_once(aws: LocalAws, newsroom: Any) -> None:
    tickets = [ask(newsroom, "follow", subject="sport") for _ in range(3)]
    with ExitStack() as stack:
        readers = [stack.enter_context(Reader.of(aws, ticket["token"])) for ticket in tickets]
        assert {reader.says(type="connection_init")["type"] for reader in readers} == {"connection_ack"}
        assert {reader.subscribe(ticket["channel"]) for reader, ticket in zip(readers, tickets, strict=True)} == {"subscribe_success"}

        assert ask(newsroom, "publish", subject="weather", text="rain") is None
        assert ask(newsroom, "publish", subject="sport", text="won") is None

        assert [json.loads(reader.next()["event"]) for reader in readers] == [{"text": "won"}] * 3
        assert readers[0].subscribe(tickets[0]["channel"], "2") == "subscribe_error"


def test_the_client_for_browsers_subscribes_with_its_ticket_and_hears_what_is_broadcast(
    aws: LocalAws, newsroom: Any, tmp_path: Path
) -> None:
    files = client_files(App("news:socket", "websocket", channels=True))
    for name, text in {"channel.js": files["channel.js"], "read.js": PROGRAM, "package.json": '{"type": "module"}'}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or "node"
    command = [node, "read.js", url_of(aws, "SocketChannels"), json.dumps(ask(newsroom, "follow", subject="art"))]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        ask(newsroom, "publish", subject="art", text="a new picture")
        assert json.loads(reader.stdout.readline()) == {"text": "a new picture"}


@pytest.mark.browser
def test_a_page_hears_what_is_broadcast_in_order_and_subscribes_anew_when_its_line_falls(aws: LocalAws, newsroom: Any, page: Page) -> None:
    page.wait_for_function("'read' in globalThis")
    page.evaluate("given => read(...given)", [url_of(aws, "Socket"), url_of(aws, "SocketChannels"), "chess"])
    page.wait_for_function("states.at(-1) === 'open'")
    first = [f"move {number}" for number in range(10)]
    for text in first:
        ask(newsroom, "publish", subject="chess", text=text)
    page.wait_for_function("told.length === 10")
    page.evaluate("lines.findLast(line => line.protocol === 'aws-appsync-event-ws').close()")
    page.wait_for_function("states.length > 1 && states.at(-1) === 'open'")
    ask(newsroom, "publish", subject="chess", text="mate")
    page.wait_for_function("told.length === 11")

    assert page.evaluate("told") == [*first, "mate"]
    assert page.evaluate("reading.close(), states") == ["open", "waiting", "connecting", "open", "closed"]


def test_who_has_no_key_of_the_plan_does_not_connect(aws: LocalAws) -> None:
    for headers in ({}, {"x-api-key": "k" * 40}):
        with pytest.raises(InvalidStatus) as refused, connect(url_of(aws, "Keyed"), additional_headers=headers):
            pass
        assert refused.value.response.status_code == 403
    [key] = aws.client("apigateway").get_api_keys(includeValues=True)["items"]
    with connect(url_of(aws, "Keyed"), open_timeout=60, additional_headers={"x-api-key": key["value"]}) as line:
        assert ask(line, "follow", subject="sport")["token"]


@pytest.mark.parametrize("channel", ["/topics/tnews-3aweather", "/topics/*", "/other/tnews-3asport"])
def test_a_token_of_one_channel_opens_no_other(aws: LocalAws, newsroom: Any, channel: str) -> None:
    with Reader.of(aws, ask(newsroom, "follow", subject="sport")["token"]) as reader:
        assert reader.says(type="connection_init")["type"] == "connection_ack"
        assert reader.subscribe(channel) == "subscribe_error"


def test_nobody_connects_without_a_token_or_publishes_by_one(aws: LocalAws, newsroom: Any) -> None:
    with Reader.of(aws, "x" * 43) as reader:
        assert reader.next()["type"] == "connection_error"
    with Reader.of(aws, ask(newsroom, "follow", subject="sport")["token"]) as reader:
        told = reader.says(type="publish", id="1", channel="/topics/tnews-3asport", events=['"mine"'], authorization=reader.authorization)
        assert told["type"] == "publish_error"


def test_a_role_that_may_not_publish_is_refused(aws: LocalAws) -> None:
    """The function that AppSync asks may not: it has no right to the Event API."""
    [role] = [
        one["Role"] for one in aws.client("lambda").list_functions()["Functions"] if "NewsAsked" in one["FunctionName"].replace("-", "")
    ]
    keys = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    api = url_of(aws, "SocketChannels").partition("/_aws/appsync-realtime-api/")[2].partition("/")[0]
    url = f"http://127.0.0.1:{aws.target.port}/_aws/appsync-api/{api}/event"
    body = '{"channel": "/topics/tnews-3asport", "events": ["1"]}'
    request = AWSRequest("POST", url, {"content-type": "application/json"}, body)
    SigV4Auth(Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]), "appsync", aws.target.region).add_auth(
        request
    )
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(url, body.encode(), dict(request.headers.items())))
    assert refused.value.code == 403
    assert b"appsync:EventPublish" in refused.value.read()
