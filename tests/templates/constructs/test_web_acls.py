"""AWS WAF before a REST stage: made, given, or off with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2

from gateleg.cdk import NoWebAcl, RequestAuthorizer, TokenAuthorizer, WebAcl
from gateleg.errors import DeclarationError
from tests.templates.constructs.samples import Template, function, gateway, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

ACL, BOUND, LOGGING = "AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation", "AWS::WAFv2::LoggingConfiguration"
ARN = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/a/b"


@pytest.fixture(scope="module")
def guarded(code: HandlerCode) -> Template:
    return synthesized(lambda stack: gateway(stack, code, web_acl=WebAcl()))


def test_a_web_acl_that_is_made_stands_before_the_stage(guarded: Template) -> None:
    bound = guarded.one(BOUND)
    stage = {"Ref": guarded.id_of("AWS::ApiGateway::Stage")}
    assert bound["ResourceArn"]["Fn::Join"][1][-1] == stage
    assert bound["WebACLArn"] == {"Fn::GetAtt": [guarded.id_of(ACL), "Arn"]}
    assert (guarded.one(ACL)["Scope"], guarded.one(ACL)["DefaultAction"]) == ("REGIONAL", {"Allow": {}})


def test_it_counts_requests_of_an_address_and_asks_aws_s_rules(guarded: Template) -> None:
    rate, *managed = guarded.one(ACL)["Rules"]
    assert rate["Statement"] == {"RateBasedStatement": {"Limit": 2_000, "AggregateKeyType": "IP"}}
    assert rate["Action"] == {"Block": {}}
    groups = [rule["Statement"]["ManagedRuleGroupStatement"] for rule in managed]
    assert [group["Name"] for group in groups] == list(WebAcl().managed_rules)
    assert [rule["OverrideAction"] for rule in managed] == [{"None": {}}] * 3
    assert [rule["Priority"] for rule in (rate, *managed)] == [0, 1, 2, 3]


def test_no_rule_blocks_a_body_that_the_handlers_take(guarded: Template) -> None:
    [common] = [rule for rule in guarded.one(ACL)["Rules"] if rule["Name"] == "AWSManagedRulesCommonRuleSet"]
    counted = common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert counted == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]


def test_requests_are_logged_without_what_lets_somebody_in(guarded: Template) -> None:
    logging = guarded.one(LOGGING)
    headers = [field["SingleHeader"]["Name"] for field in logging["RedactedFields"] if "SingleHeader" in field]
    assert headers == ["authorization", "cookie", "x-amz-security-token", "x-api-key"]
    assert {"QueryString": {}} in logging["RedactedFields"]
    assert not [rule for rule in guarded.one(ACL)["Rules"] if rule["VisibilityConfig"]["SampledRequestsEnabled"]]
    [group] = [one for one in guarded.all("AWS::Logs::LogGroup").items() if "aws-waf-logs-" in str(one[1])]
    assert group[1]["Properties"]["RetentionInDays"] == 90
    assert logging["LogDestinationConfigs"][0]["Fn::Join"][1][-1] == {"Ref": group[0]}, "WAF refuses an ARN that ends in :*"


def test_headers_of_the_gateway_s_own_authorizers_are_kept_out_of_the_logs_too(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        judge = function(stack, code)
        guards = {
            "session": TokenAuthorizer(judge, "X-Session"),
            "partner": RequestAuthorizer(judge, ["method.request.multivalueheader.X-Partner", "header.X-Team", "querystring.token"]),
        }
        gateway(stack, code, web_acl=WebAcl(), authorizers=guards, default_authorizer="session")

    fields = synthesized(build).one(LOGGING)["RedactedFields"]
    headers = {field["SingleHeader"]["Name"] for field in fields if "SingleHeader" in field}
    assert headers == {"authorization", "cookie", "x-amz-security-token", "x-api-key", "x-session", "x-partner", "x-team"}


def test_rules_and_logs_are_the_account_s_own_choice(code: HandlerCode) -> None:
    acl = WebAcl(managed_rules=[], rate_limit=100, log_retention=None)
    template = synthesized(lambda stack: gateway(stack, code, web_acl=acl))
    [rate] = template.one(ACL)["Rules"]
    assert rate["Statement"]["RateBasedStatement"]["Limit"] == 100
    assert template.all(LOGGING) == {}
    month = WebAcl(rate_limit=None, log_retention=logs.RetentionDays.ONE_MONTH)
    assert [rule["Name"] for rule in synthesized(lambda stack: gateway(stack, code, web_acl=month)).one(ACL)["Rules"]] == list(
        month.managed_rules
    )


@pytest.mark.parametrize("given", [ARN, "construct"])
def test_a_web_acl_that_is_there_is_bound(given: str, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        visible = wafv2.CfnWebACL.VisibilityConfigProperty(
            cloud_watch_metrics_enabled=True, metric_name="m", sampled_requests_enabled=False
        )
        allow = wafv2.CfnWebACL.DefaultActionProperty(allow={})
        acl: Any = given
        if given == "construct":
            acl = wafv2.CfnWebACL(stack, "Acl", default_action=allow, scope="REGIONAL", visibility_config=visible)
        rest = gateway(stack, code, web_acl=acl)
        assert rest.web_acl is (None if given == ARN else acl)

    template = synthesized(build)
    assert template.one(BOUND)["WebACLArn"] == (ARN if given == ARN else {"Fn::GetAtt": ["Acl", "Arn"]})
    assert template.all(LOGGING) == {}


def acknowledged(rest: Any) -> dict[str, str]:
    return {
        rule: reason
        for entry in rest.stage.node.metadata
        if entry.type == "aws:cdk:acknowledged-rules"
        for rule, reason in entry.data.items()
    }


def test_one_that_is_off_has_the_author_s_reason_and_nobody_else_s(code: HandlerCode) -> None:
    reasons: list[dict[str, str]] = []
    for given in (NoWebAcl("CloudFront stands before it"), None):
        template = synthesized(lambda stack: reasons.append(acknowledged(gateway(stack, code, web_acl=given))))  # noqa: B023
        assert template.all(BOUND) == {}
    assert "CloudFront stands before it" in str(reasons[0])
    assert "APIG3" not in str(reasons[1])


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: NoWebAcl(" "), "NoWebAcl(reason=...) takes a text that is not empty"),
        (lambda: WebAcl(managed_rules=[], rate_limit=None), "name managed_rules or a rate_limit, or write NoWebAcl('why')"),
        (lambda: WebAcl(rate_limit=9), "a whole number from 10 to"),
    ],
)
def test_what_is_no_web_acl_is_told_with_what_to_write(make: Callable[[], object], told: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        make()
    assert told in str(raised.value)


@pytest.mark.parametrize("given", ["off", ARN.replace("regional", "global"), "arn:aws:s3:::bucket"])
def test_a_text_that_is_no_regional_web_acl_is_refused(given: str, code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match=r"web_acl=\.\.\.\) takes a WebAcl or NoWebAcl"):
        synthesized(lambda stack: gateway(stack, code, web_acl=given))


def test_what_is_no_regional_web_acl_is_refused(code: HandlerCode) -> None:
    def key(stack: Stack) -> Any:
        return kms.CfnKey(stack, "Key", key_policy={})

    def edge(stack: Stack) -> Any:
        shown = wafv2.CfnWebACL.VisibilityConfigProperty(cloud_watch_metrics_enabled=True, metric_name="m", sampled_requests_enabled=False)
        allow = wafv2.CfnWebACL.DefaultActionProperty(allow={})
        return wafv2.CfnWebACL(stack, "Acl", scope="CLOUDFRONT", default_action=allow, visibility_config=shown)

    for given in (key, edge):
        with pytest.raises(DeclarationError, match="a CfnWebACL of aws_wafv2 with scope='REGIONAL'"):
            synthesized(lambda stack: gateway(stack, code, web_acl=given(stack)))  # noqa: B023


def test_a_web_acl_of_another_region_is_refused(code: HandlerCode) -> None:
    def build(region: str) -> str:
        app = App()
        stack = Stack(app, "Here", env=Environment(account="123456789012", region=region))
        gateway(stack, code, web_acl=ARN)
        return str(app.synth().get_stack_by_name("Here").template)

    with pytest.raises(DeclarationError, match=r"in eu-central-1, and the API is in eu-west-1; pass one of eu-west-1"):
        build("eu-west-1")
    assert ARN in build("eu-central-1")


def test_a_rule_group_that_is_named_twice_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"more than once, .*; name it once"):
        WebAcl(managed_rules=["AWSManagedRulesCommonRuleSet"] * 2)


@pytest.mark.parametrize("name", ["AWSManagedRulesNope", "AWSManagedRulesCommonRuleset", "AWSManagedRulesATPRuleSet"])
def test_a_rule_group_that_aws_has_not_or_that_asks_for_settings_is_refused(name: str) -> None:
    with pytest.raises(DeclarationError, match=rf"names '{name}', .*; write one of AWSManagedRules.*, or give the gateway a CfnWebACL"):
        WebAcl(managed_rules=[name])
    assert WebAcl(managed_rules=["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesBotControlRuleSet"])
