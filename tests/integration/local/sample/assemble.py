"""Writes the sample's cloud assembly, as an app of the CDK would; a tenth of a second instead of several."""

from __future__ import annotations

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
ROLE = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-deploy-role-${AWS::AccountId}-${AWS::Region}"
HERE = Path(__file__).parent
OUT = Path(os.environ["CDK_OUTDIR"])
MEMORY = 256


def attribute(name: str, of: str = "Arn") -> dict[str, Any]:
    """Return a `Fn::GetAtt`."""
    return {"Fn::GetAtt": [name, of]}


def invocation(function: str) -> dict[str, Any]:
    """Return the URI by which API Gateway invokes a function."""
    text = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Arn}/invocations"
    return {"Fn::Sub": [text, {"Arn": attribute(function)}]}


def function(handler: str, key: str, timeout: int = 20, **variables: Any) -> dict[str, Any]:
    """Return a function of the sample's code."""
    return {
        "Type": "AWS::Lambda::Function",
        "DependsOn": ["Policy"],
        "Properties": {
            "Code": {"S3Bucket": {"Fn::Sub": BUCKET}, "S3Key": key},
            "Handler": f"handlers.service.{handler}",
            "Runtime": "python3.13",
            "Architectures": ["arm64"],
            "MemorySize": MEMORY,
            "Timeout": timeout,
            "Role": attribute("Role"),
            "Environment": {"Variables": variables},
        },
    }


def body() -> dict[str, Any]:
    """Return the OpenAPI body of the REST API."""
    call = {"type": "aws_proxy", "httpMethod": "POST", "uri": invocation("Rest")}
    route: dict[str, Any] = {"x-amazon-apigateway-integration": call}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
    needed = {"name": "needed", "in": "query", "required": True, "schema": {"type": "string"}}
    mock = {
        "type": "mock",
        "requestTemplates": {"application/json": "{statusCode: 204}"},
        "responses": {
            "default": {"statusCode": "204", "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"}}
        },
    }
    origins = [f'$origin == "{origin}"' for origin in ("https://b.example", "http://localhost:5173")]
    header = "$context.responseOverride.header.Access-Control-Allow-Origin"
    template = f"#set($origin = $input.params().header.get('Origin'))\n#if({' || '.join(origins)})\n#set({header} = $origin)\n#end"
    several: dict[str, Any] = json.loads(json.dumps(mock))
    several["responses"]["default"] |= {
        "responseTemplates": {"application/json": template},
        "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'https://a.example'"},
    }
    slow: dict[str, Any] = {"x-amazon-apigateway-integration": {**call, "uri": invocation("Slow")}}
    authorizer = {"type": "token", "authorizerUri": invocation("Authorize"), "authorizerResultTtlInSeconds": 0}
    return {
        "openapi": "3.0.1",
        "info": {"title": "sample", "version": "1"},
        "paths": {
            "/": {"get": route},
            "/docs": {"get": route},
            "/scan": {"get": route},
            "/secret": {"get": route},
            "/peer": {"get": route},
            "/query": {"get": {**route, "parameters": [needed], "x-amazon-apigateway-request-validator": "parameters"}},
            "/signed": {"get": {**route, "security": [{"signature": []}]}},
            "/items": {
                "post": {
                    **route,
                    "security": [{"token": []}],
                    "requestBody": {"content": content},
                    "x-amazon-apigateway-request-validator": "body",
                },
                "options": {"x-amazon-apigateway-integration": mock},
            },
            "/pages": {"get": route, "post": route, "options": {"x-amazon-apigateway-integration": several}},
            "/slow": {"get": slow},
            "/told/{what}": {"x-amazon-apigateway-any-method": route},
            "/files/{proxy+}": {"x-amazon-apigateway-any-method": route},
        },
        "components": {
            "schemas": {
                "Item": {"type": "object", "required": ["id"], "properties": {"id": {"$ref": "#/components/schemas/Id"}}},
                "Id": {"type": "string", "minLength": 2},
            },
            "securitySchemes": {
                "token": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authorizer": authorizer},
                "signature": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
            },
        },
        "x-amazon-apigateway-request-validators": {
            "body": {"validateRequestBody": True, "validateRequestParameters": False},
            "parameters": {"validateRequestBody": False, "validateRequestParameters": True},
        },
        "x-amazon-apigateway-gateway-responses": {
            "BAD_REQUEST_BODY": {"statusCode": 422, "responseTemplates": {"application/json": '{"problem": $context.error.messageString}'}}
        },
    }


