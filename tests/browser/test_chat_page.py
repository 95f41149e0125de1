"""The chat page in a real browser: two tabs that talk."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import DeployedChat

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-results"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 30_000  # milliseconds: the first request to each function waits for its cold start
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
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"no browser was found; install one of {', '.join(BROWSERS)}, for example with .ci/run"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: Browser, chat_service: DeployedChat) -> Iterator[Tab]:
    tabs = Tab(browser, chat_service.url)
    yield tabs
    assert tabs.complaints == []


class Tab:
    """Opens the page as somebody, each in a profile of their own, and collects what the browser complains of."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self.complaints: list[str] = []

    def open(self, name: str) -> Page:
        page = self._browser.new_context(viewport={"width": 1000, "height": 620}, locale="en-GB").new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self._url)
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name="Come in").click()
        expect(page.locator("#state")).to_have_text("live")
        expect(page.locator("#rooms")).to_contain_text("lobby")
        return page


def say(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()


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
    mia.get_by_label("Name of a new room").fill("garden")
    mia.get_by_role("button", name="Open").click()
    expect(mia.locator("#rooms button[aria-current=true]")).to_have_text("garden")
    say(mia, "first words")
    expect(mia.locator("#messages")).to_contain_text("first words")

    mia.reload()
    mia.get_by_label("Your name").fill("Mia")
    mia.get_by_role("button", name="Come in").click()

    expect(mia.locator("#rooms button[aria-current=true]")).to_have_text("garden")
    expect(mia.locator("#messages")).to_contain_text("first words")


def test_the_reference_opens_and_shows_the_routes(tab: Tab) -> None:
    page = tab.open("Mia")
    page.get_by_role("link", name="API reference").click()

    expect(page.locator("#swagger-ui")).to_contain_text("/rooms/{room}/messages")
