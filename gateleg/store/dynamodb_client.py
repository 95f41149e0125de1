"""What gateleg calls a boto3 client of DynamoDB, so that it has a type where boto3's stubs are not installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

_Call = Callable[..., Any]


class DynamoDBClient(Protocol):
    """A boto3 client of DynamoDB: what `boto3.client("dynamodb")` makes, untyped or as the types of boto3-stubs say it.

    Each member is botocore's own, of the same name; answers are what it gives.
    """

    # Properties of a callable: the methods of boto3-stubs, which name their arguments, fit them, and would fit no method of any.
    @property
    def meta(self) -> Any:
        """The client's events, region, endpoint and model."""
        ...

    @property
    def exceptions(self) -> Any:
        """The classes of the service's errors."""
        ...

    @property
    def batch_execute_statement(self) -> _Call: ...  # noqa: D102
    @property
    def batch_get_item(self) -> _Call: ...  # noqa: D102
    @property
    def batch_write_item(self) -> _Call: ...  # noqa: D102
    @property
    def create_table(self) -> _Call: ...  # noqa: D102
    @property
    def delete_item(self) -> _Call: ...  # noqa: D102
    @property
    def delete_table(self) -> _Call: ...  # noqa: D102
    @property
    def describe_table(self) -> _Call: ...  # noqa: D102
    @property
    def describe_time_to_live(self) -> _Call: ...  # noqa: D102
    @property
    def execute_statement(self) -> _Call: ...  # noqa: D102
    @property
    def execute_transaction(self) -> _Call: ...  # noqa: D102
    @property
    def get_item(self) -> _Call: ...  # noqa: D102
    @property
    def get_paginator(self) -> _Call: ...  # noqa: D102
    @property
    def get_waiter(self) -> _Call: ...  # noqa: D102
    @property
    def list_tables(self) -> _Call: ...  # noqa: D102
    @property
    def put_item(self) -> _Call: ...  # noqa: D102
    @property
    def query(self) -> _Call: ...  # noqa: D102
    @property
    def scan(self) -> _Call: ...  # noqa: D102
    @property
    def transact_get_items(self) -> _Call: ...  # noqa: D102
    @property
    def transact_write_items(self) -> _Call: ...  # noqa: D102
    @property
    def update_item(self) -> _Call: ...  # noqa: D102
    @property
    def update_table(self) -> _Call: ...  # noqa: D102
    @property
    def update_time_to_live(self) -> _Call: ...  # noqa: D102