def websocket() -> dict[str, Any]:
    """Return the resources of the WebSocket API."""
    api = {"Ref": "SocketApi"}
    routes = {
        f"Route{key.strip('$')}": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": api,
                "RouteKey": key,
                "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "SocketIntegration"}]]},
                **({"RouteResponseSelectionExpression": "$default"} if key == "answered" else {}),
                **({"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "SocketAuthorizer"}} if key == "$connect" else {}),
            },
        }
        for key in ("$connect", "$disconnect", "echo", "explicit", "answered", "unanswered", "boom")
    }
    return {
        "SocketApi": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": "socket", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"},
        },
        "SocketIntegration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {"ApiId": api, "IntegrationType": "AWS_PROXY", "IntegrationUri": invocation("Socket")},
        },
        "SocketAuthorizer": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": api,
                "Name": "token",
                "AuthorizerType": "REQUEST",
                "AuthorizerUri": invocation("Authorize"),
                "IdentitySource": ["route.request.querystring.token"],
            },
        },
        **routes,
        "RouteAnswer": {
            "Type": "AWS::ApiGatewayV2::RouteResponse",
            "Properties": {"ApiId": api, "RouteId": {"Ref": "Routeanswered"}, "RouteResponseKey": "$default"},
        },
        "SocketDeployment": {"Type": "AWS::ApiGatewayV2::Deployment", "DependsOn": [*routes], "Properties": {"ApiId": api}},
        "SocketStage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": api, "StageName": "live", "DeploymentId": {"Ref": "SocketDeployment"}},
        },
    }


def policies() -> dict[str, Any]:
    """Return the role and its policy: it may put, but not scan."""
    trust = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    connections = {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${SocketApi}/live/POST/@connections/*"}
    statements = [
        {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": attribute("Table")},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": {"Ref": "Secret"}},
        {"Effect": "Allow", "Action": "execute-api:ManageConnections", "Resource": connections},
    ]
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}},
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "least",
                "Roles": [{"Ref": "Role"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            },
        },
    }


def template(key: str) -> dict[str, Any]:
    """Return the stack's template."""
    url = ["https://", {"Ref": "SocketApi"}, ".execute-api.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}, "/live"]
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    return {
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version"}},
        "Rules": {"CheckBootstrapVersion": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "BootstrapVersion"}, "1"]}]}}]}},
        "Resources": {
            "Table": {
                "Type": "AWS::DynamoDB::GlobalTable",
                "Properties": {
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                    "KeySchema": keys,
                    "BillingMode": "PAY_PER_REQUEST",
                    "Replicas": [{"Region": {"Ref": "AWS::Region"}}],
                },
            },
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}}},
            **policies(),
            "Rest": function(
                "rest",
                key,
                TABLE={"Ref": "Table"},
                GATELEG_TABLE_ITEMS={"Ref": "Table"},
                SECRET={"Ref": "Secret"},
                PEER={"Fn::Join": ["", url]},
            ),
            "Authorize": function("authorize", key),
            "Socket": function("socket", key),
            "Slow": function("slow", key, timeout=1),
            "RestApi": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body(), "Name": "sample"}},
            "RestDeployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "RestApi"}}},
            "RestStage": {
                "Type": "AWS::ApiGateway::Stage",
                "Properties": {"RestApiId": {"Ref": "RestApi"}, "DeploymentId": {"Ref": "RestDeployment"}, "StageName": "prod"},
            },
            **websocket(),
            "Firewall": {
                "Type": "AWS::WAFv2::WebACLAssociation",
                "Properties": {"ResourceArn": attribute("RestApi", "RestApiId"), "WebACLArn": "arn:aws:wafv2:us-east-1:1:none"},
            },
        },
        "Outputs": {
            "Url": {"Value": {"Fn::Sub": "https://${RestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod/"}},
            "SocketUrl": {"Value": {"Fn::Join": ["", ["wss://", *url[1:]]]}},
            "TableName": {"Value": {"Ref": "Table"}},
        },
    }


def asset(path: str, packaging: str, key: str) -> dict[str, Any]:
    """Return an entry of the asset manifest."""
    destination = {"bucketName": BUCKET, "objectKey": key, "assumeRoleArn": ROLE}
    return {"source": {"path": path, "packaging": packaging}, "destinations": {"here": destination}}


def main() -> None:
    """Write the assembly into `CDK_OUTDIR`."""
    digest = sha256(b"".join(path.read_bytes() for path in sorted((HERE / "handlers").glob("*.py")))).hexdigest()
    code = OUT / f"asset.{digest}"
    shutil.copytree(HERE / "handlers", code / "handlers", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    text = json.dumps(template(f"{digest}.zip"))
    (OUT / "Sample.template.json").write_text(text)
    name = sha256(text.encode()).hexdigest()
    files = {digest: asset(code.name, "zip", f"{digest}.zip"), name: asset("Sample.template.json", "file", f"{name}.json")}
    (OUT / "Sample.assets.json").write_text(json.dumps({"version": "48.0.0", "files": files, "dockerImages": {}}))
    stack = {
        "templateFile": "Sample.template.json",
        "assumeRoleArn": ROLE,
        "cloudFormationExecutionRoleArn": ROLE,
        "stackTemplateAssetObjectUrl": f"s3://{BUCKET}/{name}.json",
        "requiresBootstrapStackVersion": 6,
        "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
        "additionalDependencies": ["Sample.assets"],
    }
    artifacts = {
        "Sample.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Sample.assets.json", "requiresBootstrapStackVersion": 6}},
        "Sample": {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "metadata": {"/Sample/Rest": [{"type": "aws:cdk:warning", "data": "nobody watches the sample"}]},
            "properties": stack,
            "dependencies": ["Sample.assets"],
        },
    }
    (OUT / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))
    (OUT / "cdk.out").write_text(json.dumps({"version": "48.0.0"}))


main()
