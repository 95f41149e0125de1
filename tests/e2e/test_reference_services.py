"""The reference services on the embedded AWS, with IAM enforced, asked by real clients."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from gateleg.store import Store
from lambdas.dashboard.model import JOBS, Totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.deployed_services import DeployedServices

pytestmark = pytest.mark.e2e

BUYERS, AT_ONCE = 12, 4
"""Each request at once takes a process of the embedded AWS; tests/integration/services has sixty at once, on both engines."""
PRICES = {"lamp": 4_000, "paint": 900}
STOCK = {"lamp": 8, "paint": 120}
CREDIT = 8_000


@dataclass
class Customer:
    """Somebody with a token of the shop's pool, who asks again whatever was not answered."""

    http: httpx.Client
    chance: random.Random
    orders: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refused: list[str] = field(default_factory=list[str])
    lost: int = 0

    def buy(self) -> None:
        self.http.put("cart/lamp", json={"quantity": 1}).raise_for_status()
        self.http.put("cart/paint", json={"quantity": self.chance.randint(1, 3)}).raise_for_status()
        answer = self.order(str(uuid.uuid4()))
        if answer.status_code == 200:
            self.orders.append(answer.json())
        else:
            self.refused.append(answer.json()["error"]["message"])

    def order(self, key: str) -> httpx.Response:
        for _ in range(100):
            patience = self.chance.choice([0.005, 0.1, 60])
            try:
                answer = self.http.post("orders", headers={"idempotency-key": key}, timeout=patience)
            except httpx.TimeoutException:
                self.lost += 1
                continue
            if answer.status_code == 409 and "error" in answer.json():
                return answer
            if answer.status_code not in {409, 500, 503}:
                return answer.raise_for_status()
        pytest.fail("the shop never said what became of an order")


@pytest.fixture(scope="module")
def customers(services: DeployedServices) -> Iterator[list[Customer]]:
    tokens = [services.person("shop", f"customer-{number}") for number in range(BUYERS)]
    url = services.url("shop")
    with ExitStack() as open_clients:
        clients = [httpx.Client(base_url=url, headers={"authorization": token}, timeout=60) for token in tokens]
        yield [
            Customer(open_clients.enter_context(client), random.Random(number))  # noqa: S311 (chance that can be repeated)
            for number, client in enumerate(clients)
        ]


def test_customers_who_lose_answers_buy_what_there_is_and_pay_once(services: DeployedServices, customers: list[Customer]) -> None:
    with services.signed("shop") as office:
        for sku, price in PRICES.items():
            office.put(f"products/{sku}", json={"title": sku.title(), "price": price}).raise_for_status()
            for _ in range(2):
                office.post(f"products/{sku}/deliveries", json={"note": "1", "quantity": STOCK[sku]}).raise_for_status()
        for customer in customers:
            who = customer.http.get("account").raise_for_status().json()["customer"]
            office.put(f"accounts/{who}", json={"credit": CREDIT}).raise_for_status()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(Customer.buy, customers))
    with services.anyone("shop") as anyone:
        left = {product["sku"]: product["stock"] for product in anyone.get("products").json()["items"]}

    assert sum(customer.lost for customer in customers) > BUYERS / 4
    sold = dict.fromkeys(PRICES, 0)
    for customer in customers:
        found = customer.http.get("orders").json()["items"]
        assert found == customer.orders, "what was told is what is there"
        for line in (line for order in found for line in order["lines"]):
            sold[line["sku"]] += line["quantity"]
        assert customer.http.get("account").json()["credit"] == CREDIT - sum(order["total"] for order in found)
        assert len(customer.http.get("cart").json()) == (0 if found else 2)
    assert {sku: left[sku] + sold[sku] for sku in PRICES} == STOCK
    assert min(left.values()) >= 0
    assert left["lamp"] == 0, "the last lamp is sold"
    assert {why for customer in customers for why in customer.refused} == {"fewer than 1 are left of lamp"}


def test_a_route_of_the_shop_is_for_whom_it_is(services: DeployedServices, customers: list[Customer]) -> None:
    customer = customers[0].http
    assert customer.put("products/rug", json={"title": "Rug", "price": 1}).status_code == 403
    with services.anyone("shop") as anyone:
        assert [anyone.get(path).status_code for path in ("products", "cart", "orders")] == [200, 401, 401]
    assert customer.post("orders", headers={"idempotency-key": "short"}).status_code == 422
    assert customer.post("orders").status_code in {400, 422}


