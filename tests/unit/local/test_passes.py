"""Each pass over a template, on small templates."""

from __future__ import annotations

import copy
import string
from typing import Any, ClassVar

import pytest

from gateleg.local.passes import PASSES, adapt
from gateleg.local.passes.bootstrap import drop_bootstrap_check
from gateleg.local.passes.callbacks import VARIABLE, set_callback_endpoints
from gateleg.local.passes.event_apis import rewrite_event_urls
from gateleg.local.passes.records import leave_out_foreign_records
from gateleg.local.passes.secrets import generate_secrets, use_secret_arns
from gateleg.local.passes.unknown_types import UNNEEDED, leave_out_unknown_types, unknown_types
from gateleg.local.passes.urls import rewrite_api_urls
from gateleg.local.template import Target

TARGET = Target(port=4600)
HERE = "http://127.0.0.1:4600/_aws/execute-api/"
REGION, SUFFIX = {"Ref": "AWS::Region"}, {"Ref": "AWS::URLSuffix"}
Template = dict[str, Any]


def output(value: Any) -> Template:
    return {"Resources": {}, "Outputs": {"Url": {"Value": value}}}


def rewritten(value: Any) -> Any:
    return rewrite_api_urls(output(value), TARGET)["Outputs"]["Url"]["Value"]


def join(*parts: Any) -> Template:
    return {"Fn::Join": ["", list(parts)]}


class TestRewriteEventUrls:
    @pytest.mark.parametrize(
        ("scheme", "attribute", "local"),
        [
            ("https", "Dns.Http", "http://127.0.0.1:4600/_aws/appsync-api/"),
            ("wss", "Dns.Realtime", "ws://127.0.0.1:4600/_aws/appsync-realtime-api/"),
        ],
    )
    def test_the_host_of_an_event_api_becomes_a_path(self, scheme: str, attribute: str, local: str) -> None:
        url = join(f"{scheme}://", {"Fn::GetAtt": ["Api", attribute]}, "/event")
        assert rewrite_event_urls(output(url), TARGET)["Outputs"]["Url"]["Value"] == join(local, {"Fn::GetAtt": ["Api", "ApiId"]}, "/event")

    @pytest.mark.parametrize("scheme", ["https://", "see https://"])
    def test_other_attributes_and_texts_stay(self, scheme: str) -> None:
        url = join(scheme, {"Fn::GetAtt": ["Api", "Dns.Realtime"]}, "/event")
        assert rewrite_event_urls(output(url), TARGET) == output(url)


class TestRewriteApiUrls:
    @pytest.mark.parametrize(("scheme", "local"), [("https", "http"), ("wss", "ws")])
    def test_a_joined_url_becomes_the_local_one(self, scheme: str, local: str) -> None:
        api = {"Ref": "Api"}
        url = join(f"{scheme}://", api, ".execute-api.", REGION, ".", SUFFIX, "/prod/")
        assert rewritten(url) == join(f"{local}://127.0.0.1:4600/_aws/execute-api/", api, "/prod/")

    def test_text_around_the_url_stays(self) -> None:
        url = join("see https://", {"Ref": "Api"}, ".execute-api.us-east-1.amazonaws.com/", {"Ref": "Stage"}, "?x=1")
        assert rewritten(url) == join("see " + HERE, {"Ref": "Api"}, "/", {"Ref": "Stage"}, "?x=1")

    def test_two_urls_in_one_text_are_both_rewritten(self) -> None:
        url = "https://a1.execute-api.eu-west-1.amazonaws.com/x,https://b2.execute-api.cn-north-1.amazonaws.com.cn/y"
        assert rewritten(url) == f"{HERE}a1/x,{HERE}b2/y"

    @pytest.mark.parametrize("form", ["${Api}", "${Api.RestApiId}", "${apiId}"])
    def test_a_substituted_url_becomes_the_local_one(self, form: str) -> None:
        url = {"Fn::Sub": f"https://{form}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/${{Stage}}"}
        assert rewritten(url) == {"Fn::Sub": f"{HERE}{form}/${{Stage}}"}

    def test_a_substitution_with_values_keeps_them(self) -> None:
        url = {"Fn::Sub": ["https://${id}.execute-api.${AWS::Region}.amazonaws.com/p", {"id": {"Ref": "Api"}}]}
        assert rewritten(url) == {"Fn::Sub": [f"{HERE}${{id}}/p", {"id": {"Ref": "Api"}}]}

    def test_the_endpoint_attribute_of_a_websocket_api_becomes_the_local_one(self) -> None:
        template = output({"Fn::GetAtt": ["Socket", "ApiEndpoint"]})
        template["Resources"] = {"Socket": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}}}
        value = rewrite_api_urls(template, TARGET)["Outputs"]["Url"]["Value"]
        assert value == join("ws://127.0.0.1:4600/_aws/execute-api/", {"Ref": "Socket"})

    @pytest.mark.parametrize(
        "other",
        [
            "https://example.com/execute-api",
            join("arn:aws:execute-api:", REGION, ":1:", {"Ref": "Api"}, "/live/*"),
            {"Fn::Join": [",", ["https://a.execute-api.", "us-east-1.amazonaws.com"]]},
            {"Fn::Sub": "https://${Bucket}.s3.${AWS::Region}.${AWS::URLSuffix}/"},
        ],
    )
    def test_what_is_no_url_of_an_api_stays(self, other: Any) -> None:
        assert rewritten(other) == other


