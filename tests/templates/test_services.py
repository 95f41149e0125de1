"""What the stacks of the reference services deploy; the chat has tests of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import Environment

from gateleg.testing import logical_ids
from stacks.dashboard import DashboardStack
from stacks.game import GameStack
from stacks.media import MediaReaderStack, MediaStack
from stacks.shop import ShopStack
from tests.templates.pictures import check_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk
    from syrupy.assertion import SnapshotAssertion

    from gateleg.testing import Synth, TemplateView

HERE = {"account": "111122223333", "region": "eu-west-1"}
SERVICES: dict[str, Callable[[aws_cdk.App], aws_cdk.Stack]] = {
    "dashboard": lambda app: DashboardStack(app, "Dashboard"),
    "game": lambda app: GameStack(app, "Game"),
    "media": lambda app: MediaStack(app, "Media", env=Environment(**HERE), replicas=["eu-central-1"]),
    "shop": lambda app: ShopStack(app, "Shop"),
}
of_each = pytest.mark.parametrize("service", SERVICES)


@pytest.fixture(scope="session")
def dashboard(synth: Synth) -> TemplateView:
    return synth(SERVICES["dashboard"])


@pytest.fixture(scope="session")
def game(synth: Synth) -> TemplateView:
    return synth(SERVICES["game"])


@pytest.fixture(scope="session")
def media(synth: Synth) -> TemplateView:
    return synth(SERVICES["media"])


def readers_of_media(app: aws_cdk.App) -> aws_cdk.Stack:
    media = MediaStack(app, "Media", env=Environment(**HERE), replicas=["eu-central-1"])
    return MediaReaderStack(app, "MediaReader", media=media, env=Environment(**{**HERE, "region": "eu-central-1"}))


@pytest.fixture(scope="session")
def shop(synth: Synth) -> TemplateView:
    return synth(SERVICES["shop"])


@of_each
def test_the_template_holds(service: str, request: pytest.FixtureRequest, template_snapshot: SnapshotAssertion) -> None:
    assert request.getfixturevalue(service) == template_snapshot


@of_each
def test_no_logical_id_moves(service: str, request: pytest.FixtureRequest, template_snapshot: SnapshotAssertion) -> None:
    assert logical_ids(request.getfixturevalue(service).json) == template_snapshot


@of_each
def test_the_picture_of_the_docs_is_the_service_s(service: str, request: pytest.FixtureRequest) -> None:
    check_picture(f"services/{service}", request.getfixturevalue(service), request)


@of_each
def test_nobody_may_scan_or_use_every_index(service: str, request: pytest.FixtureRequest) -> None:
    view: TemplateView = request.getfixturevalue(service)
    for function in view.functions():
        for statement in function.statements:
            assert "dynamodb:Scan" not in statement.actions
            assert not any(resource.endswith("index/*") for resource in statement.resources)


@of_each
def test_tables_are_hard_to_lose(service: str, request: pytest.FixtureRequest) -> None:
    view: TemplateView = request.getfixturevalue(service)
    table = view.only("AWS::DynamoDB::GlobalTable")

    assert (table.definition["DeletionPolicy"], table.definition["UpdateReplacePolicy"]) == ("Retain", "Retain")
    for replica in table.properties["Replicas"]:
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert replica["DeletionProtectionEnabled"] is True


@of_each
@pytest.mark.slow
def test_cloudformation_would_take_it(service: str, synth: Synth) -> None:
    assert synth(SERVICES[service], validated=True).count() > 0


@of_each
@pytest.mark.slow
def test_cdk_nag_finds_nothing_that_is_not_acknowledged(service: str, synth: Synth) -> None:
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks

    found = synth.findings(SERVICES[service], lambda app: [AwsSolutionsChecks(app), ServerlessChecks(app)])

    assert [str(finding) for finding in found] == []


def test_each_route_of_the_shop_is_for_whom_it_says(shop: TemplateView) -> None:
    assert shop.access().routes == {
        "GET /products": "anyone: the catalogue is for everybody",
        "PUT /products/{sku}": "office",
        "POST /products/{sku}/deliveries": "office",
        "PUT /accounts/{who}": "office",
        **dict.fromkeys(("GET /account", "GET /cart", "PUT /cart/{sku}", "DELETE /cart/{sku}", "POST /orders", "GET /orders"), "customers"),
        **dict.fromkeys(("GET /docs", "GET /docs/{file}"), "anyone: the reference holds no data"),
    }


def test_the_shop_may_read_by_two_indexes_and_write_what_its_routes_declare(shop: TemplateView) -> None:
    rest, table = shop.function("shop-rest"), shop.table("shop")

    assert rest.allowed_actions(on=table) == {
        f"dynamodb:{name}" for name in ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    }
    for index in ("catalogue", "by_time"):
        assert rest.allowed_actions(on=table.index(index)) == {"dynamodb:Query"}


def test_scores_come_from_game_servers_and_are_read_by_everybody(game: TemplateView) -> None:
    routes, spectators = game.access().routes, "anyone: spectators carry no token"

    assert {key: guard for key, guard in routes.items() if "/docs" not in key} == {
        "PUT /players/{player}": "servers",
        "PUT /players/{player}/sessions/{session_id}": "servers",
        **dict.fromkeys(("GET /", "GET /players/{player}", "GET /players/{player}/sessions", "GET /games/{game}/leaders"), spectators),
    }


def test_only_what_records_sessions_writes_scores_and_what_sends_changes_reads_connections_alone(game: TemplateView) -> None:
    table = game.table("games")
    allowed = {function.service: function.allowed_actions(on=table) for function in game.functions()}
    writing = {f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem")}

    assert allowed["game-rest"] == {f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Query", "UpdateItem")}
    assert allowed["game-live-socket"] & {"dynamodb:UpdateItem", "dynamodb:Scan"} == set()
    assert allowed["game-live-changes"] & writing <= {"dynamodb:DeleteItem", "dynamodb:PutItem"}, "connections that are gone"
    for service in ("game-rest", "game-live-socket"):
        assert game.function(service).allowed_actions(on=table.index("by_points")) == {"dynamodb:Query"}
    assert game.function("game-live-changes").allowed_actions(on=table.index("by_points")) == set()


def test_programs_tell_of_jobs_people_get_tokens_and_a_token_opens_the_socket(dashboard: TemplateView) -> None:
    routes = {key: guard for key, guard in dashboard.access().routes.items() if key.startswith(("POST", "PUT"))}
    [connect] = [route for route in dashboard.websocket_routes() if route.key == "$connect"]

    assert routes == {"POST /connect-token": "people", "PUT /jobs/{job_id}": "programs", "PUT /jobs/{job_id}/progress": "programs"}
    assert connect.authorizer is not None
    assert dashboard.function("dashboard-live-authorize").allowed_actions(on=dashboard.table("jobs")) == {"dynamodb:DeleteItem"}


def test_what_counts_jobs_may_not_read_them_and_sends_nothing(dashboard: TemplateView) -> None:
    counts, table = dashboard.function("dashboard-counts"), dashboard.table("jobs")

    assert counts.allowed_actions(on=table) == {f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem")}
    assert not any("@connections" in resource for resource in counts.permissions)


def test_media_have_a_copy_that_the_other_region_s_functions_read_and_do_not_write(media: TemplateView, synth: Synth) -> None:
    there = synth(readers_of_media)
    facts = media.only("AWS::DynamoDB::GlobalTable").facts
    allowed = {action for function in there.functions() for actions in function.permissions.values() for action in actions}

    assert facts["Replicas.eu-central-1.DeletionProtectionEnabled"] == "true"
    assert {route.key for route in there.routes()} == {"GET /media/{media_id}", "GET /media/{media_id}/versions", "GET /tags/{tag}/media"}
    assert {action for action in allowed if action.startswith("dynamodb:")} == {"dynamodb:Query"}
    [policy] = there.resources("AWS::IAM::Policy")
    assert ":dynamodb:eu-central-1:111122223333:table/media-media" in str(policy.properties)


def test_only_the_routes_that_write_media_may_write(media: TemplateView) -> None:
    table = media.table("media")

    assert media.function("media-reading").allowed_actions(on=table) == {"dynamodb:Query"}
    assert media.function("media-reading").allowed_actions(on=table.index("by_tag")) == {"dynamodb:Query"}
    assert media.function("media-writing").allowed_actions(on=table.index("by_tag")) == set()
    assert {guard for key, guard in media.access().routes.items() if "/docs" not in key} == {"programs"}
