"""What is stored: tables, entities, their attributes, keys and access patterns. Imports pydantic, and never boto3, Powertools or the CDK."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gateleg.model.access import ASCENDING, DESCENDING, AccessPattern, access
from gateleg.model.attributes import Attr, attr, created_at, ttl, updated_at, version
from gateleg.model.conditions import Condition, Raw
from gateleg.model.entity import Entity
from gateleg.model.evolution import unknown_attributes
from gateleg.model.ids import ulid
from gateleg.model.index import ALL, KEYS_ONLY, Index, LocalIndex, Projection, include
from gateleg.model.keys import Key, index_key, key
from gateleg.model.kinds import StreamView
from gateleg.model.memory import changes, original
from gateleg.model.moments import EPOCH, EPOCH_MS, ISO, StoredAs
from gateleg.model.page import Page
from gateleg.model.paths import Path
from gateleg.model.query import Query
from gateleg.model.raw import raw
from gateleg.model.references import Ref
from gateleg.model.table import Table
from gateleg.model.updates import Update

if TYPE_CHECKING:
    from gateleg.model.streams import Change
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

_LATER = {"Change": "streams", "View": "views"}


def __getattr__(name: str) -> Any:
    # Most services read no stream and show what they store, and their cold starts need not wait for these.
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
