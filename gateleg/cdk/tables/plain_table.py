"""A table as `AWS::DynamoDB::Table`: the properties of CDK's `Table`, and what is added to it once it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Tags
from aws_cdk import aws_dynamodb as dynamodb

from gateleg.cdk.tables.billing import Autoscaled, OnDemand, Provisioned, begin_of
from gateleg.cdk.tables.global_table import warm
from gateleg.cdk.tables.keys import index_keys, local_indexes, table_keys
from gateleg.cdk.tables.settings import insights_of

if TYPE_CHECKING:
    from gateleg.cdk.tables.billing import Billing
    from gateleg.cdk.tables.settings import Settings
    from gateleg.description import TableShape


def plain_table_props(shape: TableShape, settings: Settings) -> dict[str, Any]:
    """The properties of a `Table` that a declaration and the arguments say."""
    protection = settings.protection
    key = settings.encryption_key
    kinesis = settings.kinesis
    return {
        **table_keys(shape),
        "time_to_live_attribute": shape.ttl,
        "stream": None if shape.stream is None else dynamodb.StreamViewType(shape.stream),
        "removal_policy": protection.removal_policy,
        "deletion_protection": protection.deletion_protection,
        "point_in_time_recovery_specification": dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=protection.point_in_time_recovery, recovery_period_in_days=protection.recovery_days
        ),
        "encryption": None if key is None else dynamodb.TableEncryption.CUSTOMER_MANAGED,
        "encryption_key": key,
        "table_name": settings.table_name,
        **_billing(settings.billing),
        "billing_mode": dynamodb.BillingMode.PAY_PER_REQUEST
        if isinstance(settings.billing, OnDemand)
        else dynamodb.BillingMode.PROVISIONED,
        "table_class": dynamodb.TableClass[settings.table_class] if settings.table_class != "STANDARD" else None,
        "contributor_insights_specification": insights_of(settings.contributor_insights),
        "kinesis_stream": None if kinesis is None else kinesis.stream,
        "kinesis_precision_timestamp": None if kinesis is None else dynamodb.ApproximateCreationDateTimePrecision[kinesis.precision],
        "resource_policy": settings.resource_policy,
        "import_source": None if settings.import_from is None else settings.import_from.source(),
    }


def complete_plain_table(table: dynamodb.Table, shape: TableShape, settings: Settings) -> None:
    """Add the indexes, the scaling and the tags, for which `Table` has methods, and the policy of its stream, for which it has nothing."""
    for index in shape.indexes:
        billing = settings.billing.of(index.name)
        table.add_global_secondary_index(
            **index_keys(index, shape.key_types),
            **_billing(billing),
            contributor_insights_specification=insights_of(settings.contributor_insights),
        )
    for local in local_indexes(shape):
        table.add_local_secondary_index(
            index_name=local.index_name,
            sort_key=local.sort_key,
            projection_type=local.projection_type,
            non_key_attributes=local.non_key_attributes,
        )
    resource = cast("dynamodb.CfnTable", table.node.default_child)
    if isinstance(settings.billing, Provisioned):
        # CDK leaves out what is the default, and a template that says nothing is read as a change from one that said something.
        resource.billing_mode = "PROVISIONED"
        _scale(table, shape, settings.billing)
    for key, value in settings.tags.items():
        Tags.of(table).add(key, value)
    if settings.stream_policy is not None:
        resource.add_property_override("StreamSpecification.ResourcePolicy.PolicyDocument", settings.stream_policy)


def _billing(billing: Billing) -> dict[str, Any]:
    if isinstance(billing, OnDemand):
        limits: dict[str, Any] = {"max_read_request_units": billing.max_reads, "max_write_request_units": billing.max_writes}
    else:
        limits = {"read_capacity": begin_of(billing.reads), "write_capacity": begin_of(billing.writes)}
    return {**limits, "warm_throughput": warm(billing.warm)}


def _scale(table: dynamodb.Table, shape: TableShape, billing: Provisioned) -> None:
    for units, scaled in ((billing.reads, table.auto_scale_read_capacity), (billing.writes, table.auto_scale_write_capacity)):
        if isinstance(units, Autoscaled):
            scaled(min_capacity=units.least, max_capacity=units.most).scale_on_utilization(target_utilization_percent=units.target)
    reads, writes = table.auto_scale_global_secondary_index_read_capacity, table.auto_scale_global_secondary_index_write_capacity
    for index in shape.indexes:
        own = billing.of(index.name)
        for units, scaled_index in ((own.reads, reads), (own.writes, writes)):
            if isinstance(units, Autoscaled):
                bounds = scaled_index(index.name, min_capacity=units.least, max_capacity=units.most)
                bounds.scale_on_utilization(target_utilization_percent=units.target)
