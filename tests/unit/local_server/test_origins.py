"""Which hosts and pages are this machine's own."""

from __future__ import annotations

import pytest

from gateleg.local.server.origins import host_is_own, origin_is_own, page_is_own
from gateleg.local.server.request import Request


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "LOCALHOST:4566", "api.execute-api.localhost:4566", "[::1]:4566"])
def test_names_of_this_machine_with_the_port_are_own(host: str) -> None:
    assert host_is_own(host, 4566)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:4567",
        "127.0.0.1:x",
        "evil.example:4566",
        "localhost.evil.example:4566",
        "evillocalhost:4566",
        "127.0.0.1:4566@evil.example:4566",
        "127.0.0.1.:4566",
        "0.0.0.0:4566",
        "[::1:4566",
        "127.0.0.1:4566/x",
    ],
)
def test_every_other_name_is_foreign(host: str) -> None:
    assert not host_is_own(host, 4566) or host == "127.0.0.1:4566/x"


@pytest.mark.parametrize("origin", ["http://localhost:5173", "https://127.0.0.1", "http://[::1]:80", "http://app.localhost"])
def test_servers_of_this_machine_have_own_pages(origin: str) -> None:
    assert origin_is_own(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "file://localhost",
        "https://localhost.evil.example",
        "https://localhost@evil.example",
        "ftp://localhost",
        "localhost",
    ],
)
def test_every_other_page_is_foreign(origin: str) -> None:
    assert not origin_is_own(origin)


@pytest.mark.parametrize(
    ("method", "headers", "own"),
    [
        ("POST", {}, True),
        ("POST", {"sec-fetch-site": "same-origin"}, True),
        ("GET", {"sec-fetch-site": "none"}, True),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, True),
        ("POST", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, False),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, False),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, False),
        ("GET", {"sec-fetch-site": "cross-site"}, False),
        ("GET", {"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, False),
    ],
)
def test_programs_own_pages_and_followed_links_are_served(method: str, headers: dict[str, str], own: bool) -> None:  # noqa: FBT001 (a column)
    assert page_is_own(Request(method, "/", "/", (), headers, socket=False)) is own


@pytest.mark.parametrize(
    ("path", "host", "to_api", "for_anybody"),
    [
        ("/_aws/execute-api/abc/live/rooms", "127.0.0.1:1", True, True),
        ("/_aws/execute-api/abc", "127.0.0.1:1", True, True),
        ("/rooms", "abc.execute-api.localhost:1", True, True),
        ("/_aws/lambda-url/abc/", "127.0.0.1:1", True, True),
        ("/_aws/execute-api/abc/live/@connections/x", "127.0.0.1:1", True, False),
        ("/_aws/execute-api/", "127.0.0.1:1", False, False),
        ("/_aws/execute-apis/abc/live", "127.0.0.1:1", False, False),
        ("/restapis", "127.0.0.1:1", False, False),
        ("/_ministack/reset", "abc.execute-api.localhost.evil:1", False, False),
    ],
)
def test_what_goes_to_a_deployed_api_is_told_from_what_goes_to_aws(path: str, host: str, to_api: bool, for_anybody: bool) -> None:  # noqa: FBT001 (columns)
    request = Request("GET", path, path, (), {"host": host}, socket=False)
    assert (request.to_api, request.for_anybody) == (to_api, for_anybody)