def websocket(name: str, stage: Any = "live") -> Template:
    return {
        name: {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}},
        f"{name}Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": name}, "StageName": stage}},
    }


def function(**variables: Any) -> Template:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Environment": {"Variables": variables}},
    }


def callback(template: Template, name: str) -> Any:
    adapted = set_callback_endpoints(template, TARGET)["Resources"][name]
    return adapted["Properties"].get("Environment", {}).get("Variables", {}).get(VARIABLE)


def url_of(api: str, stage: Any = "live") -> Template:
    return join(HERE, {"Ref": api}, "/", stage)


class TestSetCallbackEndpoints:
    def test_every_function_gets_the_only_websocket_api(self) -> None:
        template: Template = {
            "Resources": {**websocket("Socket"), "One": function(), "Two": {"Type": "AWS::Lambda::Function", "Properties": {}}}
        }
        assert callback(template, "One") == callback(template, "Two") == url_of("Socket")

    def test_a_function_gets_the_api_that_integrates_it(self) -> None:
        integration = {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {"ApiId": {"Ref": "B"}, "IntegrationUri": {"Fn::Sub": ["x/${f}/y", {"f": {"Fn::GetAtt": ["Fn", "Arn"]}}]}},
        }
        template: Template = {"Resources": {**websocket("A"), **websocket("B", "beta"), "I": integration, "Fn": function()}}
        assert callback(template, "Fn") == url_of("B", "beta")

    def test_a_function_gets_the_api_that_its_environment_names(self) -> None:
        template: Template = {"Resources": {**websocket("A"), **websocket("B"), "Fn": function(PEER={"Fn::Sub": "https://${B}.x"})}}
        assert callback(template, "Fn") == url_of("B")

    def test_a_function_gets_the_api_that_its_policy_grants(self) -> None:
        statement = {"Action": "execute-api:ManageConnections", "Resource": {"Fn::Sub": "arn:aws:execute-api:r:1:${A}/*"}}
        policy = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [statement]}}}
        template: Template = {"Resources": {**websocket("A"), **websocket("B"), "P": policy, "Fn": function()}}
        assert callback(template, "Fn") == url_of("A")

    def test_no_api_is_guessed_among_several(self) -> None:
        assert callback({"Resources": {**websocket("A"), **websocket("B"), "Fn": function()}}, "Fn") is None

    def test_a_value_of_ones_own_stays(self) -> None:
        assert callback({"Resources": {**websocket("A"), "Fn": function(**{VARIABLE: "mine"})}}, "Fn") == "mine"

    def test_an_http_api_is_no_websocket_api(self) -> None:
        api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP"}}
        assert callback({"Resources": {"Http": api, "Fn": function()}}, "Fn") is None


class TestLeaveOutUnknownTypes:
    TEMPLATE: ClassVar[Template] = {
        "Resources": {
            "Gone": {"Type": "AWS::Nowhere::Thing"},
            "Custom": {"Type": "Custom::Anything", "Properties": {"ServiceToken": "x"}},
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "DependsOn": ["Gone", "Custom"],
                "Properties": {
                    "A": {"Ref": "Gone"},
                    "B": {"Fn::GetAtt": ["Gone", "Arn"]},
                    "C": {"Fn::Sub": "x-${Gone.Arn}-${Custom}-${!Gone}"},
                    "D": {"Fn::Sub": ["${Gone}", {"y": 1}]},
                    "E": {"Ref": "Custom"},
                },
            },
        }
    }

    def test_it_is_dropped_and_what_names_it_gets_a_text(self) -> None:
        adapted = leave_out_unknown_types(self.TEMPLATE, TARGET)["Resources"]
        assert adapted.keys() == {"Custom", "Queue"}
        assert adapted["Queue"]["DependsOn"] == ["Custom"]
        assert adapted["Queue"]["Properties"] == {
            "A": "left-out-Gone",
            "B": "left-out-Gone",
            "C": {"Fn::Sub": "x-left-out-Gone-${Custom}-${!Gone}"},
            "D": {"Fn::Sub": ["left-out-Gone", {"y": 1}]},
            "E": {"Ref": "Custom"},
        }

    def test_it_is_named(self) -> None:
        assert unknown_types(self.TEMPLATE) == {"Gone": "AWS::Nowhere::Thing"}

    def test_an_alarm_on_several_metrics_is_dropped_and_one_on_a_single_metric_stays(self) -> None:
        metrics = [{"Id": "rate", "Expression": "errors / calls"}]
        template: Template = {
            "Resources": {
                "Rate": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": metrics}},
                "Count": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors", "Namespace": "AWS/Lambda"}},
            }
        }
        assert unknown_types(template) == {"Rate": "AWS::CloudWatch::Alarm"}
        assert "AWS::CloudWatch::Alarm" in UNNEEDED, "nobody misses it: there are no metrics here"


