"""What a function may do to entities with a tenant: by a role that it takes on for one of them, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from gateleg.cdk import DirectRoute, ModelTable, ServiceFunction
from gateleg.cdk.integrations import DynamoDb
from gateleg.cdk.sweeping import registry_table
from gateleg.description import Route, Use
from gateleg.errors import DeclarationError, UsesError
from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key
from gateleg.rest import across_tenants
from tests.templates.constructs.rendering import body
from tests.templates.constructs.samples import synthesized
from tests.templates.constructs.test_dynamo_db import build

if TYPE_CHECKING:
    from collections.abc import Callable

ANYBODY: Any = iam.AccountRootPrincipal()
BILLING = Table("billing", partition_key="pk", sort_key="sk", indexes=[Index("by_due", partition_key="gpk", sort_key="due")])


class Invoice(Entity, table=BILLING, tenant="company"):
    """Of a company."""

    company: Attr[str]
    number: Attr[str]
    due: Attr[str]

    key = key("COMPANY#{company}", "INVOICE#{number}")
    due_key = index_key("by_due", "COMPANY#{company}")

    @access(index="by_due")
    def due_of(*, company: str) -> None:
        """Find what is due."""


class Rate(Entity, table=BILLING):
    """Of nobody."""

    name: Attr[str]

    key = key("RATE", "{name}")


class Plan(Entity, table=BILLING):
    """Of nobody, and each has a name of its own."""

    name: Attr[str]
    title: Attr[str] = attr(unique=True)

    key = key("PLAN#{name}", "PLAN")


def tenanted(own: str, begins: str = "COMPANY#{company}") -> tuple[Table, Any]:
    """A table with items of tenants, and an entity without one whose keys are made so."""
    table = Table("apart", partition_key="pk", sort_key="sk", indexes=[Index("by_due", partition_key="gpk", sort_key="due")])

    class Bill(Entity, table=table, tenant="company"):  # pyright: ignore[reportUnusedClass] (the table knows it)
        company: Attr[str]

        key = key(begins, "BILL")

    class Fee(Entity, table=table):
        name: Attr[str]
        due: Attr[str]

        key = key(own, "FEE")
        due_key = index_key("by_due", "{name}")

        @access(index="by_due")
        def named(*, name: str) -> None:
            """Find by name, in an index that holds nothing of tenants."""

    return table, Fee


def granted(table: Table, *uses: Any) -> list[dict[str, Any]]:
    """The statements that let a role do this."""

    def stack(scope: Stack) -> None:
        ModelTable(scope, "Table", table=table).grant(iam.Role(scope, "Role", assumed_by=ANYBODY), *uses)

    [policy] = [one for one in synthesized(stack).resources.values() if one["Type"] == "AWS::IAM::Policy"]
    given: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return given


def leading(statement: dict[str, Any]) -> list[str]:
    if "Condition" not in statement:
        return []
    assert statement["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}
    given = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    return [given] if isinstance(given, str) else given


def test_what_is_of_no_tenant_is_held_to_its_own_keys_and_claims() -> None:
    found = granted(BILLING, Plan.get, Plan.delete, Rate.get, Invoice.get)
    assert {(action, *leading(one)) for one in found for action in actions(one)} == {
        ("dynamodb:GetItem", "PLAN#*", "#unique#*", "RATE", "COMPANY#${aws:PrincipalTag/tenant}"),
        ("dynamodb:DeleteItem", "PLAN#*", "#unique#*"),
    }


@pytest.mark.parametrize(
    ("own", "tenants", "told"),
    [
        ("{name}", "COMPANY#{company}", r"names no key that .*begin the key with text.*'PLAN#\{name\}', or write across_tenants\(Fee.get"),
        ("FEE*{name}", "COMPANY#{company}", "names no key that policies tell"),
        ("COMPANY#{name}", "COMPANY#{company}", "a tenant may be called so; begin the key with other text"),
        ("COMPANY#FEE", "COMPANY#{company}", "a tenant may be called so"),
        ("COMP{name}", "COMPANY#{company}", "a tenant may be called so"),
        ("FEE#{name}", "{company}#BILL", "a tenant may be called so"),
        ("FEE:{name}", "{company}", "a tenant may be called so"),
    ],
)
def test_keys_that_a_tenant_may_have_are_refused_unless_across_tenants(own: str, tenants: str, told: str) -> None:
    table, fee = tenanted(own, tenants)
    with pytest.raises(UsesError, match=told):
        granted(table, fee.get)
    [statement] = granted(table, across_tenants(fee.get, why="fees are of all"))
    assert leading(statement) == []


@pytest.mark.parametrize(
    ("own", "tenants"), [("FEE#{name}", "COMPANY#{company}"), ("FEE#{name}", "{company}"), ("FEE", "COMPANY#{company}")]
)
def test_keys_that_no_tenant_can_have_are_granted(own: str, tenants: str) -> None:
    table, fee = tenanted(own, tenants)
    found = granted(table, fee.get, fee.named)
    assert [leading(one) for one in found if actions(one) == ["dynamodb:GetItem"]] == [[own.replace("{name}", "*")]]
    assert [leading(one) for one in found if actions(one) == ["dynamodb:Query"]] == [[]]


def test_scans_of_what_is_of_no_tenant_read_those_of_tenants_too_and_are_refused() -> None:
    with pytest.raises(UsesError, match=r"Rate\.scan names no key"):
        statements([Rate.scan])


def test_a_table_given_without_its_entities_with_tenants_is_refused() -> None:
    bare = Table("billing", partition_key="pk", sort_key="sk", indexes=BILLING.indexes)
    with pytest.raises(UsesError, match="has no entity with a tenant; give ModelTable the declaration from a module that imports all"):
        granted(bare, Invoice.get)


def statements(uses: Any, **table: Any) -> dict[str, list[dict[str, Any]]]:
    """By the role that has them, the statements about DynamoDB and sessions."""

    def stack(scope: Stack) -> None:
        made = ModelTable(scope, "Table", table=BILLING, **{name: make(scope) for name, make in table.items()})
        ServiceFunction(scope, "Function", handler="lambdas.chat.authorizer:handler", tables=[made], uses=uses)

    template = synthesized(stack, account="111122223333", region="eu-west-1")
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in template.resources.values():
        if resource["Type"] == "AWS::IAM::Policy":
            [role] = resource["Properties"]["Roles"]
            own = resource["Properties"]["PolicyDocument"]["Statement"]
            found["tenant" if "Tenant" in role["Ref"] else "function"] = own
        if resource["Type"] == "AWS::IAM::Role" and "one tenant" in resource["Properties"].get("Description", ""):
            found["trust"] = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if resource["Type"] == "AWS::Lambda::Function":
            found["environment"] = [resource["Properties"]["Environment"]["Variables"]]
    return found


def actions(statement: dict[str, Any]) -> list[str]:
    given = statement["Action"]
    return [given] if isinstance(given, str) else given


def test_a_session_reaches_what_begins_with_its_tag_and_the_function_only_takes_it_on() -> None:
    found = statements([Invoice.get, Invoice.create, Invoice.due_of, Rate.get])
    condition = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["COMPANY#${aws:PrincipalTag/tenant}"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    assert [(actions(one), one["Condition"]) for one in found["tenant"]] == [
        (["dynamodb:GetItem", "dynamodb:PutItem"], condition),
        (["dynamodb:Query"], condition),
    ]
    [rate] = [one for one in found["function"] if actions(one) == ["dynamodb:GetItem"]]
    assert rate["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["RATE"]}, "Null": {"dynamodb:LeadingKeys": "false"}}
    assert sorted(action for one in found["function"] for action in actions(one)) == [
        "dynamodb:GetItem",
        "secretsmanager:GetSecretValue",
        "sts:AssumeRole",
        "sts:TagSession",
    ]
    [trust] = found["trust"]
    assert (sorted(actions(trust)), trust["Condition"]) == (
        ["sts:AssumeRole", "sts:TagSession"],
        {"StringLike": {"aws:RequestTag/tenant": "?*"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["tenant"]}},
    )
    assert set(trust["Principal"]) == {"AWS"}
    assert "GATELEG_TENANT_ROLE" in found["environment"][0]


def test_a_function_without_tenants_has_no_such_role() -> None:
    found = statements([Rate.get, across_tenants(Invoice.scan, why="bills all at night")])
    assert found.keys() == {"function", "environment"}
    assert sorted(action for one in found["function"] for action in actions(one)) == [
        "dynamodb:GetItem",
        "dynamodb:Scan",
        "secretsmanager:GetSecretValue",
    ]
    assert "GATELEG_TENANT_ROLE" not in found["environment"][0]


def own_key(scope: Stack) -> kms.Key:
    return kms.Key(scope, "Key")


def test_a_session_reads_with_the_tables_own_key() -> None:
    found = statements([Invoice.get], encryption_key=own_key)
    assert ["kms:Decrypt", "kms:DescribeKey"] in [actions(one) for one in found["tenant"]]
    assert not any(action.startswith("kms") for one in found["function"] for action in actions(one) if action != "kms:Decrypt")


def test_what_names_no_key_is_refused_and_across_tenants_is_taken() -> None:
    def stack(use: Any) -> Callable[[Stack], None]:
        def made(scope: Stack) -> None:
            table = ModelTable(scope, "Table", table=BILLING)
            table.grant(iam.Role(scope, "Role", assumed_by=ANYBODY), use)

        return made

    for use in (Invoice.scan, Invoice.partiql_select):
        with pytest.raises(
            UsesError, match=r"names no key, and reaches the items of every company; write across_tenants\(Invoice\.\w+, why=...\)"
        ):
            synthesized(stack(use))
    assert synthesized(stack(across_tenants(Invoice.scan, why="bills all at night")))


def test_a_grant_to_a_role_of_yours_is_held_to_the_tag_of_its_session() -> None:
    def stack(scope: Stack) -> None:
        table = ModelTable(scope, "Table", table=BILLING)
        table.grant(iam.Role(scope, "Role", assumed_by=ANYBODY), Invoice.get)

    [policy] = [one for one in synthesized(stack).resources.values() if one["Type"] == "AWS::IAM::Policy"]
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}


def test_a_route_without_a_function_takes_the_tenant_from_its_authorizer() -> None:
    with pytest.raises(
        DeclarationError, match="whose caller chooses the company, and so reaches the items of everybody; let the route's authorizer"
    ):
        build(Stack(App(), "Test"), {"GET /{company}/{number}": DynamoDb(Invoice.get)}, BILLING)
    of_the_pool = DynamoDb(Invoice.get, given={"company": "context.authorizer.claims.company"})
    mended = {"GET /{number}": DirectRoute(of_the_pool, authorizer="users")}
    assert body(synthesized(lambda stack: build(stack, mended, BILLING)))["paths"]["/{number}"]


def test_a_registry_among_tenants_is_not_swept() -> None:
    routes = [Route("join", "svc.socket:join", uses=(Use("billing", "SocketConnection", "check"),))]
    with pytest.raises(DeclarationError, match="holds items of tenants; give the registry a table of its own"):
        registry_table(routes, [ModelTable(Stack(App(), "Test"), "Table", table=BILLING)])
