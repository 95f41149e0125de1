"""The pages of the reference services in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.deployed_services import PASSWORD, deploy_anew

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import ConsoleMessage

    from tests.deployed_services import DeployedServices

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-results"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60_000  # milliseconds: the first request to each function waits for its cold start
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]


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
def tabs(browser: Browser, services: DeployedServices) -> Iterator[Tabs]:
    tabs = Tabs(browser, services)
    yield tabs
    assert tabs.complaints == []
    tabs.close()


class Tabs:
    """Opens pages of services, each in a profile of its own, and collects what the browser complains of."""

    def __init__(self, browser: Browser, services: DeployedServices) -> None:
        self._browser = browser
        self._services = services
        self._pages: list[Page] = []
        self.complaints: list[str] = []

    def open(self, service: str, place: str = "", *, width: int = 1000) -> Page:
        page = self._browser.new_context(viewport={"width": width, "height": 620}, locale="en-GB").new_page()
        self._pages.append(page)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        page.goto(self._services.url(service) + place)
        return page

    def close(self) -> None:
        for page in self._pages:
            page.context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location})")


def watching(tabs: Tabs, game: str, *, width: int = 1000) -> Page:
    page = tabs.open("game", f"#{game}", width=width)
    expect(page.locator("#state")).to_have_text("live")
    return page


def play(server: httpx.Client, game: str, player: str, session: str, points: int) -> None:
    server.put(f"players/{player}/sessions/{game}-{session}", json={"game": game, "points": points}).raise_for_status()


def board(page: Page) -> list[str]:
    return page.locator("#best tr").all_inner_texts()


def test_no_score_is_lost_in_two_tabs_while_the_functions_are_deployed_anew(tabs: Tabs, services: DeployedServices) -> None:
    mine, yours = watching(tabs, "snake"), watching(tabs, "snake", width=360)
    changes: list[str] = []
    with services.signed("game") as server:
        for number in range(18):
            player, points = f"player-{number % 12}", 10 * number + 5
            play(server, "snake", player, f"session-{number}", points)
            changes.append(f"{player} has {points}")
            if number % 6 == 2:
                names = deploy_anew(services.aws)
                assert all(part in names for part in ("TableGameLiveChanges", "SocketGameLiveSocket", "RestGameRest"))
        best = server.get("games/snake/leaders").json()["items"]

    for page in (mine, yours):
        expect(page.locator("#feed li")).to_have_count(len(changes))
        assert sorted(page.locator("#feed li").all_inner_texts()) == sorted(changes), "each once"
        assert board(page) == [f"{score['player']}\t{score['points']}" for score in best]
    assert yours.evaluate("document.documentElement.scrollWidth") == 360
    PICTURES.mkdir(exist_ok=True)
    mine.screenshot(path=PICTURES / "leaderboard.png")


def test_who_comes_later_sees_the_board_and_who_goes_to_another_game_hears_of_that_alone(tabs: Tabs, services: DeployedServices) -> None:
    with services.signed("game") as server:
        play(server, "chess", "ann", "first", 7)
        page = watching(tabs, "chess")
        expect(page.locator("#best tr")).to_have_count(1)
        page.get_by_label("Game").fill("go")
        page.get_by_role("button", name="Watch").click()
        expect(page.locator("#watched")).to_have_text("go")
        expect(page.locator("#best tr")).to_have_count(0)
        expect(page.locator("#state")).to_have_text("live")
        play(server, "chess", "ann", "second", 8)
        play(server, "go", "ben", "first", 9)
        expect(page.locator("#feed li")).to_have_text(["ben has 9"])
    assert board(page) == ["ben\t9"]


def signed_in(tabs: Tabs, name: str, password: str = PASSWORD, *, width: int = 1000) -> Page:
    page = tabs.open("dashboard", width=width)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    return page


def test_jobs_and_their_totals_change_on_the_page_as_they_change_in_the_table(tabs: Tabs, services: DeployedServices) -> None:
    services.person("dashboard", "mia")
    before = services.jobs()

    def expect_more(page: Page, **more: int) -> None:
        for status, number in more.items():
            expect(page.locator(f"#{status}")).to_have_text(str(before[status] + number))

    page = signed_in(tabs, "mia", width=360)
    expect(page.locator("#state")).to_have_text("live")
    with services.signed("dashboard") as programs:
        for job in ("import", "export"):
            programs.put(f"jobs/{job}", json={"title": f"The {job}"}).raise_for_status()
        expect(page.locator("#jobs li")).to_have_count(before.total() + 2)
        expect_more(page, queued=2)
        programs.put("jobs/import/progress", json={"status": "running", "progress": 40}).raise_for_status()
        programs.put("jobs/export/progress", json={"status": "failed", "progress": 10}).raise_for_status()
    expect_more(page, running=1, failed=1, queued=0)
    assert [line.split("\n")[:2] for line in page.locator("#jobs li").all_inner_texts()[:2]] == [
        ["The export", "failed"],
        ["The import", "running"],
    ]
    expect(page.locator("#jobs progress").nth(1)).to_have_attribute("value", "40")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    late = signed_in(tabs, "mia")
    expect(late.locator("#jobs li")).to_have_count(before.total() + 2)
    expect_more(late, failed=1)
    late.screenshot(path=PICTURES / "dashboard.png")


def test_who_is_refused_is_told_and_sees_nothing(tabs: Tabs, services: DeployedServices) -> None:
    services.person("dashboard", "leo")
    page = signed_in(tabs, "leo", "Wrong-horse-1")
    expect(page.locator("#refused")).to_contain_text("Incorrect username or password")
    expect(page.locator("#state")).to_have_text("offline")
    [complaint] = tabs.complaints
    assert "status of 400" in complaint
    tabs.complaints.clear()
