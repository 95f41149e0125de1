"""Finds one resource by the names that people give it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from gateleg.testing._messages import ambiguous, missing
from gateleg.testing.canonical import canonical
from gateleg.testing.function import FUNCTION_TYPE, FunctionView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.testing.resource import Resource

    Test = Callable[[Resource, str], bool]

R = TypeVar("R", bound="Resource")


def one(kind: str, name: str, candidates: Iterable[R], tests: Iterable[Test], describe: Callable[[R], str], *, where: str) -> R:
    """The one candidate that the first test to fit any of them fits.

    Raises:
        TemplateMismatchError: No test fits, or the first that does fits several candidates.
    """
    __tracebackhide__ = True
    everything = tuple(candidates)
    for test in tests:
        fitting = [candidate for candidate in everything if test(candidate, name)]
        if len(fitting) > 1:
            raise ambiguous(kind, name, map(describe, fitting), where=where)
        if fitting:
            return fitting[0]
    raise missing(kind, name, map(describe, everything), where=where)


def by_logical_id(resource: Resource, name: str) -> bool:
    """The logical id itself."""
    return resource.logical_id == name


def by_prefix(resource: Resource, name: str) -> bool:
    """The beginning of the logical id."""
    return resource.logical_id.startswith(name)


def by_path(resource: Resource, name: str) -> bool:
    """The construct path, or its end: `Chat/Rest/Handler`, `Rest/Handler` and `Handler`."""
    return f"/{resource.path}".endswith(f"/{without_resource(name)}")


def by_folder(resource: Resource, name: str) -> bool:
    """The path of a construct that holds the resource: `Rest` for `Chat/Rest/Api`."""
    return f"/{without_resource(name)}/" in f"/{resource.path}"


def by_service(resource: Resource, name: str) -> bool:
    """A function's Powertools service name."""
    return isinstance(resource, FunctionView) and resource.service == name


def by_handler(resource: Resource, name: str) -> bool:
    """A function's handler string."""
    return isinstance(resource, FunctionView) and resource.handler == name


def by_property(key: str) -> Test:
    """A property of the resource."""
    return lambda resource, name: key in resource.properties and canonical(resource.properties[key]) == name


def by_table_variable(resource: Resource, name: str) -> bool:
    """The environment variable with which gateleg's constructs tell a function the physical name of a declared table."""
    variable = "GATELEG_TABLE_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
    return any(_environment(found).get(variable) == f"${{{resource.logical_id}}}" for found in resource.view.of_type(FUNCTION_TYPE))


def _environment(resource: Resource) -> Mapping[str, str]:
    return resource.environment if isinstance(resource, FunctionView) else {}


def without_resource(path: str) -> str:
    """A construct path without the last `Resource`, the name of a construct's main child."""
    return path.removesuffix("/Resource")
