# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gateleg.description.names import cursor_secret_variable, table_variable
from gateleg.description.uses import ACTIONS, Usable, Use
from gateleg.errors import DeclarationError
from gateleg.model import KEYS_ONLY, Attr, Entity, Index, StreamView, Table, attr, include, key

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_table_is_plain_data() -> None:
    index = Index("by_author", partition_key="gpk", sort_key="gsk", projection=KEYS_ONLY)
    table = Table("chat", partition_key="pk", sort_key="sk", indexes=[index], ttl="expires_at", stream=StreamView.NEW_IMAGE)
    assert (table.name, table.key_names, table.ttl, table.stream) == ("chat", ("pk", "sk"), "expires_at", "NEW_IMAGE")
    assert table.indexes == (index,)
    assert table.index("by_author") is index
    assert table.key_types() == {"pk": "S", "sk": "S", "gpk": "S", "gsk": "S"}


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (lambda: Table("my chat", partition_key="pk"), "'my chat' was given"),
        (lambda: Table("", partition_key="pk"), "'' was given"),
        (lambda: Table("chat", partition_key=""), "has an empty name"),
        (lambda: Table("chat", partition_key="pk", sort_key="pk"), "as partition key and as sort key"),
        (lambda: Table("chat", partition_key="pk", ttl="pk"), "cannot be key attributes"),
        (lambda: Table("chat", partition_key="pk", type_attribute="pk"), "cannot be key attributes"),
        (lambda: Table("chat", partition_key="pk", indexes=[Index("one", partition_key="a")] * 2), "two indexes named 'one'"),
        (
            lambda: Table("chat", partition_key="pk", indexes=[Index(f"i{n:02}", partition_key="a") for n in range(21)]),
            "DynamoDB allows 20",
        ),
        (lambda: Table("chat", partition_key="pk").index("none"), "has no index 'none'; declared: none"),
        (lambda: Index("a", partition_key="pk"), "3 to 255"),
        (lambda: Index("one", partition_key="pk", sort_key="pk"), "as partition key and as sort key"),
        (include, "write KEYS_ONLY"),
    ],
)
def test_what_dynamodb_would_refuse_is_refused_at_once(declare: Callable[[], object], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        declare()


def test_key_types_are_those_that_the_entities_store() -> None:
    table = Table("typed", partition_key="pk", sort_key="n", indexes=[Index("raw", partition_key="data")])

    class One(Entity, table=table):
        name: Attr[str]
        n: Attr[int]
        data: Attr[bytes | None] = attr(default=None)
        key = key("ONE#{name}")

    assert One.key(name="a", n=1).wire == {"pk": {"S": "ONE#a"}, "n": {"N": "1"}}
    assert table.key_types() == {"pk": "S", "n": "N", "data": "B"}

    class Two(Entity, table=table):
        name: Attr[str]
        n: Attr[str]
        key = key("TWO#{name}")

    with pytest.raises(DeclarationError, match="'n' of table 'typed' is N in one entity and S in Two"):
        table.key_types()


def test_a_transform_that_changes_the_type_changes_the_keys_type() -> None:
    def negated(number: int) -> str:
        return f"{-number:05d}"

    table = Table("saved", partition_key="n")

    class Saved(Entity, table=table):
        n: Attr[int] = attr(save=negated, load=lambda text: -int(text))

    assert table.key_types() == {"n": "S"}
    assert Saved.key(n=3).wire == {"n": {"S": "-0003"}}
    assert Saved.__gateleg__.decode(Saved.__gateleg__.encode(Saved(n=3))) == Saved(n=3)


def test_environment_variables_are_named_after_the_table() -> None:
    assert table_variable("chat-room.v2") == "GATELEG_TABLE_CHAT_ROOM_V2"
    assert cursor_secret_variable("chat") == "GATELEG_CURSOR_SECRET_CHAT"


def test_each_operation_can_be_declared_as_used() -> None:
    class Used(Entity, table=Table("used", partition_key="name")):
        name: Attr[str]

    for operation in ACTIONS.keys() - {"query"}:
        marker = getattr(Used, operation)
        assert isinstance(marker, Usable)
        assert marker.declared_uses() == (Use("used", "Used", operation),)
    assert ACTIONS["create"] == ("dynamodb:PutItem",)


def test_the_model_imports_neither_boto3_nor_powertools_nor_the_cdk_and_the_store_waits_with_boto3() -> None:
    heavy = "[name for name in sys.modules if name.split('.')[0] in {'boto3', 'botocore', 'aws_lambda_powertools', 'aws_cdk', 'jsii'}]"
    program = f"import sys, gateleg.model, gateleg.expressions, gateleg.store, gateleg.store.clients; print({heavy})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
