"""One key covers what the constructs of a scope keep, with the grants and the key policy that it takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_kms as kms

from gateleg import description as said
from gateleg.cdk import ApiGatewayAccount, HttpGateway, IamAuthorizer, ModelTable, WebSocketGateway, encrypt
from gateleg.description import Route
from gateleg.errors import DeclarationError
from tests.templates.constructs.samples import CHAT, ROUTES, Template, function, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow

IRELAND: dict[str, str] = {"account": "123456789012", "region": "eu-west-1"}
KEPT = {
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::Lambda::Function": "KmsKeyArn",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}


def whole(stack: Stack, code: HandlerCode) -> None:
    table = ModelTable(stack, "Second", table=CHAT)
    gateway(stack, code).add_stage("beta")
    options: Any = {"code": code}
    HttpGateway(
        stack, "Http", apps=[rest_description(*ROUTES)], authorizers={"iam": IamAuthorizer()}, tables=[table], function_options=options
    )
    function(stack, code)
    app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"),))
    WebSocketGateway(stack, "Socket", app=app, authorizer=IamAuthorizer(), function_options=options)
    ApiGatewayAccount(stack, "Account")


@pytest.fixture(scope="module")
def encrypted(code: HandlerCode) -> Template:
    def build(stack: Stack) -> None:
        encrypt(stack, kms.Key(stack, "Key"))
        whole(stack, code)

    return synthesized(build, **IRELAND)


def key(template: Template) -> dict[str, Any]:
    return {"Fn::GetAtt": [template.id_of("AWS::KMS::Key"), "Arn"]}


@pytest.mark.parametrize(("kind", "name"), KEPT.items())
def test_everything_that_is_kept_is_encrypted_by_the_key(kind: str, name: str, encrypted: Template) -> None:
    found = {logical_id: one["Properties"].get(name) for logical_id, one in encrypted.all(kind).items()}
    assert found
    assert found == dict.fromkeys(found, key(encrypted))


def test_tables_are_encrypted_by_the_key(encrypted: Template) -> None:
    tables = encrypted.all("AWS::DynamoDB::GlobalTable").values()
    assert len(tables) == 2
    for table in tables:
        assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        assert table["Properties"]["Replicas"][0]["SSESpecification"] == {"KMSMasterKeyId": key(encrypted)}


def test_logs_may_use_the_key_for_the_groups_of_this_account_alone(encrypted: Template) -> None:
    statements = encrypted.one("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    [logs] = [one for one in statements if one.get("Sid") == "GatelegLogs"]
    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert "arn:" in json.dumps(logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"])
    assert "logs:eu-west-1:123456789012:*" in json.dumps(logs["Condition"])
    assert {"kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"} <= set(logs["Action"])


def test_every_function_may_read_its_variables(encrypted: Template) -> None:
    roles = [one["Properties"] for one in encrypted.all("AWS::IAM::Role").values() if "Policies" in one["Properties"]]
    assert len(roles) == 4
    for role in roles:
        statements = role["Policies"][0]["PolicyDocument"]["Statement"]
        assert {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key(encrypted)} in statements


def test_without_a_key_nothing_changes(code: HandlerCode, chat: Template) -> None:
    assert synthesized(lambda stack: gateway(stack, code)).data == chat.data
    assert "Kms" not in json.dumps(chat.data)
    assert "kms:" not in json.dumps(chat.data)


def test_the_nearest_key_decides_and_a_table_s_own_before_it(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        far, near, own = (kms.Key(stack, name) for name in ("Far", "Near", "Own"))
        encrypt(stack, far)
        nested = Stack(stack, "Nested", env=Environment(**IRELAND))
        encrypt(nested, near)
        function(nested, code, "Auth")
        ModelTable(stack, "Table", table=CHAT, encryption_key=own)
        function(stack, code, "Second")

    app = App()
    stack = Stack(app, "Test", env=Environment(**IRELAND))
    build(stack)
    assembly = app.synth()
    outer = Template(assembly.get_stack_by_name("Test").template)
    assert "Far" in json.dumps(outer.one("AWS::Lambda::Function")["KmsKeyArn"])
    assert "Own" in json.dumps(outer.one("AWS::DynamoDB::GlobalTable")["Replicas"])
    [inner] = [one.template for one in assembly.stacks if one.stack_name != "Test"]
    assert "Near" in json.dumps(Template(inner).one("AWS::Lambda::Function")["KmsKeyArn"])


def test_a_key_that_comes_too_late_is_refused(code: HandlerCode) -> None:
    makers: list[Callable[[Stack], object]] = [
        lambda stack: gateway(stack, code, tables=[], apps=[]),
        lambda stack: ModelTable(stack, "T", table=CHAT),
        lambda stack: function(stack, code),
    ]
    for make in makers:
        stack = Stack(None, "Test")
        make(stack)
        with pytest.raises(DeclarationError, match="call encrypt\\(\\) before the constructs"):
            encrypt(stack, kms.Key(stack, "Key"))


def test_a_second_key_of_a_scope_is_refused() -> None:
    stack = Stack(None, "Test")
    encrypt(stack, kms.Key(stack, "Key"))
    with pytest.raises(DeclarationError, match="call encrypt\\(\\) once"):
        encrypt(stack, kms.Key(stack, "Other"))


@pytest.mark.parametrize(("scope", "key"), [("stack", None), (None, "key")])
def test_what_is_no_key_and_no_scope_is_refused(scope: Any, key: Any) -> None:
    stack = Stack(None, "Test")
    with pytest.raises(DeclarationError, match="encrypt"):
        encrypt(stack if scope else scope, kms.Key(stack, "Key") if key else key)


def test_the_policy_of_an_imported_key_is_told(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        encrypt(stack, kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/x"))
        function(stack, code)

    [told] = [message for message in synthesized(build, **IRELAND).messages if "gateleg:key" in message]
    assert "let logs.eu-west-1.amazonaws.com do kms:Decrypt*" in told


def test_a_table_in_a_stack_without_a_region_says_what_is_missing() -> None:
    stack = Stack(None, "Test")
    encrypt(stack, kms.Key(stack, "Key"))
    with pytest.raises(DeclarationError, match="pass env=Environment"):
        ModelTable(stack, "Table", table=CHAT)


def test_a_key_is_for_its_scope_and_not_for_one_whose_name_begins_alike(code: HandlerCode) -> None:
    app = App()
    one, other = Stack(app, "Test"), Stack(app, "Test2")
    encrypt(one, kms.Key(one, "Key"))
    function(other, code)
    assert "KmsKeyArn" not in Template(app.synth().get_stack_by_name("Test2").template).one("AWS::Lambda::Function")
