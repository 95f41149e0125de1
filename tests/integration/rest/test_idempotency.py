"""Idempotent routes on real engines: what was answered is answered again, and is run once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.shared.cookies import Cookie
from pydantic import BaseModel

from gateleg.errors import DeclarationError
from gateleg.idempotency.replays import replay_of
from gateleg.model import Attr, Entity, Table, attr
from gateleg.rest import handle_errors, idempotent

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store import Store
    from gateleg.testing import MakeStore

pytestmark = pytest.mark.integration

PLAIN = Table("orders", partition_key="order_id", ttl="expires_at")
SORTED = Table("rooms", partition_key="pk", sort_key="sk", ttl="expires_at")
CONTEXT: Any = SimpleNamespace(
    get_remaining_time_in_millis=lambda: 15_000, function_name="f", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="1"
)


class Order(Entity, table=PLAIN):
    order_id: Attr[str] = attr(partition_key=True)


class Placed(BaseModel):
    number: int


@pytest.fixture(params=[PLAIN, SORTED], ids=["plain", "sorted"])
def table(request: pytest.FixtureRequest) -> Table:
    found: Table = request.param
    return found


@pytest.fixture
def store(table: Table, make_store: MakeStore) -> Store:
    return make_store(table)


def rest(body: Any = None, key: str | None = "k1", *, path: str = "/orders", **context: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"idempotency-key": key})
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"httpMethod": "POST", "resourcePath": path, "requestId": "1", **context},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def http(body: Any = None, key: str | None = "k1", *, path: str = "/orders", **context: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json"} | ({} if key is None else {"idempotency-key": key}),
        "requestContext": {
            "routeKey": f"POST {path}",
            "stage": "$default",
            "http": {"method": "POST", "path": path},
            "requestId": "1",
            **context,
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


KINDS: dict[str, tuple[Any, Callable[..., dict[str, Any]]]] = {
    "rest": (APIGatewayRestResolver, rest),
    "http": (APIGatewayHttpResolver, http),
}


class Counted:
    """An app with one idempotent route, which counts its runs."""

    def __init__(
        self, kind: str, table: Table, store: Store, answer: Callable[[int], Any], *, validated: bool = False, **options: Any
    ) -> None:
        resolver, self.event = KINDS[kind]
        self.app = resolver(enable_validation=validated, cors=CORSConfig("https://a.example"))
        self.runs = 0

        def place(order: dict[str, Any] | None = None) -> Any:
            del order
            self.runs += 1
            return answer(self.runs)

        handler: Any = place if validated else lambda: place()  # noqa: PLW0108 (without the parameter)
        self.app.post("/orders", middlewares=[idempotent(table, store=store, **options)])(handler)

    def __call__(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.app.resolve(self.event(*args, **kwargs), CONTEXT)
        return found


def full(number: int) -> Response[Any]:
    headers: dict[str, Any] = {"X-Number": str(number), "X-Several": ["a", "b"]}
    return Response(201, "application/json", {"number": number, "text": "ä"}, headers, [Cookie("c", str(number), max_age=5)])


ANSWERS: dict[str, Callable[[int], Any]] = {
    "a response": full,
    "a dictionary": lambda number: {"number": number},
    "a status beside it": lambda number: ({"number": number}, 202),
    "text": lambda number: Response(200, "text/plain", f"ä{number}"),
    "bytes": lambda number: Response(200, "image/png", bytes([number, 255, 0])),
    "nothing": lambda _: Response[str](204),
    "null": lambda _: None,
    "a refusal": lambda number: Response(403, "application/json", {"no": number}),
    "compressed": lambda number: Response(200, "application/json", {"number": number}, compress=True),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ANSWERS)
def test_a_request_that_comes_again_is_answered_the_same_and_run_once(name: str, kind: str, table: Table, store: Store) -> None:
    app = Counted(kind, table, store, ANSWERS[name])
    first = app({"a": 1})
    assert first["statusCode"] in {200, 201, 202, 204, 403}
    assert [app({"a": 1}) for _ in range(3)] == [first] * 3
    assert app.runs == 1
    assert app({"a": 1}, key="k2") != first or name in {"nothing", "null"}
    assert app.runs == 2


def test_what_validation_makes_of_an_answer_is_what_is_answered_again(store: Store, table: Table) -> None:
    app = APIGatewayRestResolver(enable_validation=True)
    runs: list[int] = []

    @app.post("/orders", middlewares=[idempotent(table, store=store)])
    def place(order: dict[str, int]) -> Placed:
        runs.append(order["a"])
        return Placed(number=len(runs))

    first, second = (app.resolve(rest({"a": 1}), CONTEXT) for _ in range(2))
    assert first == second
    assert json.loads(first["body"]) == {"number": 1}
    assert app.resolve(rest(["not", "an object"], key="k2"), CONTEXT)["statusCode"] == 422
    assert app.resolve(rest({"a": 2}, key="k2"), CONTEXT)["statusCode"] == 200
    assert runs == [1, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_key_a_request_is_refused_or_run_as_it_comes(kind: str, table: Table, store: Store) -> None:
    app = Counted(kind, table, store, full)
    for key in (None, "", "  ", "x" * 256):
        answer = app({"a": 1}, key=key)
        assert answer["statusCode"] == 400
        assert "Idempotency-Key" in json.loads(answer["body"])["message"]
    assert app.runs == 0
    free = Counted(kind, table, store, full, required=False)
    assert [free({"a": 1}, key=None)["statusCode"] for _ in range(2)] == [201, 201]
    assert free.runs == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_with_another_request_is_refused(kind: str, table: Table, store: Store) -> None:
    app = Counted(kind, table, store, full)
    app({"a": 1})
    assert app({"a": 2})["statusCode"] == 422
    assert app.runs == 1


def test_a_request_is_known_by_its_body_where_there_is_no_header(table: Table, store: Store) -> None:
    app = Counted("rest", table, store, full, header=None)
    assert app({"a": 1}, key=None) == app({"a": 1}, key="other")
    assert app({"a": 2}, key=None)["statusCode"] == 201
    assert app.runs == 2


def claims(subject: str, **more: Any) -> dict[str, Any]:
    return {"authorizer": {"claims": {"iss": "i", "sub": subject, **more}}}


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("rest", claims("ann"), claims("bob")),
        ("rest", {"authorizer": {"principalId": "ann"}}, {"authorizer": {"principalId": "bob"}}),
        ("rest", {"authorizer": {"principalId": "user", "sub": "ann"}}, {"authorizer": {"principalId": "user", "sub": "bob"}}),
        ("rest", {"identity": {"userArn": "ann"}}, {"identity": {"userArn": "bob"}}),
        ("rest", {"identity": {"cognitoIdentityId": "ann"}}, {"identity": {"cognitoIdentityId": "bob"}}),
        ("rest", {"identity": {"apiKeyId": "ann"}}, {"identity": {"apiKeyId": "bob"}}),
        ("http", {"authorizer": {"jwt": {"claims": {"sub": "ann"}}}}, {"authorizer": {"jwt": {"claims": {"sub": "bob"}}}}),
        ("http", {"authorizer": {"iam": {"userArn": "ann"}}}, {"authorizer": {"iam": {"userArn": "bob"}}}),
        ("http", {"authorizer": {"lambda": {"user": "ann"}}}, {"authorizer": {"lambda": {"user": "bob"}}}),
        ("rest", claims("ann"), {}),
    ],
)
def test_nobody_is_answered_what_somebody_else_was(kind: str, one: Any, other: Any, table: Table, store: Store) -> None:
    app = Counted(kind, table, store, full)
    first = app({"a": 1}, **one)
    assert app({"a": 1}, **other) != first
    assert app({"a": 1}, **one) == first
    assert app.runs == 2


def test_a_new_token_of_the_same_caller_is_the_same_caller(table: Table, store: Store) -> None:
    app = Counted("rest", table, store, full)
    assert app({"a": 1}, **claims("ann", iat="1")) == app({"a": 1}, **claims("ann", iat="2"))

    def who(event: Any) -> str:
        found: str = event["requestContext"]["who"]
        return found

    named = Counted("rest", table, store, full, caller=who)
    assert named({"a": 1}, key="k3", who="ann") != named({"a": 1}, key="k3", who="bob")


def test_one_key_on_two_routes_is_two_requests(table: Table, store: Store) -> None:
    app = APIGatewayRestResolver()
    once = idempotent(table, store=store)
    app.post("/orders", middlewares=[once])(lambda: {"from": "orders"})
    app.post("/people", middlewares=[once])(lambda: {"from": "people"})
    assert [json.loads(app.resolve(rest(path=path), CONTEXT)["body"])["from"] for path in ("/orders", "/people", "/orders")] == [
        "orders",
        "people",
        "orders",
    ]


def test_one_key_for_two_things_of_one_route_is_two_requests(table: Table, store: Store) -> None:
    app = APIGatewayRestResolver()

    def pay(order: str) -> dict[str, str]:
        return {"paid": order}

    app.post("/orders/<order>/pay", middlewares=[idempotent(table, store=store)])(pay)
    events = [rest(path=f"/orders/{order}/pay") | {"resource": "/orders/{order}/pay", "pathParameters": {"order": order}} for order in "ab"]
    assert [json.loads(app.resolve(event, CONTEXT)["body"])["paid"] for event in events] == ["a", "b"]


def test_what_fails_is_run_again(table: Table, store: Store) -> None:
    def failing_first(number: int) -> Any:
        if number == 1:
            raise ValueError
        return Response(503, "text/plain", "later") if number == 2 else full(number)

    app = Counted("rest", table, store, failing_first)
    with pytest.raises(ValueError, match=r"^$"):
        app({"a": 1})
    assert app({"a": 1})["statusCode"] == 503
    assert app({"a": 1}) == app({"a": 1})
    assert app.runs == 3


def test_safe_methods_pass(table: Table, store: Store) -> None:
    app: Any = APIGatewayRestResolver()
    app.use([idempotent(table, store=store)])
    app.get("/orders")(lambda: {"ok": True})
    assert app.resolve(rest(key=None) | {"httpMethod": "GET"}, CONTEXT)["statusCode"] == 200


class Asked:
    """What a middleware reads of a resolver, for one request of several at once: a resolver has one at a time."""

    def __init__(self, event: dict[str, Any], left: int = 15_000) -> None:
        self.current_event = SimpleNamespace(raw_event=event, http_method="POST", headers=event["headers"] | {"Idempotency-Key": "k1"})
        self.lambda_context = SimpleNamespace(get_remaining_time_in_millis=lambda: left)
        self._serializer = json.dumps


def test_of_many_at_once_one_runs_and_the_others_are_told_so(table: Table, store: Store) -> None:
    once: Any = idempotent(table, store=store)
    running, others_told = threading.Event(), threading.Event()

    def slow(_: Any) -> Response[Any]:
        assert not running.is_set()
        running.set()
        assert others_told.wait(20)
        return full(1)

    def refused(_: int) -> int:
        running.wait(20)
        with pytest.raises(ServiceError) as caught:
            once(Asked(rest({"a": 1})), slow)
        return int(caught.value.status_code)

    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(once, Asked(rest({"a": 1})), slow)
        assert set(pool.map(refused, range(8))) == {409}
        others_told.set()
        assert first.result().status_code == 201
    assert once(Asked(rest({"a": 1})), slow).body == json.dumps({"number": 1, "text": "ä"})


def test_one_that_was_ended_by_its_timeout_does_not_bar_the_next(table: Table, store: Store) -> None:
    once: Any = idempotent(table, store=store)

    def killed(_: Any) -> Response[Any]:
        raise SystemExit

    with pytest.raises(SystemExit):
        once(Asked(rest({"a": 1}), left=0), killed)

    def next_one(_: Any) -> Response[Any]:
        return full(2)

    assert once(Asked(rest({"a": 1})), next_one).headers["X-Number"] == "2"


def test_what_has_expired_is_run_again_before_it_is_deleted(table: Table, store: Store) -> None:
    app = Counted("rest", table, store, full)
    app({"a": 1})
    entity = replay_of(table)
    replay: Any
    [replay] = store.scan(entity)
    assert timedelta(hours=23) < replay.expires_at - datetime.now(UTC) <= timedelta(hours=24)
    store.update(entity.key(replay_id=replay.replay_id), entity.expires_at.set(datetime.now(UTC) - timedelta(minutes=1)))
    assert app({"a": 2})["statusCode"] == 201
    assert app.runs == 2


def test_entities_beside_the_answers_are_left_alone(make_store: MakeStore) -> None:
    store = make_store(PLAIN)
    app = Counted("rest", PLAIN, store, full)
    app({"a": 1})
    store.create(Order(order_id="7"))
    assert [order.order_id for order in store.scan(Order)] == ["7"]
    replay: Any
    [replay] = store.scan(replay_of(PLAIN))
    assert json.loads(json.loads(replay.answer)["body"]) == {"number": 1, "text": "ä"}
    assert "k1" not in replay.replay_id


def test_what_dynamodb_refuses_before_is_the_store_s_own_error(make_store: MakeStore) -> None:
    from gateleg.store import Store

    app = Counted("rest", PLAIN, Store(PLAIN, table_name="no-such-table", client=make_store.client), full)
    handle_errors(app.app)
    assert app({"a": 1})["statusCode"] == 500
    assert app.runs == 0


@pytest.mark.parametrize("text", ["x" * 500_000, "\U0001f600" * 40_000])
def test_an_answer_that_cannot_be_kept_is_given_once_and_then_told_as_done(table: Table, store: Store, text: str) -> None:
    app = Counted("rest", table, store, lambda _: {"text": text})
    handle_errors(app.app)
    assert app({"a": 1})["statusCode"] == 200
    again = [app({"a": 1}) for _ in range(2)]
    assert [answer["statusCode"] for answer in again] == [500, 500]
    assert {json.loads(answer["body"])["error"]["code"] for answer in again} == {"store.write_done"}
    assert app.runs == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"header": ""}, "takes the name of a header"),
        ({"header": 3}, "takes the name"),
        ({"expires": 60}, "timedelta"),
        ({"expires": timedelta()}, "a minute or more"),
        ({"table": "x"}, "takes a Table, got 'x'"),
        ({"table": Order}, "takes a Table"),
        ({"caller": 5}, "takes a function of the event, got 5"),
        ({"required": "no"}, "takes True or False"),
        ({"store": PLAIN}, "takes a Store"),
    ],
)
def test_wrong_arguments_are_refused(given: Any, said: str) -> None:
    with pytest.raises(DeclarationError, match=said) as caught:
        idempotent(**({"table": PLAIN} | given))
    assert caught.value.path == f"idempotent.{next(iter(given))}"


def test_a_table_without_ttl_is_refused() -> None:
    with pytest.raises(DeclarationError, match="has no TTL"):
        idempotent(Table("x", partition_key="id"))
