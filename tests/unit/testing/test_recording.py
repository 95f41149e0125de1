from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from gateleg.errors import TemplateMismatchError
from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key
from gateleg.rest import uses
from gateleg.testing.recording import Touch, recorded

NOTES = Table("notes", partition_key="pk", sort_key="sk", indexes=[Index("by_author", partition_key="gsi1pk", sort_key="gsi1sk")])


class Note(Entity, table=NOTES):
    note: Attr[str] = attr()
    author: Attr[str] = attr()

    key = key("NOTES", "NOTE#{note}")
    author_key = index_key("by_author", "AUTHOR#{author}", "NOTE#{note}")

    @access(index="by_author")
    def by_author(*, author: str) -> None: ...


class Answer:
    """The body of an answer, as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        yield b"{}"


def answered(**_: object) -> Any:
    return AWSResponse("http://x", 200, HTTPHeaders(), Answer())


@pytest.fixture
def client() -> Any:
    """A real client whose requests are answered before they leave the process."""
    made = cast("Any", boto3).client("dynamodb", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    made.meta.events.register("before-send.dynamodb", answered)
    return made


@uses(Note.create, Note.by_author)
def handler(client: Any, *, lists: bool) -> None:
    client.put_item(TableName="Notes-1", Item={"pk": {"S": "NOTES"}})
    if lists:
        client.query(TableName="Notes-1", IndexName="by_author", KeyConditionExpression="a = b")


def test_a_declaration_that_is_used_up_has_nothing_unused(client: Any) -> None:
    with recorded(client) as calls:
        handler(client, lists=True)
    assert calls.unused(handler) == set()
    assert calls.undeclared(handler) == set()


def test_what_is_declared_and_never_asked_for_is_told(client: Any) -> None:
    with recorded(client) as calls:
        handler(client, lists=False)
    assert calls.unused(handler) == {Touch("dynamodb:Query", "by_author")}
    assert calls.unused(Note.create) == set()
    assert calls.undeclared(Note.by_author) == {Touch("dynamodb:PutItem")}


def test_batches_and_transactions_are_told_by_their_parts(client: Any) -> None:
    item = {"pk": {"S": "NOTES"}}
    with recorded(client) as calls:
        client.batch_get_item(RequestItems={"A": {"Keys": [item]}, "B": {"Keys": [item]}})
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "A", "Item": item}},
                {"ConditionCheck": {"TableName": "B", "Key": item, "ConditionExpression": "attribute_exists(pk)"}},
            ]
        )
        client.transact_get_items(TransactItems=[{"Get": {"TableName": "A", "Key": item}}])
    assert [(touch.action.removeprefix("dynamodb:"), touch.table) for touch in calls.touches] == [
        ("BatchGetItem", "A"),
        ("BatchGetItem", "B"),
        ("PutItem", "A"),
        ("ConditionCheckItem", "B"),
        ("GetItem", "A"),
    ]


def test_nothing_is_recorded_after_the_end(client: Any) -> None:
    with recorded(client) as calls:
        handler(client, lists=False)
    handler(client, lists=True)
    assert len(calls.touches) == 1


def test_comparing_with_nothing_recorded_or_nothing_declared_is_refused(client: Any) -> None:
    with recorded(client) as calls:
        pass
    with pytest.raises(TemplateMismatchError, match="no DynamoDB call was recorded"):
        calls.unused(handler)
    with recorded(client) as calls:
        handler(client, lists=True)
    with pytest.raises(TemplateMismatchError, match="nothing is declared by"):
        calls.unused(print)
