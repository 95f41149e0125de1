"""Seeds: entities that a table is to have, declared as any other, and loaded as often as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from gateleg.data.arguments import check_calls, check_flags, check_store
from gateleg.data.capacity import write_units
from gateleg.data.progress import Progress, Tally
from gateleg.data.promised import Promised
from gateleg.data.rejection import Rejection, told
from gateleg.data.scanning import sent
from gateleg.data.scope import is_of_the_item
from gateleg.errors import DataError, GatelegError
from gateleg.model.entity import Entity
from gateleg.model.items.evolution import UNREADABLE, keep_unknown
from gateleg.model.kinds import lineage
from gateleg.model.table import Table
from gateleg.model.values.sameness import same
from gateleg.store.commands.get import GetStored
from gateleg.store.patience import Patience
from gateleg.store.programs import once
from gateleg.store.stored_programs import Became, claiming

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.data.progress import Told
    from gateleg.data.rejection import Rejected
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.key import Key
    from gateleg.model.values.wire import WireValue
    from gateleg.store import Store

_PATIENCE = Patience(attempts=10)


class Seeds:
    """Entities that a table is to have: `DEMO = Seeds(CHAT, [Room(room="lobby", title="Lobby")])`.

    A seed says the attributes that it is given. Those that have defaults, and what the store writes itself, may be otherwise in the table.

    Args:
        table: The table.
        entities: The entities; or a function that gives them anew each time, where to make them takes something.

    Raises:
        DataError: It is neither.
    """

    def __init__(self, table: Table, entities: Iterable[Entity] | Callable[[], Iterable[Entity]]) -> None:
        if not isinstance(table, Table):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
            message = f"seeds are of a table, and {table!r} was given; write Seeds(CHAT, [Room(...), ...])"
            raise DataError(message, path="Seeds.table", value=table, code="data.seed")
        self.table = table
        self._given = entities if callable(entities) else _listed(entities)

    def __repr__(self) -> str:
        return f"Seeds({self.table!r})"

    def entities(self) -> list[Entity]:
        """The entities, of which no two have one key.

        Raises:
            DataError: One is not an entity of the table, another has its key, or its key is another each time.
        """
        found = _listed(self._given() if callable(self._given) else self._given)
        keys: dict[object, Entity] = {}
        for entity in found:
            layout: Layout = entity.__gateleg__
            if layout.table is not self.table:
                message = f"{type(entity).__name__} lives in table {layout.table.name!r}, and the seeds are of {self.table.name!r}; declare seeds of that one"
                raise DataError(message, path=type(entity).__name__, code="data.seed")
            _check_key(entity, layout)
            if keys.setdefault(_key(entity).identity, entity) is not entity:
                message = f"two seeds have the key {_key(entity)!r}; leave one of them out"
                raise DataError(message, path=repr(_key(entity)), code="data.seed")
        return found


def seed(
    store: Store,
    seeds: Seeds,
    *,
    replace: bool = False,
    dry_run: bool = False,
    rejected: Rejected | None = None,
    progress: Told | None = None,
) -> Progress:
    """Create the entities that a table is to have, where they are not there.

    Args:
        store: The store of the table.
        seeds: The entities.
        replace: Whether an item that says otherwise gets what its seed says; its other attributes and its version stay what they are.
        dry_run: Whether nothing is written: the answer says what would be.
        rejected: Takes each seed under whose key there is an item that says otherwise, or one of another entity; `None` to raise its error.
        progress: Is told each two seconds how far it has come.

    Returns:
        What was done.

    Raises:
        DataError: An argument, or one of the seeds, is not what it must be.
        GatelegError: The first seed that is not taken, where `rejected` is not given.
    """
    check_store(store)
    check_flags(replace=replace, dry_run=dry_run)
    check_calls(rejected=rejected, progress=progress)
    if not isinstance(seeds, Seeds) or seeds.table is not store.table:  # pyright: ignore[reportUnnecessaryIsInstance] (as above)
        message = f"{seeds!r} are not the seeds of table {store.table.name!r}; write Seeds({store.table.name.upper()}, [...])"
        raise DataError(message, path="seeds", value=seeds, code="data.seed")
    tally = Tally(progress)
    promised = Promised(store) if dry_run else None
    for entity in seeds.entities():
        try:
            tally.add(_seeded(store, entity, promised, replace=replace))
        except (GatelegError, *UNREADABLE) as error:
            if not is_of_the_item(error) or not isinstance(error, GatelegError):
                raise
            told(rejected, Rejection(repr(_key(entity)), error))
            tally.add(Progress(items=1, failed=1))
    return tally.sum


def _seeded(store: Store, entity: Entity, promised: Promised | None, *, replace: bool) -> Progress:
    """Seed an entity; where claims are promised, tell what would be done."""
    layout: Layout = entity.__gateleg__
    made = layout.encode(entity)
    item, read_units = sent(store, once(GetStored(_key(entity))))
    if item is None:
        if promised is None:
            store.create(entity)
        else:
            promised.take(layout, _key(entity), made)
        return Progress(items=1, written=1, read_units=read_units, write_units=write_units(store.table, {}, made))
    stored = _stored(layout, item, entity)
    differing = _differing(entity, layout.read_again(made, entity), stored)
    if not differing:
        claimed, units = (False, 0.0)
        if layout.claims:
            claimed, units = (
                _claimed(store, _key(entity), item) if promised is None else (promised.take(layout, _key(entity), item)[0], 0.0)
            )
        return Progress(items=1, written=claimed, unchanged=not claimed, read_units=read_units, write_units=units)
    if not replace:
        message = f"{_key(entity)!r} is there, and says otherwise in {', '.join(differing)}; seed with replace=True (--replace) to have it say what the seed says"
        raise DataError(message, path=differing[0], code="data.differs")
    now = stored.model_copy(update={name: getattr(entity, name) for name in differing})
    if entity.model_config.get("extra") != "allow":
        keep_unknown(now, layout.undeclared(layout.upgraded(item)))
    if promised is None:
        store.put(now)
    else:
        promised.take(layout, _key(entity), layout.encode(now), layout.claims.of(item).values())
    return Progress(items=1, written=1, read_units=read_units, write_units=write_units(store.table, item, layout.encode(now)))


def _claimed(store: Store, key: Key[Any], item: Mapping[str, WireValue]) -> tuple[bool, float]:
    """Whether unique values of an item were claimed now that had not been, and what that took."""
    became, units = sent(store, claiming(key, item, _PATIENCE))
    return became is Became.WRITTEN, units if became is Became.WRITTEN else 0.0


def _stored(layout: Layout, item: Mapping[str, WireValue], entity: Entity) -> Entity:
    kind = layout.table.type_of(item)
    if kind != layout.name:
        message = f"what is stored under {_key(entity)!r} is {'of no entity' if kind is None else f'a {kind}'}; give the seed another key, or delete that item"
        raise DataError(message, path=repr(_key(entity)), value=kind, code="data.differs")
    found: Entity = layout.decode(item)
    return found


def _differing(entity: Entity, said: Entity, stored: Entity) -> list[str]:
    """The attributes of which a seed says another value than is stored."""
    given = [name for name in entity.__gateleg__.attributes if name in entity.model_fields_set]
    return [name for name in given if not same(getattr(said, name), getattr(stored, name))]


def _key(entity: Entity) -> Key[Any]:
    key: Key[Any] = entity.__gateleg__.key_of(entity)
    return key


def _check_key(entity: Entity, layout: Layout) -> None:
    made = [name for name, attribute in layout.primary.attributes.items() if name not in entity.model_fields_set and attribute.factory]
    if made:
        name = f"{type(entity).__name__}.{made[0]}"
        message = f"{name} is part of the key, and its default is another each time, so that each load would make another item; give the seed a value for it"
        raise DataError(message, path=name, code="data.seed")


def _listed(entities: Any) -> list[Entity]:
    single = isinstance(entities, (Entity, str)) or not isinstance(entities, Iterable)
    found: list[Any] = [entities] if single else list(_any(entities))
    strange = [one for one in found if not isinstance(one, Entity) or not lineage(type(one))]
    if single or strange:
        shown: Any = strange[0] if strange else _any(entities)
        raise DataError(
            f"seeds are a list of entities, and {shown!r} was given; write [Room(...), ...]",
            path="Seeds.entities",
            value=shown,
            code="data.seed",
        )
    return found


def _any(given: Any) -> Any:
    """The same, of which a check of its class has left type checkers with parts that they do not know."""
    return given
