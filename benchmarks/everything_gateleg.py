"""The service of `everything_sample.py` in gateleg's constructs. `everything_gateleg.py ROUTES OUT`, in the folder that holds the package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gateleg.cdk import describe_ahead

if __name__ == "__main__":
    describe_ahead("things.rest:app")

from aws_cdk import App, Stack  # the handlers are described while the CDK is loaded, as in any app.py
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_sqs as sqs
from pydantic import BaseModel

from benchmarks.everything_sample import routes_of
from gateleg.cdk import (
    ApiKeyAuthorizer,
    Cache,
    CachedRoute,
    Canary,
    CognitoAuthorizer,
    Cors,
    DirectRoute,
    GatewayResponse,
    IamAuthorizer,
    Quota,
    RequestAuthorizer,
    RestGateway,
    ServiceFunction,
    Throttle,
    TokenAuthorizer,
    UsagePlan,
)
from gateleg.cdk.integrations import SqsSend

if TYPE_CHECKING:
    from gateleg import description as said
    from gateleg.cdk import FunctionOptions


class Job(BaseModel):
    """What the queue is told."""

    name: str
    size: int


class Everything(Stack):
    """The service.

    Args:
        app: The app.
        routes: How many there are.
        described: The handlers, or what they say.
        options: How functions run.
    """

    def __init__(
        self, app: App, *, routes: int, described: str | said.App = "things.rest:app", options: FunctionOptions | None = None
    ) -> None:
        super().__init__(app, "Things")
        keys = [key for key, _ in routes_of(routes)]
        judge = ServiceFunction(self, "Judge", handler="things.authorizer:handler", **(options or {}))
        queue = SqsSend(sqs.Queue(self, "Jobs"), message=Job)
        RestGateway(
            self,
            "Api",
            apps=[described],
            authorizers={
                "people": CognitoAuthorizer([cognito.UserPool.from_user_pool_id(self, "People", "eu-west-1_people")]),
                "judge": TokenAuthorizer(judge.function),
                "asked": RequestAuthorizer(judge.function, ["header.X-Shop"]),
                "aws": IamAuthorizer(),
                "key": ApiKeyAuthorizer(),
            },
            routes={key: DirectRoute(queue, "asked") for key in _of(keys, "/jobs")},
            cors=Cors(["https://things.example.com"]),
            throttles={key: Throttle(5, 2) for key in keys if key.startswith("POST ") and not key.endswith("/jobs")},
            variables={"shop": "main"},
            cache=Cache({key: CachedRoute() for key in keys if key.startswith("GET ") and not key.endswith("}")}),
            canary=Canary(),
            usage_plans={
                "partners": UsagePlan(
                    ["acme"], Throttle(10, 5), Quota(10_000), {key: Throttle(1, 1) for key in _of(keys, "}") if key.startswith("GET ")}
                )
            },
            gateway_responses={"UNAUTHORIZED": GatewayResponse("sign in first", headers={"WWW-Authenticate": "Bearer"})},
            documentation=True,
            minimum_compression_size=1_000,
            validate_requests=True,
            function_options=options,
        )


def _of(keys: list[str], end: str) -> list[str]:
    return [key for key in keys if key.endswith(end)]


def made(outdir: str | None = None) -> App:
    """An app without bundling."""
    given: dict[str, Any] = {"aws:cdk:bundling-stacks": []}
    return App(outdir=outdir, analytics_reporting=False, context=given)


if __name__ == "__main__":
    whole = made(sys.argv[2])
    Everything(whole, routes=int(sys.argv[1]))
    whole.synth()
