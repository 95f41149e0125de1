"""The example of docs/management.md on the embedded AWS: two stages of one deployment, and the API's own errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.e2e.examples import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

PATIENT = httpx.Timeout(60)  # the first answer of a function takes its start
ANN = {"authorization": "ann:open sesame"}


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with deployed("managed", tmp_path_factory) as up:
        url = up.endpoint("rest").url
        yield {"live": url, "beta": url.replace("/live/", "/beta/")}


def get(url: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.get(url, headers=headers, timeout=PATIENT)


@pytest.mark.parametrize(("stage", "shop"), [("live", "main"), ("beta", "beta")])
def test_each_stage_answers_with_its_variables(urls: dict[str, str], stage: str, shop: str) -> None:
    assert get(urls[stage] + "catalogue?limit=2").json() == ["red", "green"]
    assert get(urls[stage] + "orders", headers=ANN).json() == {"of": "ann", "from": shop}


def test_a_path_with_a_slash_at_its_end_is_the_same_under_the_same_guard(urls: dict[str, str]) -> None:
    assert get(urls["live"] + "catalogue/?limit=2").json() == ["red", "green"]
    assert [get(urls["live"] + "orders/", headers=headers).status_code for headers in (None, ANN)] == [401, 200]


def test_the_api_s_own_errors_have_the_form_of_powertools(urls: dict[str, str]) -> None:
    unsigned = get(urls["live"] + "orders")
    refused, unknown = get(urls["live"] + "orders", headers={"authorization": "ann:x"}), get(urls["live"] + "nothing")

    assert (unsigned.status_code, unsigned.headers["www-authenticate"]) == (401, "Bearer")
    assert {"statusCode": 401, "message": "sign in first"}.items() <= unsigned.json().items()
    assert [(answer.status_code, answer.json()["statusCode"]) for answer in (refused, unknown)] == [(403, 403), (403, 403)]
