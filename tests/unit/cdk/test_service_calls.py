"""What services are sent, and how they are called, against the models of boto3."""

from __future__ import annotations

import pytest

from gateleg.cdk.integrations.service_calls import wrong_members, wrong_path

RECORD = '{"StreamName": "s", "Data": "$util.base64Encode($input.body)", "PartitionKey": "$context.requestId"}'
MESSAGE = {"integration.request.querystring.Message": "method.request.body"}
QUERY = "integration.request.querystring."


@pytest.mark.parametrize(
    ("service", "action", "template", "parameters"),
    [
        ("kinesis", "PutRecord", RECORD, {}),
        ("kinesis", "PutRecord", "$input.body", {}),
        ("kinesis", "PutRecord", '{"Data": "a", #foreach($k in $m)"$k": 1#end}', {}),
        ("kinesis", "PutRecord", '#if($x){"Data": "a", "PartitionKey": "b"}#else{"Data": "c", "PartitionKey": "d"}#end', {}),
        ("dynamodb", "GetItem", '{"TableName": "t", "Key": {"pk": {"S": "a"}}, "ConsistentRead": true}', {}),
        ("dynamodb", "GetRecords", '{"ShardIterator": "i"}', {}),
        ("dynamodb", "ListTables", None, {}),
        ("states", "StartExecution", '{"stateMachineArn": "a", "input": "{}"}', {}),
        ("events", "PutEvents", '{"Entries": []}', {}),
        ("sns", "Publish", None, MESSAGE),
        ("sns", "Publish", None, MESSAGE | {f"{QUERY}MessageAttributes.entry.1.Name": "'a'", f"{QUERY}Version": "'2010-03-31'"}),
        ("sns", "Publish", "Action=Publish&Message=$input.body", {}),
        ("sqs", "SendMessage", None, {f"{QUERY}QueueUrl": "'q'", f"{QUERY}MessageBody": "method.request.querystring.m"}),
        ("redshift", "DescribeNodeConfigurationOptions", None, {f"{QUERY}ActionType": "'a'", f"{QUERY}Filter.1.Name": "'a'"}),
        ("monitoring", "PutMetricData", '{"Namespace": "n"}', {}),
        ("no-such-service", "A", "{}", {}),
        ("s3", "PutObject", "{}", {}),
        ("ec2", "RunInstances", None, {}),
    ],
)
def test_what_an_action_takes_is_sent(service: str, action: str, template: str | None, parameters: dict[str, str]) -> None:
    assert wrong_members(service, action, template, parameters) is None


@pytest.mark.parametrize(
    ("service", "action", "template", "parameters", "told"),
    [
        ("kinesis", "PutRecord", RECORD.replace("Data", "data"), {}, "PutRecord takes no 'data'; write one of 'Data'"),
        ("kinesis", "PutRecord", '{"Data": "a", "Partition": "$x"}', {}, "PutRecord takes no 'Partition'; write one of 'PartitionKey'"),
        ("kinesis", "PutRecord", '{"Data": "a", $more, "Dta": 1}', {}, "PutRecord takes no 'Dta'"),
        (
            "dynamodb",
            "GetItem",
            None,
            {},
            """GetItem needs 'TableName' and 'Key', which it is not sent; write template='{"TableName": ..., "Key": ...}'""",
        ),
        ("dynamodb", "GetItem", '{"TableName": "t"}', {f"{QUERY}Key": "'a'"}, "GetItem needs 'Key'"),
        ("dynamodb", "GetRecords", "{}", {}, "GetRecords needs 'ShardIterator'"),
        ("states", "StartExecution", '{"stateMachineARN": "a"}', {}, "takes no 'stateMachineARN'; write one of 'stateMachineArn'"),
        ("sns", "Publish", None, {f"{QUERY}Mesage": "'a'"}, "Publish takes no 'Mesage'; write one of 'Message'"),
        ("sns", "Publish", None, {f"{QUERY}Subject": "'a'"}, "Publish needs 'Message'"),
    ],
)
def test_what_an_action_does_not_take_or_lacks_is_told(
    service: str, action: str, template: str | None, parameters: dict[str, str], told: str
) -> None:
    assert told in (wrong_members(service, action, template, parameters) or "")


@pytest.mark.parametrize(
    ("service", "method", "path"),
    [
        ("s3", "PUT", "notes/{key}"),
        ("s3", "PUT", "/notes/a/b/c"),
        ("s3", "GET", "notes"),
        ("s3", "POST", "{bucket}/{key}?uploads"),
        ("lambda", "POST", "2015-03-31/functions/f/invocations"),
        ("runtime.sagemaker", "POST", "endpoints/a/invocations"),
        ("bedrock-runtime", "POST", "model/{id}/converse"),
        ("sqs", "POST", "123456789012/queue"),
        ("email", "GET", "which/of/the/two"),
        ("workspaces-web", "PUT", "portals/{part}/{of}/{it}/browserSettings"),
        ("no-such-service", "GET", "a"),
    ],
)
def test_a_path_and_a_method_that_a_service_has_are_taken(service: str, method: str, path: str) -> None:
    assert wrong_path(service, method, path) is None


@pytest.mark.parametrize(
    ("service", "method", "path", "told"),
    [
        (
            "s3",
            "PATCH",
            "notes/{key}",
            "notes/{key} is called by DELETE or GET or HEAD or POST or PUT, and not by PATCH; write method='DELETE'",
        ),
        ("lambda", "GET", "2015-03-31/functions/f/invocations", "is called by POST, and not by GET; write method='POST'"),
        (
            "bedrock-runtime",
            "POST",
            "models/{id}/converse",
            "bedrock-runtime has no path 'models/{id}/converse'; write one like 'model/{modelId}/converse'",
        ),
        ("lambda", "POST", "2015-03-31/functions/f/invocations/more", "has no path"),
    ],
)
def test_a_path_or_a_method_that_a_service_has_not_is_told(service: str, method: str, path: str, told: str) -> None:
    assert told in (wrong_path(service, method, path) or "")
