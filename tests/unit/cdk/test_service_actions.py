"""Actions of IAM that there are, and slips."""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from gateleg.cdk.integrations.service_actions import unknown_action

SPEC: Any = find_spec("cfnlint")
DOCUMENTED: dict[str, dict[str, Any]] = json.loads(Path(SPEC.origin).parent.joinpath("data/AdditionalSpecs/Policies.json").read_bytes())
"""The actions of AWS's service authorization reference in lower case, by prefix, as cfn-lint keeps it."""
READ = (
    *("dynamodb", "events", "execute-api", "firehose", "kinesis", "kms", "lambda", "s3", "secretsmanager", "sns", "sqs", "states"),
    *("athena", "appflow", "cloudwatch", "cognito-idp", "detective", "es", "iot", "logs", "ses", "ssm", "sts", "support", "xray"),
)


@pytest.mark.skipif(
    Version(version("botocore")) < Version("1.43.106"), reason="older models lack newer actions, and the message says to upgrade boto3"
)
@pytest.mark.parametrize("service", READ)
def test_an_action_that_aws_documents_is_taken(service: str) -> None:
    assert [one for one in DOCUMENTED[service]["Actions"] if unknown_action(f"{service}:{one}")] == []


@pytest.mark.parametrize("prefix", ["aws-portal", "cloudshell", "neptune", "sms", "tag", "wam"])
def test_a_service_that_boto3_does_not_know_is_taken_by_its_word(prefix: str) -> None:
    assert "there is no service" not in str(unknown_action(f"{prefix}:AnythingAtAll"))


@pytest.mark.parametrize(
    ("action", "instead"),
    [
        ("kinesis:PutRecrd", "kinesis:PutRecord"),
        ("kinesis:Fetch", "kinesis:"),
        ("s3:GetObjet", "s3:GetObject"),
        ("s3:GetBucketVersions", "s3:"),
        ("s3:HeadObject", "s3:GetObject"),
        ("S3:listbuckets", "s3:ListAllMyBuckets"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("lambda:Invok", "lambda:"),
        ("lambda:InvokeFunctoin", "lambda:InvokeFunction"),
        ("dynamodb:TransactWriteItems", "dynamodb:PutItem"),
        ("dynamodb:PartiQLSelects", "dynamodb:PartiQLSelect"),
        ("dynamodb:GetItems", "dynamodb:GetItem"),
        ("ssm:GetParameterz", "ssm:GetParameter"),
        ("bedrock:InvokeModle", "bedrock:InvokeModel"),
        ("cognito-idp:AdminGetUsr", "cognito-idp:AdminGetUser"),
    ],
)
def test_an_action_that_no_service_has_is_told_with_what_to_write(action: str, instead: str) -> None:
    said = str(unknown_action(action))
    assert f"'{instead}" in said
    for advised in said.partition("write ")[2].split("'")[1::2]:
        assert unknown_action(advised) is None
        prefix, _, name = advised.partition(":")
        assert name.lower() in DOCUMENTED[prefix]["Actions"]


def test_a_service_that_is_one_letter_away_from_another_is_told() -> None:
    assert "there is no service 'kinesys' in IAM; write one of 'kinesis'" in str(unknown_action("kinesys:PutRecord"))
    assert unknown_action("s4:GetObject") is None
