"""The Python functions of the embedded AWS, each invocation in an execution environment of its own as on Lambda."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from gateleg.description.lambda_runtime import RUNTIME_VARIABLES
from gateleg.local.server import inside
from gateleg.local.server.crashes import Crash, crash_in
from gateleg.local.server.environments import Environment, Function, Invocation, Outcome
from gateleg.local.server.function_config import FunctionConfig
from gateleg.local.server.unpacked import link_runtime, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gateleg.local.server.settings import Settings

_WARM_SECONDS: Final = 300.0
_MAX_CRASHES: Final = 200
_AT_ONCE: Final = max(2, os.cpu_count() or 2)
"""How many environments of a function start at the same time."""
_RESERVED: Final = (
    "_HANDLER",
    "LAMBDA_TASK_ROOT",
    "AWS_LAMBDA_",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
)


@dataclass
class _Idle:
    kind: str
    environment: Environment
    since: float


@dataclass
class _Queue:
    """Invocations of one function that wait, and how many of its environments start; `moved` tells one of them that something may have come free."""

    moved: threading.Condition
    starting: int = 0


class FunctionPool:
    """Runs Python functions.

    An invocation waits for a warm environment while as many of its function start as the machine has processors: hundreds that come at once, such as the ends of
    all connections, would start one each, and none in the time that Lambda gives it.

    Args:
        settings: The run.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runtime = link_runtime(settings.temporary / "runtime")
        self._alive: set[Environment] = set()
        self._idle: dict[str, list[_Idle]] = {}
        self._layers: dict[str, Path] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._queues: dict[str, _Queue] = {}
        self._closed = False
        self._crashes: list[Crash] = []

    def invoke(self, function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        """Run one invocation, as the emulator asks for it: in a thread, with the answer as a dictionary of its kind."""
        config = FunctionConfig(function["config"])
        environment, outcome = self._leased(config, function["code_zip"])
        log = outcome.log
        if outcome.error is None:
            outcome = environment.invoke(Invocation(event, request_id, config.arn, {"_X_AMZN_TRACE_ID": inside.trace_id(config.given)}))
            log += outcome.log
        self._return(config, environment, broken=outcome.error is not None and not environment.usable)
        self._note(config, log)
        if outcome.error is not None:
            return {"body": {**outcome.error, "requestId": request_id}, "error": True, "log": log.rstrip("\n")}
        return {"body": outcome.result, "log": log.rstrip("\n")}

    def start(self, function: dict[str, Any]) -> Outcome:
        """Have an environment ready for the next invocation; the outcome says what the import of the handler came to."""
        config = FunctionConfig(function["config"])
        environment, outcome = self._leased(config, function["code_zip"])
        self._return(config, environment, broken=outcome.error is not None)
        return outcome

    def crashes(self, after: int) -> list[Crash]:
        """Return the crashes whose numbers are higher than one."""
        with self._lock:
            return [crash for crash in self._crashes if crash.number > after]

    def close(self) -> None:
        """End every environment, also one that runs something."""
        with self._lock:
            self._closed = True
            alive, self._alive = self._alive, set()
        for environment in alive:
            environment.close()

    def _leased(self, config: FunctionConfig, code: bytes) -> tuple[Environment, Outcome]:
        """Return a warm environment, or a new one with the outcome of its initialization; those of other code or settings are ended."""
        with self._lock:
            queue = self._queues.setdefault(config.arn, _Queue(threading.Condition(self._lock)))
            warm, ended = self._warm(config)
            while warm is None and (queue.starting >= _AT_ONCE or self._closed):
                queue.moved.wait()
                warm, more = self._warm(config)
                ended += more
            queue.starting += warm is None
        self._end(ended)
        if warm is not None:
            return warm, Outcome()
        try:
            environment = self._made(config, code)
            return environment, environment.initialize()
        finally:
            with self._lock:
                queue.starting -= 1
                queue.moved.notify()

    def _warm(self, config: FunctionConfig) -> tuple[Environment | None, list[Environment]]:
        """Return an idle environment, if there is one, and those that fit no more."""
        kept = self._idle.pop(config.arn, [])
        fit = [one for one in kept if one.kind == config.kind and one.environment.usable]
        ended = [one.environment for one in kept if one not in fit]
        warm = fit.pop() if fit else None
        if fit:
            self._idle[config.arn] = fit
        return (None if warm is None else warm.environment), ended

    def _made(self, config: FunctionConfig, code: bytes) -> Environment:
        folder = self._settings.temporary / "functions" / str(next(self._numbers))
        layers = [self._layer(layer) for layer in config.layers]
        made = Environment(folder, Function(code, layers, self._variables(config), config.timeout), self._runtime)
        with self._lock:
            self._alive.add(made)
        return made

    def _return(self, config: FunctionConfig, environment: Environment, *, broken: bool) -> None:
        arn, now = config.arn, time.monotonic()
        with self._lock:
            kept = self._idle.get(arn, [])
            stale = [one for one in kept[1:] if now - one.since > _WARM_SECONDS]
            if not broken:
                self._idle[arn] = [*(one for one in kept if one not in stale), _Idle(config.kind, environment, now)]
            self._queues[arn].moved.notify()
        self._end([environment] if broken else (one.environment for one in stale))

    def _end(self, environments: Iterable[Environment]) -> None:
        for environment in environments:
            with self._lock:
                self._alive.discard(environment)
            environment.close()

    def _layer(self, attached: Any) -> Path:
        arn = attached if isinstance(attached, str) else str(attached["Arn"])
        with self._lock:
            if arn not in self._layers:
                folder = self._settings.temporary / "layers" / sha256(arn.encode()).hexdigest()[:16]
                shutil.rmtree(folder, ignore_errors=True)
                unpack(inside.layer_archive(attached) or _EMPTY, folder)
                self._layers[arn] = folder
            return self._layers[arn]

    def _variables(self, config: FunctionConfig) -> dict[str, str]:
        """Return all variables of a function: its own, and those that Lambda reserves."""
        own = {name: value for name, value in config.variables.items() if not name.startswith(_RESERVED)}
        given = config.given
        return {
            **RUNTIME_VARIABLES,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._settings.port}",
            **own,
            **inside.credentials_of(given),
            "AWS_REGION": config.region,
            "AWS_DEFAULT_REGION": config.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{given.get('Runtime', 'python')}",
            "AWS_LAMBDA_FUNCTION_NAME": config.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(given.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": str(given.get("Version", "$LATEST")),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": config.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": time.strftime("%Y/%m/%d/[$LATEST]local", time.gmtime()),
            "_HANDLER": str(given.get("Handler", "")),
        }

    def _note(self, config: FunctionConfig, log: str) -> None:
        with self._lock:
            number = self._crashes[-1].number + 1 if self._crashes else 1
            if (crash := crash_in(log, config.label, number)) is not None:
                self._crashes = [*self._crashes, crash][-_MAX_CRASHES:]


_EMPTY: Final = b"PK\x05\x06" + b"\0" * 18
