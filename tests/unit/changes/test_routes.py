"""Who may call, read from whichever resources say it."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.changes.routes import Routes, route_changes, routes_of

Json = dict[str, Any]


def api(kind: str, **given: Any) -> Json:
    return {"Type": f"AWS::{kind}", "Properties": given}


def routes(**resources: Json) -> Json:
    return routes_of({"Resources": resources})


def body(default: Any = None, **operations: Json) -> Json:
    said: Json = {} if default is None else {"security": default}
    said["paths"] = {"/x": operations}
    return api("ApiGateway::RestApi", Body=said)


BODIES: list[tuple[Json, Any, bool]] = [
    ({}, None, True),
    ({"security": []}, [{"session": []}], True),
    ({"security": [{}]}, None, True),
    ({"security": [{"session": []}, {}]}, None, True),
    ({"security": [{"session": []}]}, None, False),
    ({}, [{"session": []}], False),
    ({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}, None, False),
    ({"x-amazon-apigateway-auth": {"type": "NONE"}, "security": [{"session": []}]}, None, True),
]


@pytest.mark.parametrize(("operation", "default", "public"), BODIES)
def test_a_body_says_it_by_security(operation: Json, default: Any, public: bool) -> None:  # noqa: FBT001
    assert routes(A=body(default, get=operation)) == {
        "A": {"guarded": [] if public else ["GET /x"], "public": ["GET /x"] if public else []}
    }


def test_preflights_do_not_count_and_any_does() -> None:
    operations: Json = {"options": {}, "x-amazon-apigateway-any-method": {}}
    assert routes(A=body(**operations)) == {"A": {"guarded": [], "public": ["ANY /x"]}}


def test_resources_say_it_too() -> None:
    found = routes(
        Rest=api("ApiGateway::RestApi"),
        Rooms=api("ApiGateway::Resource", RestApiId={"Ref": "Rest"}, ParentId={"Fn::GetAtt": ["Rest", "RootResourceId"]}, PathPart="rooms"),
        Room=api("ApiGateway::Resource", RestApiId={"Ref": "Rest"}, ParentId={"Ref": "Rooms"}, PathPart="{room}"),
        Get=api("ApiGateway::Method", RestApiId={"Ref": "Rest"}, ResourceId={"Ref": "Room"}, HttpMethod="GET", AuthorizationType="NONE"),
        Key=api("ApiGateway::Method", RestApiId={"Ref": "Rest"}, ResourceId={"Ref": "Rooms"}, HttpMethod="GET", ApiKeyRequired=True),
        Put=api(
            "ApiGateway::Method",
            RestApiId={"Ref": "Rest"},
            ResourceId={"Fn::GetAtt": ["Rest", "RootResourceId"]},
            HttpMethod="PUT",
            AuthorizationType="AWS_IAM",
        ),
        Pre=api(
            "ApiGateway::Method", RestApiId={"Ref": "Rest"}, ResourceId={"Ref": "Room"}, HttpMethod="OPTIONS", AuthorizationType="NONE"
        ),
        Socket=api("ApiGatewayV2::Api", ProtocolType="WEBSOCKET"),
        Connect=api("ApiGatewayV2::Route", ApiId={"Ref": "Socket"}, RouteKey="$connect", AuthorizationType="CUSTOM"),
        Send=api("ApiGatewayV2::Route", ApiId={"Ref": "Socket"}, RouteKey="send"),
        Url=api("Lambda::Url", AuthType="NONE"),
    )
    assert found == {
        "Rest": {"guarded": ["GET /rooms", "PUT /"], "public": ["GET /rooms/{room}"]},
        "Socket": {"guarded": ["$connect"], "public": []},
        "Url": {"guarded": [], "public": ["function URL"]},
    }


def test_what_becomes_public_is_refused_and_what_is_new_is_told() -> None:
    before: Routes = {"Api": {"guarded": ["GET /a", "GET /b"], "public": ["GET /c"]}}
    after: Routes = {"Api": {"guarded": ["GET /b"], "public": ["GET /a", "GET /c", "GET /d"]}}
    assert [(change.id, change.verdict) for change in route_changes("Chat", before, after)] == [
        ("public-route:Api/GET /a", "refused"),
        ("public-route:Api/GET /d", "told"),
    ]
    assert list(route_changes("Chat", after, before)) == []


def test_an_api_of_another_id_is_compared_with_the_one_that_goes() -> None:
    before: Routes = {"Old": {"guarded": ["GET /a"], "public": ["GET /b"]}, "Other": {"guarded": [], "public": []}}
    after: Routes = {"New": {"guarded": [], "public": ["GET /a", "GET /b"]}, "Other": {"guarded": [], "public": []}}
    assert [(change.id, change.verdict) for change in route_changes("Chat", before, after)] == [("public-route:New/GET /a", "refused")]
