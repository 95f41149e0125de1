"""What the examples deploy is what their pages say."""

from __future__ import annotations

import contextlib
import runpy
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cost.bill import bill
from gateleg.cost.load import load
from tests.templates.pictures import check_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk

    from gateleg.testing import AccessView, Synth, TemplateView

EXAMPLES = Path(__file__).parents[2] / "examples"


def stack(project: str, name: str, **props: Any) -> Callable[[aws_cdk.App], Any]:
    """Makes the stack of an example, whose paths are those of its own folder."""
    made: Any = runpy.run_path(str(EXAMPLES / project / "app.py"), run_name="app")[f"{name}Stack"]
    return lambda app: made(app, name, **props)


def template_of(project: str, name: str) -> Any:
    """A fixture: the template of an example's stack."""

    @pytest.fixture(scope="module")
    def made(synth: Synth) -> TemplateView:
        with contextlib.chdir(EXAMPLES / project):
            return synth(stack(project, name))

    return made


callers = template_of("callers", "Callers")
access_page = template_of("access", "Access")
http = template_of("http", "Orders")
stream = template_of("stream", "Shop")
idempotency = template_of("idempotency", "Orders")
news = template_of("news", "News")
tenants = template_of("tenants", "Billing")
contract = template_of("contract", "Rooms")
integrations = template_of("integrations", "Shop")


@pytest.fixture(scope="module")
def shop_stack() -> Callable[[aws_cdk.App], Any]:
    return stack("shop", "Shop")


@pytest.fixture(scope="module")
def shop(synth: Synth, shop_stack: Callable[[aws_cdk.App], Any]) -> TemplateView:
    with contextlib.chdir(EXAMPLES / "shop"):
        return synth(shop_stack)


@pytest.fixture(scope="module")
def access(access_page: TemplateView) -> AccessView:
    return access_page.access()


@pytest.fixture(scope="module")
def managed(synth: Synth) -> TemplateView:
    from aws_cdk import Environment

    with contextlib.chdir(EXAMPLES / "managed"):
        return synth(stack("managed", "Paints", env=Environment(account="123456789012", region="eu-west-1")))


@pytest.fixture(scope="module")
def by_grouping(synth: Synth) -> dict[str, TemplateView]:
    with contextlib.chdir(EXAMPLES / "functions"):
        return {grouping: synth(stack("functions", "Orders", functions=grouping)) for grouping in ("app", "route", "all")}


@pytest.fixture(scope="module")
def functions(by_grouping: dict[str, TemplateView]) -> TemplateView:
    return by_grouping["route"]


@pytest.mark.parametrize(
    ("name", "view"),
    [
        (path.parent.name, {"access": "access_page"}.get(path.parent.name, path.parent.name))
        for path in sorted(EXAMPLES.glob("*/app.py"))
        if path.parent.name not in {"changes", "monitored", "pipeline", "tables"}  # tables alone, or a dashboard: nothing flows
    ],
)
def test_the_pictures_of_the_docs_are_what_the_examples_are(name: str, view: str, request: pytest.FixtureRequest) -> None:
    check_picture(name, request.getfixturevalue(view), request)


@pytest.fixture(scope="module")
def games(synth: Synth) -> TemplateView:
    from aws_cdk import Environment

    return synth(stack("tables", "Games", env=Environment(account="111122223333", region="eu-west-1")))


def test_the_games_are_kept_in_both_regions(games: TemplateView) -> None:
    facts = games.only("AWS::DynamoDB::GlobalTable").facts

    assert facts["DeletionPolicy"] == "Retain"
    for region in ("eu-west-1", "eu-central-1"):
        assert facts[f"Replicas.{region}.DeletionProtectionEnabled"] == "true"
        assert facts[f"Replicas.{region}.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"] == "true"
    assert facts["GlobalSecondaryIndexes.by_round.KeySchema"] == "HASH tenant, HASH region, RANGE stage, RANGE bracket"


