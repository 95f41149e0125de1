"""One dashboard for an API, its functions and its tables, and alarms that call somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from aws_cdk import Names, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gateleg.cdk.access_logs import access_groups
from gateleg.cdk.arguments import a, check, having, listing, optional
from gateleg.cdk.functions import behind, owned
from gateleg.cdk.gateway import Gateway
from gateleg.cdk.http_gateway import HttpGateway
from gateleg.cdk.monitoring.alarms import Alarms, Called, name_of, plain
from gateleg.cdk.monitoring.queries import define_queries, starts_widget
from gateleg.cdk.monitoring.regions import check_regions
from gateleg.cdk.monitoring.sockets import monitor_channels, monitor_socket
from gateleg.cdk.monitoring.thresholds import Thresholds
from gateleg.cdk.path_gateway import PathGateway
from gateleg.cdk.placing import unknown
from gateleg.cdk.rest_gateway import RestGateway
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.tables.consumer import ChangeConsumer
from gateleg.cdk.tables.granting import given_tables
from gateleg.cdk.websocket_gateway import WebSocketGateway
from gateleg.errors import DeclarationError
from gateleg.parts import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import aws_apigateway as apigateway
    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs
    from cdk_monitoring_constructs import MonitoringFacade
    from constructs import IConstruct

    from gateleg.cdk.functions import FunctionLike
    from gateleg.cdk.model_table import ModelTable

    AnyFunction = FunctionLike

_T = TypeVar("_T", bound="IConstruct")
_FUNCTION = having("a ServiceFunction or a Function of aws_lambda", "function_arn")
_MOST_NAME = 120
_AWS_KEY = "alias/aws/sns"


class Monitoring(Construct):
    """What happens at gateways, in functions and at tables: a dashboard, alarms, and questions for CloudWatch Logs Insights.

    With the gateways are watched all functions that they invoke, authorizers and the reference among them, workers' queues and Event APIs. Make it last: what is added to a gateway afterwards is not seen. Drawn by
    `cdk-monitoring-constructs` (`pip install 'gateleg[monitoring]'`). Follows
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html,
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html and
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html.

    Args:
        scope: The parent construct.
        id: The construct's id.
        gateways: REST, HTTP and WebSocket APIs: requests or messages, latency, errors, throttles of each stage.
        routes: Routes of the REST and HTTP APIs that are drawn alone, beside their API: `GET /rooms/{room}`.
        tables: Throttles, capacity, latency and errors, of each index too.
        consumers: What `ModelTable.on_change` made, with their dead letters.
        functions: Functions beside those that the gateways invoke and those of consumers: publishers, jobs.
        dead_letters: Queues that hold what was given up, beside those of the consumers and the workers; whatever is in one is an alarm.
        topic: Who is called; CloudWatch is let publish there. Without one there are no alarms. One of another stack that is imported needs
            that in its own policy.
        thresholds: From which figures on; see `Thresholds`.

    Attributes:
        facade: The `MonitoringFacade`, for whatever else shall be watched.

    Raises:
        DeclarationError: An argument is not what it must be, nothing is given, something is in another account or region, whose figures no
            alarm sees here, or alarms could not reach the topic.
        RouteError: No gateway has a route.
        PartMissingError: `cdk-monitoring-constructs` is not installed.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        gateways: Sequence[Gateway] = (),
        routes: Sequence[str] = (),
        tables: Sequence[ModelTable] = (),
        consumers: Sequence[ChangeConsumer] = (),
        functions: Sequence[AnyFunction] = (),
        dead_letters: Sequence[sqs.IQueue | sqs.Queue] = (),
        topic: sns.ITopic | sns.Topic | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        check(
            "Monitoring",
            gateways=(gateways, listing(a("a RestGateway, HttpGateway or WebSocketGateway", Gateway))),
            routes=(routes, listing(a("a route, such as 'GET /rooms/{room}'", str))),
            tables=(tables, given_tables),
            consumers=(consumers, listing(a("a ChangeConsumer, as ModelTable.on_change makes it", ChangeConsumer))),
            functions=(functions, listing(lambda value: None if isinstance(value, ServiceFunction) else _FUNCTION(value))),
            dead_letters=(dead_letters, listing(having("a Queue of aws_sqs", "queue_arn"))),
            topic=(topic, optional(having("a Topic of aws_sns", "topic_arn"))),
            thresholds=(thresholds, optional(a("a Thresholds", Thresholds))),
        )
        if not (gateways or tables or consumers or functions or dead_letters):
            message = "Monitoring() has nothing to watch; write gateways=[...], tables=[...], consumers=[...], functions=[...] or dead_letters=[...]"
            raise DeclarationError(message, path="Monitoring.gateways", code="declaration.monitoring.empty")
        _check_routes(routes, gateways)
        _check_key(topic)
        require("monitoring", "Monitoring", "cdk_monitoring_constructs")
        gateways, tables = _each(gateways), _each(tables)
        watched = _functions(gateways, [*(consumer.function for consumer in consumers), *functions])
        check_regions(scope, gateways=gateways, tables=tables, functions=watched.values(), dead_letters=dead_letters, topic=topic)
        super().__init__(scope, id)
        self._called, queues = Called(), Called()
        self._name = Names.unique_resource_name(self, max_length=_MOST_NAME, separator="-")
        self._alarms = Alarms(thresholds or Thresholds(), wanted=topic is not None)
        self.facade: MonitoringFacade = self._facade(topic)
        for gateway in gateways:
            self._watch_gateway(gateway, [route for route in routes if route in gateway.route_keys])
        reading = [consumer.function for consumer in consumers]
        for name, function in watched.items():
            self._watch_function(name, function, consumes=function in reading or _reads(function))
        named = Called()
        for table in tables:
            self._watch_table(table, named.of(table, table.declaration.name))
        broadcasts = [one.broadcasts for one in gateways if isinstance(one, WebSocketGateway) and one.broadcasts is not None]
        for each in broadcasts:
            name = queues.of(each)
            self.facade.monitor_sqs_queue(
                queue=each.queue, alarm_friendly_name=plain(name), human_readable_name=name, **self._alarms.waiting()
            )
        given_up = [one.dead_letters for one in consumers if one.dead_letters is not None]
        for queue in _each([*given_up, *(each.dead_letters for each in broadcasts), *dead_letters]):
            name = queues.of(queue)
            self.facade.monitor_sqs_queue(
                queue=queue, alarm_friendly_name=plain(name), human_readable_name=name, **self._alarms.dead_letters()
            )
        if groups := [function.log_group for function in watched.values() if isinstance(function, ServiceFunction)]:
            self.facade.add_widget(starts_widget(groups))
            define_queries(self, self._name, groups, [one.log_group_name for gateway in gateways for one in access_groups(gateway)])

    def _facade(self, topic: sns.ITopic | sns.Topic | None) -> MonitoringFacade:
        import cdk_monitoring_constructs as drawn

        called: Any = topic
        if topic is not None:
            _let_alarms_call(self, topic)
        factory: Any = drawn.DefaultDashboardFactory(
            self, "Dashboards", dashboard_name_prefix=self._name, create_alarm_dashboard=False, create_summary_dashboard=False
        )
        return drawn.MonitoringFacade(
            self,
            "Resource",
            alarm_factory_defaults=drawn.AlarmFactoryDefaults(
                actions_enabled=True,
                alarm_name_prefix=self._name,
                action=None if topic is None else drawn.SnsAlarmActionStrategy(on_alarm_topic=called),
                evaluation_periods=3,
                datapoints_to_alarm=3,
            ),
            dashboard_factory=factory,
        )

    def _watch_gateway(self, gateway: Gateway, routes: Sequence[str]) -> None:
        if isinstance(gateway, WebSocketGateway):
            monitor_socket(self.facade, gateway, self._alarms, self._called.of(gateway))
            if gateway.channels is not None:
                monitor_channels(self.facade, gateway.channels, self._alarms, self._called.of(gateway.channels))
        elif isinstance(gateway, (RestGateway, HttpGateway)):
            for stage in gateway.stages:
                # The name itself: that of the L2 is known after deployment only.
                name = cast("apigateway.CfnStage | apigatewayv2.CfnStage", stage.node.default_child).stage_name or ""
                for route in (None, *routes):
                    self._watch_stage(gateway, name, route)

    def _watch_stage(self, gateway: RestGateway | HttpGateway, stage: str, route: str | None) -> None:
        method, _, path = (route or "").partition(" ")
        called = self._called.of(gateway)
        named: dict[str, Any] = {
            "api_stage": stage,
            "alarm_friendly_name": plain(called, stage, route or ""),
            "human_readable_name": " ".join(filter(None, (called, stage, route))),
            **({"api_method": method, "api_resource": path} if route else {}),
        }
        if isinstance(gateway, RestGateway):
            self.facade.monitor_api_gateway(api=gateway.api, **named, **self._alarms.rest())
        else:
            self.facade.monitor_api_gateway_v2_http_api(api=gateway.api, **named, **self._alarms.http())

    def _watch_function(self, name: str, given: AnyFunction, *, consumes: bool) -> None:
        function = behind(given)
        timed = isinstance(function, lambda_.Function) and function.timeout is not None
        self.facade.monitor_lambda_function(
            lambda_function=cast("Any", function),
            alarm_friendly_name=plain(name),
            human_readable_name=name,
            is_iterator=consumes,
            **self._alarms.function(timed=timed, consumes=consumes),
        )

    def _watch_table(self, table: ModelTable, name: str) -> None:
        self.facade.monitor_dynamo_table(
            table=table.table, alarm_friendly_name=plain(name), human_readable_name=name, **self._alarms.table()
        )
        for index in table.declaration.indexes:
            self.facade.monitor_dynamo_table_global_secondary_index(
                table=table.table,
                global_secondary_index_name=index.name,
                alarm_friendly_name=plain(name, index.name),
                human_readable_name=f"{name} {index.name}",
                **self._alarms.index(),
            )


