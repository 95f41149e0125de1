"""The service of `sample.py` in idiomatic L2s: a resource for each path, a method for each route. `synth_l2.py ROUTES OUT [tuned]`."""

from __future__ import annotations

import sys
from typing import Any, cast

from aws_cdk import App, Duration, RemovalPolicy, Stack, aws_apigateway, aws_dynamodb, aws_lambda, aws_logs

from benchmarks.sample import Group, groups


class Things(Stack):
    """The service; `tuned` switches off what L2 users can switch off to save resources: test invocations and a permission per method."""

    def __init__(self, app: App, *, routes: int, tuned: bool) -> None:
        super().__init__(app, "Things")
        self.table = aws_dynamodb.TableV2(
            self,
            "Table",
            partition_key=_key("pk"),
            sort_key=_key("sk"),
            global_secondary_indexes=[
                aws_dynamodb.GlobalSecondaryIndexPropsV2(index_name="by_owner", partition_key=_key("gsi1pk"), sort_key=_key("gsi1sk"))
            ],
            deletion_protection=True,
            point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True),
        )
        layer = aws_lambda.LayerVersion(self, "Dependencies", code=aws_lambda.Code.from_asset("things"))
        self.handler = self._function("Handler", "things.rest.handler", layer)
        self.table.grant_read_write_data(self.handler)
        self.authorizer = self._function("Authorizer", "things.authorizer.handler", layer)
        self.tuned = tuned
        self._api(groups(routes))

    def _function(self, name: str, handler: str, layer: aws_lambda.LayerVersion) -> aws_lambda.Function:
        return aws_lambda.Function(
            self,
            name,
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            architecture=aws_lambda.Architecture.ARM_64,
            handler=handler,
            code=aws_lambda.Code.from_asset("things"),
            layers=[cast("aws_lambda.ILayerVersion", layer)],
            memory_size=1024,
            timeout=Duration.seconds(15),
            tracing=aws_lambda.Tracing.ACTIVE,
            environment={"TABLE": self.table.table_name, "POWERTOOLS_SERVICE_NAME": "things-rest"},
            log_group=self._logs(f"{name}Logs"),
        )

    def _logs(self, name: str) -> aws_logs.ILogGroup:
        group = aws_logs.LogGroup(self, name, retention=aws_logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY)
        return cast("aws_logs.ILogGroup", group)

    def _api(self, kinds: list[Group]) -> None:
        api = aws_apigateway.RestApi(
            self,
            "Api",
            cloud_watch_role=False,
            default_cors_preflight_options=aws_apigateway.CorsOptions(
                allow_origins=["https://things.example.com"], max_age=Duration.minutes(10)
            ),
            deploy_options=aws_apigateway.StageOptions(
                stage_name="live",
                tracing_enabled=True,
                metrics_enabled=True,
                logging_level=aws_apigateway.MethodLoggingLevel.ERROR,
                throttling_rate_limit=100,
                throttling_burst_limit=50,
                access_log_destination=aws_apigateway.LogGroupLogDestination(self._logs("AccessLogs")),
                access_log_format=aws_apigateway.AccessLogFormat.json_with_standard_fields(**_ACCESS_LOG_FIELDS),
            ),
        )
        for response in (aws_apigateway.ResponseType.DEFAULT_4_XX, aws_apigateway.ResponseType.DEFAULT_5_XX):
            api.add_gateway_response(
                response.response_type, type=response, response_headers={"Access-Control-Allow-Origin": "'https://things.example.com'"}
            )
        authorizer = aws_apigateway.TokenAuthorizer(self, "Session", handler=cast("aws_lambda.IFunction", self.authorizer))
        integration = aws_apigateway.LambdaIntegration(
            cast("aws_lambda.IFunction", self.handler),
            allow_test_invoke=not self.tuned,
            scope_permission_to_method=not self.tuned,
        )
        validator = api.add_request_validator("Body", validate_request_body=True)
        for kind in kinds:
            model = api.add_model(kind.model, model_name=kind.model, schema=_schema())
            checked: dict[str, Any] = {"request_validator": validator, "request_models": {"application/json": model}}
            things = api.root.add_resource(kind.name)
            one = things.add_resource("{item}")
            for resource, method, extra in (
                (things, "GET", {}),
                (things, "POST", checked),
                (one, "GET", {}),
                (one, "PUT", checked),
                (one, "DELETE", {}),
            ):
                resource.add_method(method, integration, authorizer=authorizer, **extra)


_ACCESS_LOG_FIELDS = dict.fromkeys(
    ("caller", "http_method", "ip", "protocol", "request_time", "resource_path", "response_length", "status", "user"), True
)


def _key(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)


def _schema() -> aws_apigateway.JsonSchema:
    kinds = aws_apigateway.JsonSchemaType
    return aws_apigateway.JsonSchema(
        type=kinds.OBJECT,
        required=["name", "size"],
        properties={
            "name": aws_apigateway.JsonSchema(type=kinds.STRING, min_length=1, max_length=80),
            "size": aws_apigateway.JsonSchema(type=kinds.INTEGER, minimum=0),
            "colour": aws_apigateway.JsonSchema(type=kinds.STRING),
            "tags": aws_apigateway.JsonSchema(type=kinds.ARRAY, items=aws_apigateway.JsonSchema(type=kinds.STRING)),
        },
    )


if __name__ == "__main__":
    app = App(
        outdir=sys.argv[2],
        analytics_reporting=False,
        context={"aws:cdk:bundling-stacks": [], "@aws-cdk/core:stackResourceLimit": 0},
    )
    Things(app, routes=int(sys.argv[1]), tuned="tuned" in sys.argv[3:])
    app.synth()