def test_the_archive_begins_with_what_is_in_s3(games: TemplateView) -> None:
    facts = games.only("AWS::DynamoDB::Table").facts

    assert facts["ImportSourceSpecification.S3BucketSource.S3KeyPrefix"] == "archive/"
    assert (facts["TableClass"], facts["BillingMode"]) == ("STANDARD_INFREQUENT_ACCESS", "PROVISIONED")


def test_the_shop_grants_what_its_comment_says(shop: TemplateView) -> None:
    rest, table = shop.function("lambdas-shop"), shop.table("shop")

    assert rest.allowed_actions(on=table) == {"dynamodb:Query", "dynamodb:PutItem"}


def test_the_shop_is_guarded_by_iam(shop: TemplateView) -> None:
    assert {route.key: route.authorizer_type for route in shop.routes()} == {
        "GET /customers/{customer}/orders": "AWS_IAM",
        "POST /customers/{customer}/orders": "AWS_IAM",
    }


def test_the_bill_of_the_shop_is_what_a_person_reckons(shop: TemplateView) -> None:
    """`examples/cost/shop.toml` by hand, with the prices of Ireland: no code of the package counts here."""
    million, gigabyte = 1_000_000, 1024 * 1024  # of KB
    calls = 0.25 * 3.50 + 0.25 * 0.20
    compute = 250_000 * 0.030 * 0.0000133334  # a GB of memory, on Graviton
    logs = 250_000 * (0.6 + 1) / gigabyte * (0.57 + 3 * 0.03)  # kept 90 days
    table = 50_000 * 0.705 / million + 200_000 * 1 * 0.1415 / million  # 5 KB are two steps of 4 KB, at half a unit each
    kept = 0.5 * (0.283 + 0.22) + 0.40 + 2_000 * 0.05 / 10_000
    by_hand = calls + compute + logs + table + kept + 1 * 0.09

    made = bill([shop], load(EXAMPLES / "cost" / "shop.toml"))

    assert abs(made.total - Decimal(by_hand)) <= Decimal("0.01")
    assert made.lacking == ()


@pytest.mark.slow
def test_cloudformation_would_take_the_shop(synth: Synth, shop_stack: Callable[[aws_cdk.App], Any]) -> None:
    with contextlib.chdir(EXAMPLES / "shop"):
        assert synth(shop_stack, validated=True).count() > 0


def test_each_route_of_the_callers_has_its_own_guard(callers: TemplateView) -> None:
    assert {route.key: route.authorizer_type for route in callers.routes()} == {"GET /report": "AWS_IAM", "GET /me": "COGNITO_USER_POOLS"}


def test_each_route_of_the_orders_has_its_own_guard_and_payload(http: TemplateView) -> None:
    assert {route.key: (route.authorizer_type, route.payload_version) for route in http.routes()} == {
        "GET /paints": (None, "2.0"),
        "GET /orders/{order_id}": ("JWT", "2.0"),
        "POST /orders": ("REQUEST", "2.0"),
        "GET /report": ("AWS_IAM", "2.0"),
        "GET /rooms/{room}": (None, "1.0"),
        "GET /mine": ("JWT", "1.0"),
    }
    [client] = http.authorizer("people").audience
    assert client == f"${{{http.only('AWS::Cognito::UserPoolClient').logical_id}}}"
    assert http.route("GET /paints").public_reason == "the catalogue is for everyone"


def test_each_route_of_the_access_page_is_for_whom_it_says(access: AccessView) -> None:
    assert access.routes == {
        "GET /profile": "people",
        "GET /orders/{order_id}": "people [orders/read]",
        "GET /prices": "key",
        "GET /me": "aws",
        "GET /stock": "aws",
        "GET /health": "anyone: a load balancer carries no token",
    }


def test_people_of_the_access_page_may_call_one_route_of_those_that_iam_guards(access: AccessView) -> None:
    assert access.callers("GET /me") == {"Identities/AuthenticatedRole"}
    assert access.callers("GET /stock") == set()
    assert access.grants == {"Identities/AuthenticatedRole": {"live/GET/me"}}


