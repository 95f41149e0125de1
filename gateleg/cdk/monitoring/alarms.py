"""The alarms of each kind of thing, as `cdk-monitoring-constructs` takes them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from constructs import IConstruct

    from gateleg.cdk.monitoring.thresholds import Thresholds

_CALLED: Final = "Alarm"
"""What the names of alarms end with: there is one severity, the one that calls somebody."""


class Alarms:
    """Makes the arguments of `MonitoringFacade.monitor_*`.

    Args:
        thresholds: From which figures on.
        wanted: Whether there are alarms at all.
    """

    def __init__(self, thresholds: Thresholds, *, wanted: bool) -> None:
        import cdk_monitoring_constructs as drawn

        self.thresholds = thresholds
        self._drawn = drawn
        self._wanted = wanted

    def rest(self) -> dict[str, Any]:
        """Of a stage or a route of a REST API."""
        return self._given(
            add5_xx_fault_rate_alarm=self._rate(self.thresholds.server_errors),
            add4_xx_error_rate_alarm=self._rate(self.thresholds.client_errors),
            add_latency_p99_alarm=self._latency(),
        )

    def http(self) -> dict[str, Any]:
        """Of a stage or a route of an HTTP API."""
        return self._given(
            add5xx_rate_alarm=self._rate(self.thresholds.server_errors),
            add4xx_rate_alarm=self._rate(self.thresholds.client_errors),
            add_latency_p99_alarm=self._latency(),
        )

    def function(self, *, timed: bool, consumes: bool) -> dict[str, Any]:
        """Of a function.

        Args:
            timed: Whether its timeout is known.
            consumes: Whether it reads a stream or a queue.
        """
        share, age = self.thresholds.timeout_share, self.thresholds.iterator_age
        return self._given(
            add_fault_rate_alarm=self._rate(self.thresholds.function_errors),
            add_throttles_count_alarm=self._count(self.thresholds.throttles),
            add_max_latency_alarm=share
            and timed
            and self._drawn.LatencyTimeoutPercentageThreshold(max_latency_percentage_of_timeout=round(share * 100, 6)),
            add_max_iterator_age_alarm=age and consumes and self._drawn.MaxAgeThreshold(max_age_in_millis=age.to_milliseconds()),
        )

    def table(self) -> dict[str, Any]:
        """Of a table."""
        return self.index() | self._given(add_system_error_count_alarm=self._count(self.thresholds.table_errors))

    def index(self) -> dict[str, Any]:
        """Of an index, and what a table has too."""
        throttles = self.thresholds.throttles
        threshold = None if throttles is None else self._drawn.ThrottledEventsThreshold(max_throttled_events_threshold=throttles)
        return self._given(add_read_throttled_events_count_alarm=threshold, add_write_throttled_events_count_alarm=threshold)

    def waiting(self) -> dict[str, Any]:
        """Of a queue that somebody works on: how long its messages wait."""
        age = self.thresholds.iterator_age
        return self._given(add_queue_max_message_age_alarm=age and self._drawn.MaxMessageAgeThreshold(max_age_in_seconds=age.to_seconds()))

    def dead_letters(self) -> dict[str, Any]:
        """Of a queue of what was given up, at the first."""
        return self._given(
            add_queue_max_size_alarm=self._drawn.MaxMessageCountThreshold(max_message_count=0, evaluation_periods=1, datapoints_to_alarm=1)
        )

    def above(self, threshold: float | None, said: str) -> dict[str, Any]:
        """Of a metric that the library has no name for."""
        from aws_cdk.aws_cloudwatch import ComparisonOperator

        greater = ComparisonOperator.GREATER_THAN_THRESHOLD
        return self._given(
            alarms=None
            if threshold is None
            else self._drawn.CustomThreshold(threshold=threshold, comparison_operator=greater, additional_description=said)
        )

    def _given(self, **alarms: Any) -> dict[str, Any]:
        return {name: {_CALLED: alarm} for name, alarm in alarms.items() if alarm and self._wanted}

    def _rate(self, share: float | None) -> Any:
        return None if share is None else self._drawn.ErrorRateThreshold(max_error_rate=share)

    def _count(self, most: int | None) -> Any:
        return None if most is None else self._drawn.ErrorCountThreshold(max_error_count=most)

    def _latency(self) -> Any:
        most = self.thresholds.latency
        return None if most is None else self._drawn.LatencyThreshold(max_latency=most)


class Called:
    """Names of constructs of one kind, of which the second that is called as another one goes by its whole path."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def of(self, construct: IConstruct, name: str | None = None) -> str:
        """The name, the same whenever it is asked for.

        Args:
            construct: What is named.
            name: What it is called; its path within its stack unless given.
        """
        wanted, path = name or name_of(construct), construct.node.path
        return wanted if self._taken.setdefault(wanted, path) == path else path


def name_of(construct: IConstruct) -> str:
    """A construct's path within its stack."""
    return construct.node.path.partition("/")[2] or construct.node.id


def plain(*parts: str) -> str:
    """A name for alarms, which the library takes of letters, digits and dashes; a hash keeps `/a-b` and `/a/b` apart."""
    text = "/".join(filter(None, parts))
    name = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")
    return name if name == text.replace("/", "-") else f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:4]}"