def _each(given: Iterable[_T]) -> list[_T]:
    """Each once: what is given twice is watched once."""
    return [*{one.node.path: one for one in given}.values()]


def _let_alarms_call(scope: Construct, topic: sns.ITopic | sns.Topic) -> None:
    """Let CloudWatch publish: a topic with a policy of its own, as `enforce_ssl=True` makes one, has lost the leave that topics begin with.

    https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger.
    """
    account = {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}}
    topic.grant_publish(cast("iam.IGrantable", iam.ServicePrincipal("cloudwatch.amazonaws.com", conditions=account)))


def _check_key(topic: sns.ITopic | sns.Topic | None) -> None:
    """https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns."""
    if topic is not None and topic.master_key is not None and topic.master_key.key_id.endswith(_AWS_KEY):
        message = f"Monitoring(topic=...) is encrypted with {_AWS_KEY}, which CloudWatch may not use; write Topic(..., master_key=Key(...))"
        raise DeclarationError(message, path="Monitoring.topic", value=_AWS_KEY, code="declaration.monitoring.topic")


def _check_routes(routes: Sequence[str], gateways: Sequence[Gateway]) -> None:
    known = [key for gateway in gateways if isinstance(gateway, PathGateway) for key in gateway.route_keys]
    for route in routes:
        if route not in known:
            raise unknown(f"Monitoring(routes=[{route!r}]) names no route of the gateways", route, known)


def _reads(function: AnyFunction) -> bool:
    """Whether a function has an event source of its own."""
    return any(isinstance(child, lambda_.CfnEventSourceMapping) for child in function.node.find_all())


def _functions(gateways: Sequence[Gateway], given: Sequence[AnyFunction]) -> Mapping[str, AnyFunction]:
    """Functions by name, each once; of two stacks' that are called alike, the second by its whole path."""
    found: dict[str, AnyFunction] = {}
    for one in map(owned, [*(function for gateway in gateways for function in gateway.invokes), *given]):
        name = name_of(one)
        known = found.get(name, one).node.path == one.node.path
        found[name if known else one.node.path] = one
    return found
