"""How items are stored, judged: what a new declaration cannot read or find of the items that the old one wrote.

Templates tell nothing of it. A form is the JSON of a table's declaration: `type_attribute`, `default_type`, `schema_attribute`, `ttl`, `shards` by the name of a sharded
index, `keys` with the names of all key attributes, and `entities` by the name that their items carry, each with `key`, `indexes`, `attributes`,
`version`, `upgrades`, `bodies`, `unknown`, `percent_encoded`, `leading`, `patterns`, `partial`, `unique`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gateleg.changes.change import Change
from gateleg.changes.values import admits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gateleg.changes.template import Json

_PLACE: Final = re.compile(r"\{(\w+)")
_UPGRADE: Final = "bring old items up to date with upgrades=[...]"


def form_changes(stack: str, table: str, before: Json, after: Json) -> Iterator[Change]:
    """Yield what changes of the stored form of a table's items.

    Args:
        stack: The stack's name.
        table: The table's logical id.
        before: The form of what is deployed.
        after: The form of what is declared now.
    """
    for what, write in (("type_attribute", "Table(type_attribute={!r})"), ("default_type", "Table(default_type={!r})")):
        was, now = before.get(what), after.get(what)
        if was is not None and was != now:
            said = (
                f"{what} of {table} in stack {stack} changes from {was!r} to {now!r}: what is stored says no longer of which entity it is"
            )
            yield Change("stored-type-mark", stack, table, "refused", said, f"write {write.format(was)}")
    was, now = before.get("schema_attribute"), after.get("schema_attribute")
    if None not in {was, now} and was != now:
        said = f"schema_attribute of {table} in stack {stack} changes from {was!r} to {now!r}: stored items would be brought up to date once more"
        yield Change("schema-mark", stack, table, "refused", said, f"write Table(schema_attribute={was!r})")
    yield from _shards(stack, table, before, after)
    yield from _expiry(stack, table, before, after)
    old, new = before.get("entities", {}), after.get("entities", {})
    for name, entity in old.items():
        if name in new:
            yield from _Entity(stack, table, name, entity, new[name], keys=after.get("keys", ())).changes()
        else:
            yield _gone(stack, table, name, entity, {other: one for other, one in new.items() if other not in old})


def _shards(stack: str, table: str, before: Json, after: Json) -> Iterator[Change]:
    """Yield what becomes of the shards of indexes: the first has no suffix, so that what was never sharded is in it."""
    old, new = before.get("shards", {}), after.get("shards", {})
    filled = [{index for entity in form.get("entities", {}).values() for index in entity.get("indexes", {})} for form in (before, after)]
    for index in sorted(filled[0] & filled[1] & {*old, *new}):
        was, now = old.get(index, 1), new.get(index, 1)
        subject = f"{table}/{index}"
        if now < was:
            said = f"the index {index} of {table} in stack {stack} has {now} shards and had {was}: what is stored in the others is not found any more"
            instead = f"write Index({index!r}, ..., sharded={was}), or declare another index beside it and let this one go later"
            yield Change("shards-fewer", stack, subject, "refused", said, instead)
        elif now > was:
            said = (
                f"the index {index} of {table} in stack {stack} has {now} shards and had {was}: what is stored stays where it is and is found; "
                "functions of the version before do not see what new ones write, until all are replaced"
            )
            yield Change("shards-more", stack, subject, "told", said)


def _expiry(stack: str, table: str, before: Json, after: Json) -> Iterator[Change]:
    """Yield that expiry begins by numbers which are stored already: DynamoDB takes each for the end of its item."""
    ttl = after.get("ttl")
    for name, entity in before.get("entities", {}).items() if ttl and ttl != before.get("ttl") else ():
        if "N" in entity.get("attributes", {}).get(ttl, {}).get("types", ()):
            said = f"expiry of {table} in stack {stack} begins by {ttl}, which items of {name} have stored: those whose number is a time that has passed are deleted"
            yield Change("ttl-stored", stack, f"{table}/{name}/{ttl}", "refused", said, "give expiry an attribute of its own")


def _gone(stack: str, table: str, name: str, entity: Json, fresh: Json) -> Change:
    twin = next((other for other, one in fresh.items() if _keys(one["key"], one) == _keys(entity["key"], entity)), None)
    subject = f"{table}/{name}"
    if twin is not None:
        said = (
            f"the entity {name} of {table} in stack {stack} is called {twin} now, and its stored items carry {name!r}, which nobody reads"
        )
        return Change("entity-renamed", stack, subject, "refused", said, f"write class ...(Entity, name={name!r})")
    said = f"the entity {name} of {table} in stack {stack} is no longer declared, and its stored items are of no known kind"
    return Change("entity-gone", stack, subject, "refused", said, "keep it declared until its items are deleted")


class _Entity:
    """One entity, before and after."""

    def __init__(self, stack: str, table: str, name: str, old: Json, new: Json, *, keys: Collection[str]) -> None:
        self._stack, self._table, self._name = stack, table, name
        self._old, self._new = old, new
        self._keys_of_table = keys
        self._who = f"{name} of {table} in stack {stack}"
        self._upgraded = new.get("version", 0) > old.get("version", 0)

    def changes(self) -> Iterator[Change]:
        yield from self._key()
        yield from self._index_keys()
        yield from self._attributes()
        yield from self._unique()
        yield from self._unknown()
        yield from self._upgrades()
        if self._old.get("leading") and not self._new.get("leading"):
            said = f"{self._who} was of one tenant, and is of none: whoever may reach the items of a tenant may reach those of all"
            yield self._change("tenant", said, "keep tenant=...")

    def _upgrades(self) -> Iterator[Change]:
        before, after = tuple(self._old.get("upgrades", ())), tuple(self._new.get("upgrades", ()))
        if before and len(after) >= len(before) and after[: len(before)] != before:
            said = f"{self._who} was brought up to date by {', '.join(before)} and is by {', '.join(after)}: items are stored with how many were done"
            yield self._change("upgrades", said, "keep the upgrades as they were, in their order, and add new ones behind them")
        was, now = (one.get("version", 0) for one in (self._old, self._new))
        if now < was:
            said = f"{self._who} has {now} upgrades and had {was}: what was stored with version {was} is refused on reading"
            yield self._change("schema-version", said, f"keep all {was} upgrades")
        bodies = zip(before, after, self._old.get("bodies", ()), self._new.get("bodies", ()), strict=False)
        for name in (name for name, same, old, new in bodies if name == same and old and new and old != new):
            said = (
                f"the upgrade {name} of {self._who} does otherwise than it did: the items that it has brought up to date stay as they are"
            )
            yield self._change("upgrade-body", said, "leave it as it was, and add another one behind it", name)

    def _unknown(self) -> Iterator[Change]:
        was, now = self._old.get("unknown", ""), self._new.get("unknown", "")
        if now == "refuse" != was and not self._upgraded:
            said = f"{self._who} refuses attributes that it does not declare, and did not: stored items that have others are refused on reading"
            yield self._change("unknown", said, f"write unknown={was or 'drop'!r}, or {_UPGRADE}")
        elif was == "keep" and not now:
            said = f"{self._who} kept attributes that it does not declare, and the next put of an item drops them"
            yield self._change("unknown", said)

    def _gone(self, stored: str) -> Change:
        """Return what becomes of what is stored and has no name any more."""
        if self._new.get("unknown") == "refuse" and not self._upgraded:
            said = f"{stored} of {self._who} is no longer declared, and stored items that have it are refused on reading, as unknown='refuse' says"
            return self._change("attribute-gone", said, f"declare it, write unknown='drop', or {_UPGRADE}", stored)
        return self._change(
            "attribute-gone", f"{stored} of {self._who} is no longer declared, and the next put of an item drops it", "", stored
        )

    def _change(self, rule: str, said: str, instead: str = "", part: str = "") -> Change:
        subject = "/".join(filter(None, (self._table, self._name, part)))
        return Change(rule, self._stack, subject, "refused" if instead else "told", said, instead)

    def _key(self) -> Iterator[Change]:
        was, now = _keys(self._old["key"], self._old), _keys(self._new["key"], self._new)
        if was != now:
            said = f"the key of {self._who} changes from {_shown(was)} to {_shown(now)}: what is stored is not found under the new key"
            yield self._change("stored-key", said, "keep the key, or declare another entity and copy the items")
        for name in sorted(self._rewritten(self._old["key"], self._new["key"])):
            said = f"{name} of {self._who} ends with text that is written otherwise: what is stored with `#` or `%` in it is not found under the new key"
            yield self._change("stored-key", said, "keep percent_encoded= as it was, or declare another entity and copy the items", name)

    def _rewritten(self, was: Json, now: Json) -> set[str]:
        """Return the key attributes of one template whose text at the end is written otherwise, `percent_encoded=` or not."""
        old, new = (set(one.get("percent_encoded", ())) for one in (self._old, self._new))
        return {name for name in was if was[name] == now.get(name)} & (old ^ new)

    def _unique(self) -> Iterator[Change]:
        old, new = (set(one.get("unique", ())) for one in (self._old, self._new))
        for stored in sorted(new - old):
            said = f"{stored} of {self._who} is unique from now on, and stored items have not claimed their values, which others may take"
            yield self._change(
                "unique", said, "put every item again after the deploy, once no two have one value, and acknowledge it", stored
            )
        for stored in sorted(old & new):
            was, now = (one.get("attributes", {}).get(stored, {}) for one in (self._old, self._new))
            if _other_form(was, now) or not set(was.get("types", ())) <= set(now.get("types", ())):
                said = f"{stored} of {self._who} is unique and stored otherwise, and stored items claim what they were stored as: others may take their values"
                instead = "keep its type, save= and stored_as= as they were, or put every item again after the deploy and acknowledge it"
                yield self._change("unique", said, instead, stored)
        for stored in sorted(old - new):
            said = f"{stored} of {self._who} is no longer unique, and the claims of its values stay, so that it is not unique again"
            yield self._change("unique", said, "keep unique=True, or delete the claims after the deploy and acknowledge it", stored)

    def _index_keys(self) -> Iterator[Change]:
        old, new = self._old.get("indexes", {}), self._new.get("indexes", {})
        for index, templates in new.items():
            was, now = _keys(old.get(index, {}), self._old), _keys(templates, self._new)
            # What is stored as it is, and not made for the key, old items have too.
            made = [name for name in now if now[name] != was.get(name) and name not in self._kept() and name not in self._old["key"]]
            if made and index not in old:
                said = (
                    f"{self._who} is in the index {index} from now on, and its stored items lack {', '.join(made)}: "
                    "the index looks complete and has none of them"
                )
                instead = "index attributes that are stored already, or put every item again after the deploy and acknowledge it"
                yield self._change("index-backfill", said, instead, index)
            elif made:
                said = f"the key of {self._who} in the index {index} changes from {_shown(was)} to {_shown(now)}: what is stored stays under the old one"
                instead = "declare another index with the new key, or put every item again after the deploy and acknowledge it"
                yield self._change("stored-index-key", said, instead, index)
            elif rewritten := sorted(self._rewritten(old.get(index, {}), templates)):
                said = f"{', '.join(rewritten)} of {self._who} in the index {index} ends with text that is written otherwise: what is stored with `#` or `%` in it stays under the old key"
                instead = "keep percent_encoded= as it was, or put every item again after the deploy and acknowledge it"
                yield self._change("stored-index-key", said, instead, index)

    def _kept(self) -> set[str]:
        """Return the stored names of attributes that old items have, in the form that new ones have."""
        old, new = self._old.get("attributes", {}), self._new.get("attributes", {})
        same = (name for name in old if name in new and set(old[name].get("types", ())) == set(new[name].get("types", ())))
        return {name for name in same if not _other_form(old[name], new[name])}

    def _attributes(self) -> Iterator[Change]:
        old, new = self._old.get("attributes", {}), self._new.get("attributes", {})
        names = {attribute.get("name", stored): stored for stored, attribute in new.items()}
        for stored, was in old.items():
            now, moved = new.get(stored), names.get(was.get("name", stored))
            if now is not None:
                yield from self._attribute(stored, was, now)
            elif moved is not None and moved not in old and not self._upgraded:
                said = f"{was.get('name')} of {self._who} is stored as {moved} now, and what is stored as {stored} is not read"
                yield self._change("stored-as", said, f"write attr(stored={stored!r}), or {_UPGRADE}", stored)
            elif moved is None:
                yield self._gone(stored)
        if self._new.get("unknown") == "refuse":
            made = {name for keys in self._old.get("indexes", {}).values() for name in keys}
            yield from (self._gone(name) for name in sorted(made - {*old, *new, *self._keys_of_table}))
        for stored, now in new.items():
            if stored not in old and now.get("required") and not self._upgraded:
                said = f"{stored} of {self._who} is required, and stored items do not have it, so that they are refused on reading"
                yield self._change("required", said, f"give it a default, or {_UPGRADE}", stored)

    def _attribute(self, stored: str, was: Json, now: Json) -> Iterator[Change]:
        if self._upgraded:
            return
        who, types = f"{stored} of {self._who}", (was.get("types", ()), now.get("types", ()))
        if now.get("required") and not was.get("required"):
            said = f"{who} is required and was not, and stored items may lack it, so that they are refused on reading"
            yield self._change("required", said, f"give it a default, or {_UPGRADE}", stored)
        if all(types) and not set(types[0]) <= set(types[1]):
            said = f"{who} is stored as {' or '.join(types[1])} and was as {' or '.join(types[0])}, which is not read any more"
            yield self._change("stored-type", said, f"take both types, or {_UPGRADE}", stored)
        elif was.get("form", "") != now.get("form", ""):
            said = f"{who} is stored as {now.get('form') or 'text'} and was as {was.get('form') or 'text'}, and is read as another moment"
            yield self._change("stored-type", said, f"write attr(stored_as=...) as it was, or {_UPGRADE}", stored)
        elif was.get("load", "") != now.get("load", "") or (was.get("load") and was.get("save", "") != now.get("save", "")):
            given = [
                f"{part}={was.get(part) or None} and is with {now.get(part) or None}"
                for part in ("save", "load")
                if was.get(part) != now.get(part)
            ]
            said = f"{who} was stored with {', '.join(given)}: another function reads what the old one wrote"
            yield self._change("transform", said, f"let load= read both forms under the old name, or {_UPGRADE}", stored)
        elif was.get("save", "") != now.get("save", ""):
            yield self._change(
                "transform", f"{who} is stored with save={now.get('save') or None} and was with {was.get('save') or None}", "", stored
            )
        elif not admits(now.get("schema", {}), was.get("schema", {})):
            said = f"{who} takes fewer values than it did: stored items that have others are refused on reading, or missed by comparisons, as a date is by those with a datetime"
            yield self._change("stored-value", said, f"take what was taken before too, or {_UPGRADE}", stored)


def _keys(templates: Json, entity: Json) -> dict[str, str]:
    """Return key templates in the words of what is stored: an attribute that is only called otherwise makes the same key."""
    attributes = {one.get("name", stored): (stored, one) for stored, one in entity.get("attributes", {}).items()}

    def told(found: re.Match[str]) -> str:
        stored, attribute = attributes.get(found[1], (found[1], {}))
        return f"{{{stored}{''.join(f' {part}={attribute[part]}' for part in ('save', 'form') if attribute.get(part))}"

    return {name: _PLACE.sub(told, template) for name, template in templates.items()}


def _other_form(was: Json, now: Json) -> bool:
    """Whether a value of an attribute is stored in another form of the same type."""
    return any(was.get(part, "") != now.get(part, "") for part in ("form", "save"))


def _shown(keys: dict[str, str]) -> str:
    return ", ".join(f"{name} {template!r}" for name, template in keys.items())
