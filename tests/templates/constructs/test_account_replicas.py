"""A table with a copy in another account: what each stack makes, and what AWS would refuse."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam

from gateleg.cdk import AccountReplica, ModelTable, OnDemand, Replication
from gateleg.description import Use
from gateleg.errors import DeclarationError
from gateleg.model import Index, Table

GAMES = Table("games", partition_key="pk", indexes=[Index("by_day", "day")])
ACCOUNTS = Replication(other_accounts=True)


def replicated(
    region: str | None = "eu-west-2", account: str | None = "444455556666", source: dict[str, Any] | None = None, **options: Any
) -> tuple[App, AccountReplica]:
    app = App()
    home = Stack(app, "Home", env=Environment(account="111122223333", region="eu-west-1"))
    given: dict[str, Any] = {"table": GAMES, "table_name": "games", "replication": ACCOUNTS} | (source or {})
    table = ModelTable(home, "Table", **given)
    away = Stack(app, "Away", env=Environment(account=account, region=region))
    told: dict[str, Any] = {"table": GAMES, "source": table} | options
    return app, AccountReplica(away, "Replica", **told)


def test_the_copy_is_of_its_source_and_protected_by_itself() -> None:
    app, replica = replicated(tags={"team": "games"})
    anyone: Any = iam.AccountRootPrincipal()
    replica.grant(iam.Role(Stack.of(replica), "Role", assumed_by=anyone), Use("games", "Game", "query", "by_day"))
    assembly = app.synth()
    home, away = (assembly.get_stack_by_name(name).template["Resources"] for name in ("Home", "Away"))
    [source] = [one["Properties"] for one in home.values() if one["Type"] == "AWS::DynamoDB::GlobalTable"]
    [copy] = [one for one in away.values() if one["Type"] == "AWS::DynamoDB::GlobalTable"]
    assert (copy["DeletionPolicy"], copy["Properties"]["TableName"]) == ("Retain", "games")
    assert str(copy["Properties"]["GlobalTableSourceArn"]).endswith(":dynamodb:eu-west-1:111122223333:table/games']]}")
    assert not {"KeySchema", "GlobalSecondaryIndexes", "AttributeDefinitions"} & set(copy["Properties"])
    [there] = copy["Properties"]["Replicas"]
    assert (there["Region"], there["DeletionProtectionEnabled"], there["Tags"]) == ("eu-west-2", True, [{"Key": "team", "Value": "games"}])
    assert there["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    for place in (source["Replicas"][0], there):
        principals = [one["Principal"] for one in place["ResourcePolicy"]["PolicyDocument"]["Statement"]]
        assert {"Service": "replication.dynamodb.amazonaws.com"} in principals
    assert source["Replicas"][0]["GlobalTableSettingsReplicationMode"] == "ENABLED"
    [policy] = [one["Properties"] for one in away.values() if one["Type"] == "AWS::IAM::Policy"]
    query = next(one for one in policy["PolicyDocument"]["Statement"] if one["Action"] == "dynamodb:Query")
    assert query["Resource"]["Fn::Join"][1][-1] == "/index/by_day"


def test_an_account_has_one_copy_of_a_table_and_another_account_its_own() -> None:
    app, replica = replicated()
    source: Any = app.node.find_child("Home").node.find_child("Table")
    told = r"Away/Replica is a replica of 'Table' in the account 444455556666 already, .*give functions there that one"
    for number, region in enumerate(("eu-west-2", "eu-west-3")):
        again = Stack(app, f"Again{number}", env=Environment(account="444455556666", region=region))
        with pytest.raises(DeclarationError, match=told) as caught:
            AccountReplica(again, "Replica", table=GAMES, source=source)
        assert caught.value.code == "declaration.replica_twice"
        assert again.node.children == [], "what is refused leaves nothing"
    third = Stack(app, "Third", env=Environment(account="777788889999", region="eu-west-2"))
    AccountReplica(third, "Replica", table=GAMES, source=source)
    own = ModelTable(
        Stack(app, "Other", env=Environment(account="111122223333", region="eu-west-1")),
        "Own",
        table=GAMES,
        table_name="own",
        replication=ACCOUNTS,
    )
    AccountReplica(Stack(app, "Beside", env=Environment(account="444455556666", region="eu-west-2")), "Own", table=GAMES, source=own)
    assert replica.table is not None
    app.synth()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"region": "eu-west-1"}, "both in the region eu-west-1"),
        ({"account": "111122223333"}, "both in the account 111122223333"),
        ({"account": None}, "two stacks of which the account is known"),
        ({"region": None}, "two stacks of which the region is known"),
        ({"source": {"replication": None}}, r"make it with replication=Replication\(other_accounts=True\)"),
        ({"billing": OnDemand()}, "the same for all copies of a table; say it of the source"),
        ({"table": Table("games", partition_key="id")}, "give the same declaration"),
        ({"preset": "production", "deletion_protection": False}, "leave that out, or the preset"),
    ],
)
def test_what_aws_would_refuse_is_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        replicated(**arguments)
