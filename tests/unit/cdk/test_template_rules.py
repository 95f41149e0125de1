"""What is written into the templates of an app, as the rules read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk.template_rules import beside, records, timeouts, types, written_keys
from gateleg.cdk.written_templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.cdk.written_templates import Violation

INSTEAD = {"AWS::ApiGateway::Method": "a route", "AWS::ApiGatewayV2::Route": "a route"}
ARN = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"


def templates(resources: dict[str, Any], other: dict[str, Any] | None = None, outputs: dict[str, Any] | None = None) -> Templates:
    by_name = {"a.json": {"Resources": resources, "Outputs": outputs or {}}, "b.json": {"Resources": other or {}}}
    return Templates(by_name, {"${a.json.Api}": "Test/Api"})


def said(found: Iterable[Violation]) -> list[tuple[str, str]]:
    return [(each.template, each.resource) for each in found]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def api(uri: Any, kind: str = "ApiGateway::RestApi", **integration: Any) -> dict[str, Any]:
    called = {"type": "aws_proxy", "uri": uri} | integration
    if kind.endswith("V2::Api"):
        return resource(kind, Body={"components": {"x-amazon-apigateway-integrations": {"one": called}}})
    return resource(kind, Body={"paths": {"/a": {"get": {"x-amazon-apigateway-integration": called}}}})


def function(seconds: Any) -> dict[str, Any]:
    return resource("Lambda::Function", **({} if seconds is None else {"Timeout": seconds}))


BY_SUB: Any = {"Fn::Sub": f"{ARN}/${{Own.Arn}}/invocations"}
BY_PARTS: Any = {"Fn::Sub": [f"{ARN}/${{Function}}/invocations", {"Function": {"Fn::GetAtt": ["Own", "Arn"]}}]}
BY_JOIN: Any = {"Fn::Join": ["", [ARN, "/", {"Fn::GetAtt": ["Own", "Arn"]}, "/invocations"]]}
BY_ALIAS: Any = {"Fn::Sub": f"{ARN}/${{Live}}/invocations"}
ALIAS = {
    "Live": resource("Lambda::Alias", FunctionName={"Ref": "Own"}, FunctionVersion={"Fn::GetAtt": ["One", "Version"]}),
    "One": resource("Lambda::Version", FunctionName={"Ref": "Own"}),
}


@pytest.mark.parametrize("uri", [BY_SUB, BY_PARTS, BY_JOIN, BY_ALIAS])
@pytest.mark.parametrize("kind", ["ApiGateway::RestApi", "ApiGatewayV2::Api"])
def test_a_function_ends_before_its_api_stops_waiting(uri: Any, kind: str) -> None:
    def found(seconds: Any, **integration: Any) -> list[tuple[str, str]]:
        return said(timeouts(templates({"Own": function(seconds), "Api": api(uri, kind, **integration), **ALIAS})))

    assert found(29) == found(900) == found(60, timeoutInMillis=60_000) == [("a.json", "Own")]
    assert found(28) == found(None) == found({"Ref": "Seconds"}) == found(60, timeoutInMillis=61_000) == []
    assert found(60, type="mock") == found(60, responseTransferMode="STREAM") == found(29, timeoutInMillis={"Ref": "Wait"})[1:] == []


def test_a_function_of_another_stack_and_that_of_a_socket_are_functions_too() -> None:
    exported = {"Out": {"Value": {"Fn::GetAtt": ["Own", "Arn"]}, "Export": {"Name": "a:Own"}}}
    uri = {"Fn::Sub": [f"{ARN}/${{Function}}/invocations", {"Function": {"Fn::ImportValue": "a:Own"}}]}
    elsewhere = Templates(
        {"a.json": {"Resources": {"Own": function(60)}, "Outputs": exported}, "b.json": {"Resources": {"Api": api(uri)}}},
        {"${b.json.Api}": "Other/Api"},
    )
    [violation] = timeouts(elsewhere)
    assert (violation.template, violation.resource) == ("a.json", "Own")
    assert "answers GET /a of Other/Api and may run for 60 s, and API Gateway waits 29 s; give it a Timeout below that" in violation.said
    socket = resource("ApiGatewayV2::Integration", ApiId={"Ref": "Api"}, IntegrationUri=BY_SUB)
    own = {"Own": function(60), "Api": resource("ApiGatewayV2::Api"), "I": socket}
    assert said(timeouts(templates(own))) == [("a.json", "Own")]


def test_functions_of_apis_that_no_gateway_made_are_left_alone() -> None:
    assert said(timeouts(templates({"Own": function(60), "Theirs": api(BY_SUB)}))) == []


EXPORTED = {"Out": {"Value": {"Ref": "Live"}, "Export": {"Name": "a:Live"}}}
BY_REF: Any = {"Fn::Join": ["", [ARN, "/", {"Ref": "Live"}, "/invocations"]]}
BY_CHOICE: Any = {"Fn::If": ["Fast", {"Ref": "Live"}, {"Fn::GetAtt": ["Other", "Arn"]}]}
BY_NAME = "arn:aws:lambda:eu-west-1:123456789012:function:shop:live"
NAMED = resource("Lambda::Function", FunctionName="shop", Timeout=60)


@pytest.mark.parametrize(
    ("uri", "resources"),
    [
        (BY_REF, {"Own": function(60), **ALIAS}),
        (BY_CHOICE, {"Own": function(60), **ALIAS}),
        (BY_NAME, {"Own": NAMED}),
    ],
)
def test_a_function_is_known_whatever_names_it(uri: Any, resources: dict[str, Any]) -> None:
    assert said(timeouts(templates({"Api": api(uri), **resources}))) == [("a.json", "Own")]


@pytest.mark.parametrize("other", ["shop-2", "myshop", "a-shop"])
def test_a_name_is_a_whole_one(other: str) -> None:
    assert said(timeouts(templates({"Api": api(BY_NAME.replace("shop", other)), "Own": NAMED}))) == []


def test_an_alias_of_another_stack_leads_to_its_function() -> None:
    by_name = {
        "a.json": {"Resources": {"Own": function(60), **ALIAS}, "Outputs": EXPORTED},
        "b.json": {"Resources": {"Api": api({"Fn::Sub": [f"{ARN}/${{F}}/invocations", {"F": {"Fn::ImportValue": "a:Live"}}]})}},
    }
    assert said(timeouts(Templates(by_name, {"${b.json.Api}": "Other/Api"}))) == [("a.json", "Own")]


def nested(inside: dict[str, Any], outside: dict[str, Any], **parameters: Any) -> Templates:
    """A template with a nested one, which is given parameters."""
    stack = resource("CloudFormation::Stack", Parameters=parameters, TemplateURL="https://example.com/b.json")
    by_name = {"a.json": {"Resources": {"Nested": stack, **outside}}, "b.json": inside}
    return Templates(by_name, {"${a.json.Api}": "Api", "${b.json.Api}": "Api"}, nested={"b.json": ("a.json", "Nested")})


@pytest.mark.parametrize("uri", [{"Fn::Sub": f"{ARN}/${{Given}}/invocations"}, {"Fn::Join": ["", [ARN, "/", {"Ref": "Given"}]]}])
def test_a_parameter_of_a_nested_stack_is_what_its_parent_gives(uri: Any) -> None:
    inside = {"Parameters": {"Given": {"Type": "String"}}, "Resources": {"Api": api(uri)}}
    given = nested(inside, {"Own": function(60)}, Given={"Fn::GetAtt": ["Own", "Arn"]})
    assert said(timeouts(given)) == [("a.json", "Own")]
    assert said(timeouts(nested(inside, {"Own": function(60)}))) == []


@pytest.mark.parametrize("uri", [{"Fn::Sub": f"{ARN}/${{Nested.Outputs.Made}}/invocations"}, {"Fn::GetAtt": ["Nested", "Outputs.Made"]}])
def test_an_output_of_a_nested_stack_is_what_that_says(uri: Any) -> None:
    inside = {"Resources": {"Own": function(60)}, "Outputs": {"Made": {"Value": {"Fn::GetAtt": ["Own", "Arn"]}}}}
    assert said(timeouts(nested(inside, {"Api": api(uri)}))) == [("b.json", "Own")]


def record(name: Any, kind: str = "A", zone: Any = "Z1", **more: Any) -> dict[str, Any]:
    return resource("Route53::RecordSet", Name=name, Type=kind, HostedZoneId=zone, **more)


DOMAIN = {"Domain": resource("ApiGatewayV2::DomainName", DomainName="api.example.com")}
ALIASED = {**DOMAIN, "Alias": record({"Fn::Join": ["", [{"Ref": "Domain"}, "."]]})}
GROUP = resource("Route53::RecordSetGroup", HostedZoneId="Z1", RecordSets=[{"Name": "API.example.com", "Type": "A"}])


@pytest.mark.parametrize(
    "other", [record("api.example.com."), record("API.example.com"), record("api.example.com", "CNAME"), GROUP, ALIASED["Alias"]]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_zone_has_one_record_of_a_name(other: dict[str, Any], *, first: bool) -> None:
    resources = {"Other": other, **ALIASED} if first else {**ALIASED, "Other": other}
    assert len(said(records(templates(resources)))) == 1


def test_a_record_of_another_stack_is_one_of_the_zone() -> None:
    exported = {"Out": {"Value": {"Ref": "Zone"}, "Export": {"Name": "a:Zone"}}}
    own = {"Zone": resource("Route53::HostedZone", Name="example.com"), "Own": record("api.example.com", zone={"Ref": "Zone"})}
    there = {"There": record("api.example.com", zone={"Fn::ImportValue": "a:Zone"})}
    assert said(records(templates(own, there, exported))) == [("b.json", "There")]
    assert said(records(templates(own, {"There": record("api.example.com", zone={"Ref": "Zone"})}, exported))) == []


@pytest.mark.parametrize(
    "other",
    [
        record("api.example.com", "AAAA"),
        record("api.example.com") | {"Condition": "IsSecond"},
        record("www.example.com"),
        record("api.example.com", zone="Z2"),
        record("api.example.com", SetIdentifier="one", Weight=1),
    ],
)
def test_other_records_stand_beside_it(other: dict[str, Any]) -> None:
    assert said(records(templates({**ALIASED, "Other": other}))) == []


def test_zones_of_two_accounts_may_have_one_name() -> None:
    own, there = {"Own": record("api.example.com", zone="DUMMY")}, {"There": record("api.example.com", zone="DUMMY")}
    by_name = {"a.json": {"Resources": own}, "b.json": {"Resources": there}}
    assert said(records(Templates(by_name, accounts={"a.json": "1", "b.json": "2"}))) == []
    assert said(records(Templates(by_name, accounts={"a.json": "1", "b.json": "1"}))) == [("b.json", "There")]


def test_a_type_of_api_gateway_is_that_of_a_construct() -> None:
    own = templates({"A": resource("ApiGateway::Method"), "B": resource("SNS::Topic"), "C": resource("ApiGateway::Stage")})
    assert said(types(own, {"a.json": {"C": "AWS::ApiGateway::Stage"}})) == [("a.json", "A")]
    assert said(
        types(own, {"a.json": {"A": "AWS::ApiGateway::Method", "B": "AWS::ApiGateway::ApiKey", "C": "AWS::ApiGateway::Stage"}})
    ) == [("a.json", "B")]


def test_what_stands_beside_a_body_is_found_by_what_is_written() -> None:
    exported = {"Out": {"Value": {"Ref": "Api"}, "Export": {"Name": "a:Api"}}}
    method = resource("ApiGateway::Method", RestApiId={"Ref": "Api"})
    there = {"M": resource("ApiGateway::Method", RestApiId={"Fn::ImportValue": "a:Api"})}
    assert said(beside(templates({"Api": api(BY_SUB), "M": method}, there, exported), INSTEAD)) == [("a.json", "M"), ("b.json", "M")]
    route = resource("ApiGatewayV2::Route", ApiId={"Ref": "Api"})
    socket = {
        "Api": resource("ApiGatewayV2::Api"),
        "R": route,
        "Theirs": api(BY_SUB),
        "M": resource("ApiGateway::Method", RestApiId={"Ref": "Theirs"}),
    }
    assert said(beside(templates(socket), INSTEAD)) == []


def test_a_key_whose_value_is_written_down_is_found_at_a_plan_of_a_gateway() -> None:
    def told(value: Any, api: str = "Api") -> list[str]:
        resources = {
            "Api": resource("ApiGateway::RestApi"),
            "Plan": resource("ApiGateway::UsagePlan", ApiStages=[{"ApiId": {"Ref": "Api"}, "Stage": "live"}]),
            "Key": resource("ApiGateway::ApiKey", Enabled=True, **value),
            "Tie": resource("ApiGateway::UsagePlanKey", KeyId={"Ref": "Key"}, KeyType="API_KEY", UsagePlanId={"Ref": "Plan"}),
        }
        templates = Templates({"a.json": {"Resources": resources}}, {f"${{a.json.{api}}}": "Test/Rest"})
        return [f"{one.resource}: {one.said}" for one in written_keys(templates)]

    [said] = told({"Value": "0123456789abcdef01234567"})
    assert said.startswith("Key: the value of Key stands in the template, for whoever may read that; leave it out")
    assert told({}) == told({"Value": {"Ref": "Given"}}) == told({"Value": "0123456789abcdef01234567"}, api="Another") == []
