"""Stacks of plain L2s, none of gateleg's own constructs: the views must read any CDK template."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest
from aws_cdk import App, CfnOutput, Duration, Stack, aws_apigateway, aws_apigatewayv2, aws_dynamodb, aws_iam, aws_lambda
from aws_cdk.aws_apigatewayv2_authorizers import WebSocketLambdaAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration
from constructs import Construct

from gateleg.testing import Synth, SynthSettings, TemplateView

Mutated = Callable[[Callable[[dict[str, Any]], object]], TemplateView]


def plain(function: aws_lambda.Function | aws_lambda.Alias) -> aws_lambda.IFunction:
    """The function as its interface: pyright cannot match the two by their members, though each function is one."""
    return cast("aws_lambda.IFunction", function)


class Notes(Stack):
    """A table with an index, two functions, a REST API and a WebSocket API."""

    def __init__(self, scope: Construct, construct_id: str, *, code: Path, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.table = aws_dynamodb.TableV2(
            self,
            "Table",
            partition_key=aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING),
            sort_key=aws_dynamodb.Attribute(name="sk", type=aws_dynamodb.AttributeType.NUMBER),
            dynamo_stream=aws_dynamodb.StreamViewType.KEYS_ONLY,
            global_secondary_indexes=[
                aws_dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=name, partition_key=aws_dynamodb.Attribute(name=f"{name}_pk", type=aws_dynamodb.AttributeType.STRING)
                )
                for name in ("by_author", "by_day")
            ],
        )
        self.reader = self._function("Reader", "notes-reader", code)
        self.writer = self._function("Writer", "notes-writer", code)
        self._grant(self.reader, ["dynamodb:Query"], [f"{self.table.table_arn}/index/by_author"])
        self._grant(self.writer, ["dynamodb:PutItem", "dynamodb:UpdateItem"], [self.table.table_arn])
        self._rest(aws_lambda.Alias(self, "Live", alias_name="live", version=cast("aws_lambda.IVersion", self.reader.current_version)))
        self._websocket()

    def _function(self, construct_id: str, service: str, code: Path) -> aws_lambda.Function:
        return aws_lambda.Function(
            self,
            construct_id,
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            handler=f"{construct_id.lower()}.handler",
            code=aws_lambda.Code.from_asset(str(code)),
            environment={"POWERTOOLS_SERVICE_NAME": service, "GATELEG_TABLE_NOTES": self.table.table_name},
        )

    @staticmethod
    def _grant(function: aws_lambda.Function, actions: list[str], resources: list[str]) -> None:
        function.add_to_role_policy(aws_iam.PolicyStatement(actions=actions, resources=resources))

    def _rest(self, live: aws_lambda.Alias) -> None:
        api = aws_apigateway.RestApi(self, "Rest", default_cors_preflight_options=aws_apigateway.CorsOptions(allow_origins=["*"]))
        token = aws_apigateway.TokenAuthorizer(self, "Token", handler=plain(self.writer), results_cache_ttl=Duration.seconds(60))
        note = api.root.add_resource("notes").add_resource("{note}")
        note.add_method("GET", aws_apigateway.LambdaIntegration(plain(live)), authorizer=token)
        note.add_method(
            "PUT",
            aws_apigateway.LambdaIntegration(plain(self.writer)),
            authorization_type=aws_apigateway.AuthorizationType.IAM,
            api_key_required=True,
            request_validator=api.add_request_validator("Body", validate_request_body=True),
            request_models={
                "application/json": api.add_model(
                    "Note", model_name="Note", schema=aws_apigateway.JsonSchema(type=aws_apigateway.JsonSchemaType.OBJECT)
                )
            },
        )
        api.root.add_method("GET", aws_apigateway.MockIntegration())
        CfnOutput(self, "Url", value=api.url)

    def _websocket(self) -> None:
        api = aws_apigatewayv2.WebSocketApi(
            self,
            "Socket",
            connect_route_options=aws_apigatewayv2.WebSocketRouteOptions(
                integration=WebSocketLambdaIntegration("Connect", plain(self.writer)),
                authorizer=WebSocketLambdaAuthorizer("Who", plain(self.reader)),
            ),
        )
        api.add_route("send", integration=WebSocketLambdaIntegration("Send", plain(self.writer)))
        aws_apigatewayv2.WebSocketStage(self, "SocketStage", web_socket_api=api, stage_name="live", auto_deploy=True)


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    (folder / "reader.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def plain_synth(tmp_path_factory: pytest.TempPathFactory) -> Synth:
    return Synth(SynthSettings(output=tmp_path_factory.mktemp("synth")))


@pytest.fixture(scope="session")
def notes(plain_synth: Synth, code: Path) -> TemplateView:
    def make(app: App) -> Stack:
        return Notes(app, "Notes", code=code)

    return plain_synth(make)


@pytest.fixture
def mutated(notes: TemplateView) -> Mutated:
    """The view of a changed copy of the template."""

    def change(edit: Callable[[dict[str, Any]], object]) -> TemplateView:
        template = deepcopy(dict(notes.json))
        edit(template["Resources"])
        return TemplateView(template, notes.name, notes.stack_name, notes.paths, notes.bindings, notes.assets, notes.assembly)

    return change
