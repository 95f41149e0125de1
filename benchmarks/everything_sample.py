"""Writes the same service of N routes with every feature: a Powertools app, and the same in Chalice.

A route is a method and a path. Each group of five has three paths, two body models, five kinds of callers, one cached route, one with a throttle, one with a throttle for each
API key, and one that a queue answers: see `GROUP`.
"""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from benchmarks.sample import groups

if TYPE_CHECKING:
    from pathlib import Path

GROUP = {
    "GET /{name}": "people",  # of a Cognito user pool; cached
    "POST /{name}": "judge",  # a Lambda authorizer, by a header; a body; throttled
    "GET /{name}/{{item}}": "key",  # an API key, throttled for each
    "PUT /{name}/{{item}}": "aws",  # IAM; a body
    "POST /{name}/jobs": "asked",  # a Lambda authorizer, by the request; a queue answers
}

_HEAD = '''
    """The handlers."""

    from typing import Annotated

    from aws_lambda_powertools.event_handler import APIGatewayRestResolver
    from aws_lambda_powertools.event_handler.openapi.params import Query
    from pydantic import BaseModel, Field

    app = APIGatewayRestResolver(enable_validation=True)
'''

_ROUTES = '''

    class Body{group}(BaseModel):
        """What a thing of kind {group} is made from."""

        name: str = Field(min_length=1, max_length=80)
        size: int = Field(ge=0)
        colour: str = "red"
        tags: list[str] = []


    @app.get("/things{group}", summary="List things", tags=["things"], security=[{{"people": []}}])
    def list{group}(owner: Annotated[str, Query(max_length=80)] = "") -> list[str]:
        """List the things of an owner."""
        return []


    @app.post("/things{group}", summary="Make a thing", tags=["things"], security=[{{"judge": []}}])
    def create{group}(body: Body{group}) -> dict[str, str]:
        """Make a thing."""
        return {{}}


    @app.get("/things{group}/<item>", summary="A thing", tags=["things"], security=[{{"key": []}}])
    def get{group}(item: str) -> dict[str, str]:
        """A thing."""
        return {{}}


    @app.put("/things{group}/<item>", summary="Change a thing", tags=["things"], security=[{{"aws": []}}])
    def put{group}(item: str, body: Body{group}) -> dict[str, str]:
        """Change a thing."""
        return {{}}
'''

_AUTHORIZER = '''
    """Who may call."""


    def handler(event, context):
        return {}
'''

_CHALICE_HEAD = '''
    """The same in Chalice, as far as it can say it."""

    from chalice import Chalice, CognitoUserPoolAuthorizer, CustomAuthorizer, IAMAuthorizer

    app = Chalice(app_name="things")
    uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:judge/invocations"
    people = CognitoUserPoolAuthorizer("people", provider_arns=["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_people"])
    judge = CustomAuthorizer("judge", authorizer_uri=uri)
    asked = CustomAuthorizer("asked", authorizer_uri=uri, header="X-Shop")
    aws = IAMAuthorizer()
'''

_CHALICE_ROUTES = '''

    @app.route("/things{group}", methods=["GET"], authorizer=people, cors=True)
    def list{group}():
        """List the things of an owner."""
        return []


    @app.route("/things{group}", methods=["POST"], authorizer=judge, cors=True)
    def create{group}():
        """Make a thing."""
        return {{}}


    @app.route("/things{group}/{{item}}", methods=["GET"], api_key_required=True, cors=True)
    def get{group}(item):
        """A thing."""
        return {{}}


    @app.route("/things{group}/{{item}}", methods=["PUT"], authorizer=aws, cors=True)
    def put{group}(item):
        """Change a thing."""
        return {{}}


    @app.route("/things{group}/jobs", methods=["POST"], authorizer=asked, cors=True)
    def job{group}():
        """Send a job."""
        return {{}}
'''


def routes_of(routes: int) -> list[tuple[str, str]]:
    """Route keys, each with the name of who may call it, of a number of routes."""
    return [(key.format(name=group.name), guard) for group in groups(routes) for key, guard in GROUP.items()]


def write(folder: Path, routes: int) -> None:
    """Write the package `things` and the folder `chalice` into a folder."""
    numbers = range(len(groups(routes)))
    package, other = folder / "things", folder / "chalice"
    for name, text in {
        "__init__": '"""A service."""',
        "rest": _HEAD + "".join(_ROUTES.format(group=number) for number in numbers),
        "authorizer": _AUTHORIZER,
    }.items():
        _write(package / f"{name}.py", text)
    _write(package / "requirements.txt", "aws-lambda-powertools\npydantic\n")
    _write(other / "app.py", _CHALICE_HEAD + "".join(_CHALICE_ROUTES.format(group=number) for number in numbers))
    _write(other / "requirements.txt", "")
    _write(
        other / ".chalice" / "config.json", '{"version": "2.0", "app_name": "things", "stages": {"live": {"api_gateway_stage": "live"}}}'
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip(), encoding="utf-8")
