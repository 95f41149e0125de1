"""A function finds tables of its own region and account alone; of others it is told what to write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Environment, Stack

from gateleg.cdk import ModelTable, Replication
from gateleg.errors import DeclarationError
from tests.templates.constructs.samples import CHAT, READ, function, gateway, synthesized

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

HERE = {"account": "123456789012", "region": "eu-west-1"}


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Test", env=Environment(**HERE))


def far(stack: Stack, *replicas: str) -> ModelTable:
    """A table of another stack, in another region."""
    there = Stack(cast("App", stack.node.root), f"{stack.node.id}Far", env=Environment(account=HERE["account"], region="us-east-1"))
    return ModelTable(there, "Table", table=CHAT, table_name="chat", replication=Replication(replicas) if replicas else None)


def by_arn(stack: Stack, region: str, account: str) -> ModelTable:
    """A table that is there already."""
    return ModelTable.from_name(stack, "Table", table=CHAT, name=f"arn:aws:dynamodb:{region}:{account}:table/chat")


def test_a_table_of_another_region_is_refused_and_a_function_beside_it_taken(stack: Stack, code: HandlerCode) -> None:
    table = far(stack)
    told = r"the table 'chat' of us-east-1, .*; deploy the function to us-east-1, or give the table a replica in eu-west-1"
    with pytest.raises(DeclarationError, match=told):
        function(stack, code, tables=[table], uses=[READ])
    with pytest.raises(DeclarationError, match=told):
        gateway(stack, code, tables=[table])
    own = function(stack, code, "Own")
    with pytest.raises(DeclarationError, match=told):
        own.add_tables([table])
    with pytest.raises(DeclarationError, match=told):
        own.add_uses([table], [READ])
    assert function(Stack.of(table.table), code, tables=[table], uses=[READ])


def test_a_replica_here_is_named_and_granted(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        table = far(stack, "eu-west-1")
        with pytest.raises(DeclarationError, match=r"existing=table\.table\.replica\('eu-west-1'\)"):
            function(stack, code, "Refused", tables=[table], uses=[READ])
        here = ModelTable.from_table(stack, "Here", table=CHAT, existing=table.table.replica("eu-west-1"))
        function(stack, code, tables=[here], uses=[READ])

    template = synthesized(build, **HERE)
    assert template.one("AWS::Lambda::Function")["Environment"]["Variables"]["GATELEG_TABLE_CHAT"] == "chat"
    assert ":dynamodb:eu-west-1:123456789012:table/chat" in str(template.all("AWS::IAM::Policy"))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (("eu-west-1", "111111111111"), "deploy the function there, or make an AccountReplica of the table"),
        (("us-east-1", HERE["account"]), "deploy the function to us-east-1"),
    ],
)
def test_a_table_by_its_arn_is_where_its_arn_says(place: tuple[str, str], told: str, stack: Stack, code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match=told):
        function(stack, code, tables=[by_arn(stack, *place)], uses=[READ])


def test_a_table_of_the_same_place_or_of_one_that_nobody_knows_is_taken(stack: Stack, code: HandlerCode) -> None:
    assert function(stack, code, tables=[by_arn(stack, HERE["region"], HERE["account"])], uses=[READ])
    anywhere: Any = Stack(App(), "Anywhere")
    assert function(anywhere, code, tables=[by_arn(anywhere, "us-east-1", "111111111111")], uses=[READ])


def test_a_use_that_is_refused_leaves_nothing_of_the_others(stack: Stack, code: HandlerCode) -> None:
    table, one = ModelTable(stack, "Table", table=CHAT), function(stack, code)
    with pytest.raises(DeclarationError, match=r"reads the index 'by_nobody'"):
        one.add_uses([table], [READ, replace(READ, index="by_nobody")])
    assert one.role.node.try_find_child("DefaultPolicy") is None
