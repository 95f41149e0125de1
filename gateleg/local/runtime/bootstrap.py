"""Finds a function's handler as Lambda's Python runtime does, and calls it once for each event.

Run as `python -I -S -u bootstrap.py`, with nothing of the developer's environment on the path. Requests come as JSON lines on one
descriptor and answers leave on another, so that whatever the handler prints is its log. After each answer a line with the given
marker ends that invocation's log. Follows https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html and `python-context.html`.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import time
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Path(__file__).parent


class Identity:
    """Who called a function of a mobile app; nobody, through API Gateway."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """What Lambda tells a handler of its invocation."""

    client_context = None
    identity = Identity()

    def __init__(self, given: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = given["arn"]
        self.aws_request_id = given["request_id"]
        self._deadline = given["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run, in milliseconds."""
        return max(0, int((self._deadline - time.time()) * 1000))

    @staticmethod
    def log(message: object) -> None:
        """Write to the function's log."""
        sys.stdout.write(str(message))


class RequestIds(logging.Filter):
    """Gives each record the id of the invocation that runs."""

    current = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.aws_request_id = self.current
        return True


def main(requests: IO[str], answers: IO[str], marker: str) -> None:
    """Answer one line for the import of the handler, then one for each request."""
    ids = _logging_as_on_lambda()
    os.environ["TZ"] = os.environ.get("TZ", ":UTC")
    time.tzset()
    handler, failure = _handler(os.environ["_HANDLER"])
    _answer(answers, marker, failure or {"ready": True})
    for line in requests:
        if handler is None:
            return
        given = json.loads(line)
        ids.current = given["request_id"]
        _answer(answers, marker, _called(handler, given))


def _handler(name: str) -> tuple[Callable[[Any, Any], Any] | None, dict[str, Any] | None]:
    module_name, _, attribute = name.rpartition(".")
    module_name = module_name.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        return None, _failure(error, f"Unable to import module '{module_name}': {error}", "Runtime.ImportModuleError")
    except SyntaxError as error:
        return None, _failure(error, f"Syntax error in module '{module_name}': {error}", "Runtime.UserCodeSyntaxError")
    except BaseException as error:  # noqa: BLE001 - whatever the import raises, SystemExit too
        return None, _failure(error)
    if not hasattr(module, attribute):
        message = f"Handler '{attribute}' missing on module '{module_name}'"
        return None, _failure(None, message, "Runtime.HandlerNotFound")
    return getattr(module, attribute), None


def _called(handler: Callable[[Any, Any], Any], given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given["variables"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    try:
        result = handler(given["event"], Context(given))
    except SystemExit as error:
        return _failure(error, f"Runtime exited with error: exit status {error.code}", "Runtime.ExitError")
    except BaseException as error:  # noqa: BLE001 - the runtime answers for whatever the handler raises
        return _failure(error)
    try:
        return {"result": json.dumps(result)}
    except (TypeError, ValueError) as error:
        return _failure(error, f"Unable to marshal response: {error}", "Runtime.MarshalError")


def _failure(error: BaseException | None, message: str | None = None, kind: str | None = None) -> dict[str, Any]:
    """Say what was raised as Lambda does, in the log and in the answer."""
    said = str(error) if message is None else message
    name = kind or type(error).__name__
    frames = traceback.extract_tb(None if error is None else error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__ and not frame.filename.startswith("<frozen importlib")]
    lines = traceback.format_list(own)
    if isinstance(error, SyntaxError):
        lines += traceback.format_exception_only(error)[:-1]
    told = "Traceback (most recent call last):\n" + "".join(lines) if lines else ""
    sys.stdout.write(f"[ERROR] {name}: {said}\n{told}")
    return {"errorType": name, "errorMessage": said, "stackTrace": lines}


def _answer(answers: IO[str], marker: str, answer: dict[str, Any]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(1, f"{marker}\n".encode())
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _logging_as_on_lambda() -> RequestIds:
    ids = RequestIds()
    handler = logging.StreamHandler(sys.stdout)
    form = logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    handler.addFilter(ids)
    logging.getLogger().addHandler(handler)
    return ids


def _start() -> None:
    requests, answers, marker, *path = sys.argv[1:]
    sys.path.insert(0, str(_HERE))
    importlib.import_module("management_url").redirect()
    sys.path[:] = [*path, *(entry for entry in sys.path if entry != str(_HERE))]
    sys.argv[:] = [os.environ["_HANDLER"]]
    with open(int(requests), encoding="utf-8") as incoming, open(int(answers), "w", encoding="utf-8") as outgoing:  # noqa: PTH123 - descriptors
        main(incoming, outgoing, marker)


if __name__ == "__main__":
    _start()
