"""A table as `AWS::DynamoDB::GlobalTable`: the properties of CDK's `TableV2`, and the few that it does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CfnTag, Stack
from aws_cdk import aws_dynamodb as dynamodb

from gateleg.cdk.tables.billing import Autoscaled, OnDemand
from gateleg.cdk.tables.keys import index_keys, local_indexes, table_keys
from gateleg.cdk.tables.settings import insights_of

if TYPE_CHECKING:
    from aws_cdk import aws_kinesis as kinesis

    from gateleg.cdk.tables.billing import Billing, WarmThroughput
    from gateleg.cdk.tables.changes import KinesisStream
    from gateleg.cdk.tables.replication import Replica, Replication
    from gateleg.cdk.tables.settings import Settings
    from gateleg.description import TableShape


def global_table_props(shape: TableShape, settings: Settings) -> dict[str, Any]:
    """The properties of a `TableV2` that a declaration and the arguments say."""
    protection = settings.protection
    return {
        **table_keys(shape),
        "global_secondary_indexes": _indexes(shape, settings.billing) or None,
        "local_secondary_indexes": local_indexes(shape) or None,
        "time_to_live_attribute": shape.ttl,
        "dynamo_stream": None if shape.stream is None else dynamodb.StreamViewType(shape.stream),
        "removal_policy": protection.removal_policy,
        "deletion_protection": protection.deletion_protection,
        "point_in_time_recovery_specification": dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=protection.point_in_time_recovery, recovery_period_in_days=protection.recovery_days
        ),
        "encryption": _encryption(settings),
        "table_name": settings.table_name,
        "billing": _billing(settings.billing),
        "warm_throughput": warm(settings.billing.warm),
        "table_class": dynamodb.TableClass[settings.table_class] if settings.table_class != "STANDARD" else None,
        "contributor_insights_specification": insights_of(settings.contributor_insights),
        "kinesis_stream": _stream(settings.kinesis),
        "resource_policy": settings.resource_policy,
        "stream_resource_policy": settings.stream_policy,
        "tags": _tags(settings),
        **({} if settings.replication is None else _replication(settings.replication, settings)),
    }


def complete_global_table(table: dynamodb.TableV2, settings: Settings) -> None:
    """Say what `TableV2` has no property for: how fine the times of changes in Kinesis are."""
    resource = table.node.default_child
    if not isinstance(resource, dynamodb.CfnGlobalTable):
        return
    streams = {copy.region: copy.kinesis for copy in (settings.replication.copies if settings.replication else ())}
    for number, replica in enumerate(cast("list[dict[str, Any]]", Stack.of(table).resolve(resource.replicas))):
        stream = streams.get(replica["region"], settings.kinesis) if isinstance(replica["region"], str) else settings.kinesis
        if stream is not None and "kinesisStreamSpecification" in replica:
            place = f"Replicas.{number}.KinesisStreamSpecification.ApproximateCreationDateTimePrecision"
            resource.add_property_override(place, stream.precision)


def warm(given: WarmThroughput | None) -> dynamodb.WarmThroughput | None:
    """As CDK writes warm throughput."""
    return None if given is None else dynamodb.WarmThroughput(read_units_per_second=given.reads, write_units_per_second=given.writes)


def _indexes(shape: TableShape, billing: Billing) -> list[dynamodb.GlobalSecondaryIndexPropsV2]:
    return [
        dynamodb.GlobalSecondaryIndexPropsV2(**index_keys(index, shape.key_types), **_index_billing(billing.of(index.name)))
        for index in shape.indexes
    ]


def _index_billing(billing: Billing) -> dict[str, Any]:
    if isinstance(billing, OnDemand):
        limits: dict[str, Any] = {"max_read_request_units": billing.max_reads, "max_write_request_units": billing.max_writes}
    else:
        limits = {"read_capacity": _capacity(billing.reads), "write_capacity": _capacity(billing.writes)}
    return {**limits, "warm_throughput": warm(billing.warm)}


def _billing(billing: Billing) -> dynamodb.Billing:
    if isinstance(billing, OnDemand):
        return dynamodb.Billing.on_demand(max_read_request_units=billing.max_reads, max_write_request_units=billing.max_writes)
    return dynamodb.Billing.provisioned(read_capacity=_capacity(billing.reads), write_capacity=_capacity(billing.writes))


def _capacity(units: int | Autoscaled) -> dynamodb.Capacity:
    if not isinstance(units, Autoscaled):
        return dynamodb.Capacity.fixed(units)
    return dynamodb.Capacity.autoscaled(
        min_capacity=units.least, max_capacity=units.most, target_utilization_percent=units.target, seed_capacity=units.begin
    )


def _encryption(settings: Settings) -> dynamodb.TableEncryptionV2 | None:
    if settings.encryption_key is None:
        return None
    copies = settings.replication.copies if settings.replication is not None else ()
    arns = {copy.region: str(copy.encryption_key) for copy in copies}
    return dynamodb.TableEncryptionV2.customer_managed_key(settings.encryption_key, arns or None)


def _stream(given: KinesisStream | None) -> kinesis.IStream | None:
    return None if given is None else given.stream


def _tags(settings: Settings) -> list[CfnTag] | None:
    return [CfnTag(key=key, value=value) for key, value in settings.tags.items()] or None


def _replication(replication: Replication, settings: Settings) -> dict[str, Any]:
    strong = replication.consistency == "STRONG"
    return {
        "replicas": [_replica(copy, settings) for copy in replication.copies] or None,
        "multi_region_consistency": dynamodb.MultiRegionConsistency.STRONG if strong else None,
        "witness_region": replication.witness,
        "global_table_settings_replication_mode": dynamodb.GlobalTableSettingsReplicationMode.ALL if replication.other_accounts else None,
    }


def _replica(copy: Replica, settings: Settings) -> dynamodb.ReplicaTableProps:
    return dynamodb.ReplicaTableProps(
        region=copy.region,
        kinesis_stream=_stream(copy.kinesis),
        # Whom the table keeps out is kept out of every copy.
        resource_policy=copy.resource_policy or settings.resource_policy,
        stream_resource_policy=settings.stream_policy,
        tags=_tags(settings),
    )
