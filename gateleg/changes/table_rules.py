"""What DynamoDB and CloudFormation refuse of a table: rules of an update, and rules of the form that a table has at any time.

A rule takes tables and yields one message for each thing that is wrong: what was given, what AWS answers, what to do instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gateleg.changes.intrinsics import undecided
from gateleg.changes.tables import GLOBAL, LOCAL, OPEN, expiry, key_names, projection, text
from gateleg.changes.template import TABLES, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gateleg.changes.tables import DeclaredTable

_INVALID: Final = "One or more parameter values were invalid: "
_MOST_INDEXES: Final = 20
_MOST_PROJECTED: Final = 100
_MOST_KEYS: Final = 4
"""Attributes of one role in the keys of a global index."""


UpdateRule: TypeAlias = "Callable[[DeclaredTable, DeclaredTable], Iterator[str]]"
"""Of the step from the form that is deployed to a new one."""

FormRule: TypeAlias = "Callable[[DeclaredTable], Iterator[str]]"
"""Of one form of a table."""


def _index_count(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    created, deleted = (sorted(these.indexes(GLOBAL).keys() - those.indexes(GLOBAL).keys()) for these, those in ((new, old), (old, new)))
    if len(created) + len(deleted) > 1:
        given = "; ".join(f"{what}: {', '.join(names)}" for what, names in (("created", created), ("deleted", deleted)) if names)
        yield (
            f"{len(created) + len(deleted)} indexes change in one update ({given}), and AWS answers 'Cannot perform more than one GSI creation "
            "or deletion in a single update'; deploy them one at a time"
        )


def _index_form(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    said = (
        "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights Specification. "
        "You can create a new GSI with a different name."
    )
    for name, index in old.indexes(GLOBAL).items():
        now = new.indexes(GLOBAL).get(name, index)
        for what, was, is_ in (("keys", key_names(index), key_names(now)), ("projection", projection(index), projection(now))):
            if was != is_:
                given = f"the {what} of its index {name} change from {', '.join(was)} to {', '.join(is_)}"
                yield f'{given}, and AWS answers "{said}"; declare the index under a new name, and drop {name} in a later deploy'


def _key_types(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    for name, index in new.indexes(GLOBAL).items():
        for key in key_names(index) if name in old.indexes(GLOBAL) else ():
            was, is_ = old.types.get(key), new.types.get(key)
            if None not in (was, is_) and was != is_:
                yield (
                    f"{key}, a key of its index {name}, changes its type from {was} to {is_}, and AWS keeps the old type in silence or replaces "
                    "the table; write the value to a new attribute, with an index of its own"
                )


def _expiry_switched(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    was, is_ = expiry(old), expiry(new)
    if None not in (was, is_) and was != is_:
        yield (
            f"its TTL attribute changes from {was} to {is_}, and AWS answers 'TimeToLive is active on a different AttributeName'; switch TTL off "
            "in a deploy of its own first, and on AWS wait an hour before it is switched on again"
        )


def _stream_of_replicas(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    was, is_ = (table.properties.get("StreamSpecification") for table in (old, new))
    if was != is_ and min(len(old.replicas), len(new.replicas)) > 1:
        yield "its stream changes, which AWS refuses while the table has replicas in other regions; remove them first, one a deploy"


def _replica_count(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    changed = sorted(old.replicas.keys() ^ new.replicas.keys())
    if len(changed) > 1:
        yield (
            f"{len(changed)} replicas change in one update ({', '.join(changed)}), and AWS answers 'more than one create or delete replica actions "
            "not allowed'; deploy them one at a time"
        )


def _consistency(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    was, is_ = (table.properties.get("MultiRegionConsistency", "EVENTUAL") for table in (old, new))
    if was != is_:
        yield (
            f"its consistency between regions changes from {was} to {is_}, and AWS answers 'MultiRegionConsistency parameter is unsupported on "
            "existing global table'; declare a second table and copy the items"
        )


def _warmth(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    was, is_ = (table.properties.get("WarmThroughput", {}) for table in (old, new))
    lower = [name for name in was.keys() & is_.keys() if _number(is_[name]) < _number(was[name])]
    for name in sorted(lower):
        said = "decreasing WarmThroughput is not supported"
        yield f"its warm {name} goes down from {was[name]} to {is_[name]}, and AWS answers {said!r}; leave it at {was[name]}"


def _seed(old: DeclaredTable, new: DeclaredTable) -> Iterator[str]:
    if _provisioned(old) or not _provisioned(new):
        return
    for owner, node in (("the table", new.properties), *((f"the index {name}", index) for name, index in new.indexes(GLOBAL).items())):
        scaling = node.get("WriteProvisionedThroughputSettings", {}).get("WriteCapacityAutoScalingSettings")
        if scaling is not None and "SeedCapacity" not in scaling:
            yield f"{owner} turns from on demand to provisioned without a capacity to begin with, which AWS refuses; give it a SeedCapacity"


def _undefined_keys(table: DeclaredTable) -> Iterator[str]:
    missing = _used(table) - table.types.keys()
    if missing and not _undecided(table):
        said = f"{_INVALID}Some index key attributes are not defined in AttributeDefinitions."
        yield f"the key attributes {', '.join(sorted(missing))} are not in AttributeDefinitions, and AWS answers {said!r}; define them there"


def _unused_definitions(table: DeclaredTable) -> Iterator[str]:
    unused = table.types.keys() - _used(table)
    if unused and not _undecided(table) and "VectorIndexes" not in table.properties:
        said = f"{_INVALID}Some AttributeDefinitions are not used."
        yield f"the attributes {', '.join(sorted(unused))} are defined and no key, and AWS answers {said!r}; take them out of AttributeDefinitions"


def _used(table: DeclaredTable) -> set[str]:
    return {
        name for node in (table.properties, *table.indexes(GLOBAL).values(), *table.indexes(LOCAL).values()) for name in key_names(node)
    }


def _undecided(table: DeclaredTable) -> bool:
    return undecided([table.properties.get(part) for part in ("KeySchema", "AttributeDefinitions", GLOBAL, LOCAL)])


def _own_region(table: DeclaredTable) -> Iterator[str]:
    if table.kind == TABLES[0] and table.region not in (OPEN, *table.replicas) and not undecided(table.properties.get("Replicas")):
        said = "The Replicas section must contain an entry for the current region"
        yield f"its replicas are in {', '.join(table.replicas) or 'no region'}, and AWS answers {said!r}; add one in {table.region}"


def _limits(table: DeclaredTable) -> Iterator[str]:
    indexes = table.indexes(GLOBAL)
    if len(indexes) > _MOST_INDEXES:
        yield f"it has {len(indexes)} global indexes, and AWS takes {_MOST_INDEXES}; drop some"
    both = (*indexes.values(), *table.indexes(LOCAL).values())
    named = sum(len(projection(index)) - 1 for index in both)
    if named > _MOST_PROJECTED:
        yield f"its indexes name {named} projected attributes, and AWS takes {_MOST_PROJECTED} in all; project ALL instead"
    for name, index in indexes.items():
        roles = [text(key.get("KeyType")) for key in listed(index, "KeySchema")]
        if any(roles.count(role) > _MOST_KEYS for role in roles):
            yield f"its index {name} has {len(roles)} key attributes, and AWS takes {_MOST_KEYS} of each role; use fewer"


def _capacity(table: DeclaredTable) -> Iterator[str]:
    needed = "WriteProvisionedThroughputSettings" if table.kind == TABLES[0] else "ProvisionedThroughput"
    owners = (("the table", table.properties), *((f"the index {name}", index) for name, index in table.indexes(GLOBAL).items()))
    for owner, node in owners if _provisioned(table) else ():
        if needed not in node:
            yield f"{owner} is provisioned and has no {needed}, which AWS refuses; give it one, or write BillingMode: PAY_PER_REQUEST"


def _provisioned(table: DeclaredTable) -> bool:
    return bool(table.properties.get("BillingMode", "PROVISIONED") == "PROVISIONED")


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float | str) else float("nan")


UPDATE_RULES: Final[Mapping[str, UpdateRule]] = {
    "index-count": _index_count,
    "index-form": _index_form,
    "key-type": _key_types,
    "ttl-switch": _expiry_switched,
    "replicated-stream": _stream_of_replicas,
    "replica-count": _replica_count,
    "consistency": _consistency,
    "warm-throughput": _warmth,
    "seed-capacity": _seed,
}
"""What AWS refuses of an update, by the name of the rule."""

FORM_RULES: Final[Mapping[str, FormRule]] = {
    "key-undefined": _undefined_keys,
    "own-region": _own_region,
    "index-limits": _limits,
    "capacity": _capacity,
}
"""What AWS refuses whenever it stands in a template."""

BIRTH_RULES: Final[Mapping[str, FormRule]] = {**FORM_RULES, "definition-unused": _unused_definitions}
"""What AWS refuses of a table that is made."""