def test_the_access_page_s_plan_and_web_acl_are_bound(access: AccessView) -> None:
    plan, acl = access.usage_plans["partners"], access.web_acl
    assert (plan.rate_limit, plan.burst_limit, plan.quota, len(plan.keys)) == (10, 5, (10_000, "MONTH"), 1)
    assert acl is not None
    assert acl.logged


def test_what_a_function_may_do_for_one_tenant_is_told_beside_what_it_may_by_itself(
    tenants: TemplateView, idempotency: TemplateView
) -> None:
    rest, table = tenants.function("billing"), tenants.table("billing")
    assert rest.allowed_actions(on=table) == rest.allowed_actions(on=table.index("by_due")) == frozenset()
    assert rest.allowed_tenant_actions(on=table) == {"dynamodb:PutItem"}
    assert rest.allowed_tenant_actions(on=table.index("by_due")) == {"dynamodb:Query"}
    assert rest.tenant_role is not None
    assert rest.permissions[f"${{{rest.tenant_role.logical_id}.Arn}}"] == {"sts:AssumeRole", "sts:TagSession"}
    other = idempotency.function("orders-get-orders")
    assert (other.tenant_role, other.allowed_tenant_actions(on=idempotency.table("orders"))) == (None, frozenset())


def test_the_managed_api_is_what_its_page_says(managed: TemplateView) -> None:
    stages = {one.properties["StageName"]: one.properties for one in managed.resources("AWS::ApiGateway::Stage")}
    assert {name: one["Variables"] for name, one in stages.items()} == {"live": {"shop": "main"}, "beta": {"shop": "beta"}}
    cached = {one["ResourcePath"] for one in stages["live"]["MethodSettings"] if one.get("CachingEnabled")}
    assert cached == {"/~1catalogue", "/~1orders"}
    body = managed.only("AWS::ApiGateway::RestApi").properties["Body"]
    keys = {path: item["get"]["x-amazon-apigateway-integration"]["cacheKeyParameters"] for path, item in body["paths"].items()}
    assert keys == {"/catalogue": ["method.request.querystring.limit"], "/orders": ["method.request.header.Authorization"]}
    assert managed.only("AWS::ApiGatewayV2::ApiMapping").properties["ApiMappingKey"] == "paints"


def test_the_function_of_an_idempotent_route_may_keep_answers_and_nothing_more(idempotency: TemplateView) -> None:
    placing, table = idempotency.function("orders-post-orders"), idempotency.table("orders")
    assert placing.allowed_actions(on=table) == {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    assert idempotency.function("orders-get-orders").allowed_actions(on=table) == {"dynamodb:Scan"}


def test_the_contract_is_what_the_api_tells(contract: TemplateView) -> None:
    assert {route.key: route.authorizer_type for route in contract.routes()} == {"GET /rooms": "AWS_IAM", "PUT /rooms/{room}": None}
    [api] = contract.of_type("AWS::ApiGateway::RestApi")
    body = api.properties["Body"]
    assert body["info"]["version"] == "2.1.0"
    assert body["paths"]["/rooms/{room}"]["put"]["summary"] == "Open a room"
    assert body["paths"]["/rooms/{room}"]["put"]["parameters"][0]["description"] == "Which one."


def test_functions_for_all_and_by_route_are_as_the_page_says(by_grouping: dict[str, TemplateView]) -> None:
    counts = {grouping: view.count("AWS::Lambda::Function") for grouping, view in by_grouping.items()}
    assert counts == {"app": 5, "route": 11, "all": 2}


def test_the_orders_call_somebody_for_what_their_page_says(synth: Synth) -> None:
    with contextlib.chdir(EXAMPLES / "monitored"):
        view = synth(stack("monitored", "Orders"))
    alarms = {
        one.properties["AlarmName"].partition("-Rest-")[2]: one.properties["Threshold"] for one in view.of_type("AWS::CloudWatch::Alarm")
    }
    route = "live-GET-orders-order-be6b"

    assert {alarms[f"{where}-Latency-P99-Alarm"] for where in ("live", route)} == {1000}
    assert {alarms[f"{where}-Error-Rate-Alarm"] for where in ("live", route)} == {0.25}
