"""AWS WAF before a REST stage, on or off with a reason.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import ArnFormat, Names, RemovalPolicy, Stack, Token
from aws_cdk import aws_logs as logs
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import a, check, either, filled, listing, number, optional
from gateleg.cdk.authorizers import headers_of
from gateleg.cdk.management.encryption import key_of
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import aws_apigateway as apigateway
    from aws_cdk import aws_wafv2 as wafv2

    from gateleg.cdk.authorizers import Authorizer

_SECRETS = ("authorization", "cookie", "x-amz-security-token", "x-api-key")
_DATE = "X-Amz-Date"
_LEAST_RATE, _MOST_RATE = 10, 2_000_000_000
_MOST_NAME = 100
_COUNTED: Mapping[str, str] = {"AWSManagedRulesCommonRuleSet": "SizeRestrictions_BODY"}
"""By rule group, a rule that counts and does not block: handlers say themselves how much they take, up to API Gateway's 10 MB."""
_GROUPS = tuple(
    f"AWSManagedRules{name}"
    for name in (
        *("CommonRuleSet", "AdminProtectionRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet", "LinuxRuleSet", "UnixRuleSet"),
        *("WindowsRuleSet", "PHPRuleSet", "WordPressRuleSet", "AmazonIpReputationList", "AnonymousIpList", "BotControlRuleSet"),
    )
)
"""AWS's own that ask for no settings: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html."""
_ASKS_FOR_ONE = ("AwsSolutions-APIG3", "NIST.800.53.R5-APIGWAssociatedWithWAF", "PCI.DSS.321-APIGWAssociatedWithWAF")
"""The rules of cdk-nag that ask for a web ACL."""


@dataclass(frozen=True)
class WebAcl:
    """A web ACL that a gateway makes for its stage, whose requests are logged without tokens, keys and query strings.

    Each rule group and each request cost: https://aws.amazon.com/waf/pricing/.

    Args:
        managed_rules: AWS's own rule groups, asked in this order. `SizeRestrictions_BODY` of the common ones counts bodies of over 8 KB and
            does not block them.
        rate_limit: How many requests an address may send in five minutes; any number with `None`.
        log_retention: How long requests are kept that the ACL looked at; `None` keeps none.

    Raises:
        DeclarationError: An argument is not what it must be, there is no rule, one twice, or a group that AWS has not.
    """

    managed_rules: Sequence[str] = (
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    )
    rate_limit: int | None = 2_000
    log_retention: logs.RetentionDays | None = logs.RetentionDays.THREE_MONTHS

    def __post_init__(self) -> None:
        check(
            "WebAcl",
            managed_rules=(self.managed_rules, listing(filled)),
            rate_limit=(self.rate_limit, optional(number(_LEAST_RATE, _MOST_RATE, int))),
            log_retention=(self.log_retention, optional(a("a RetentionDays of aws_logs, or None", logs.RetentionDays))),
        )
        if not self.managed_rules and self.rate_limit is None:
            message = "a WebAcl without rules lets everything through; name managed_rules or a rate_limit, or write NoWebAcl('why')"
            raise DeclarationError(message, path="WebAcl.managed_rules", value=list(self.managed_rules))
        if twice := [name for name, count in Counter(self.managed_rules).items() if count > 1]:
            message = f"WebAcl(managed_rules=...) names {twice[0]!r} more than once, and rules of an ACL are told apart by their names; name it once"
            raise DeclarationError(message, path="WebAcl.managed_rules", value=list(self.managed_rules))
        for name in self.managed_rules:
            if name not in _GROUPS and not Token.is_unresolved(name):
                near = difflib.get_close_matches(name, _GROUPS, n=3) or _GROUPS[:3]
                message = (
                    f"WebAcl(managed_rules=...) names {name!r}, which is none of AWS's rule groups that ask for no settings; write one of {', '.join(near)}, "
                    "or give the gateway a CfnWebACL of aws_wafv2 with that group"
                )
                raise DeclarationError(message, path="WebAcl.managed_rules", value=name)


@dataclass(frozen=True)
class NoWebAcl:
    """No web ACL, and why; the reason stands where stack checkers, such as cdk-nag, ask for one.

    Args:
        reason: Why that is right.

    Raises:
        DeclarationError: There is no reason.
    """

    reason: str

    def __post_init__(self) -> None:
        check("NoWebAcl", reason=(self.reason, filled))


def _arn(value: Any) -> str | None:
    fits = isinstance(value, str) and (
        Token.is_unresolved(value) or re.fullmatch(r"arn:[\w-]+:wafv2:[\w-]+:\d{12}:regional/webacl/[^/]+/[^/]+", value)
    )
    return None if fits else "the ARN of a regional one"


def _regional(value: Any) -> str | None:
    """Any L1 has an ARN; its type says which one it is, without a module that few stacks need."""
    fits = getattr(value, "cfn_resource_type", None) == "AWS::WAFv2::WebACL" and getattr(value, "scope", None) != "CLOUDFRONT"
    return None if fits else "a CfnWebACL of aws_wafv2 with scope='REGIONAL'"


