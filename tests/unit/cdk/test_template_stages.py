"""What the stages of an API guard, and which of them guards less than another."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.cdk.template_stages import stages
from gateleg.cdk.written_templates import Templates
from tests.unit.cdk.test_template_rules import resource

LIMIT = [{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 9}]
LOG = {"DestinationArn": "arn", "Format": "$context.requestId"}


def stage(name: str, **given: Any) -> dict[str, Any]:
    return resource("ApiGateway::Stage", RestApiId={"Ref": "Api"}, StageName=name, **given)


def guard(last: Any, api: str = "Api") -> dict[str, Any]:
    arn = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":apigateway:eu-west-1::/restapis/", {"Ref": api}, "/stages/", last]]}
    return resource("WAFv2::WebACLAssociation", ResourceArn=arn, WebACLArn="acl")


LIVE = stage("live", AccessLogSetting=LOG, MethodSettings=LIMIT)


def told(api: str = "Api", **resources: Any) -> list[str]:
    written = {"Api": resource("ApiGateway::RestApi"), "Live": LIVE, **resources}
    found = stages(Templates({"a.json": {"Resources": written}}, {f"${{a.json.{api}}}": "Test/Rest"}))
    return [f"{one.severity}: {one.said}" for one in found if one.rule == "stage"]


@pytest.mark.parametrize("last", [{"Ref": "Live"}, "live"])
def test_a_stage_past_the_web_acl_is_told_with_what_to_write(last: Any) -> None:
    said = (
        "error: Plain is a stage of Test/Rest without the web ACL and the access log and the throttle that Live has, and leads to the same routes; make it by "
        "the gateway's add_stage('name') with the same options, or say why it is so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::stage', reason='...'))"
    )
    assert told(Guard=guard(last), Plain=stage("x")) == [said]
    assert told(Guard=guard(last), Plain=stage("x"), api="Another") == []


def test_a_stage_that_a_deployment_makes_is_one_too() -> None:
    [said] = told(Guard=guard({"Ref": "Live"}), More=resource("ApiGateway::Deployment", RestApiId={"Ref": "Api"}, StageName="x"))
    assert said.startswith("error: More is a stage of Test/Rest without the web ACL and")
    assert told(Guard=guard({"Ref": "Live"}), More=resource("ApiGateway::Deployment", RestApiId={"Ref": "Api"})) == []


def test_what_no_stage_has_is_asked_of_none() -> None:
    assert told(Plain=stage("x", AccessLogSetting=LOG, MethodSettings=LIMIT)) == []
    assert told(Guard=guard("live", "Other"), Plain=stage("x", AccessLogSetting=LOG, MethodSettings=LIMIT)) == []


def test_less_than_a_web_acl_is_a_warning() -> None:
    [said] = told(Plain=stage("x", MethodSettings=LIMIT))
    assert said.startswith("warning: Plain is a stage of Test/Rest without the access log that Live has")
    [said] = told(Plain=stage("x", AccessLogSetting=LOG, MethodSettings=[{"ResourcePath": "/*", "HttpMethod": "*"}]))
    assert said.startswith("warning: Plain is a stage of Test/Rest without the throttle that Live has")


def test_each_that_is_guarded_by_itself_is_as_good() -> None:
    second = stage("x", AccessLogSetting=LOG, MethodSettings=LIMIT)
    assert told(A=guard({"Ref": "Live"}), B=guard({"Ref": "Second"}), Second=second) == []


def test_stages_of_http_apis_are_held_to_logs_and_throttles() -> None:
    def of_http(**given: Any) -> dict[str, Any]:
        return resource("ApiGatewayV2::Stage", ApiId={"Ref": "Http"}, **given)

    whole = of_http(StageName="$default", AccessLogSettings=LOG, DefaultRouteSettings={"ThrottlingRateLimit": 9})
    [said] = told(api="Http", Http=resource("ApiGatewayV2::Api", ProtocolType="HTTP"), Whole=whole, Plain=of_http(StageName="x"))
    assert said.startswith("warning: Plain is a stage of Test/Rest without the access log and the throttle that Whole has")
