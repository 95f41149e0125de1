"""The service of `everything_sample.py` in L2s. `everything_l2.py ROUTES OUT [solutions]`; with `solutions` the API is that of Solutions Constructs.

Documentation parts are left out: they would be L1s, one a route and more. So are what handlers tell of themselves: summaries, parameters and answers.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, cast

from aws_cdk import App, Duration, RemovalPolicy, Size, Stack, aws_apigateway, aws_cognito, aws_iam, aws_lambda, aws_logs, aws_sqs

from benchmarks.everything_sample import routes_of
from benchmarks.sample import groups


class Everything(Stack):
    """The service."""

    def __init__(self, app: App, *, routes: int, solutions: bool = False) -> None:
        super().__init__(app, "Things")
        self.layer = aws_lambda.LayerVersion(self, "Dependencies", code=aws_lambda.Code.from_asset("things"))
        keys = [key for key, _ in routes_of(routes)]
        self.judge = self._function("Judge", "things.authorizer.handler")
        self.queue = aws_sqs.Queue(self, "Jobs")
        self.role = aws_iam.Role(self, "Sends", assumed_by=cast("Any", aws_iam.ServicePrincipal("apigateway.amazonaws.com")))
        self.queue.grant_send_messages(self.role)
        if solutions:
            self._solutions(keys)
        else:
            self.handler = self._function("Handler", "things.rest.handler")
            self.api = aws_apigateway.RestApi(self, "Api", **self._props(keys))
        self._errors()
        self._routes(routes)
        self._plan()

    def _solutions(self, keys: list[str]) -> None:
        found: Any = import_module("aws_solutions_constructs.aws_apigateway_lambda")  # of another environment
        made = found.ApiGatewayToLambda(
            self,
            "Api",
            lambda_function_props={
                "runtime": aws_lambda.Runtime.PYTHON_3_13,
                "handler": "things.rest.handler",
                "code": aws_lambda.Code.from_asset("things"),
                "layers": [self.layer],
            },
            # What it takes as anything is not renamed on the way to Node.
            api_gateway_props={"proxy": False, **{_camel(name): value for name, value in self._props(keys).items()}},
        )
        self.handler, self.api = made.lambda_function, made.api_gateway

    def _function(self, name: str, handler: str) -> aws_lambda.Function:
        return aws_lambda.Function(
            self,
            name,
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            architecture=aws_lambda.Architecture.ARM_64,
            handler=handler,
            code=aws_lambda.Code.from_asset("things"),
            layers=[cast("Any", self.layer)],
            memory_size=1024,
            timeout=Duration.seconds(15),
            tracing=aws_lambda.Tracing.ACTIVE,
            log_group=self._logs(f"{name}Logs"),
        )

    def _logs(self, name: str) -> Any:
        return aws_logs.LogGroup(self, name, retention=aws_logs.RetentionDays.THREE_MONTHS, removal_policy=RemovalPolicy.DESTROY)

    def _props(self, keys: list[str]) -> dict[str, Any]:
        methods: dict[str, Any] = {}
        for key in keys:
            method, path = key.split(" ", 1)
            if method == "POST" and not path.endswith("/jobs"):
                methods[f"{path}/{method}"] = aws_apigateway.MethodDeploymentOptions(throttling_rate_limit=5, throttling_burst_limit=2)
            elif method == "GET" and not path.endswith("}"):
                methods[f"{path}/{method}"] = aws_apigateway.MethodDeploymentOptions(caching_enabled=True, cache_data_encrypted=True)
        return {
            "cloud_watch_role": False,
            "min_compression_size": Size.bytes(1_000),
            "default_cors_preflight_options": aws_apigateway.CorsOptions(allow_origins=["https://things.example.com"]),
            "deploy_options": aws_apigateway.StageOptions(
                stage_name="live",
                tracing_enabled=True,
                metrics_enabled=True,
                logging_level=aws_apigateway.MethodLoggingLevel.ERROR,
                throttling_rate_limit=100,
                throttling_burst_limit=50,
                cache_cluster_enabled=True,
                cache_cluster_size="0.5",
                variables={"shop": "main"},
                method_options=methods,
                access_log_destination=aws_apigateway.LogGroupLogDestination(self._logs("AccessLogs")),
                access_log_format=aws_apigateway.AccessLogFormat.clf(),
            ),
        }

    def _errors(self) -> None:
        types = aws_apigateway.ResponseType
        headers = {"Access-Control-Allow-Origin": "'https://things.example.com'"}
        for response in (types.DEFAULT_4_XX, types.DEFAULT_5_XX, types.UNAUTHORIZED):
            self.api.add_gateway_response(response.response_type, type=response, response_headers=headers)

    def _routes(self, routes: int) -> None:
        self.methods: dict[str, aws_apigateway.Method] = {}
        kinds = aws_apigateway.AuthorizationType
        pool = aws_cognito.UserPool.from_user_pool_id(self, "People", "eu-west-1_people")
        judge = cast("aws_lambda.IFunction", self.judge)
        guards: dict[str, dict[str, Any]] = {
            "people": {
                "authorization_type": kinds.COGNITO,
                "authorizer": aws_apigateway.CognitoUserPoolsAuthorizer(self, "Users", cognito_user_pools=[pool]),
            },
            "judge": {"authorization_type": kinds.CUSTOM, "authorizer": aws_apigateway.TokenAuthorizer(self, "Token", handler=judge)},
            "asked": {
                "authorization_type": kinds.CUSTOM,
                "authorizer": aws_apigateway.RequestAuthorizer(
                    self, "Request", handler=judge, identity_sources=[aws_apigateway.IdentitySource.header("X-Shop")]
                ),
            },
            "aws": {"authorization_type": kinds.IAM},
            "key": {"authorization_type": kinds.NONE, "api_key_required": True},
        }
        validator = self.api.add_request_validator("Body", validate_request_body=True)
        job = self.api.add_model("Job", model_name="Job", schema=_schema())
        function = cast("aws_lambda.IFunction", self.handler)
        calls = aws_apigateway.LambdaIntegration(function)
        keeps = aws_apigateway.LambdaIntegration(
            function, cache_key_parameters=["method.request.querystring.owner", "method.request.header.Authorization"]
        )
        cached: dict[str, Any] = {
            "request_parameters": {"method.request.querystring.owner": False, "method.request.header.Authorization": False}
        }
        for group in groups(routes):
            model = self.api.add_model(group.model, model_name=group.model, schema=_schema())
            checked: dict[str, Any] = {"request_validator": validator, "request_models": {"application/json": model}}
            things = self.api.root.add_resource(group.name)
            one, jobs = things.add_resource("{item}"), things.add_resource("jobs")
            things.add_method("GET", keeps, **guards["people"], **cached)
            things.add_method("POST", calls, **guards["judge"], **checked)
            self.methods[group.name] = one.add_method("GET", calls, **guards["key"])
            one.add_method("PUT", calls, **guards["aws"], **checked)
            answers = [aws_apigateway.MethodResponse(status_code="200")]
            models: dict[str, Any] = {"request_validator": validator, "request_models": {"application/json": job}}
            jobs.add_method("POST", self._sends(), **guards["asked"], **models, method_responses=answers)

    def _sends(self) -> aws_apigateway.AwsIntegration:
        return aws_apigateway.AwsIntegration(
            service="sqs",
            path=f"{self.account}/{self.queue.queue_name}",
            integration_http_method="POST",
            options=aws_apigateway.IntegrationOptions(
                credentials_role=cast("Any", self.role),
                request_parameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
                request_templates={"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
                integration_responses=[aws_apigateway.IntegrationResponse(status_code="200")],
            ),
        )

    def _plan(self) -> None:
        plan = self.api.add_usage_plan(
            "Partners",
            throttle=aws_apigateway.ThrottleSettings(rate_limit=10, burst_limit=5),
            quota=aws_apigateway.QuotaSettings(limit=10_000, period=aws_apigateway.Period.MONTH),
        )
        once = aws_apigateway.ThrottleSettings(rate_limit=1, burst_limit=1)
        throttles = [aws_apigateway.ThrottlingPerMethod(method=method, throttle=once) for method in self.methods.values()]
        plan.add_api_stage(stage=self.api.deployment_stage, throttle=throttles)
        plan.add_api_key(self.api.add_api_key("Acme"))


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


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


def made(outdir: str | None = None) -> App:
    """An app without bundling, and without CloudFormation's limit of resources, since this would pass it."""
    context: dict[str, Any] = {"aws:cdk:bundling-stacks": [], "@aws-cdk/core:stackResourceLimit": 0}
    return App(outdir=outdir, analytics_reporting=False, context=context)


if __name__ == "__main__":
    whole = made(sys.argv[2])
    Everything(whole, routes=int(sys.argv[1]), solutions="solutions" in sys.argv[3:])
    whole.synth()
