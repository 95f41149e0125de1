"""What each entry point may import: cold starts and synth pay for every module."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import gateleg.model

pytestmark = pytest.mark.slow

CDK = {"aws_cdk", "jsii", "constructs"}
BOTO = {"boto3", "botocore"}
POWERTOOLS = {"aws_lambda_powertools"}


def imported_by(entry_point: str) -> set[str]:
    """The modules that importing the entry point loads, in a process of its own."""
    code = f"import json, sys; before = set(sys.modules); import {entry_point}; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("entry_point", "budget", "never"),
    [
        ("gateleg", 4, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.errors", 20, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.description", 18, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.model", 186, CDK | BOTO | POWERTOOLS),
        ("gateleg.store", 230, CDK | BOTO | POWERTOOLS),
        ("gateleg.rest", 55, CDK | BOTO | {"pydantic"}),
        ("gateleg.rest.dispatcher", 80, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.websocket", 205, CDK | BOTO | POWERTOOLS),
        ("gateleg.stream", 50, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.stream.resolver", 401, CDK | {"boto3"}),  # Powertools' batch processor brings nearly all of it
        ("gateleg.store.direct.transport", 251, CDK | BOTO | POWERTOOLS),
        ("gateleg.local", 200, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.cli", 25, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.diagram.drawing", 90, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.doctor.examination", 90, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.cost.bill", 110, CDK | BOTO | POWERTOOLS | {"pydantic"}),
        ("gateleg.testing.plugin", 280, CDK | BOTO | POWERTOOLS | {"pydantic"}),
    ],
)
def test_an_entry_point_keeps_its_budget(entry_point: str, budget: int, never: set[str]) -> None:
    modules = imported_by(entry_point)

    assert {module.partition(".")[0] for module in modules} & never == set()
    assert len(modules) <= budget


@pytest.mark.parametrize(
    ("entry_point", "never"),
    [
        # To build a model looks for pydantic's plugins in all that is installed; ours have no attributes, and are not built.
        ("gateleg.model", {"pydantic.plugin._loader", "pydantic.root_model", "pydantic.type_adapter", "importlib.metadata"}),
        ("gateleg.model", {"gateleg.model.items.streams", "gateleg.model.views", "gateleg.store", "json"}),
        ("gateleg.store", {"pydantic.plugin._loader", "pydantic.root_model", "pydantic.type_adapter", "importlib.metadata"}),
        ("gateleg.store", {"asyncio", "concurrent.futures", "logging", "gateleg.store.async_store"}),
        # Few functions do what these are for.
        ("gateleg.store", {f"gateleg.store.{name}" for name in ("transaction", "claiming", "scan", "segments", "explanation")}),
        ("gateleg.store", {f"gateleg.store.commands.{name}" for name in ("batch", "claims", "collect", "scan", "statement", "transact")}),
        # A stack that names its table by a string waits for no model; a synth waits for Node at each module of the CDK.
        ("gateleg.cdk.rest_gateway", {"pydantic", "gateleg.model", "aws_cdk.aws_apigatewayv2", "aws_cdk.aws_wafv2"}),
        ("gateleg.cdk.http_gateway", {"pydantic", "gateleg.model"}),
        ("gateleg.stream.resolver", {"gateleg.store", "gateleg.idempotency", "gateleg.websocket", "gateleg.rest"}),
        ("gateleg.websocket", {"gateleg.store", "gateleg.websocket.resolver", "gateleg.websocket.payload", "gateleg.websocket.routes"}),
    ],
)
def test_an_entry_point_leaves_to_others_what_they_need(entry_point: str, never: set[str]) -> None:
    assert imported_by(entry_point) & never == set()


@pytest.mark.parametrize("package", ["cdk", "cdk.integrations", "model", "rest", "store", "stream", "websocket"])
def test_what_is_imported_later_is_there_all_the_same(package: str) -> None:
    code = f"from gateleg.{package} import *; import gateleg.{package} as m; assert all(hasattr(m, name) for name in m.__all__)"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = gateleg.model.Nothing


def test_a_handler_never_loads_the_cdk() -> None:
    assert {
        module.partition(".")[0] for module in imported_by("lambdas.chat.rest, lambdas.chat.socket, lambdas.chat.authorizer")
    } & CDK == set()


def test_the_stack_loads_no_handler() -> None:
    modules = imported_by("stacks.chat")

    assert {"lambdas.chat.rest", "lambdas.chat.socket", "aws_lambda_powertools", "boto3"} & modules == set()


def test_neither_handlers_nor_the_clients_of_stores_load_boto3() -> None:
    """Its resources and transfers to S3 are for nothing here; botocore's clients are the same."""
    clients = "gateleg.store.clients as c; c.dynamodb(); c.secretsmanager()"
    modules = imported_by(f"os; os.environ.update(AWS_REGION='eu-north-1', AWS_DEFAULT_REGION='eu-north-1'); import {clients}")

    assert "botocore.client" in modules
    assert {"boto3", "s3transfer"} & {module.partition(".")[0] for module in modules} == set()
    assert "boto3" not in imported_by("lambdas.chat.rest, lambdas.chat.socket, lambdas.chat.authorizer")
