"""The parts of a backend in stacks of their own: references go one way, and what is deployed is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, NestedStack, Stack

from gateleg import description as said
from gateleg.cdk import HandlerCode, ModelTable, RequestAuthorizer, TokenAuthorizer, WebSocketGateway
from gateleg.description import Route
from tests.templates.constructs.samples import CHAT, CREATE, READ, function, gateway, rest_description

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

FLAGS: dict[str, Any] = json.loads((Path(__file__).parents[3] / "cdk.json").read_text(encoding="utf-8"))["context"]
REST = rest_description(Route("POST /say", "svc.rest:say", (READ,), publishes=True))
SOCKET = said.App("svc.socket:app", "websocket", (Route("$connect", "h"), Route("send", "h", (CREATE,))))


def backend(code: HandlerCode, of: Callable[[str], Stack]) -> None:
    """A table, a socket that an authorizer guards, and a REST API whose handlers publish to the socket."""
    options: Any = {"code": code}
    table = ModelTable(of("Data"), "Table", table=CHAT)
    judge = function(of("Auth"), code, "Judge")
    connecting = RequestAuthorizer(judge, ["querystring.token"])
    socket = WebSocketGateway(of("Socket"), "Socket", app=SOCKET, tables=[table], authorizer=connecting, function_options=options)
    rest = gateway(of("Rest"), code, apps=[REST], tables=[table], authorizers={"token": TokenAuthorizer(judge)})
    socket.add_publisher(rest.functions["svc.rest:app"])


WAITS: dict[str, tuple[dict[str, str], dict[str, set[str]]]] = {
    "all apart": ({}, {"Socket": {"Auth", "Data"}, "Rest": {"Auth", "Data", "Socket"}}),
    "the table apart": ({"Auth": "Rest", "Socket": "Rest"}, {"Rest": {"Data"}}),
    "the socket with the table": ({"Socket": "Data", "Auth": "Data"}, {"Rest": {"Data"}}),
}


@pytest.mark.parametrize("context", [{}, FLAGS], ids=["without flags", "with the flags of cdk.json"])
@pytest.mark.parametrize("case", WAITS)
def test_stacks_wait_for_each_other_one_way(case: str, context: dict[str, Any], code: HandlerCode) -> None:
    together, waits = WAITS[case]
    app = App(context=context)
    stacks = {name: Stack(app, name) for name in ("Data", "Auth", "Socket", "Rest") if name not in together}

    backend(code, lambda name: stacks[together.get(name, name)])
    app.synth()

    found = {name: {other.stack_name for other in stack.dependencies} for name, stack in stacks.items()}
    assert {name: others for name, others in found.items() if others} == waits


def test_a_gateway_in_a_nested_stack_points_to_its_own_deployments(code: HandlerCode) -> None:
    def deployments() -> list[str]:
        app = App()
        parent = Stack(app, "Test")
        nested = NestedStack(parent, "Nested")
        backend(code, lambda name: nested if name in {"Rest", "Socket"} else parent)
        assembly = Path(app.synth().directory)
        [path] = assembly.glob("*Nested*.nested.template.json")
        resources = json.loads(path.read_text(encoding="utf-8"))["Resources"]
        found = [one["Properties"]["DeploymentId"]["Ref"] for one in resources.values() if one["Type"].endswith("::Stage")]
        assert all(name in resources for name in found)
        return found

    assert len(deployments()) == 2
    assert deployments() == deployments()
