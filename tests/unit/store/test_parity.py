"""What waits, what awaits and what only prepares take the same arguments, so that no one of them falls behind the others."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from gateleg.store import AsyncResults, AsyncStore, AsyncTransaction, Results, Store, Transaction
from gateleg.store.operations import Operations

PREPARED_OTHERWISE = {"query", "collect", "scan"}
"""What is read as it is asked for: the store's results hold the first request themselves."""
NOT_PREPARED = {"transact", "send", "table_name"}


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def arguments(kind: type, method: str) -> dict[str, tuple[Any, Any, Any]]:
    """Each argument's kind, default and annotation; how answers come is what differs between the transports, and between the results."""
    found: dict[str, tuple[Any, Any, Any]] = {}
    for name, parameter in inspect.signature(getattr(kind, method)).parameters.items():
        annotation = str(parameter.annotation).replace("AsyncTransport", "Transport").replace("AsyncResults", "Results")
        annotation = annotation.replace("Pending[E, Any]", "Results[E]")
        found[name] = (parameter.kind, parameter.default, annotation)
    return found


def methods(kind: type) -> list[str]:
    return sorted(name for name in public(kind) if inspect.isfunction(getattr(kind, name)))


@pytest.mark.parametrize("method", ["__init__", *methods(Store)])
def test_a_store_that_awaits_takes_what_one_that_waits_takes(method: str) -> None:
    waiting, awaiting = arguments(Store, method), arguments(AsyncStore, method)
    assert waiting == awaiting
    assert list(waiting) == list(awaiting)


@pytest.mark.parametrize("method", sorted(set(methods(Store)) - NOT_PREPARED - PREPARED_OTHERWISE))
def test_each_operation_is_prepared_with_what_sends_it(method: str) -> None:
    assert arguments(Operations, method) == arguments(Store, method)


@pytest.mark.parametrize(
    ("waiting", "awaiting"), [(Store, AsyncStore), (Transaction, AsyncTransaction), (Results, AsyncResults)], ids=lambda kind: kind.__name__
)
def test_both_have_the_same_public_names(waiting: type, awaiting: type) -> None:
    assert public(waiting) == public(awaiting)
    assert methods(waiting) == methods(awaiting)


def test_what_is_not_prepared_is_known() -> None:
    assert public(Store) - public(Operations) == NOT_PREPARED | PREPARED_OTHERWISE


def test_only_what_reads_as_it_is_asked_for_answers_without_being_awaited() -> None:
    at_once = {name for name in methods(AsyncStore) if not inspect.iscoroutinefunction(getattr(AsyncStore, name))}
    assert at_once == {"query", "collect", "scan", "transact"}
