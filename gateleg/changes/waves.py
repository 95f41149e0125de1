"""Several index changes of a table as updates after each other, for AWS makes one an update.

What is new comes first, while the deployed code runs on; then everything else, with the old indexes still there; what nobody reads any more
goes last. Each step is made from the deployed template and the new one alone, so that whoever goes on after an interruption finds the same.
Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from gateleg.changes.tables import GLOBAL, key_names, text
from gateleg.changes.template import TABLES, listed, resources
from gateleg.errors import ChangeRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateleg.changes.template import Json

Phase = Literal["create", "switch", "drop"]

_MOST_INDEXES: Final = 20
_DEFINITIONS: Final = "AttributeDefinitions"


@dataclass(frozen=True)
class Wave:
    """One update of a stack.

    Attributes:
        phase: Whether an index is created, everything else is changed, or an index is dropped.
        said: What it does.
        indexes: By the logical id of a table, the names of the global indexes that it has afterwards.
    """

    phase: Phase
    said: str
    indexes: Mapping[str, tuple[str, ...]]

    def template(self, deployed: Json, target: Json) -> Json:
        """Return the stack's template of this update.

        Args:
            deployed: The template that is deployed.
            target: The template that it is all about.

        Raises:
            ChangeRefusedError: One attribute is of two types in indexes that are there at the same time.
        """
        base, other = (deployed, target) if self.phase == "create" else (target, deployed)
        made = {
            name: _with_indexes(name, base["Resources"][name], other["Resources"][name], names)
            for name, names in self.indexes.items()
            if name in other.get("Resources", {}) and tuple(_indexes(base["Resources"][name])) != names
        }
        return {**base, "Resources": {**base["Resources"], **made}} if made else base


def waves(deployed: Json, target: Json) -> list[Wave]:
    """Return the updates that lead from one template of a stack to another.

    Args:
        deployed: The template that is deployed.
        target: The template that shall be.

    Raises:
        ChangeRefusedError: A table would have more than 20 indexes in between.
    """
    old, new = (dict(resources(template, *TABLES)) for template in (deployed, target))
    has = {name: _indexes(table) for name, table in old.items() if name in new and new[name]["Type"] == table["Type"]}
    wants = {name: _indexes(new[name]) for name in has}
    found: list[Wave] = []
    for name, old_ones in has.items():
        fresh = [index for index in wants[name] if index not in old_ones]
        if len(old_ones) + len(fresh) > _MOST_INDEXES and fresh:
            message = (
                f"{name} has {len(old_ones)} indexes and gets {len(fresh)} more, and AWS takes {_MOST_INDEXES} at a time; "
                "drop some of the old ones in a deploy of their own first"
            )
            raise ChangeRefusedError(message, path=name, value=len(old_ones) + len(fresh))
    while made := {name: next((one for one in wants[name] if one not in has[name]), None) for name in has}:
        if not any(made.values()):
            break
        has = {name: [*has[name], *filter(None, [made[name]])] for name in has}
        found.append(Wave("create", f"create {_listed(made)}", _frozen(has)))
    found.append(Wave("switch", "everything else", _frozen({name: _ordered(wants[name], has[name]) for name in has})))
    while gone := {name: next((one for one in has[name] if one not in wants[name]), None) for name in has}:
        if not any(gone.values()):
            break
        has = {name: [one for one in has[name] if one != gone[name]] for name in has}
        found.append(Wave("drop", f"drop {_listed(gone)}", _frozen({name: _ordered(wants[name], has[name]) for name in has})))
    return found


def _indexes(table: Json) -> list[str]:
    return [text(index.get("IndexName")) for index in listed(table.get("Properties", {}), GLOBAL)]


def _ordered(wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    return [*wanted, *(one for one in there if one not in wanted)]


def _frozen(indexes: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(names) for name, names in indexes.items()}


def _listed(chosen: Mapping[str, str | None]) -> str:
    return " and ".join(f"index {index} of {table}" for table, index in chosen.items() if index)


def _with_indexes(name: str, base: Json, other: Json, names: tuple[str, ...]) -> Json:
    """Return a table with these of its own indexes and the other's."""
    own, theirs = base["Properties"], other["Properties"]
    both = {text(index.get("IndexName")): index for properties in (theirs, own) for index in listed(properties, GLOBAL)}
    made: Json = {**own, GLOBAL: [both[index] for index in names]}
    if not names:
        del made[GLOBAL]
    made[_DEFINITIONS] = list(_definitions(name, made, own, theirs))
    if "Replicas" in own:
        copies = {text(replica.get("Region")): replica for replica in listed(theirs, "Replicas")}
        made["Replicas"] = [_replica(replica, copies.get(text(replica.get("Region")), {}), names) for replica in listed(own, "Replicas")]
    return {**base, "Properties": made}


def _replica(own: Json, theirs: Json, names: tuple[str, ...]) -> Json:
    both = {text(index.get("IndexName")): index for replica in (theirs, own) for index in listed(replica, GLOBAL)}
    kept = [both[name] for name in names if name in both]
    return {**{part: value for part, value in own.items() if part != GLOBAL}, **({GLOBAL: kept} if kept else {})}


def _definitions(name: str, made: Json, own: Json, theirs: Json) -> Iterator[Json]:
    """Yield the definitions of the attributes that are keys, no more and no less."""
    nodes = (made, *listed(made, GLOBAL), *listed(made, "LocalSecondaryIndexes"))
    used = dict.fromkeys(key for node in nodes for key in key_names(node))
    here, there = ({text(one.get("AttributeName")): one for one in listed(properties, _DEFINITIONS)} for properties in (own, theirs))
    for attribute in _ordered([one for one in here if one in used], used):
        first: Any = here.get(attribute, there.get(attribute))
        second: Any = there.get(attribute, first)
        if first.get("AttributeType") != second.get("AttributeType"):
            message = (
                f"{attribute} is a key of indexes of {name} that are there at the same time, as {first.get('AttributeType')} and as "
                f"{second.get('AttributeType')}; write the value to a new attribute, with an index of its own"
            )
            raise ChangeRefusedError(message, path=name, value=attribute)
        yield first
