"""The chat page in a real browser: two tabs that talk."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.deployed_services import deploy_anew

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from playwright.sync_api import ConsoleMessage, Route

    from tests.conftest import DeployedChat

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-results"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60_000  # milliseconds: the first request to each function waits for its cold start
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def line(chat_service: DeployedChat) -> Iterator[Line]:
    """What is between the browser and the embedded AWS."""
    with Line(urlsplit(chat_service.url).port or 80) as line:
        yield line


@pytest.fixture(scope="module")
def browser(line: Line) -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"no browser was found; install one of {', '.join(BROWSERS)}, for example with .ci/run"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[*QUIET, line.rule])
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: Browser, line: Line, chat_service: DeployedChat) -> Iterator[Tab]:
    tabs = Tab(browser, chat_service.url)
    yield tabs
    line.mend()
    assert tabs.complaints == []


class Tab:
    """Opens the page as somebody, each in a profile of their own, and collects what the browser complains of."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self.complaints: list[str] = []

    def open(self, name: str, *, width: int = 1000, height: int = 620) -> Page:
        page = self._browser.new_context(viewport={"width": width, "height": height}, locale="en-GB").new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        page.goto(self._url)
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name="Come in").click()
        expect(page.locator("#state")).to_have_text("live")
        expect(page.locator("#rooms")).to_contain_text("lobby")
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # That a line was cut is for the browser to say, and only a test cuts one.
        cut = "net::ERR_" in message.text or message.text.startswith("WebSocket connection to")
        refused = "Failed to load resource" in message.text and ("status of 400" in message.text or "status of 403" in message.text)
        if message.type in {"error", "warning"} and not (cut or refused):
            self.complaints.append(f"{message.text} ({message.location})")


