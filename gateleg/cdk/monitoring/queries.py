"""Questions for the logs of functions, saved where CloudWatch Logs Insights offers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

_ONE: Final = "one request"
_REPORT: Final = "filter type = 'platform.report'"
_INVOCATION: Final = "coalesce(function_request_id, requestId, record.requestId)"
_SAID: Final = "coalesce(message, errorMessage, routeKey, resourcePath, type)"
_STARTS: Final = (
    f"{_REPORT} and ispresent(record.metrics.initDurationMs)",
    "stats count(*) as starts, pct(record.metrics.initDurationMs, 50) as p50, max(record.metrics.initDurationMs) as slowest by bin(1h)",
)
QUERIES: Final[Mapping[str, Sequence[str]]] = {
    "errors": (
        "filter level in ['ERROR', 'CRITICAL'] or (type = 'platform.report' and record.status != 'success')",
        f"fields @timestamp, service, coalesce(message, errorMessage, record.status) as said, correlation_id, {_INVOCATION} as request, @log",
        "sort @timestamp desc",
        "limit 100",
    ),
    _ONE: (
        f"fields {_INVOCATION} as request, coalesce(correlation_id, request_id) as cause, {_SAID} as said",
        "filter cause = 'write its id here' or request = 'write it here too, or that of the invocation'",
        "fields @timestamp, service, coalesce(level, status) as level, said, coalesce(xray_trace_id, xrayTraceId) as trace, @log",
        "sort @timestamp asc",
        "limit 1000",
    ),
    "slowest": (
        _REPORT,
        "fields @timestamp, record.metrics.durationMs, record.metrics.billedDurationMs, record.metrics.maxMemoryUsedMB, record.requestId, @log",
        "sort record.metrics.durationMs desc",
        "limit 50",
    ),
    "cold starts": _STARTS,
}
"""By name. The fields are those of Powertools' `Logger`, of the library's own records, of the reports that Lambda writes as JSON, as the functions here let
it, and of the access logs: their `requestId` is what the others have as `correlation_id`.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html, https://docs.aws.amazon.com/powertools/python/latest/core/logger/,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html.
"""


def define_queries(scope: Construct, folder: str, groups: Sequence[logs.ILogGroup], accesses: Sequence[str] = ()) -> None:
    """Save the questions.

    Args:
        scope: The construct.
        folder: Where CloudWatch shows them.
        groups: The logs that are asked.
        accesses: The access logs of the APIs, which know one request, too.
    """
    for name, lines in QUERIES.items():
        logs.CfnQueryDefinition(
            scope,
            f"Query{name.title().replace(' ', '')}",
            name=f"{folder}/{name}",
            query_string="\n| ".join(lines),
            log_group_names=[*(group.log_group_name for group in groups), *(accesses if name == _ONE else ())],
        )


def starts_widget(groups: Sequence[logs.ILogGroup]) -> cloudwatch.LogQueryWidget:
    """The cold starts of functions as a table: Lambda has no metric of them."""
    return cloudwatch.LogQueryWidget(
        title="Cold starts",
        log_group_names=[group.log_group_name for group in groups],
        query_lines=list(_STARTS),
        view=cloudwatch.LogQueryVisualizationType.TABLE,
        width=24,
    )
