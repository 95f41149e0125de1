"""Synthesizes small stacks of the constructs and reads the templates as plain data."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_lambda as lambda_

from gateleg import description as said
from gateleg.cdk import HandlerCode, HttpGateway, IamAuthorizer, ModelTable, RestGateway, ServiceFunction
from gateleg.description import Body, Route, Use
from gateleg.model import KEYS_ONLY, Index, StreamView, Table, include
from tests.templates.openapi import faults

if TYPE_CHECKING:
    from collections.abc import Callable

CHAT = Table(
    "chat",
    partition_key="pk",
    sort_key="sk",
    ttl="expires_at",
    stream=StreamView.NEW_AND_OLD_IMAGES,
    indexes=[
        Index("by_author", partition_key="gsi1pk", sort_key="gsi1sk"),
        Index("by_day", partition_key="day", projection=KEYS_ONLY),
        Index("by_room", partition_key="room", projection=include("body")),
    ],
)
MODEL = {"type": "object", "properties": {"body": {"type": "string", "maxLength": 9}}, "required": ["body"]}
MOCK = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode":200}'}, "responses": {"default": {"statusCode": "200"}}}
BODY = Body({"$ref": "#/components/schemas/NewMessage"})


@dataclass(frozen=True)
class Template:
    """A synthesized template."""

    data: dict[str, Any] = field(repr=False)
    messages: tuple[str, ...] = ()

    @property
    def resources(self) -> dict[str, Any]:
        """By logical id."""
        found: dict[str, Any] = self.data["Resources"]
        return found

    def all(self, kind: str) -> dict[str, Any]:
        """The resources of a type, by logical id."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] == kind}

    def one(self, kind: str) -> dict[str, Any]:
        """The properties of the only resource of a type."""
        [resource] = self.all(kind).values()
        properties: dict[str, Any] = resource["Properties"]
        return properties

    def id_of(self, kind: str) -> str:
        """The logical id of the only resource of a type."""
        [name] = self.all(kind)
        return name

    def statements(self, role: str) -> list[dict[str, Any]]:
        """The statements of the policies attached to a role, by the role's logical id."""
        return [
            statement
            for policy in self.all("AWS::IAM::Policy").values()
            if {"Ref": role} in policy["Properties"]["Roles"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        ]


def synthesized(build: Callable[[Stack], object], **environment: str) -> Template:
    """The template of a stack named Test with what `build` puts in; the bodies in it are OpenAPI."""
    app = App()
    stack = Stack(app, "Test", env=Environment(**environment) if environment else None)
    build(stack)
    artifact = app.synth().get_stack_by_name("Test")
    told = [str(message.entry.data) for message in artifact.messages]
    # Every stack with a table is told that it has no lock.
    template = Template(artifact.template, tuple(text for text in told if "[ack: gateleg:lock]" not in text))
    for api in (*template.all("AWS::ApiGateway::RestApi").values(), *template.all("AWS::ApiGatewayV2::Api").values()):
        assert "Body" not in api["Properties"] or faults(api["Properties"]["Body"]) == []
    return template


def judged(build: Callable[[Stack], object], *, refused: bool = False) -> str:
    """What synth finds in a stack named Test with what `build` puts in, of the report that it keeps: what Node prints arrives some time later.

    Args:
        build: Puts in what is judged.
        refused: Whether synth is to fail.
    """
    app = App()
    build(Stack(app, "Test"))
    with pytest.raises(RuntimeError, match="ValidationFailed") if refused else nullcontext() as caught:
        app.synth()
    return violations(Path(app.outdir), "" if caught is None else caught.value)


def violations(assembly: Path, error: object = "") -> str:
    """What synth finds, of the report that it keeps in an assembly; where it ended before that, what it ended with."""
    report = assembly / "validation-report.json"
    if not report.exists():
        return str(error)
    told: dict[str, Any] = json.loads(report.read_bytes())
    found = [violation["description"] for one in told["pluginReports"] for violation in one["violations"]]
    return "\n".join([*found, *(one["metadata"]["error"] for one in told["pluginReports"] if "error" in one.get("metadata", {}))])


def stream_description(*routes: Route, app: str = "svc.admin:app", **more: Any) -> said.App:
    """A description of an app that takes the changes of the table."""
    handlers = routes or (Route("INSERT Message", "svc.admin:added", (READ,)),)
    given: dict[str, Any] = {"table": CHAT.shape(), "filters": ({"eventName": ["INSERT"]},)} | more
    return said.App(app, "stream", handlers, **given)


def rest_description(*routes: Route, app: str = "svc.rest:app", **facts: Any) -> said.App:
    """A description of a REST app."""
    given: dict[str, Any] = {"validates": True, "schemas": {"NewMessage": MODEL}}
    return said.App(app, "rest", routes, **(given | facts))


def http_description(*routes: Route, app: str = "svc.rest:app", **facts: Any) -> said.App:
    """A description of the same app as an `APIGatewayHttpResolver`."""
    return replace(rest_description(*routes, app=app, **facts), kind="http")


READ = Use("chat", "Message", "query")
READ_BY_AUTHOR = Use("chat", "Message", "query", "by_author")
CREATE = Use("chat", "Message", "create")
ROUTES = (
    Route("GET /rooms/{room}/messages", "svc.rest:list_messages", (READ, READ_BY_AUTHOR)),
    Route("POST /rooms/{room}/messages", "svc.rest:send", (CREATE,), body=BODY),
    Route("GET /docs", "svc.rest:docs", public="documentation is for everyone"),
)


def gateway(stack: Stack, code: HandlerCode, **props: Any) -> RestGateway:
    """A REST gateway over a table, guarded by IAM."""
    return RestGateway(stack, "Rest", **_given(stack, code, rest_description(*ROUTES), props))


def http_gateway(stack: Stack, code: HandlerCode, **props: Any) -> HttpGateway:
    """The same as an HTTP gateway."""
    return HttpGateway(stack, "Http", **_given(stack, code, http_description(*ROUTES), props))


def _given(stack: Stack, code: HandlerCode, app: said.App, props: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "apps": [app],
        "tables": [ModelTable(stack, "Table", table=CHAT)],
        "authorizers": {"iam": IamAuthorizer()},
        "function_options": {"code": code},
    }
    return given | props


def function(stack: Stack, code: HandlerCode, id: str = "Auth", **props: Any) -> ServiceFunction:  # noqa: A002 (the construct grammar of CDK)
    """A function of its own."""
    given: dict[str, Any] = {"handler": "svc.auth:handler", "code": code} | props
    return ServiceFunction(stack, id, **given)


def inline(stack: Stack, id: str, **props: Any) -> lambda_.Function:  # noqa: A002 (the construct grammar of CDK)
    """A function of CDK's own."""
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    return lambda_.Function(stack, id, code=code, handler="index.handler", runtime=lambda_.Runtime.PYTHON_3_14, **props)