class Line:
    """A line that can be cut, and can swallow what the server says.

    The browser takes it for the embedded AWS itself: `rule` leads it here, by the same names.
    """

    def __init__(self, port: int) -> None:
        self._there = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._cut = self._deaf = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def rule(self) -> str:
        return f"--host-resolver-rules=MAP 127.0.0.1:{self._there} 127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """End all connections, and every new one at once."""
        self._cut = True
        while self._ends:
            with suppress(OSError):
                self._ends.pop().shutdown(socket.SHUT_RDWR)

    def deafen(self) -> None:
        """Let nothing through that the server says."""
        self._deaf = True

    def mend(self) -> None:
        self._cut = self._deaf = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                if self._cut:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._there))
            except OSError:
                return
            self._ends += [near, far]
            for source, target, answers in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._carry, args=(source, target), kwargs={"answers": answers}, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, *, answers: bool) -> None:
        with suppress(OSError), source, target:
            while data := source.recv(65_536):
                if not (answers and self._deaf):
                    target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


def said(page: Page) -> Locator:
    """What was said, as the page shows it."""
    return page.locator("#messages li p")


def enter(page: Page, room: str) -> None:
    page.get_by_label("Name of a new room").fill(room)
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#rooms button[aria-current=true]")).to_have_text(room)
    expect(page.locator("#people li")).not_to_have_count(0)


def say(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()


def back_online(page: Page) -> None:
    """What a browser tells a page that waits to try again; without it, the page waits up to a quarter of a minute."""
    page.evaluate("dispatchEvent(new Event('online'))")


def test_two_tabs_talk(tab: Tab) -> None:
    mia = tab.open("Mia")
    leo = tab.open("Leo")
    expect(mia.locator("#people")).to_contain_text("leo")

    say(mia, "Hello Leo, do you see this?")
    expect(leo.locator("#messages")).to_contain_text("Hello Leo, do you see this?")
    say(leo, "At once. <b>Plain text stays plain.</b>")
    expect(mia.locator("#messages")).to_contain_text("<b>Plain text stays plain.</b>")

    leo.get_by_role("listitem").filter(has_text="Hello Leo").get_by_title("Like").click()
    expect(mia.get_by_role("listitem").filter(has_text="Hello Leo").get_by_title("Like")).to_have_text(re.compile("1"))
    PICTURES.mkdir(exist_ok=True)
    mia.screenshot(path=PICTURES / "chat.png")

    leo.context.close()
    expect(mia.locator("#people")).not_to_contain_text("leo")


def test_a_room_opened_in_one_tab_can_be_entered_from_its_address(tab: Tab) -> None:
    mia = tab.open("Mia")
    enter(mia, "garden")
    say(mia, "first words")
    expect(mia.locator("#messages")).to_contain_text("first words")

    mia.reload()
    mia.get_by_label("Your name").fill("Mia")
    mia.get_by_role("button", name="Come in").click()

    expect(mia.locator("#rooms button[aria-current=true]")).to_have_text("garden")
    expect(mia.locator("#messages")).to_contain_text("first words")


def test_a_route_is_found_and_tried_in_the_reference(tab: Tab, chat_service: DeployedChat) -> None:
    page = tab.open("Mia")
    page.get_by_role("link", name="API reference").click()
    rooms = page.locator(".opblock-get", has=page.locator('[data-path="/rooms"]'))

    expect(page.locator("h1, h2").first).to_contain_text("Chat")
    expect(rooms).to_contain_text("The rooms, by name.")
    rooms.locator(".opblock-summary-control").click()
    rooms.get_by_role("button", name="Try it out").click()

    page.get_by_role("button", name="Authorize").first.click()
    session = page.locator(".auth-container form", has_text="session (apiKey)")
    session.locator("input").fill(f"Bearer {chat_service.sign_in('Mia').token}")
    session.get_by_role("button", name="Apply credentials").click()
    session.get_by_role("button", name="Close").click()
    rooms.get_by_role("button", name="Execute").click()
    answer = rooms.locator(".live-responses-table tbody .response")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text('"room": "lobby"')


PASSWORD = "Correct-horse-1"


@pytest.fixture(scope="module")
def people(chat_service: DeployedChat) -> tuple[str, str]:
    """Ann, who moderates, and Bob, who is no more than a person of the pool."""
    cognito = chat_service.aws.client("cognito-idp")
    [pool] = cognito.list_user_pools(MaxResults=10)["UserPools"]
    for name in ("ann", "bob"):
        cognito.admin_create_user(UserPoolId=pool["Id"], Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool["Id"], Username=name, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool["Id"], Username="ann", GroupName="moderators")
    return "ann", "bob"


def moderate(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_role("button", name="Moderate").click()
    page.get_by_label("Moderator's name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_moderator_s_identity_takes_back_what_was_said_and_another_s_is_refused(tab: Tab, people: tuple[str, str]) -> None:
    moderator, somebody = people
    mia, leo = tab.open("Mia", width=360, height=640), tab.open("Leo")
    for page in (mia, leo):
        enter(page, "court")
    say(mia, "rude words")
    expect(said(leo)).to_have_text(["rude words"])
    expect(leo.get_by_role("button", name="Take back")).to_have_count(0)

    moderate(leo, somebody)
    leo.get_by_role("button", name="Take back").click()
    expect(leo.locator("#problem")).to_contain_text("not authorized")
    expect(said(leo)).to_have_text(["rude words"])

    moderate(mia, moderator)
    expect(mia.get_by_role("button", name="Take back")).to_be_in_viewport(ratio=1)
    expect(mia.get_by_role("button", name="Moderate")).to_have_count(0)
    PICTURES.mkdir(exist_ok=True)
    mia.screenshot(path=PICTURES / "moderator.png")
    assert mia.evaluate("document.documentElement.scrollWidth") == 360
    mia.get_by_role("button", name="Take back").click()
    for page in (mia, leo):
        expect(said(page)).to_have_count(0)
    leo.reload()
    leo.get_by_label("Your name").fill("Leo")
    leo.get_by_role("button", name="Come in").click()
    expect(leo.locator("#rooms button[aria-current=true]")).to_have_text("court")
    expect(said(leo)).to_have_count(0)


def test_a_wrong_password_is_told_where_it_was_typed(tab: Tab, people: tuple[str, str]) -> None:
    page = tab.open("Mia")
    moderate(page, people[0], "wrong-Horse-1!")
    expect(page.locator("#refused")).to_contain_text("Incorrect username or password")
    page.screenshot(path=PICTURES / "refused.png")
    page.get_by_role("button", name="Never mind").click()
    expect(page.locator("#moderator")).to_be_hidden()


def test_what_is_typed_while_the_line_is_cut_is_said_once_and_in_order(tab: Tab, line: Line) -> None:
    mia, leo = tab.open("Mia"), tab.open("Leo")
    for page in (mia, leo):
        enter(page, "underpass")
    say(mia, "before")
    expect(said(leo)).to_have_text(["before"])
    expect(mia.locator("#waiting li")).to_have_count(0)  # Leo may see it before she hears that it was taken

    line.cut()
    expect(mia.locator("#state")).to_have_text("reconnecting")
    for number in range(5):
        say(mia, f"away {number}")
    say(leo, "away too")
    expect(mia.locator("#waiting li")).to_have_count(5)
    line.mend()

    expect(mia.locator("#waiting li")).to_have_count(0)
    expect(said(mia)).to_have_count(7)
    expect(said(leo)).to_have_count(7)
    texts = said(leo).all_inner_texts()
    assert [text for text in texts if text != "away too"] == ["before", *(f"away {number}" for number in range(5))]
    assert said(mia).all_inner_texts() == texts


def test_what_was_said_while_its_answer_was_lost_is_not_said_twice(tab: Tab, line: Line, chat_service: DeployedChat) -> None:
    mia = tab.open("Mia")
    enter(mia, "echo")
    line.deafen()
    say(mia, "do you hear me?")
    expect(mia.locator("#waiting li")).to_have_count(1)
    leo = chat_service.sign_in("Leo").http
    while not leo.get("rooms/echo/messages").raise_for_status().json()["items"]:
        mia.wait_for_timeout(100)
    line.cut()
    expect(mia.locator("#state")).to_have_text("reconnecting")
    line.mend()
    back_online(mia)

    expect(mia.locator("#state")).to_have_text("live")
    expect(mia.locator("#waiting li")).to_have_count(0)
    expect(said(mia)).to_have_text(["do you hear me?"])
    other = tab.open("Leo")
    enter(other, "echo")
    expect(said(other)).to_have_text(["do you hear me?"])


def test_a_line_that_is_dead_and_does_not_say_so_is_given_up(tab: Tab, line: Line) -> None:
    mia = tab.open("Mia")
    enter(mia, "silence")
    line.deafen()
    mia.clock.install()
    say(mia, "anybody?")
    expect(mia.locator("#waiting li")).to_have_count(1)
    mia.clock.fast_forward(11_000)
    expect(mia.locator("#state")).to_have_text("reconnecting")
    line.cut()
    line.mend()
    back_online(mia)
    expect(said(mia)).to_have_text(["anybody?"])


def test_nothing_is_lost_or_said_twice_while_the_handlers_are_deployed_anew(tab: Tab, chat_service: DeployedChat) -> None:
    mia, leo = tab.open("Mia"), tab.open("Leo")
    for page in (mia, leo):
        enter(page, "building-site")
    for number in range(12):
        say(mia, f"mia {number}")
        say(leo, f"leo {number}")
        if number % 3 == 1:
            assert "SocketChatSocket" in deploy_anew(chat_service.aws)

    for page in (mia, leo):
        expect(page.locator("#waiting li")).to_have_count(0)
        expect(said(page)).to_have_count(24)
    texts = said(mia).all_inner_texts()
    assert said(leo).all_inner_texts() == texts
    for name in ("mia", "leo"):
        assert [text for text in texts if text.startswith(name)] == [f"{name} {number}" for number in range(12)]


def test_what_others_said_meanwhile_is_there_after_a_lost_connection(tab: Tab, line: Line, chat_service: DeployedChat) -> None:
    mia = tab.open("Mia")
    enter(mia, "meanwhile")
    line.cut()
    expect(mia.locator("#state")).to_have_text("reconnecting")
    chat_service.sign_in("Leo").http.post("rooms/meanwhile/messages", json={"body": "you missed this"}).raise_for_status()
    line.mend()
    back_online(mia)

    expect(said(mia)).to_have_text(["you missed this"])


def test_a_room_whose_history_does_not_come_says_so(tab: Tab) -> None:
    mia = tab.open("Mia")
    mia.route("**/messages?*", lambda route: route.abort())
    mia.get_by_label("Name of a new room").fill("silent")
    mia.get_by_role("button", name="Open").click()
    expect(mia.locator("#problem")).not_to_be_empty()


def test_a_narrow_screen_shows_who_is_here_and_where_to_type(tab: Tab) -> None:
    leo = tab.open("Leo")
    mia = tab.open("Mia", width=360, height=640)
    for room in range(8):
        enter(mia, f"narrow-{room}")
    enter(leo, "narrow-7")
    for person in ("leo", "mia"):
        expect(mia.locator("#people li", has_text=person)).to_be_in_viewport(ratio=1)
    for _ in range(12):
        say(mia, "line after line")
    expect(said(mia)).to_have_count(12)
    expect(mia.get_by_label("Message", exact=True)).to_be_in_viewport(ratio=1)
    expect(said(mia).last).to_be_in_viewport(ratio=1)
    assert mia.evaluate("document.documentElement.scrollWidth") == 360


def test_the_page_runs_nothing_and_reaches_nobody_but_its_own(browser: Browser, chat_service: DeployedChat) -> None:
    page = browser.new_context().new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(chat_service.url)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = true'><p style='color: red'>x</p>");
            const frame = document.createElement("iframe");
            frame.src = "https://elsewhere.example/";
            document.body.append(frame);
        }"""
    )
    blocked = page.evaluate("fetch('https://elsewhere.example/').then(() => false, () => true)")
    page.wait_for_timeout(500)

    assert blocked
    assert page.evaluate("window.ran") is None
    for directive in ("script-src", "style-src", "img-src", "frame-src", "connect-src"):
        assert any(directive in text for text in refused), (directive, refused)


def test_what_is_typed_elsewhere_while_a_room_loads_stays_there(browser: Browser, chat_service: DeployedChat) -> None:
    page = browser.new_context().new_page()
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route("**/messages?*", hold)
    page.goto(chat_service.url)
    page.get_by_label("Your name").fill("Mia")
    with page.expect_request("**/messages?*"):
        page.get_by_role("button", name="Come in").click()
    new = page.get_by_label("Name of a new room")
    new.focus()
    for route in asked:
        route.continue_()
    page.wait_for_timeout(1_000)
    page.keyboard.type("garden")
    expect(new).to_have_value("garden")


def test_a_room_s_name_is_checked_where_it_is_typed(tab: Tab) -> None:
    mia = tab.open("Mia")
    for name, valid in {"a-room-1": True, "Room": False, "-a": False, "a b": False, "a" * 41: False}.items():
        mia.get_by_label("Name of a new room").fill(name)
        assert mia.evaluate("document.getElementById('new-room').checkValidity()") is valid, name
