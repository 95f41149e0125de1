"""Calls of any service of AWS: what there is to call, and what a role is allowed for it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aws_cdk import Aws

from gateleg.cdk.integrations import AwsService
from gateleg.errors import DeclarationError

ARN = "arn:aws:kinesis:eu-west-1:111111111111:stream/s"
RECORD = '{"Data": "$util.base64Encode($input.body)", "PartitionKey": "a"}'
_QUERY = "integration.request.querystring"
SENT: dict[str, dict[str, str]] = {
    "SendMessage": {f"{_QUERY}.QueueUrl": "'q'", f"{_QUERY}.MessageBody": "'m'"},
    "SendMessageBatch": {f"{_QUERY}.QueueUrl": "'q'", f"{_QUERY}.Entries": "'m'"},
}


@pytest.mark.parametrize(
    "allow",
    [
        {"**": ["kinesis:PutRecord"]},
        {"*:*": ["kinesis:PutRecord"]},
        {"arn:aws:kinesis:eu-west-1:1:*?": ["kinesis:PutRecord"]},
        {"arn:*:*:*:*:*": ["kinesis:PutRecord"]},
        {ARN: ["kinesis:**"]},
        {ARN: ["kinesis:Put*"]},
        {ARN: ["kinesis:PutRecor?"]},
        {ARN: ["*"]},
    ],
)
def test_wildcards_that_allow_more_than_is_named_are_refused(allow: dict[str, list[str]]) -> None:
    with pytest.raises(DeclarationError, match="name the actions and the resource"):
        AwsService("kinesis", allow, action="PutRecord")


@pytest.mark.parametrize("actions", [[1], ["PutRecord"], [], [""], "kinesis:PutRecord", ["kinesis:"]])
def test_actions_that_are_none_are_refused(actions: Any) -> None:
    with pytest.raises(DeclarationError, match=r"IAM actions, such as \['kinesis:PutRecord'\]"):
        AwsService("kinesis", {ARN: actions}, action="PutRecord")


def test_a_query_or_a_method_that_is_none_is_refused() -> None:
    with pytest.raises(DeclarationError, match="a tuple of names"):
        AwsService("kinesis", {ARN: ["kinesis:PutRecord"]}, action="PutRecord", query=cast("tuple[str]", (1,)))
    with pytest.raises(DeclarationError, match="one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"):
        AwsService("kinesis", {ARN: ["kinesis:PutRecord"]}, action="PutRecord", method="FOO")


@pytest.mark.parametrize(
    ("service", "given", "told"),
    [
        ("kinesys", {"action": "PutRecord"}, "there is no service 'kinesys' in URIs of API Gateway; write one of 'kinesis'"),
        ("stepfunctions", {"action": "StartExecution"}, "write one of 'states'"),
        ("kinesis", {"action": "PutRecrd"}, "kinesis has no action 'PutRecrd'; write one of 'PutRecord'"),
        ("lambda", {"action": "Invoke"}, "lambda is called by paths, and has no actions; write path="),
        (
            "kinesis",
            {"action": "PutRecord", "template": '{"Dta": "a"}'},
            r"AwsService\('kinesis'\): PutRecord takes no 'Dta'; write one of 'Data'",
        ),
        (
            "kinesis",
            {"action": "PutRecord", "template": '{"PartitionKey": "a"}'},
            """PutRecord needs 'Data', which it is not sent; write template='{"Data": ...}'""",
        ),
        ("s3", {"path": f"{Aws.STACK_NAME}/k", "method": "PATCH"}, "and not by PATCH; write method='DELETE'"),
        ("s3", {"path": "b/{key}", "method": "GET"}, "the variable 'key', which no parameter fills; write parameters="),
        (
            "s3",
            {"path": "b/k", "parameters": {"integration.request.path.key": "'k'"}},
            r"fills 'key', and the path is 'b/k'; write {key} in path=",
        ),
    ],
)
def test_a_call_that_no_service_of_aws_has_is_refused_with_what_to_write(service: str, given: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        AwsService(service, {ARN: ["kinesis:PutRecord"]}, **given)


@pytest.mark.parametrize(
    ("service", "given"),
    [
        ("states", {"action": "StartExecution", "template": '{"stateMachineArn": "a"}'}),
        ("email", {"action": "ListIdentities"}),
        ("sns", {"action": "Publish", "method": "GET", "parameters": {"integration.request.querystring.Message": "'a'"}}),
        ("sqs", {"action": "ListQueues", "method": "GET"}),
        ("runtime.sagemaker", {"path": "endpoints/a/invocations"}),
        ("a1b2c3-ats.iotdata", {"path": "topics/a"}),
        ("lambda", {"path": "2015-03-31/functions/f/invocations"}),
        ("s3", {"path": "b/{key}", "parameters": {"integration.request.path.key": "method.request.path.key"}}),
        (Aws.STACK_NAME, {"action": "Anything"}),
    ],
)
def test_a_call_that_a_service_of_aws_has_is_taken(service: str, given: dict[str, Any]) -> None:
    allowed = [f"{service}:{given['action']}" if service in {"states", "sns", "sqs"} else "kinesis:PutRecord"]
    assert AwsService(service, {ARN: allowed}, **given).service == service


@pytest.mark.parametrize(
    ("action", "allowed", "needed"),
    [
        ("SendMessage", ["sqs:SendMesage"], "sqs:SendMessage"),
        ("SendMessage", ["sqs:ReceiveMessage", "s3:GetObject"], "sqs:SendMessage"),
        ("SendMessageBatch", ["sqs:SendMessageBatch"], "sqs:SendMessage"),
        ("SendMessage", ["SQS:sendmessage"], None),
        ("SendMessageBatch", ["sqs:SendMessage", "kms:Decrypt"], None),
        ("SendMessage", [Aws.STACK_NAME], None),
    ],
)
def test_a_role_may_do_what_is_called(action: str, allowed: list[str], needed: str | None) -> None:
    def made(allowed: list[str]) -> AwsService:
        return AwsService("sqs", {ARN: allowed}, action=action, method="GET", parameters=SENT[action])

    if needed is None:
        made(allowed)
        return
    with pytest.raises(DeclarationError, match=f"calls {action}, for which its role has no leave: .*; write '{needed}' in allow="):
        made(allowed)
    made([needed])


@pytest.mark.parametrize(
    ("action", "instead"),
    [("s3:GetObjects", "s3:GetObject"), ("lambda:Invoke", "lambda:InvokeFunction"), ("ssm:GetParamter", "ssm:GetParameter")],
)
def test_a_role_is_allowed_what_a_service_has(action: str, instead: str) -> None:
    def made(action: str) -> AwsService:
        return AwsService("kinesis", {ARN: ["kinesis:PutRecord", action]}, action="PutRecord", template=RECORD)

    with pytest.raises(DeclarationError, match=rf"AwsService\(allow=...\) has '{action}', and .*write (one of )?'{instead}'"):
        made(action)
    for taken in (instead, Aws.STACK_NAME, "bedrock:AnythingNew", "newservice:Do"):
        made(taken)


def test_a_region_is_one_of_aws() -> None:
    with pytest.raises(DeclarationError, match=r"region='eu-west-11'\) is no region of AWS; write one of 'eu-west-1'"):
        AwsService("kinesis", {ARN: ["kinesis:PutRecord"]}, action="PutRecord", template=RECORD, region="eu-west-11")
    for region in ("eu-west-1", "cn-north-1", "us-gov-east-1", Aws.REGION):
        AwsService("kinesis", {ARN: ["kinesis:PutRecord"]}, action="PutRecord", template=RECORD, region=region)


def test_a_resource_that_is_not_an_arn_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"allows actions on 'stream/s', which is not an ARN; write allow={stream\.stream_arn"):
        AwsService("kinesis", {"stream/s": ["kinesis:PutRecord"]}, action="PutRecord")
    AwsService("s3", {"arn:aws:s3:::notes/x": ["s3:GetObject"], Aws.STACK_ID: ["s3:GetObject"]}, path="notes/x", method="GET")
