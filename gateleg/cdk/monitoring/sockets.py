"""What happens on a WebSocket API, for which `cdk-monitoring-constructs` has no drawing of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_cloudwatch as cloudwatch

from gateleg.cdk.monitoring.alarms import plain
from gateleg.description.names import POSTS_METRICS, POSTS_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from cdk_monitoring_constructs import MonitoringFacade

    from gateleg.cdk.event_channels import EventChannels
    from gateleg.cdk.monitoring.alarms import Alarms
    from gateleg.cdk.websocket_gateway import WebSocketGateway

_FAILED = ("ClientError", "ExecutionError", "IntegrationError")


def monitor_socket(facade: MonitoringFacade, gateway: WebSocketGateway, alarms: Alarms, called: str) -> None:
    """Draw connections, messages, errors and latency of a WebSocket API.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html. There is no metric of
    connections that are open, and of those that are gone only what the functions count that send to them.

    Args:
        facade: The dashboard.
        gateway: The API.
        alarms: What calls somebody.
        called: The API's name.
    """
    import cdk_monitoring_constructs as drawn

    stage = cast("apigatewayv2.CfnStage", gateway.stage.node.default_child)
    name = f"{called} {stage.stage_name}"
    metrics = {metric: _metric(gateway, metric) for metric in ("ConnectCount", "MessageCount", *_FAILED)}
    latency = {statistic: _metric(gateway, "IntegrationLatency", statistic) for statistic in ("p50", "p99")}
    failing = cloudwatch.MathExpression(
        expression="(FILL(execution, 0) + FILL(integration, 0)) / messages",
        label="Failed messages (avg)",
        using_metrics={
            "execution": metrics["ExecutionError"],
            "integration": metrics["IntegrationError"],
            "messages": _metric(gateway, "IntegrationLatency", "SampleCount"),  # MessageCount has what is posted to clients too
        },
    )
    watched = _alarmed(failing, "Failed-Messages", alarms.above(alarms.thresholds.server_errors, "messages fail"))
    posts = _posts(gateway)
    unheard = _alarmed(_gone_share(posts), "Gone-Connections", alarms.above(alarms.thresholds.gone, "messages meet closed connections"))
    slow = None if alarms.thresholds.latency is None else alarms.thresholds.latency.to_milliseconds()
    facade.monitor_custom(
        alarm_friendly_name=plain(called, stage.stage_name),
        human_readable_name=name,
        metric_groups=[
            drawn.CustomMetricGroup(title="Connections and messages", metrics=[metrics["ConnectCount"], metrics["MessageCount"]]),
            drawn.CustomMetricGroup(title="Errors", metrics=[metrics[metric] for metric in _FAILED]),
            drawn.CustomMetricGroup(title="Failed messages (rate)", metrics=[watched]),
            drawn.CustomMetricGroup(title="Messages to connections", metrics=[*posts.values()]),
            drawn.CustomMetricGroup(title="Connections that are gone (share)", metrics=[unheard]),
            drawn.CustomMetricGroup(
                title="Latency",
                metrics=[latency["p50"], _alarmed(latency["p99"], "Latency-P99", alarms.above(slow, "messages take too long"))],
            ),
        ],
    )


def monitor_channels(facade: MonitoringFacade, channels: EventChannels, alarms: Alarms, called: str) -> None:
    """Draw what is published to an Event API of AppSync.

    Follows https://docs.aws.amazon.com/appsync/latest/eventapi/cw-metrics.html.

    Args:
        facade: The dashboard.
        channels: The Event API.
        alarms: What calls somebody.
        called: The Event API's name.
    """
    import cdk_monitoring_constructs as drawn

    sums = {name: _of_events(channels, name) for name in ("Requests", "4XXError", "5XXError")}
    failing = cloudwatch.MathExpression(
        expression="errors / requests", label="Failed (avg)", using_metrics={"errors": sums["5XXError"], "requests": sums["Requests"]}
    )
    watched = _alarmed(failing, "Failed-Publishes", alarms.above(alarms.thresholds.server_errors, "AppSync fails"))
    facade.monitor_custom(
        alarm_friendly_name=plain(called),
        human_readable_name=called,
        metric_groups=[
            drawn.CustomMetricGroup(title="Requests and errors", metrics=[*sums.values()]),
            drawn.CustomMetricGroup(title="Failed requests (rate)", metrics=[watched]),
            drawn.CustomMetricGroup(title="Latency", metrics=[_of_events(channels, "Latency", "Average")]),
        ],
    )


def _of_events(channels: EventChannels, name: str, statistic: str = "Sum") -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/AppSync", metric_name=name, dimensions_map={"EventAPIId": channels.api.api_id}, statistic=statistic
    )


def _posts(gateway: WebSocketGateway) -> dict[str, cloudwatch.Metric]:
    """What the functions that send to connections say of it, by name; API Gateway itself has no metric of that."""
    api = gateway.count_posts()
    return {
        name: cloudwatch.Metric(namespace=POSTS_NAMESPACE, metric_name=name, dimensions_map={"Api": api}, statistic="Sum")
        for name in POSTS_METRICS
    }


def _gone_share(posts: Mapping[str, cloudwatch.Metric]) -> cloudwatch.MathExpression:
    metrics: dict[str, Any] = {"posts": posts["Posts"], "gone": posts["GoneConnections"]}
    return cloudwatch.MathExpression(expression="gone / posts", label="Gone (avg)", using_metrics=metrics)


def _metric(gateway: WebSocketGateway, name: str, statistic: str = "Sum") -> cloudwatch.Metric:
    return gateway.stage.metric(name, statistic=statistic)


def _alarmed(metric: cloudwatch.Metric | cloudwatch.MathExpression, name: str, alarm: Mapping[str, Any]) -> Any:
    """A metric with its alarm, if there is one."""
    import cdk_monitoring_constructs as drawn

    return drawn.CustomMetricWithAlarm(metric=metric, alarm_friendly_name=name, add_alarm=alarm["alarms"]) if alarm else metric
