"""What routes of an HTTP API call, as its import reads it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.cdk.body_rules.reading import Finding, is_made, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.body_rules.http import HttpApi

_SUBTYPES: Mapping[str, tuple[str, ...]] = {
    "EventBridge-PutEvents": ("Detail", "DetailType", "Source"),
    "SQS-SendMessage": ("QueueUrl", "MessageBody"),
    "SQS-ReceiveMessage": ("QueueUrl",),
    "SQS-DeleteMessage": ("QueueUrl", "ReceiptHandle"),
    "SQS-PurgeQueue": ("QueueUrl",),
    "AppConfig-GetConfiguration": ("Application", "Environment", "Configuration", "ClientId"),
    "Kinesis-PutRecord": ("StreamName", "Data", "PartitionKey"),
    "StepFunctions-StartExecution": ("StateMachineArn",),
    "StepFunctions-StartSyncExecution": ("StateMachineArn",),
    "StepFunctions-StopExecution": ("ExecutionArn",),
}
"""The services that an integration calls, each with the parameters that it needs."""

_MIN_TIMEOUT, _MAX_TIMEOUT = 50, 30_000


def types(api: HttpApi) -> Iterator[Finding]:
    """The types `aws`, `http` and `mock` are dropped with a warning, and the route answers nothing. Same page, "warning"."""
    for at, given in api.integrations:
        kind = (text(given.get("type")) or "").lower()
        if kind not in {"aws_proxy", "http_proxy"}:
            yield Finding(at, f"an HTTP API has no integration of type {kind or 'that nobody can say'!r}; write aws_proxy or http_proxy")


def payloads(api: HttpApi) -> Iterator[Finding]:
    """An integration names its payload version: 1.0 or 2.0 of a function, 1.0 of anything else.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html.
    """
    for at, given in api.integrations:
        function = (text(given.get("type")) or "").lower() == "aws_proxy" and "integrationSubtype" not in given
        allowed = {"1.0", "2.0"} if function else {"1.0"}
        if not is_made(given.get("payloadFormatVersion")) and str(given.get("payloadFormatVersion")) not in allowed:
            said = f"payloadFormatVersion is {given.get('payloadFormatVersion')!r}; write {' or '.join(sorted(allowed))}"
            yield Finding(at, said)


def services(api: HttpApi) -> Iterator[Finding]:
    """A call of a service is one of ten, with its parameters and a role.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html.
    """
    for at, given in api.integrations:
        if "integrationSubtype" not in given:
            continue
        subtype, parameters = str(given["integrationSubtype"]), mapping(given.get("requestParameters"))
        if subtype not in _SUBTYPES:
            yield Finding(at, f"an HTTP API calls no {subtype!r}; write one of {', '.join(_SUBTYPES)}")
        elif missing := [name for name in _SUBTYPES[subtype] if name not in parameters]:
            yield Finding(
                at, f"{subtype} needs {', '.join(missing)}; write requestParameters: {{{missing[0]}: $request.body.{missing[0]}}}"
            )
        if not given.get("credentials"):
            yield Finding(at, f"{subtype} is called with a role; write credentials: its ARN")


def links(api: HttpApi) -> Iterator[Finding]:
    """A VPC link leads to a listener or a Cloud Map service, by an HTTP proxy.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-integration.html.
    """
    for at, given in api.integrations:
        if given.get("connectionType") != "VPC_LINK":
            continue
        if (text(given.get("type")) or "").lower() != "http_proxy":
            yield Finding(at, "a VPC link is for http_proxy alone; write type: http_proxy")
        if not given.get("connectionId"):
            yield Finding(at, "a VPC link is named by connectionId; write the id of the AWS::ApiGatewayV2::VpcLink")
        if (text(given.get("uri")) or "arn:").startswith("http"):
            yield Finding(at, "behind a VPC link uri is the ARN of a listener or of a Cloud Map service; write that")


def timeouts(api: HttpApi) -> Iterator[Finding]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html."""
    for at, given in api.integrations:
        timeout = given.get("timeoutInMillis")
        if isinstance(timeout, (int, float)) and not _MIN_TIMEOUT <= timeout <= _MAX_TIMEOUT:
            yield Finding(at, f"an HTTP API waits {_MIN_TIMEOUT} to {_MAX_TIMEOUT} ms, not {timeout}; write timeoutInMillis within")