def test_a_session_is_recorded_by_a_game_server_once_and_read_by_everybody(services: DeployedServices) -> None:
    played = {"game": "tetris", "points": 90}
    with services.signed("game") as server:
        server.put("players/nora", json={"name": "Nora"}).raise_for_status()
        answers = [server.put("players/nora/sessions/session-1", json=played).json() for _ in range(2)]
        assert server.put("players/nora/sessions/session-2", json={**played, "points": -1}).status_code == 422
    assert answers[0] == answers[1]
    with services.anyone("game") as anyone:
        assert anyone.put("players/nora/sessions/session-3", json=played).status_code == 403
        assert anyone.get("players/nora").json()["name"] == "Nora"
        assert anyone.get("players/nobody").status_code == 404
        assert [one["session_id"] for one in anyone.get("players/nora/sessions").json()["items"]] == ["session-1"]
        assert [one["points"] for one in anyone.get("games/tetris/leaders").json()["items"]] == [90]


def test_each_change_of_a_job_is_counted_once_and_people_alone_get_a_token(services: DeployedServices) -> None:
    with services.signed("dashboard") as programs:

        def work(number: int) -> None:
            job = f"jobs/count-{number}"
            programs.put(job, json={"title": f"Count {number}"}).raise_for_status()
            for status, progress in (("running", 10), ("running", 50), ("done" if number % 3 else "failed", 100)):
                programs.put(f"{job}/progress", json={"status": status, "progress": progress}).raise_for_status()

        before = services.jobs()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(work, range(12)))
        assert services.jobs() - before == {"done": 8, "failed": 4}
        assert programs.put("jobs/count-1", json={"title": "again"}).status_code == 409
        assert programs.put("jobs/nothing/progress", json={"status": "done", "progress": 100}).status_code == 404
    store = Store(JOBS, table_name=services.table("dashboard"), client=services.aws.client("dynamodb"))

    def totals() -> Counter[str]:
        found = store.get(Totals.key(), consistent=True)
        return Counter(found.model_dump(include={"queued", "running", "done", "failed"})) if found else Counter()

    jobs = services.jobs()
    end = time.monotonic() + 60
    while totals() != jobs and time.monotonic() < end:
        time.sleep(0.2)
    time.sleep(1)  # what was counted twice would come now
    assert totals() == jobs
    with services.anyone("dashboard") as anyone:
        assert anyone.post("connect-token").status_code == 401
        token = anyone.post("connect-token", headers={"authorization": services.person("dashboard", "eve")}).json()["token"]
    url = f"{services.url('dashboard', 'websocket')}?token={token}"
    with connect(url) as socket:
        socket.send(json.dumps({"action": "watch", "request_id": "1"}))
        answer = json.loads(socket.recv(timeout=60))["data"]
    assert (answer["totals"]["done"], len(answer["jobs"])) == (jobs["done"], jobs.total())
    with pytest.raises(InvalidStatus), connect(url):
        pytest.fail("a token opens one connection")


def test_an_asset_is_found_by_its_tags_with_its_newest_version(services: DeployedServices) -> None:
    file = {"sha256": "a" * 64, "size": 9, "location": "s3://films/9"}
    with services.signed("media") as programs:
        for media in ("film-0001", "film-0002"):
            programs.put(f"media/{media}", json={"title": media.title(), "media_type": "video/mp4"}).raise_for_status()
            for tag in ("trailer", "trailer", "summer"):
                programs.put(f"media/{media}/tags/{tag}").raise_for_status()
        for number, digit in ((1, "a"), (2, "b"), (2, "b")):
            programs.put(f"media/film-0001/versions/{number}", json={**file, "sha256": digit * 64}).raise_for_status()
        assert programs.put("media/film-0001/versions/2", json=file).status_code == 409
        programs.delete("media/film-0002/tags/summer").raise_for_status()
        known = programs.get("media/film-0001").json()
        found = {
            tag: [one["media_id"] for one in programs.get(f"tags/{tag}/media").json()["items"]] for tag in ("trailer", "summer", "autumn")
        }
        page = programs.get("media/film-0001/versions", params={"limit": 1}).json()
        rest = programs.get("media/film-0001/versions", params={"cursor": page["cursor"]}).json()
        refused = [
            programs.put("media/film-0009/tags/summer"),
            programs.put("media/film-0009/versions/1", json=file),
            programs.get("media/film-0009"),
        ]

    assert (known["asset"]["latest"], known["tags"], [one["number"] for one in known["versions"]]) == (2, ["summer", "trailer"], [2, 1])
    assert found == {"trailer": ["film-0002", "film-0001"], "summer": ["film-0001"], "autumn": []}
    assert [[one["number"] for one in part["items"]] for part in (page, rest)] == [[2], [1]]
    assert [answer.status_code for answer in refused] == [404, 404, 404]
    with services.anyone("media") as anyone:
        assert anyone.get("media/film-0001").status_code == 403
