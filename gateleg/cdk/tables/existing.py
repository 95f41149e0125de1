"""A table that somebody else made, compared with the declaration that is to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.description import IndexShape, TableShape

_ADVICE = "declare the table as it is, or change it where it is made"


def check_existing(table: Any, shape: TableShape) -> None:
    """Check that a table of CDK's is what a declaration says, as far as it is made in this app; of one that is imported nothing is known.

    Args:
        table: A `Table` or `TableV2`, or what they were imported as.
        shape: The declaration.

    Raises:
        DeclarationError: A key, an index, a projection, the expiry or the stream is another one.
    """
    resource: Any = table.node.default_child
    if not isinstance(resource, dynamodb.CfnTable | dynamodb.CfnGlobalTable):
        return
    # All at once: of what CDK makes at the end, such as the stream of a `TableV2`, jsii reads no single property.
    found: Any = Stack.of(table).resolve(resource._cfn_properties)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (the protected door of CDK's classes)
    for what, is_, declared in _compared(found, shape):
        if is_ != declared:
            message = f"the table {table.node.path!r} has {what} {_shown(is_)}, and the declaration {shape.name!r} says {_shown(declared)}; {_ADVICE}"
            raise DeclarationError(message, path=table.node.path, value=is_, code="declaration.existing")


def _compared(found: Mapping[str, Any], shape: TableShape) -> Iterator[tuple[str, Any, Any]]:
    key = {"HASH": (shape.partition_key,), "RANGE": () if shape.sort_key is None else (shape.sort_key,)}
    yield "the key", _keys(found["keySchema"]), key
    types = {one["attributeName"]: one["attributeType"] for one in found.get("attributeDefinitions") or ()}
    for name, kind in shape.key_types.items():
        if name in types:
            yield f"the key attribute {name!r} of type", types[name], kind
    indexes = {one["indexName"]: one for one in found.get("globalSecondaryIndexes") or ()}
    for index in shape.indexes:
        yield from _index(index, indexes.get(index.name), {"HASH": index.partition_key, "RANGE": index.sort_key})
    local = {one["indexName"]: one for one in found.get("localSecondaryIndexes") or ()}
    for index in shape.local_indexes:
        yield from _index(index, local.get(index.name), {"HASH": (shape.partition_key,), "RANGE": index.sort_key})
    ttl: dict[str, Any] = found.get("timeToLiveSpecification") or {}
    if shape.ttl is not None:
        yield "the expiry", ttl.get("attributeName") if ttl.get("enabled") is not False else None, shape.ttl
    if shape.stream is not None:
        stream: dict[str, Any] = found.get("streamSpecification") or {}
        yield "the stream", stream.get("streamViewType"), shape.stream


def _index(index: IndexShape, found: Any, keys: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Any, Any]]:
    if found is None:
        yield f"the index {index.name!r}:", None, "one"
        return
    yield f"the index {index.name!r} with the key", _keys(found["keySchema"]), keys
    projection = found["projection"]
    held = projection["projectionType"], tuple(sorted(projection.get("nonKeyAttributes") or ()))
    yield f"the index {index.name!r} with the projection", held, (index.projection, tuple(sorted(index.attributes)))


def _keys(schema: Any) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(one["attributeName"] for one in schema if one["keyType"] == kind) for kind in ("HASH", "RANGE")}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return " and ".join(", ".join(names) for names in cast("dict[str, tuple[str, ...]]", value).values() if names)
    return "none" if value is None else str(value)
