"""A function of a service: its code, its logs, its role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from gateleg.cdk import HandlerCode, ModelTable, RestApp
from gateleg.description import App as Description
from gateleg.description import Route, Use
from gateleg.description.lambda_runtime import RUNTIMES, runtime_of
from gateleg.errors import AppNotFoundError, DeclarationError, PackagingError, TemplateMismatchError, UsesError
from gateleg.testing import TemplateView
from tests.templates.constructs.samples import CHAT, READ, ROUTES, Template, function, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FUNCTION, LAYER, ROLE = "AWS::Lambda::Function", "AWS::Lambda::LayerVersion", "AWS::IAM::Role"


@pytest.fixture(scope="module")
def plain(code: HandlerCode) -> Template:
    return synthesized(lambda stack: function(stack, code))


def test_it_runs_the_handler_on_the_python_that_synthesizes_and_arm(plain: Template) -> None:
    found = plain.one(FUNCTION)
    assert (found["Handler"], found["Runtime"], found["Architectures"]) == ("svc.auth.handler", runtime_of(), ["arm64"])
    assert plain.one(LAYER)["CompatibleRuntimes"] == [runtime_of()]
    assert (found["Timeout"], found["MemorySize"]) == (15, 1024)
    assert found["TracingConfig"] == {"Mode": "Active"}
    assert found["Environment"]["Variables"] == {"POWERTOOLS_SERVICE_NAME": "svc-auth-handler"}


def in_project(runtime: object, code: HandlerCode) -> Callable[[Stack], object]:
    """A function below a context that names a runtime, as `cdk.json` would."""

    def build(stack: Stack) -> object:
        stack.node.set_context("gateleg:runtime", runtime)
        return function(stack, code)

    return build


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_project_names_its_runtime_for_all_who_synthesize_it(runtime: str, code: HandlerCode) -> None:
    found = synthesized(in_project(runtime, code))
    assert found.one(FUNCTION)["Runtime"] == runtime
    assert found.one(LAYER)["CompatibleRuntimes"] == [runtime]


@pytest.mark.parametrize("runtime", ["python3.9", "3.14", "nodejs22.x", 3.14])
def test_a_runtime_that_is_none_is_refused_with_those_that_are(runtime: object, code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match=r"gateleg:runtime is one of python3\.11, .*; write one of them") as raised:
        synthesized(in_project(runtime, code))
    assert raised.value.value == runtime


def test_it_is_found_by_what_the_construct_was_given(code: HandlerCode, plain: Template) -> None:
    assert TemplateView.from_json(plain.data).function("svc.auth:handler").service == "svc-auth-handler"

    def build(stack: Stack) -> None:
        gateway(stack, code, apps=[RestApp(rest_description(*ROUTES), handler="svc.rest:handler")])
        function(stack, code, handler="svc.rest:handler")

    view = TemplateView.from_json(synthesized(build).data)
    assert view.function("svc.rest:app").handler == "svc.rest.handler"
    with pytest.raises(TemplateMismatchError, match=r"several functions 'svc.rest:handler'.*RestSvcRest.*app svc.rest:app"):
        view.function("svc.rest:handler")


def test_it_logs_json_to_a_group_of_its_own_that_forgets(plain: Template) -> None:
    assert plain.one(FUNCTION)["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": plain.id_of("AWS::Logs::LogGroup")}}
    assert plain.one("AWS::Logs::LogGroup")["RetentionInDays"] == 90


def test_its_role_may_write_those_logs_and_traces_and_nothing_else(plain: Template) -> None:
    role = plain.one(ROLE)
    assert "ManagedPolicyArns" not in role
    [policy] = role["Policies"]
    write, trace = policy["PolicyDocument"]["Statement"]
    assert write["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert write["Resource"] == {"Fn::GetAtt": [plain.id_of("AWS::Logs::LogGroup"), "Arn"]}
    assert trace["Action"] == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    assert plain.all("AWS::IAM::Policy") == {}


def test_options_are_passed_on(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            max_azs=1,
            nat_gateways=0,
            subnet_configuration=[ec2.SubnetConfiguration(name="a", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
        )
        function(
            stack,
            code,
            memory_size=256,
            timeout=Duration.seconds(3),
            environment={"AA": "b"},
            architecture=lambda_.Architecture.X86_64,
            runtime=lambda_.Runtime.PYTHON_3_13,
            log_retention=logs.RetentionDays.ONE_DAY,
            reserved_concurrency=2,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            description="judges",
        )

    template = synthesized(build)
    [found] = [one["Properties"] for name, one in template.all(FUNCTION).items() if name.startswith("Auth")]
    assert (found["MemorySize"], found["Timeout"], found["Runtime"], found["Architectures"]) == (256, 3, "python3.13", ["x86_64"])
    assert (found["ReservedConcurrentExecutions"], found["Description"], found["Environment"]["Variables"]["AA"]) == (2, "judges", "b")
    assert len(found["VpcConfig"]["SubnetIds"]) == 1
    roles = [one["Properties"] for name, one in template.all(ROLE).items() if name.startswith("Auth")]
    assert "ec2:CreateNetworkInterface" in json.dumps(roles)
    assert "ManagedPolicyArns" not in roles[0]


def test_declared_uses_are_granted_and_bound(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        table = ModelTable(stack, "Table", table=CHAT)
        function(stack, code, tables=[table], uses=[READ])

    template = synthesized(build)
    variables = template.one(FUNCTION)["Environment"]["Variables"]
    assert {"GATELEG_TABLE_CHAT", "GATELEG_CURSOR_SECRET_CHAT"} <= set(variables)
    assert [one["Action"] for one in template.statements(template.id_of(ROLE))] == ["dynamodb:Query", "secretsmanager:GetSecretValue"]


def test_a_table_in_another_stack_is_reached_without_a_cycle(code: HandlerCode) -> None:
    app = App()
    table = ModelTable(Stack(app, "Data"), "Table", table=CHAT)
    stack = Stack(app, "Test")
    function(stack, code, tables=[table], uses=[READ])
    assert "Fn::ImportValue" in json.dumps(app.synth().get_stack_by_name("Test").template)


def test_it_can_be_granted_to(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        ModelTable(stack, "Table", table=CHAT).grant(function(stack, code), READ)

    template = synthesized(build)
    assert [one["Action"] for one in template.statements(template.id_of(ROLE))] == ["dynamodb:Query", "secretsmanager:GetSecretValue"]


def test_functions_of_a_stack_share_one_layer_and_one_code_asset(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        function(stack, code)
        function(stack, code, "Rest", handler="svc.rest:app")

    template = synthesized(build)
    assert len(template.all(LAYER)) == 1
    assert len({json.dumps(one["Properties"]["Code"]) for one in template.all(FUNCTION).values()}) == 1


def test_each_platform_has_a_layer_of_its_own(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        function(stack, code)
        function(stack, code, "Intel", architecture=lambda_.Architecture.X86_64)

    assert len(synthesized(build).all(LAYER)) == 2


def _project(root: Path, requirements: str) -> HandlerCode:
    (root / "svc").mkdir(exist_ok=True)
    (root / "svc/auth.py").write_text("def handler(event, context): ...\n")
    (root / "svc/requirements.txt").write_text(requirements)
    return HandlerCode(root)


def test_a_code_edit_changes_the_code_asset_and_not_the_layer(tmp_path: Path) -> None:
    def keys() -> tuple[str, str]:
        template = synthesized(lambda stack: function(stack, HandlerCode(tmp_path)))
        return template.one(FUNCTION)["Code"]["S3Key"], template.one(LAYER)["Content"]["S3Key"]

    _project(tmp_path, "")
    first = keys()
    (tmp_path / "svc/auth.py").write_text("def handler(event, context): return 1\n")
    second = keys()
    assert first[0] != second[0]
    assert first[1] == second[1]


def test_the_local_target_is_packaged_for_the_running_interpreter(tmp_path: Path) -> None:
    code = _project(tmp_path, "")
    app = App(context={"gateleg:target": "local"})
    function(Stack(app, "Test"), code)
    app.synth()
    function(Stack(App(), "Test"), code)
    assert len(list((tmp_path / ".gateleg/layers").iterdir())) == 2


def test_stacks_that_are_only_listed_are_not_bundled(tmp_path: Path) -> None:
    code = _project(tmp_path, "no-such-package==1 --hash=sha256:" + "0" * 64)
    app = App(context={"aws:cdk:bundling-stacks": []})
    function(Stack(app, "Test"), code)
    app.synth()
    with pytest.raises(PackagingError, match="no-such-package"):
        function(Stack(App(), "Test"), code)


@pytest.mark.parametrize(
    ("props", "error", "told"),
    [
        ({"handler": "svc.auth"}, DeclarationError, r"package\.module:attribute"),
        ({"handler": "svc.nowhere:handler"}, AppNotFoundError, r"svc\.nowhere:handler"),
        ({"uses": [READ]}, UsesError, r"svc\.auth:handler uses Message"),
        ({"runtime": lambda_.Runtime.NODEJS_22_X}, PackagingError, "Python runtime"),
    ],
)
def test_what_cannot_work_is_refused(props: dict[str, Any], error: type[Exception], told: str, code: HandlerCode) -> None:
    with pytest.raises(error, match=told):
        synthesized(lambda stack: function(stack, code, **props))


MARKED = Description(
    "svc.auth:handler", "function", (Route("svc.auth:handler", "svc.auth:handler", uses=(Use("chat", "Token", "delete"),)),)
)


def test_what_a_plain_handler_declares_is_granted_and_its_table_told(code: HandlerCode) -> None:
    found = synthesized(lambda stack: function(stack, code, described=MARKED, tables=[ModelTable(stack, "Table", table=CHAT)]))
    policy = json.dumps(found.one("AWS::IAM::Policy"))
    assert "dynamodb:DeleteItem" in policy
    assert "dynamodb:PutItem" not in policy
    assert "GATELEG_TABLE_CHAT" in found.one(FUNCTION)["Environment"]["Variables"]


def test_a_table_that_a_plain_handler_uses_and_was_not_given_is_said(code: HandlerCode) -> None:
    with pytest.raises(UsesError, match="pass tables="):
        synthesized(lambda stack: function(stack, code, described=MARKED))