class TestSecrets:
    def test_a_reference_becomes_the_arn(self) -> None:
        template: Template = {
            "Resources": {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {}}},
            "Outputs": {"A": {"Ref": "S"}, "B": {"Fn::Sub": "${S}/${Other}"}, "C": {"Fn::Sub": ["${S}", {"S": 1}]}, "D": {"Ref": "Other"}},
        }
        assert use_secret_arns(template, TARGET)["Outputs"] == {
            "A": {"Fn::GetAtt": ["S", "Id"]},
            "B": {"Fn::Sub": "${S.Id}/${Other}"},
            "C": {"Fn::Sub": ["${S}", {"S": 1}]},
            "D": {"Ref": "Other"},
        }

    @pytest.mark.parametrize(("given", "expected"), [({}, {"PasswordLength": 32}), ({"PasswordLength": 64}, {"PasswordLength": 64})])
    def test_a_secret_generated_with_all_defaults_says_its_length(self, given: Template, expected: Template) -> None:
        secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": given}}
        adapted = generate_secrets({"Resources": {"S": secret}}, TARGET)
        assert adapted["Resources"]["S"]["Properties"]["GenerateSecretString"] == expected

    def test_a_generated_secret_has_no_characters_that_its_template_excludes(self) -> None:
        settings = {"ExcludePunctuation": True, "ExcludeNumbers": "true", "ExcludeUppercase": False, "ExcludeCharacters": "lI"}
        secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": settings}}
        adapted = generate_secrets({"Resources": {"S": secret}}, TARGET)
        excluded = adapted["Resources"]["S"]["Properties"]["GenerateSecretString"]["ExcludeCharacters"]
        assert set(excluded) == {*string.punctuation, *string.digits, "l", "I"}


class TestDropBootstrapCheck:
    def test_only_the_parameter_and_the_rule_go(self) -> None:
        template: Template = {"Parameters": {"BootstrapVersion": {}, "Mine": {}}, "Rules": {"CheckBootstrapVersion": {}}, "Resources": {}}
        assert drop_bootstrap_check(template, TARGET) == {"Parameters": {"Mine": {}}, "Resources": {}}


def test_records_of_zones_that_stand_elsewhere_are_left_out_and_others_kept() -> None:
    def record(zone: Any) -> Any:
        return {"Type": "AWS::Route53::RecordSet", "Properties": {"Name": "api.example.com.", "HostedZoneId": zone}}

    own = record({"Ref": "Zone"})
    adapted = leave_out_foreign_records({"Resources": {"Far": record("Z0123"), "Own": own}, "Outputs": {}}, Target(port=1))
    assert adapted == {"Resources": {"Own": own}, "Outputs": {}}


def test_no_pass_changes_what_it_was_given() -> None:
    body = {"paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}}}
    template: Template = {
        "Parameters": {"BootstrapVersion": {}},
        "Resources": {
            **TestLeaveOutUnknownTypes.TEMPLATE["Resources"],
            **websocket("Socket"),
            "Fn": function(
                URL={"Fn::Sub": "https://${Socket}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live"},
                SECRET={"Ref": "S"},
                EVENTS=join("https://", {"Fn::GetAtt": ["Events", "Dns.Http"]}),
            ),
            "Events": {"Type": "AWS::AppSync::Api", "Properties": {}},
            "S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}}},
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}},
            "HttpApi": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body}},
            "Table": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"KeySchema": []}},
            "Record": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneId": "Z0123"}},
        },
    }
    before = copy.deepcopy(template)
    for change in PASSES:
        assert change(template, TARGET) != before, f"{change.__name__} does nothing to this template"
        assert template == before
    assert adapt(adapt(template, TARGET), TARGET) == adapt(template, TARGET)