WEB_ACL = either(a("a WebAcl", WebAcl), a("NoWebAcl('why there is none')", NoWebAcl), _regional, _arn)
"""The rule for the argument `web_acl`."""


def web_acl_of(
    scope: Construct, given: WebAcl | NoWebAcl | wafv2.CfnWebACL | str | None, authorizers: Iterable[Authorizer]
) -> NoWebAcl | wafv2.CfnWebACL | str | None:
    """What a gateway was given, with the web ACL made that it asks for.

    Args:
        scope: The gateway.
        given: What it was given.
        authorizers: Whose headers no log shall show.

    Raises:
        DeclarationError: It is of another region than the stack.
    """
    if isinstance(given, str) and not Token.is_unresolved(given):
        theirs, ours = given.split(":")[3], Stack.of(scope).region
        if not Token.is_unresolved(ours) and theirs != ours:
            message = (
                f"web_acl is the ARN of a web ACL in {theirs}, and the API is in {ours}; pass one of {ours}, or write web_acl=WebAcl()"
            )
            raise DeclarationError(message, path="RestGateway.web_acl", value=given)
    return _WebAcl(scope, given, _secrets(authorizers)).resource if isinstance(given, WebAcl) else given


def guard_stage(scope: Construct, stage: apigateway.Stage, acl: NoWebAcl | wafv2.CfnWebACL | str | None) -> None:
    """Put a web ACL before a stage, or acknowledge that there is none, where that has a reason.

    Args:
        scope: What the binding belongs to.
        stage: The stage.
        acl: The web ACL.
    """
    if isinstance(acl, NoWebAcl):
        acknowledge(stage, acl.reason, *_ASKS_FOR_ONE)
    elif acl is not None:
        from aws_cdk import aws_wafv2 as wafv2

        arn = acl if isinstance(acl, str) else acl.attr_arn
        wafv2.CfnWebACLAssociation(scope, "WebAcl", resource_arn=stage.stage_arn, web_acl_arn=arn)


def _secrets(authorizers: Iterable[Authorizer]) -> list[str]:
    """The headers that let somebody in, in lower case."""
    return sorted({*_SECRETS, *(name.lower() for authorizer in authorizers for name in headers_of(authorizer) if name != _DATE)})


class _WebAcl(Construct):
    def __init__(self, scope: Construct, given: WebAcl, secrets: Sequence[str]) -> None:
        from aws_cdk import aws_wafv2 as wafv2

        super().__init__(scope, "Firewall")
        rules = [_rate(given.rate_limit)] if given.rate_limit is not None else []
        rules += [_managed(name) for name in given.managed_rules]
        self.resource: wafv2.CfnWebACL = wafv2.CfnWebACL(
            self,
            "Resource",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            scope="REGIONAL",
            visibility_config=_visibility("WebAcl"),
            rules=[{**rule, "priority": index} for index, rule in enumerate(rules)],
        )
        if given.log_retention is not None:
            self._log(given.log_retention, secrets)

    def _log(self, retention: logs.RetentionDays, secrets: Sequence[str]) -> None:
        from aws_cdk import aws_wafv2 as wafv2

        # WAF takes a group of this prefix alone.
        name = f"aws-waf-logs-{Names.unique_resource_name(self, max_length=_MOST_NAME, separator='-')}"
        group = logs.LogGroup(
            self, "Logs", log_group_name=name, retention=retention, encryption_key=key_of(self), removal_policy=RemovalPolicy.DESTROY
        )
        # The group's own ARN ends in `:*`, which WAF refuses.
        arn = Stack.of(self).format_arn(
            service="logs", resource="log-group", resource_name=group.log_group_name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        fields = [wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": header}) for header in secrets]
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.resource.attr_arn,
            log_destination_configs=[arn],
            redacted_fields=[*fields, wafv2.CfnLoggingConfiguration.FieldToMatchProperty(query_string={})],
        )


def _rate(limit: int) -> dict[str, Any]:
    statement = {"rateBasedStatement": {"limit": limit, "aggregateKeyType": "IP"}}
    return {"name": "Rate", "statement": statement, "action": {"block": {}}, "visibilityConfig": _visibility("Rate")}


def _managed(name: str) -> dict[str, Any]:
    group: dict[str, Any] = {"vendorName": "AWS", "name": name}
    if name in _COUNTED:
        group["ruleActionOverrides"] = [{"name": _COUNTED[name], "actionToUse": {"count": {}}}]
    statement = {"managedRuleGroupStatement": group}
    return {"name": name, "statement": statement, "overrideAction": {"none": {}}, "visibilityConfig": _visibility(name)}


def _visibility(metric: str) -> dict[str, Any]:
    # Samples show whole requests, tokens included, to whoever may look at the ACL.
    return {"cloudWatchMetricsEnabled": True, "metricName": metric, "sampledRequestsEnabled": False}
