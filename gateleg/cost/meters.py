"""What each resource of a template is billed for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gateleg.cost.capacity import told, units, writes
from gateleg.cost.meter import HOURS, Meter, Said, number
from gateleg.template import rest, routed
from gateleg.template.canonical import canonical, listing, mapping
from gateleg.template.function import FUNCTION_TYPE
from gateleg.template.known import Known
from gateleg.template.table import TABLE_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gateleg.template.stack_template import Resource

_KB, _GB = Decimal(1024), Decimal(1024**2)
_MONTH = Decimal(30)
_SMALLEST, _EPHEMERAL, _MINUTE = Decimal(128), 512, 60


def _api(name: str, api: Resource, said: Said) -> Iterator[Meter]:
    kind = "REST" if api.type == rest.API_TYPE else routed.protocol(api)
    if kind == "WEBSOCKET":
        yield said.meter(name, "websocket_messages", said.get("messages"), "sent and received, each 32 KB counts", "messages")
        yield said.meter(
            name, "websocket_minutes", said.get("connection_minutes"), "each connection, as long as it is open", "connection_minutes"
        )
        counted = "received"
    else:
        why = "each call" if kind == "REST" else "each call, by 512 KB"
        yield said.meter(name, f"{kind.lower()}_requests", said.get("requests"), why, "requests")
        counted = "requests"
    for group in _access_logs(api):
        yield from _logs(name, said, counted, "access_log_kb", _days(group))


def _access_logs(api: Resource) -> list[Resource | None]:
    """Where the stages of the API write their access logs, each once; `None` is a log group of another template."""
    keys = {"AWS::ApiGateway::Stage": ("RestApiId", "AccessLogSetting"), "AWS::ApiGatewayV2::Stage": ("ApiId", "AccessLogSettings")}
    stages = [stage for stage in api.view.of_type(*keys) if api.view.referenced(stage.properties.get(keys[stage.type][0])) == api]
    logged = [mapping(stage.properties.get(keys[stage.type][1])).get("DestinationArn") for stage in stages]
    texts = [canonical(arn, api.view.bindings) for arn in logged if arn is not None]
    # Several stages share the calls of their API, and the first one's days stand for all.
    return [next(Known((api.view,)).named(text, api.view), None) for text in texts][:1]


def _function(name: str, function: Resource, said: Said) -> Iterator[Meter]:
    given = function.properties
    calls, duration = said.get("invocations"), said.get("duration_ms")
    memory, chip = number(given.get("MemorySize", 128)) or _SMALLEST, next(iter(listing(given.get("Architectures"))), "x86_64")
    yield said.meter(name, "lambda_requests", calls, "each invocation", "invocations")
    seconds, why = None, ""
    if calls is not None and duration is not None:
        seconds, why = calls * duration / 1000 * memory / _KB, f"{calls:,f} of {duration.normalize():f} ms in {memory:f} MB"
    yield said.meter(name, f"lambda_{chip}", seconds, why, "invocations", "duration_ms")
    yield from _logs(name, said, "invocations", "log_kb", _days(_group(function)))


def _logs(name: str, said: Said, counted: str, each: str, days: Decimal | None) -> Iterator[Meter]:
    count, size = said.get(counted), said.get(each)
    gigabytes, why = None, ""
    if count is not None and size is not None:
        gigabytes, why = count * size / _GB, f"{count:,f} of {size.normalize():f} KB"
    yield said.meter(name, "logs_ingested", gigabytes, why, counted, each)
    months = (days or _MONTH) / _MONTH
    kept = None if gigabytes is None else gigabytes * months
    how = f"kept {days:f} days, not compressed" if days else "kept a month; more with every month where nothing deletes them"
    yield said.meter(name, "logs_kept", kept, how, counted, each)


def _group(function: Resource) -> Resource | None:
    return function.view.referenced(mapping(function.properties.get("LoggingConfig")).get("LogGroup"))


def _days(group: Resource | None) -> Decimal | None:
    days = None if group is None else group.properties.get("RetentionInDays")
    return number(days)


def _table(name: str, table: Resource, said: Said) -> Iterator[Meter]:
    patterns = mapping(said.get("patterns"))
    for price, writing in (("dynamodb_writes", True), ("dynamodb_reads", False)):
        counted = [one for one in patterns.values() if writes(one) is writing]
        total = sum((units(one) * one["count"] for one in counted), Decimal(0))
        yield said.meter(name, price, total, " + ".join(map(told, counted)) or "no pattern of this kind is in the load", "patterns")
    size = said.get("storage_gb")
    yield said.meter(name, "dynamodb_storage", size, "items and indexes", "storage_gb")
    if _is_recoverable(table):
        yield said.meter(name, "dynamodb_recovery", size, "point-in-time recovery keeps as much again", "storage_gb")


def _is_recoverable(table: Resource) -> bool:
    holders = [table.properties, *map(mapping, listing(table.properties.get("Replicas")))]
    return any(mapping(one.get("PointInTimeRecoverySpecification")).get("PointInTimeRecoveryEnabled") is True for one in holders)


def _secret(name: str, secret: Resource, said: Said) -> Iterator[Meter]:
    del secret
    yield Meter(name, "secrets", Decimal(1), "each, as long as it is there")
    yield said.meter(name, "secret_calls", said.get("calls"), "each time that somebody reads it", "calls")


def _key(name: str, key: Resource, said: Said) -> Iterator[Meter]:
    why = "the key; each of its first two rotations costs as much again" if key.properties.get("EnableKeyRotation") is True else "the key"
    yield Meter(name, "keys", Decimal(1), why)
    yield said.meter(name, "key_calls", said.get("calls"), "each time that a service encrypts or decrypts with it", "calls")


def _web_acl(name: str, acl: Resource, said: Said) -> Iterator[Meter]:
    yield Meter(name, "web_acls", Decimal(1), "the web ACL")
    yield Meter(name, "web_acl_rules", Decimal(len(listing(acl.properties.get("Rules")))), "its rules and rule groups")
    yield said.meter(name, "web_acl_requests", said.get("requests"), "each request that it looks at", "requests")


def _queue(name: str, queue: Resource, said: Said) -> Iterator[Meter]:
    price = "fifo_requests" if queue.properties.get("FifoQueue") is True else "queue_requests"
    yield said.meter(name, price, said.get("requests"), "each call, empty receives too, by 64 KB", "requests")


def _topic(name: str, topic: Resource, said: Said) -> Iterator[Meter]:
    del topic
    yield said.meter(name, "topic_requests", said.get("requests"), "each publish, by 64 KB", "requests")


def _bus(name: str, bus: Resource, said: Said) -> Iterator[Meter]:
    del bus
    yield said.meter(name, "bus_events", said.get("events"), "each event of your own, by 64 KB", "events")


def _event_api(name: str, api: Resource, said: Said) -> Iterator[Meter]:
    del api
    why = "each message published, each that a subscriber gets, each subscription and call of a handler, by 5 KB"
    yield said.meter(name, "appsync_operations", said.get("operations"), why, "operations")
    yield said.meter(
        name, "appsync_minutes", said.get("connection_minutes"), "each subscriber, as long as it is connected", "connection_minutes"
    )


def _stage(name: str, stage: Resource, said: Said) -> Iterator[Meter]:
    del said
    if stage.properties.get("CacheClusterEnabled") is True:
        size = str(stage.properties.get("CacheClusterSize", "0.5"))
        yield Meter(name, f"cache_{size.replace('.', '_')}", HOURS, f"a cache of {size} GB, all hours of a month")


def _alarm(name: str, alarm: Resource, said: Said) -> Iterator[Meter]:
    del said
    metrics = [one for one in map(mapping, listing(alarm.properties.get("Metrics"))) if "MetricStat" in one]
    yield Meter(name, "alarms", Decimal(max(1, len(metrics))), "each metric that it watches")


def _dashboard(name: str, dashboard: Resource, said: Said) -> Iterator[Meter]:
    del dashboard, said
    yield Meter(name, "dashboards", Decimal(1), "each")


METERS: Mapping[str, tuple[str, Callable[[str, Resource, Said], Iterator[Meter]]]] = {
    rest.API_TYPE: ("apis", _api),
    routed.API_TYPE: ("apis", _api),
    FUNCTION_TYPE: ("functions", _function),
    **dict.fromkeys(TABLE_TYPES, ("tables", _table)),
    "AWS::SecretsManager::Secret": ("secrets", _secret),
    "AWS::KMS::Key": ("keys", _key),
    "AWS::WAFv2::WebACL": ("web_acls", _web_acl),
    "AWS::SQS::Queue": ("queues", _queue),
    "AWS::SNS::Topic": ("topics", _topic),
    "AWS::Events::EventBus": ("buses", _bus),
    "AWS::AppSync::Api": ("event_apis", _event_api),
    "AWS::ApiGateway::Stage": ("", _stage),
    "AWS::CloudWatch::Alarm": ("", _alarm),
    "AWS::CloudWatch::Dashboard": ("", _dashboard),
}
"""By type, the section of a load that speaks of it, and what is counted."""


def unpriced(resource: Resource) -> Iterator[str]:
    """What of a resource is billed too, and is not counted here."""
    yield from (told for told, holds in _UNPRICED.items() if holds(resource.type, resource.properties))


def _has_execution_logs(given: Mapping[str, Any]) -> bool:
    settings = [mapping(given.get("DefaultRouteSettings")), *map(mapping, listing(given.get("MethodSettings")))]
    return any(str(one.get("LoggingLevel")) in {"INFO", "ERROR"} for one in settings)


_STAGES = frozenset({"AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"})
_UNPRICED: Mapping[str, Callable[[str, Mapping[str, Any]], bool]] = {
    "provisioned capacity; reads and writes are counted as if it were on demand": lambda type_, given: (
        type_ in TABLE_TYPES and given.get("BillingMode", "PROVISIONED") != "PAY_PER_REQUEST"
    ),
    "replicas in other regions": lambda type_, given: type_ in TABLE_TYPES and len(listing(given.get("Replicas"))) > 1,
    "traces of X-Ray": lambda _, given: mapping(given.get("TracingConfig")).get("Mode") == "Active" or given.get("TracingEnabled") is True,
    "what API Gateway itself logs of errors or requests": lambda type_, given: type_ in _STAGES and _has_execution_logs(given),
    "snapshots of SnapStart, and starts from them": lambda _, given: mapping(given.get("SnapStart")).get("ApplyOn") == "PublishedVersions",
    "provisioned concurrency": lambda _, given: "ProvisionedConcurrencyConfig" in given,
    "three custom metrics of posts to WebSocket connections, for each API": lambda _, given: (
        "GATELEG_POSTS" in mapping(mapping(given.get("Environment")).get("Variables"))
    ),
    "ephemeral storage above 512 MB": lambda _, given: (number(mapping(given.get("EphemeralStorage")).get("Size")) or 0) > _EPHEMERAL,
    "memory that the deployment decides; it is counted as 128 MB": lambda type_, given: (
        type_ == FUNCTION_TYPE and number(given.get("MemorySize", 128)) is None
    ),
    "the class INFREQUENT_ACCESS; its logs are counted at the price of the standard class": lambda _, given: (
        given.get("LogGroupClass") == "INFREQUENT_ACCESS"
    ),
    "an alarm of high resolution; it is counted as one of a minute": lambda type_, given: (
        type_ == "AWS::CloudWatch::Alarm" and (number(given.get("Period", _MINUTE)) or _MINUTE) < _MINUTE
    ),
}
