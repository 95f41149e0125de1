"""Logical ids are public API: a stack in use must find its table again after an update of gateleg."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, CfnResource, Stack

from gateleg.cdk import Cors
from tests.templates.constructs.samples import function, gateway, http_gateway, synthesized

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow  # they synthesize many stacks

NAMES = {
    "RestAccessLogs3CF9040E",
    "RestDeployment633E6720",
    "RestExecutionLogs79716B6A",
    "Rest4D9F4FC7",
    "RestInvokeRestSvcRestResource96233776",
    "RestStage91BC4970",
    "RestSvcRest7BAAE9E0",
    "RestSvcRestLogs4546A563",
    "RestSvcRestRoleF4501022",
    "RestSvcRestRoleDefaultPolicy35A335F2",
    "TableCursorSecret752A1798",
    "Table7ABB320E",
}


def test_logical_ids_stay_what_they_are(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        gateway(stack, code, cors=Cors(["*"]))

    template = synthesized(build)
    kept = {re.sub(r"(Deployment[0-9A-F]{8})[0-9a-f]{32}$", r"\1", name) for name in template.resources}
    layers = {name for name in kept if name.startswith("Dependencies")}
    assert kept - layers == NAMES
    assert len(layers) == 1


HTTP_NAMES = {
    "HttpAccessLogs1CB64BE3",
    "HttpDeployment826A654E",
    "Http45C4A707",
    "HttpInvokeHttpSvcRestResource59A8F813",
    "HttpStageD1D6DBD6",
    "HttpSvcRestAB92C913",
}


def test_logical_ids_of_an_http_api_stay_what_they_are(code: HandlerCode) -> None:
    names = synthesized(lambda stack: http_gateway(stack, code, cors=Cors(["*"]))).resources
    kept = {re.sub(r"(Deployment[0-9A-F]{8})[0-9a-f]{32}$", r"\1", name) for name in names}
    functions = {name for name in kept if re.match("HttpSvcRest(Logs|Role)", name)}
    assert {name for name in kept if name.startswith("Http")} - functions == HTTP_NAMES
    assert len(functions) == 3


def test_renaming_the_stack_renames_no_resource(code: HandlerCode) -> None:
    other = Stack(App(), "Renamed")
    gateway(other, code)
    ids = {other.resolve(element.logical_id) for element in other.node.find_all() if isinstance(element, CfnResource)}
    assert {re.sub(r"(Deployment[0-9A-F]{8})[0-9a-f]{32}$", r"\1", name) for name in ids} >= NAMES


def test_other_constructs_change_no_name(code: HandlerCode) -> None:
    def more(stack: Stack) -> None:
        function(stack, code)
        gateway(stack, code)

    assert set(synthesized(lambda stack: gateway(stack, code)).resources) <= set(synthesized(more).resources)
