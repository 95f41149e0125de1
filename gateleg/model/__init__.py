"""What is stored: tables, entities, their attributes, keys and access patterns. Imports pydantic, and never boto3, Powertools or the CDK."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gateleg.model.attributes.declared import Attr, attr, created_at, ttl, ulid, updated_at, version
from gateleg.model.entity import Entity
from gateleg.model.index import ALL, KEYS_ONLY, Index, LocalIndex, Projection, include
from gateleg.model.items.evolution import unknown_attributes
from gateleg.model.items.memory import changes, original
from gateleg.model.keys.declared import index_key, key
from gateleg.model.keys.key import Key
from gateleg.model.keys.reference import Ref
from gateleg.model.kinds import StreamView
from gateleg.model.paths.conditions import Condition, Raw
from gateleg.model.paths.path import Path
from gateleg.model.paths.raw import raw
from gateleg.model.paths.updates import Update
from gateleg.model.queries.access import ASCENDING, DESCENDING, AccessPattern, access
from gateleg.model.queries.page import Page
from gateleg.model.queries.query import Query
from gateleg.model.table import Table
from gateleg.model.values.moments import EPOCH, EPOCH_MS, ISO, StoredAs

if TYPE_CHECKING:
    from gateleg.model.items.streams import Change
    from gateleg.model.views import View

__all__ = [
    "ALL",
    "ASCENDING",
    "DESCENDING",
    "EPOCH",
    "EPOCH_MS",
    "ISO",
    "KEYS_ONLY",
    "AccessPattern",
    "Attr",
    "Change",
    "Condition",
    "Entity",
    "Index",
    "Key",
    "LocalIndex",
    "Page",
    "Path",
    "Projection",
    "Query",
    "Raw",
    "Ref",
    "StoredAs",
    "StreamView",
    "Table",
    "Update",
    "View",
    "access",
    "attr",
    "changes",
    "created_at",
    "include",
    "index_key",
    "key",
    "original",
    "raw",
    "ttl",
    "ulid",
    "unknown_attributes",
    "updated_at",
    "version",
]

_LATER = {"Change": "items.streams", "View": "views"}


def __getattr__(name: str) -> Any:
    # Most services read no stream and show what they store, and their cold starts need not wait for these.
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
