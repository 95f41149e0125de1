"""A page of another origin, in a real browser on the developer's machine, tries what a page can against the embedded AWS."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from playwright.sync_api import Page, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import DeployedChat

pytestmark = pytest.mark.browser
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Both names are the attacker's, and one of them comes to mean this machine, as DNS rebinding does.
NAMES = "MAP evil.example 127.0.0.1, MAP rebound.example 127.0.0.1"
TRY = """async ({url, options}) => {
    try {
        const answer = await fetch(url, options);
        return answer.type === "opaque" ? "opaque" : `${answer.status} ${(await answer.text()).slice(0, 80)}`;
    } catch (error) { return "blocked"; }
}"""
CONNECT = """url => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
})"""
EMBED = """url => new Promise(done => {
    const image = new Image();
    image.onload = image.onerror = () => done("asked");
    image.src = url;
})"""
SUBMIT = """({url, body}) => {
    const form = Object.assign(document.createElement("form"), {action: url, method: "POST", enctype: "text/plain"});
    form.append(Object.assign(document.createElement("input"), {name: body, value: ""}));
    document.body.append(form);
    form.submit();
}"""


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><link rel=icon href=data:>")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
        """Stay silent."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://evil.example:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(elsewhere: str) -> Iterator[Page]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"no browser was found; install one of {', '.join(BROWSERS)}, for example with .ci/run"
    with sync_playwright() as playwright:
        # The browser's own hurdle for pages that reach into private networks is taken away: this is about ours.
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"]
        browser = playwright.chromium.launch(executable_path=path, args=[*quiet, f"--host-resolver-rules={NAMES}"])
        opened = browser.new_page()
        opened.goto(elsewhere)
        yield opened
        browser.close()


def state(chat: DeployedChat) -> tuple[Any, ...]:
    """What the page is after. The registry of connections is not: it forgets those of other tests while this one runs."""
    functions = chat.aws.client("lambda").list_functions()["Functions"]
    tables = chat.aws.client("dynamodb").list_tables()["TableNames"]
    buckets = [bucket["Name"] for bucket in chat.aws.client("s3").list_buckets()["Buckets"]]
    written = [item for item in chat.items() if "mallory" in json.dumps(item, default=str)]
    return sorted(function["FunctionName"] for function in functions), tables, buckets, written


def signed(chat: DeployedChat, service: str, path: str, body: str) -> dict[str, Any]:
    """Options of `fetch` for a call that is signed as the root with a guess."""
    request = AWSRequest("POST", f"{chat.aws.endpoint_url}{path}", data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Credentials(chat.aws.state.account, "local"), service, chat.aws.state.region).add_auth(request)
    return {"url": request.url, "options": {"method": "POST", "body": body, "headers": dict(request.headers.items())}}


def test_it_can_neither_read_nor_write_nor_reset_nor_make_a_function(chat_service: DeployedChat, page: Page) -> None:
    chat, before = chat_service, state(chat_service)
    assert page.evaluate("location.hostname") == "evil.example"
    aws, rest = chat.aws.endpoint_url, chat.url
    simple = {"method": "POST", "body": json.dumps({"name": "mallory"}), "headers": {"Content-Type": "text/plain"}}
    attempts: list[dict[str, Any]] = [
        {"url": rest, "options": {}},
        {"url": rest + "sessions", "options": simple},
        {"url": rest + "sessions", "options": {**simple, "headers": {"Content-Type": "application/json"}}},
        {"url": f"{aws}/_ministack/reset", "options": simple},
        {"url": f"{aws}/_ministack/health", "options": {}},
        {"url": f"{aws}/_gateleg/run", "options": {}},
        {"url": f"{aws}/2015-03-31/functions", "options": simple},
        signed(chat, "lambda", "/2015-03-31/functions", '{"FunctionName": "evil"}'),
        signed(chat, "dynamodb", "/", "{}"),
    ]
    for attempt in attempts:
        assert page.evaluate(TRY, attempt) == "blocked", attempt
        blind = {**attempt["options"], "mode": "no-cors"}
        assert page.evaluate(TRY, {"url": attempt["url"], "options": blind}) in {"opaque", "blocked"}
    assert page.evaluate(CONNECT, chat.socket_url("x")) == "refused"
    assert page.evaluate(EMBED, f"{aws}/_ministack/reset") == "asked"
    for url in (f"{aws}/_ministack/reset", f"{rest}sessions", f"{aws}/2015-03-31/functions"):
        with page.expect_navigation():
            page.evaluate(SUBMIT, {"url": url, "body": '{"name": "mallory", "x": "'})
        assert "may not call the embedded AWS" in page.content() or "there is no" in page.content()
        page.go_back()
    assert state(chat) == before


def test_a_name_that_comes_to_mean_this_machine_opens_nothing(chat_service: DeployedChat, page: Page) -> None:
    port = chat_service.aws.state.port
    path = chat_service.url.removeprefix(chat_service.aws.endpoint_url)
    page.goto(f"http://rebound.example:{port}{path}")
    assert "does not answer as rebound.example" in page.content()
    for tried in (path, "/_gateleg/run", "/_ministack/health"):
        answer = page.evaluate(TRY, {"url": f"http://rebound.example:{port}{tried}", "options": {}})
        assert answer.startswith(("403", "404")), answer


def test_a_link_that_somebody_follows_works(chat_service: DeployedChat, page: Page) -> None:
    page.evaluate("url => { location.href = url }", chat_service.url)
    page.wait_for_url(chat_service.url + "**")
    assert httpx.get(chat_service.url, timeout=30).status_code == 200
    assert "evil.example" not in page.content()
