"""Keys and indexes of a declaration, as CDK writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_dynamodb as dynamodb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.description import IndexShape, TableShape

_TYPES = {"S": dynamodb.AttributeType.STRING, "N": dynamodb.AttributeType.NUMBER, "B": dynamodb.AttributeType.BINARY}


def table_keys(shape: TableShape) -> dict[str, Any]:
    """The properties that say a table's own key."""
    sort = None if shape.sort_key is None else _attribute(shape.sort_key, shape.key_types)
    return {"partition_key": _attribute(shape.partition_key, shape.key_types), "sort_key": sort}


def index_keys(index: IndexShape, types: Mapping[str, str]) -> dict[str, Any]:
    """The properties that say a global index's name, key and projection."""
    return {
        **_named(index),
        "partition_keys": [_attribute(name, types) for name in index.partition_key],
        "sort_keys": [_attribute(name, types) for name in index.sort_key] or None,
    }


def local_indexes(shape: TableShape) -> list[dynamodb.LocalSecondaryIndexProps]:
    """The local indexes."""
    return [
        dynamodb.LocalSecondaryIndexProps(**_named(index), sort_key=_attribute(index.sort_key[0], shape.key_types))
        for index in shape.local_indexes
    ]


def _named(index: IndexShape) -> dict[str, Any]:
    return {
        "index_name": index.name,
        "projection_type": dynamodb.ProjectionType(index.projection),
        "non_key_attributes": list(index.attributes) or None,
    }


def _attribute(name: str, types: Mapping[str, str]) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=_TYPES[types[name]])
