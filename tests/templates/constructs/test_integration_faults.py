"""Routes that services answer: who shares a role, where resources live, and what no request could be answered by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from gateleg.cdk import IamAuthorizer, RestGateway
from gateleg.cdk.integrations import AwsService, S3Put, SqsSend
from tests.templates.constructs.rendering import integration
from tests.templates.constructs.samples import Template, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

ARN = "arn:aws:kinesis:eu-west-1:111111111111:stream/s"


def rest(stack: Stack, routes: dict[str, Any]) -> RestGateway:
    return RestGateway(stack, "Rest", authorizers={"iam": IamAuthorizer()}, routes=routes)


def of(routes: Callable[[Stack], dict[str, Any]]) -> Template:
    return synthesized(lambda stack: rest(stack, routes(stack)))


def allowed(template: Template, key: str) -> list[tuple[Any, str]]:
    """What the role of a route may do: actions and the resource."""
    role = template.resources[integration(template, key)["credentials"]["Fn::GetAtt"][0]]
    [policy] = role["Properties"]["Policies"]
    return [(one["Action"], json.dumps(one["Resource"])) for one in policy["PolicyDocument"]["Statement"]]


# -- who shares a role -------------------------------------------------------------------------------------------------------------


def test_resources_whose_ids_read_alike_have_roles_of_their_own() -> None:
    def routes(stack: Stack) -> dict[str, Any]:
        return {
            "POST /a": SqsSend(sqs.Queue(stack, "Jobs-High")),
            "POST /b": SqsSend(sqs.Queue(Construct(stack, "Jobs"), "High")),
        }

    template = of(routes)
    for key in ("POST /a", "POST /b"):
        [(action, resource)] = allowed(template, key)
        queue = resource.split('"')[3]
        sent = integration(template, key)["requestTemplates"]["application/json"]
        assert (action, queue in json.dumps(sent)) == ("sqs:SendMessage", True)


def test_a_resource_of_another_stack_shares_no_role_with_one_of_this_that_is_called_alike() -> None:
    def routes(stack: Stack) -> dict[str, Any]:
        other, own = Stack(stack.node.scope, "Other"), Construct(stack, "Other")
        return {
            "POST /a": SqsSend(sqs.Queue(other, "Jobs")),
            "POST /b": SqsSend(sqs.Queue(own, "Jobs")),
            "PUT /c": S3Put(s3.Bucket(other, "Notes"), key="notes"),
            "PUT /d": S3Put(s3.Bucket(stack, "Notes"), key="notes"),
        }

    template = of(routes)
    for one, another in (("POST /a", "POST /b"), ("PUT /c", "PUT /d")):
        assert allowed(template, one) != allowed(template, another)


def test_a_role_that_may_do_more_is_not_shared_by_what_may_do_less() -> None:
    def routes(stack: Stack) -> dict[str, Any]:
        bucket = s3.Bucket(stack, "B")
        path = {"integration.request.path.k": "method.request.path.k"}
        objects = bucket.arn_for_objects("x/*")
        return {
            "POST /wide": AwsService("kinesis", {ARN: ["kinesis:PutRecord", "kinesis:DeleteStream"]}, action="PutRecord"),
            "POST /narrow": AwsService("kinesis", {ARN: ["kinesis:PutRecord"]}, action="PutRecord"),
            "PUT /tag/{k}": AwsService(
                "s3", {objects: ["s3:PutObjectTagging"]}, path=f"{bucket.bucket_name}/x/{{k}}", method="PUT", parameters=path
            ),
            "PUT /put/{k}": S3Put(bucket, key="x/{k}"),
        }

    template = of(routes)
    assert [action for action, _ in allowed(template, "POST /narrow")] == ["kinesis:PutRecord"]
    assert [action for action, _ in allowed(template, "PUT /tag/{k}")] == ["s3:PutObjectTagging"]
    assert [action for action, _ in allowed(template, "PUT /put/{k}")] == ["s3:PutObject"]


def test_the_id_of_a_role_reads_as_the_resource_does() -> None:
    stack = Stack(App(), "Test")
    gateway = rest(stack, {"POST /a": SqsSend(sqs.Queue(stack, "Jobs"))})
    assert gateway.node.try_find_child("SqsSend-Jobs") is not None
