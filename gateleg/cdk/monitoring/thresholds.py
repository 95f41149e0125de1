"""From which figures on somebody is called."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from aws_cdk import Duration

from gateleg.cdk.arguments import a, check, number, optional


@dataclass(frozen=True)
class Thresholds:
    """What is still fine; more of it is an alarm, and `None` is no alarm. Alarms look at five minutes, three times in a row.

    Three times, so that one slow start, one throttled burst that was retried, or one deployment calls nobody. Dead letters, of which
    each is a change that was given up, call at the first.

    Args:
        server_errors: The share of requests that an API answers with 5xx, of messages that fail on a WebSocket API; 0.01 unless given: one in a
            hundred is more than a retry hides.
        client_errors: The share of requests that an API answers with 4xx; no alarm unless given, since callers decide on it.
        latency: How long the slowest of a hundred requests takes; 3 seconds unless given, while API Gateway gives up after 29.
        function_errors: The share of invocations that end in an error; 0.01 unless given. Handlers that answer 5xx end in none.
        timeout_share: How much of its timeout a function takes; 0.8 unless given: what is past it is cut off, and billed.
        throttles: How many throttled invocations, reads or writes; none unless given: the SDKs' retries hide a few, at the price of latency.
        table_errors: How many requests DynamoDB itself fails; none unless given.
        iterator_age: How old the changes of a table are when its consumers get them, and how long broadcasts wait for a worker; one minute unless given: a
            stream keeps changes for a day, workers' queues broadcasts for two hours, and what is older is lost.
        gone: The share of messages to WebSocket connections that meet a closed one; 0.5 unless given: clients that lost their line or sleep are gone before
            anybody is told, which API Gateway does after ten idle minutes at most, so that some always are. Where half are, the ends of
            connections do not arrive, or nothing forgets them.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    server_errors: float | None = 0.01
    client_errors: float | None = None
    latency: Duration | None = field(default_factory=lambda: Duration.seconds(3))
    function_errors: float | None = 0.01
    timeout_share: float | None = 0.8
    throttles: int | None = 0
    table_errors: int | None = 0
    iterator_age: Duration | None = field(default_factory=lambda: Duration.minutes(1))
    gone: float | None = 0.5

    def __post_init__(self) -> None:
        rules = {"float | None": _share, "Duration | None": _long, "int | None": number(0, 1_000_000)}
        check("Thresholds", **{one.name: (getattr(self, one.name), optional(rules[str(one.type)])) for one in fields(self)})


def _share(value: Any) -> str | None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1
    return None if fits else "a share from 0 to below 1, such as 0.01"


def _long(value: Any) -> str | None:
    fits = a("", Duration)(value) is None and not value.is_unresolved() and value.to_milliseconds() > 0
    return None if fits else "a Duration above 0, such as Duration.seconds(3)"
