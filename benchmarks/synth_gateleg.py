"""The service of `sample.py` in gateleg's constructs. `synth_gateleg.py ROUTES OUT [described] [app | route | all]`, in the folder that holds the package.

`described` takes the handlers' description from a file that was written before, as a pipeline without their dependencies would; the last word is `functions=`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from gateleg.cdk import describe_ahead

DESCRIBED = "described" in sys.argv[3:]
FUNCTIONS: Any = next((word for word in ("route", "all") if word in sys.argv[3:]), "app")
if not DESCRIBED:
    describe_ahead("things.rest:app", "things.model:THINGS")

from aws_cdk import App, Stack  # noqa: E402  # the handlers are described while the CDK is loaded, as in any app.py

from gateleg import description as said  # noqa: E402
from gateleg.cdk import Cors, FunctionOptions, ModelTable, RestGateway, ServiceFunction, TokenAuthorizer  # noqa: E402


class Things(Stack):
    """The service."""

    def __init__(self, app: App) -> None:
        super().__init__(app, "Things")
        table = ModelTable(self, "Table", table="things.model:THINGS")
        authorizer = ServiceFunction(self, "Authorizer", handler="things.authorizer:handler")
        RestGateway(
            self,
            "Api",
            apps=[said.App.from_file(Path("things.json")) if DESCRIBED else "things.rest:app"],
            tables=[table],
            authorizers={"session": TokenAuthorizer(authorizer.function)},
            cors=Cors(["https://things.example.com"]),
            validate_requests=True,
            functions=FUNCTIONS,
            function_options=FunctionOptions(memory_size=1024),
        )


if __name__ == "__main__":
    app = App(outdir=sys.argv[2], analytics_reporting=False, context={"aws:cdk:bundling-stacks": [], "@aws-cdk/core:stackResourceLimit": 0})
    Things(app)
    app.synth()
