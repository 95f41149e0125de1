"""Small templates to draw."""

from __future__ import annotations

from typing import Any

from gateleg.template.read import ReadTemplate

RESOURCES = dict[str, Any]
_SECURED = {"session": {"type": "apiKey", "x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": {"type": "token"}}}


def template(resources: RESOURCES) -> ReadTemplate:
    return ReadTemplate.from_json({"Resources": resources})


def invoking(function: str) -> dict[str, Any]:
    return {
        "type": "aws_proxy",
        "uri": {"Fn::Sub": f"arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations"},
    }


def operation(function: str, *, public: str | None = None, security: str = "session", **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"x-gateleg-public": public} if public else {"security": [{security: []}]}
    return {"x-amazon-apigateway-integration": invoking(function), **asked, **more}


def api(**paths: dict[str, Any]) -> RESOURCES:
    body = {"paths": {path.replace("_", "/"): item for path, item in paths.items()}, "components": {"securitySchemes": _SECURED}}
    return {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}}


def function(name: str, actions: dict[str, list[str]] | None = None) -> RESOURCES:
    """A function whose role may do actions on resources, by `Table` or `Table/index/by_author`."""
    statements = [
        {"Effect": "Allow", "Action": allowed, "Resource": {"Fn::Sub": f"${{{on.partition('/')[0]}.Arn}}" + "".join(on.partition("/")[1:])}}
        for on, allowed in (actions or {}).items()
    ]
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": statements}}]
    return {
        name: {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": {"Fn::GetAtt": [f"{name}Role", "Arn"]}, "MemorySize": 512, "Timeout": 9},
        },
        f"{name}Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies}},
    }


def table(*indexes: str) -> RESOURCES:
    given = [{"IndexName": name} for name in indexes]
    return {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"GlobalSecondaryIndexes": given}}}
