"""The Lambda functions of a running embedded AWS: which there are, and what they log."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gateleg.errors import LocalError
from gateleg.local.clients import client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateleg.local.template import Target

_POLL_SECONDS: Final = 0.5


@dataclass(frozen=True)
class DeployedFunction:
    """One function of the embedded AWS.

    Attributes:
        name: Its physical name.
        service: Its Powertools service name, if it has one.
        log_group: Where it logs.
    """

    name: str
    service: str | None
    log_group: str

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.service or self.name


@dataclass(frozen=True)
class LogLine:
    """One line of a function's log.

    Attributes:
        time: When it was written.
        function: The label of the function.
        text: The line, without its end.
    """

    time: datetime
    function: str
    text: str

    def __str__(self) -> str:
        return f"{self.time:%H:%M:%S} {self.function}  {self.text}"


def deployed_functions(target: Target) -> list[DeployedFunction]:
    """Return every function of the embedded AWS, by name."""
    pages = client("lambda", target).get_paginator("list_functions").paginate()
    return sorted((_function(given) for page in pages for given in page["Functions"]), key=lambda function: function.name)


def chosen_functions(target: Target, wanted: str | None) -> list[DeployedFunction]:
    """Return the functions whose service name is the wanted one, or whose physical name contains it; all if none is wanted.

    Raises:
        LocalError: No function is called so; the message lists those that are.
    """
    functions = deployed_functions(target)
    if wanted is None:
        return functions
    chosen = [function for function in functions if function.service == wanted]
    chosen = chosen or [function for function in functions if wanted.lower() in function.name.lower()]
    if not chosen:
        known = ", ".join(function.label for function in functions) or "none"
        raise LocalError(f"no function is called {wanted!r}; the deployed ones are: {known}", value=wanted)
    return chosen


def log_lines(target: Target, functions: Sequence[DeployedFunction], *, follow: bool = False) -> Iterator[LogLine]:
    """Yield what the functions logged, oldest first; with `follow`, go on until the consumer stops.

    Args:
        target: The embedded AWS.
        functions: Whose logs to read.
        follow: Whether to wait for more.
    """
    logs = client("logs", target)
    groups = [_Group(logs, function) for function in functions]
    while True:
        yield from sorted((line for group in groups for line in group.fresh()), key=lambda line: line.time)
        if not follow:
            return
        time.sleep(_POLL_SECONDS)


def _function(given: Any) -> DeployedFunction:
    name: str = given["FunctionName"]
    variables = given.get("Environment", {}).get("Variables", {})
    group = given.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    return DeployedFunction(name=name, service=variables.get("POWERTOOLS_SERVICE_NAME"), log_group=group)


class _Group:
    """Reads a log group on from where it was read last."""

    def __init__(self, logs: Any, function: DeployedFunction) -> None:
        self._logs = logs
        self._function = function
        self._since = 0
        self._read: Counter[tuple[str, int, str]] = Counter()

    def fresh(self) -> Iterator[LogLine]:
        """Yield the lines that were not read yet. A group that does not exist has none: nothing was logged."""
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=self._function.log_group, startTime=self._since)
        try:
            events = [event for page in pages for event in page["events"]]
        except self._logs.exceptions.ResourceNotFoundException:
            return
        read = self._read.copy()
        for event in events:
            if read[_told(event)] > 0:
                read[_told(event)] -= 1
                continue
            when = datetime.fromtimestamp(event["timestamp"] / 1000, tz=UTC)
            for text in str(event["message"]).rstrip().splitlines():
                yield LogLine(when, self._function.label, text)
        # What is written later may bear the same millisecond as what was read, so that one is asked for again.
        self._since = max((event["timestamp"] for event in events), default=self._since)
        self._read = Counter(_told(event) for event in events if event["timestamp"] == self._since)


def _told(event: Any) -> tuple[str, int, str]:
    return event["logStreamName"], event["timestamp"], event["message"]
