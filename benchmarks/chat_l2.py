"""The chat's table, REST API and WebSocket API in idiomatic L2s, with the features of `stacks/chat.py`. `chat_l2.py OUT`."""

from __future__ import annotations

import sys
from typing import Any, cast

from aws_cdk import (
    App,
    Duration,
    RemovalPolicy,
    Stack,
    aws_apigateway,
    aws_apigatewayv2,
    aws_dynamodb,
    aws_lambda,
    aws_logs,
    aws_secretsmanager,
)
from aws_cdk.aws_apigatewayv2_authorizers import WebSocketLambdaAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration

from stacks.moderators import Moderators

REST_ROUTES = (
    ("GET", "/", None),
    ("GET", "/docs", None),
    ("POST", "/sessions", "Name"),
    ("GET", "/rooms", None),
    ("POST", "/rooms", "NewRoom"),
    ("GET", "/rooms/{room}/messages", None),
    ("POST", "/rooms/{room}/messages", "NewMessage"),
    ("POST", "/rooms/{room}/messages/{message_id}/likes", None),
    ("GET", "/rooms/{room}/presence", None),
    ("GET", "/authors/{author}/messages", None),
)
TAKING_BACK = "/rooms/{room}/messages/{message_id}"
PUBLIC = {"/", "/docs", "/sessions"}
SOCKET_ROUTES = ("join", "leave", "send", "ping")


class ChatL2(Stack):
    """The chat, without gateleg."""

    def __init__(self, app: App) -> None:
        super().__init__(app, "Chat")
        self.table = aws_dynamodb.TableV2(
            self,
            "Table",
            partition_key=_key("pk"),
            sort_key=_key("sk"),
            time_to_live_attribute="expires_at",
            dynamo_stream=aws_dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            global_secondary_indexes=[
                aws_dynamodb.GlobalSecondaryIndexPropsV2(index_name="by_author", partition_key=_key("gsi1pk"), sort_key=_key("gsi1sk"))
            ],
            deletion_protection=True,
            point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
        )
        self.secrets = [aws_secretsmanager.Secret(self, name) for name in ("SessionKey", "CursorKey")]
        self.layer = aws_lambda.LayerVersion(self, "Dependencies", code=aws_lambda.Code.from_asset("lambdas"))
        self.authorizer, self.rest, self.socket = (self._function(name) for name in ("authorizer", "rest", "socket"))
        for function in (self.rest, self.socket):
            self.table.grant_read_write_data(function)
            for secret in self.secrets:
                secret.grant_read(function)
        self.secrets[0].grant_read(self.authorizer)
        self._rest_api()
        self._websocket_api()

    def _function(self, name: str) -> aws_lambda.Function:
        return aws_lambda.Function(
            self,
            f"{name.title()}Handler",
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            architecture=aws_lambda.Architecture.ARM_64,
            handler=f"lambdas.chat.{name}.handler",
            code=aws_lambda.Code.from_asset("lambdas"),
            layers=[cast("aws_lambda.ILayerVersion", self.layer)],
            memory_size=1024,
            timeout=Duration.seconds(15),
            tracing=aws_lambda.Tracing.ACTIVE,
            environment={
                "TABLE": self.table.table_name,
                "SESSION_KEY": self.secrets[0].secret_arn,
                "POWERTOOLS_SERVICE_NAME": f"chat-{name}",
            },
            log_group=self._logs(f"{name.title()}Logs"),
        )

    def _logs(self, name: str) -> aws_logs.ILogGroup:
        group = aws_logs.LogGroup(self, name, retention=aws_logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY)
        return cast("aws_logs.ILogGroup", group)

    def _rest_api(self) -> None:
        api = aws_apigateway.RestApi(
            self,
            "Rest",
            cloud_watch_role=False,
            deploy_options=aws_apigateway.StageOptions(
                stage_name="live",
                tracing_enabled=True,
                metrics_enabled=True,
                logging_level=aws_apigateway.MethodLoggingLevel.ERROR,
                throttling_rate_limit=100,
                throttling_burst_limit=50,
                access_log_destination=aws_apigateway.LogGroupLogDestination(self._logs("RestAccessLogs")),
                access_log_format=aws_apigateway.AccessLogFormat.custom('{"requestId":"$context.requestId","status":"$context.status"}'),
            ),
        )
        for kind in (aws_apigateway.ResponseType.DEFAULT_4_XX, aws_apigateway.ResponseType.DEFAULT_5_XX):
            api.add_gateway_response(
                kind.response_type, type=kind, templates={"application/json": '{"message":$context.error.messageString}'}
            )
        authorizer = aws_apigateway.TokenAuthorizer(self, "Session", handler=cast("aws_lambda.IFunction", self.authorizer))
        integration = aws_apigateway.LambdaIntegration(cast("aws_lambda.IFunction", self.rest))
        validator = api.add_request_validator("Body", validate_request_body=True)
        for method, path, model in REST_ROUTES:
            options: dict[str, Any] = {} if path in PUBLIC else {"authorizer": authorizer}
            if model is not None:
                found = api.add_model(model, model_name=model, schema=_schema())
                options |= {"request_validator": validator, "request_models": {"application/json": found}}
            resource = api.root if path == "/" else api.root.resource_for_path(path)
            resource.add_method(method, integration, **options)
        signed = api.root.resource_for_path(TAKING_BACK).add_method(
            "DELETE", integration, authorization_type=aws_apigateway.AuthorizationType.IAM
        )
        signed.grant_execute(Moderators(self, "Moderators").role)

    def _websocket_api(self) -> None:
        function = cast("aws_lambda.IFunction", self.socket)
        authorizer = WebSocketLambdaAuthorizer(
            "Connect", cast("aws_lambda.IFunction", self.authorizer), identity_source=["route.request.querystring.token"]
        )
        api = aws_apigatewayv2.WebSocketApi(
            self,
            "Socket",
            connect_route_options=aws_apigatewayv2.WebSocketRouteOptions(
                integration=WebSocketLambdaIntegration("Connect", function), authorizer=authorizer
            ),
            disconnect_route_options=aws_apigatewayv2.WebSocketRouteOptions(integration=WebSocketLambdaIntegration("Disconnect", function)),
            default_route_options=aws_apigatewayv2.WebSocketRouteOptions(integration=WebSocketLambdaIntegration("Other", function)),
        )
        for route in SOCKET_ROUTES:
            api.add_route(route, integration=WebSocketLambdaIntegration(route, function))
        stage = aws_apigatewayv2.WebSocketStage(
            self,
            "SocketStage",
            web_socket_api=api,
            stage_name="live",
            auto_deploy=True,
            throttle=aws_apigatewayv2.ThrottleSettings(rate_limit=100, burst_limit=50),
        )
        logs = {"DestinationArn": self._logs("SocketAccessLogs").log_group_arn, "Format": '{"requestId":"$context.requestId"}'}
        cast("aws_apigatewayv2.CfnStage", stage.node.default_child).add_property_override("AccessLogSettings", logs)
        for publisher in (self.rest, self.socket):
            stage.grant_management_api_access(publisher)


def _key(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)


def _schema() -> aws_apigateway.JsonSchema:
    kinds = aws_apigateway.JsonSchemaType
    text = aws_apigateway.JsonSchema(type=kinds.STRING, min_length=1, max_length=4_000)
    return aws_apigateway.JsonSchema(type=kinds.OBJECT, required=["text"], properties={"text": text})


if __name__ == "__main__":
    app = App(outdir=sys.argv[1], analytics_reporting=False, context={"aws:cdk:bundling-stacks": []})
    ChatL2(app)
    app.synth()
