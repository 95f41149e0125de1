"""What an account and its region must have before a deployment: the bootstrap, API Gateway's role for logs, parameters, enabled regions."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from gateleg.doctor.need import DOCS, Need, When
from gateleg.template import routed
from gateleg.template.canonical import canonical, is_list, is_object, listing, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.template.stack_template import StackTemplate

_LOOKED_UP = "AWS::SSM::Parameter::Value"
_RESOLVED = re.compile(r"\{\{resolve:(?P<service>secretsmanager|ssm|ssm-secure):(?P<name>(?:arn:[^{}]*?:secret:[^:{}]+)|[^:{}]+)[^{}]*\}\}")
_LEVELS = frozenset({"INFO", "ERROR"})


def account(template: StackTemplate) -> Iterator[Need]:
    """What the account needs for the template as a whole."""
    yield from _bootstrap(template)
    yield from _role_for_logs(template)
    yield from _parameters(template)
    yield from _references(template)
    yield from _exports(template)


def _bootstrap(template: StackTemplate) -> Iterator[Need]:
    given = mapping(mapping(template.json.get("Parameters")).get("BootstrapVersion"))
    if not given:
        return
    name = str(given.get("Default"))
    rule = json.dumps(mapping(template.json.get("Rules")).get("CheckBootstrapVersion"))
    version = max(map(int, re.findall(r'"(\d+)"', rule)), default=0) + 1
    yield Need(
        "bootstrap",
        When.DEPLOY,
        f"the account and region are bootstrapped for the CDK, version {version} or newer",
        f"CloudFormation reads the version from the parameter {name} and stops before it makes anything where it is older or not there",
        check=f"aws ssm get-parameter --name {name} --query Parameter.Value",
        do="cdk bootstrap",
        page=DOCS + "cdk/v2/guide/bootstrapping-env.html",
    )


def _role_for_logs(template: StackTemplate) -> Iterator[Need]:
    logging = [
        *(stage.logical_id for stage in template.of_type("AWS::ApiGateway::Stage") if _logs(stage.properties)),
        *(stage.logical_id for stage in template.of_type("AWS::ApiGatewayV2::Stage") if _logs_v2(template, stage.properties)),
    ]
    if logging and not template.of_type("AWS::ApiGateway::Account"):
        yield Need(
            "cloudwatch-role",
            When.DEPLOY,
            "API Gateway has a role of the account with which it writes to CloudWatch Logs",
            "REST and WebSocket stages log, and a stage that logs is refused where the account's settings of the region name no role",
            tuple(logging),
            "aws apigateway get-account --query cloudwatchRoleArn",
            "once for the account and region: ApiGatewayAccount of gateleg.cdk in a stack of its own, or aws apigateway update-account",
            DOCS + "apigateway/latest/developerguide/set-up-logging.html",
        )


def _logs(given: Any) -> bool:
    levels = {str(mapping(one).get("LoggingLevel")) for one in listing(given.get("MethodSettings"))}
    return "AccessLogSetting" in given or bool(levels & _LEVELS)


def _logs_v2(template: StackTemplate, given: Any) -> bool:
    """HTTP APIs write through a policy of the log group, and need no role."""
    api = template.referenced(given.get("ApiId"))
    if api is not None and routed.protocol(api) == "HTTP":
        return False
    level = mapping(given.get("DefaultRouteSettings")).get("LoggingLevel")
    return "AccessLogSettings" in given or str(level) in _LEVELS


def _parameters(template: StackTemplate) -> Iterator[Need]:
    for name, raw in mapping(template.json.get("Parameters")).items():
        if name == "BootstrapVersion":
            continue
        given = mapping(raw)
        looked_up = str(given.get("Type")).startswith(_LOOKED_UP)
        if looked_up and "Default" in given:
            yield Need(
                "parameter-exists",
                When.DEPLOY,
                f"Parameter Store has {given['Default']}",
                f"the parameter {name} is looked up there when the stack is deployed",
                (name,),
                f"aws ssm get-parameter --name {given['Default']}",
                f"aws ssm put-parameter --name {given['Default']} --type String --value VALUE",
                DOCS + "AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html",
            )
        elif "Default" not in given:
            yield Need(
                "parameter-given",
                When.DEPLOY,
                f"somebody gives the parameter {name}",
                "it has no default, so that every deployment must name it",
                (name,),
                do=f"cdk deploy --parameters {name}=VALUE",
                page=DOCS + "cdk/v2/guide/parameters.html",
            )


def _references(template: StackTemplate) -> Iterator[Need]:
    """Secrets and parameters that CloudFormation puts in place of a text when it deploys."""
    for logical_id, resource in template.json["Resources"].items():
        for text in _texts(resource):
            for found in _RESOLVED.finditer(text):
                if "${" not in found["name"]:
                    yield _resolved(found["service"], found["name"], logical_id)


def _resolved(service: str, name: str, logical_id: str) -> Need:
    secret = service == "secretsmanager"
    where = "Secrets Manager" if secret else "Parameter Store"
    asked = f"aws secretsmanager describe-secret --secret-id {name}" if secret else f"aws ssm get-parameter --name {name}"
    made = (
        f"aws secretsmanager create-secret --name {name}" if secret else f"aws ssm put-parameter --name {name} --type String --value VALUE"
    )
    reason = "a dynamic reference reads it when the stack is deployed"
    page = DOCS + "AWSCloudFormation/latest/UserGuide/dynamic-references.html"
    return Need(
        "secret-exists" if secret else "parameter-exists", When.DEPLOY, f"{where} has {name}", reason, (logical_id,), asked, made, page
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_object(value):
        joined = mapping(value).get("Fn::Join")
        yield from [canonical(value)] if joined else (text for part in value.values() for text in _texts(part))
    elif is_list(value):
        for part in value:
            yield from _texts(part)


def _exports(template: StackTemplate) -> Iterator[Need]:
    outputs = {key: mapping(output) for key, output in mapping(template.json.get("Outputs")).items()}
    names = {key: canonical(mapping(output.get("Export")).get("Name")) for key, output in outputs.items() if "Export" in output}
    if names:
        yield Need(
            "exports",
            When.LATER,
            "the names that the stack exports are free in the region, and stay as long as others import them",
            f"it exports {', '.join(names.values())}; a name stands once in an account and region, and an export that is imported can be neither "
            "changed nor removed",
            tuple(names),
            "aws cloudformation list-exports --query Exports[].Name",
            "rename the stack where a name is taken",
            DOCS + "AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html",
        )
