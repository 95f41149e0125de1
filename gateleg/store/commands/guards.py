"""What an update demands of the stored item, so that no constraint is broken; what DynamoDB cannot tell is refused before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.model.paths.conditions import Comparison, Condition, FunctionCall, Operand, as_condition
from gateleg.model.paths.place import Place
from gateleg.model.paths.updates import Add, Append, CopyPath, DeleteElements, Remove, SetRaw, Update
from gateleg.model.values.wire import number
from gateleg.store.commands.constraints import HOLDS, Rules, annotation_of, copies, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.conditions import Comparator
    from gateleg.model.values.wire import WireValue


@dataclass(frozen=True)
class Guard:
    """What the stored item must fulfil for an update to leave a valid value.

    Attributes:
        place: The place whose constraint it keeps.
        condition: What is demanded.
        kept: Whether an item fulfils it.
        whole: Whether it demands that the place is there, as something with parts.
    """

    place: Place
    condition: Condition
    kept: Callable[[Mapping[str, WireValue]], bool]
    whole: bool = False


def guards(layout: Layout, updates: Sequence[Update], when: Condition | None) -> tuple[Guard, ...]:
    """What must be demanded of the stored item for the updates to leave values that the entity takes.

    Args:
        layout: The entity.
        updates: The caller's updates.
        when: The caller's condition; by one on the same attribute the caller answers for a `raw` value.

    Raises:
        ItemInvalidError: An update breaks a constraint, whatever is stored.
        ExpressionError: Whether it does cannot be known, neither here nor by DynamoDB.
    """
    guarded = {path.attribute.name for path in as_condition(when).paths()} if when is not None else set[str]()
    found = [guard for update in updates for guard in _of(layout, update, guarded)]
    return (*_wholes(updates), *found, *_of_parts(layout, updates))


def _wholes(updates: Sequence[Update]) -> Iterable[Guard]:
    """That there is what the updates of parts go into: DynamoDB calls another path not valid, and does not say which."""
    steps = {(update.path.attribute.stored, update.path.steps[:-1]): update.path for update in updates if update.path.steps}
    for path in steps.values():
        whole, kind = Place(path.attribute, path.steps[:-1]), "M" if isinstance(path.steps[-1], str) else "L"
        yield Guard(whole, _call("attribute_type", whole, {"S": kind}), partial(_is_stored_as, whole, kind), whole=True)


def _of(layout: Layout, update: Update, guarded: set[str]) -> Iterable[Guard]:
    rules = rules_of(layout, update.path)
    match update:
        case Add(wire={"N": text}):
            return _added(update.path, rules, Decimal(text))
        case Append(wire={"L": elements}):
            return _grown(update.path, rules, len(elements))
        case Add(wire=wire):
            return _joined(update.path, rules, wire)
        case DeleteElements(wire=wire):
            return _left(update.path, rules, wire)
        case CopyPath():
            return _copied(layout, update, rules)
        case SetRaw() if rules.any and update.path.attribute.name not in guarded:
            message = f"{update.path!r} has constraints, which neither raw() nor DynamoDB checks; set a value, or see to it by when=, with a condition on {update.path!r}"
            raise ExpressionError(message, path=repr(update.path))
        case _:
            return ()


def _added(place: Place, rules: Rules, step: Decimal) -> Iterable[Guard]:
    if rules.multiple is not None and step % rules.multiple:
        message = f"{place!r} holds multiples of {rules.multiple}; {place.given(step)} was to be added: add a multiple of it"
        raise ItemInvalidError(message, path=repr(place), value=place.given(step))
    from_nothing = rules.take(step)
    near: list[tuple[Comparator, Decimal]] = [
        (operator, limit - step) for operator, limit in rules.limits if (operator[0] == ">") == (step < 0)
    ]
    demanded: list[Condition] = [Comparison(operator, Operand(place), {"N": number(limit)}) for operator, limit in near]
    if not demanded and from_nothing:
        return

    def kept(item: Mapping[str, WireValue]) -> bool:
        stored = _stored(item, place).get("N")
        return from_nothing if stored is None else all(HOLDS[operator](Decimal(stored), limit) for operator, limit in near)

    within = _all(demanded) if demanded else _call("attribute_exists", place)
    yield Guard(place, _call("attribute_not_exists", place) | within if from_nothing else within, kept)


def _grown(place: Place, rules: Rules, count: int) -> Iterable[Guard]:
    if rules.longest is not None and count > rules.longest:
        message = f"{place!r} holds {rules.longest} elements at most; {count} were to be appended"
        raise ItemInvalidError(f"{message}: append fewer", path=repr(place), value=count)
    absent = count >= rules.shortest
    if rules.longest is None and absent:
        return
    room = _size(place, "<=", rules.longest - count) if rules.longest is not None else _call("attribute_exists", place)

    def kept(item: Mapping[str, WireValue]) -> bool:
        stored = _stored(item, place)
        return absent if not stored else rules.longest is None or _length(stored) + count <= rules.longest

    yield Guard(place, _call("attribute_not_exists", place) | room if absent else room, kept)


def _joined(place: Place, rules: Rules, wire: WireValue) -> Iterable[Guard]:
    if rules.longest is None:
        return
    element = _one_element(place, wire, "add")
    longest = rules.longest
    room = _call("attribute_not_exists", place) | _call("contains", place, element) | _size(place, "<", longest)
    yield Guard(place, room, lambda item: _holds(item, place, element) or _length(_stored(item, place)) < longest)


def _left(place: Place, rules: Rules, wire: WireValue) -> Iterable[Guard]:
    if not rules.shortest:
        return
    element = _one_element(place, wire, "delete")
    enough = ~_call("contains", place, element) | _size(place, ">", rules.shortest)
    yield Guard(place, enough, lambda item: not _holds(item, place, element) or _length(_stored(item, place)) > rules.shortest)


def _copied(layout: Layout, update: CopyPath, rules: Rules) -> Iterable[Guard]:
    place, source = update.path, update.source
    if annotation_of(place) == annotation_of(source) and rules == rules_of(layout, source) and not rules.others:
        return
    if rules.others or rules.multiple is not None or not copies(place, source):
        message = f"{place!r} does not take all that {source!r} may hold, which neither DynamoDB nor the store can check; read it, and set the value"
        raise ExpressionError(message, path=repr(place), value=source)
    sizes: list[tuple[Comparator, int]] = []
    if rules.shortest:
        sizes.append((">=", rules.shortest))
    if rules.longest is not None:
        sizes.append(("<=", rules.longest))
    demanded: list[Condition] = [Comparison(operator, Operand(source), {"N": number(limit)}) for operator, limit in rules.limits]
    demanded += [_size(source, operator, length) for operator, length in sizes]
    if not demanded:
        return

    def kept(item: Mapping[str, WireValue]) -> bool:
        stored = _stored(item, source)
        fits = rules.take(Decimal(stored["N"])) if "N" in stored else True
        long = all(HOLDS[operator](Decimal(_length(stored)), Decimal(length)) for operator, length in sizes)
        return (update.only_if_absent and bool(_stored(item, place))) or (fits and long)

    within = _all(demanded)
    yield Guard(place, _call("attribute_exists", place) | within if update.only_if_absent else within, kept)


def _of_parts(layout: Layout, updates: Sequence[Update]) -> Iterable[Guard]:
    """What updates of parts demand of the list or map that gets more parts by them, or fewer."""
    by_whole: dict[tuple[str, tuple[str | int, ...]], list[Update]] = {}
    for update in updates:
        if update.path.steps:
            by_whole.setdefault((update.path.attribute.name, update.path.steps[:-1]), []).append(update)
    for parts in by_whole.values():
        whole = Place(parts[0].path.attribute, parts[0].path.steps[:-1])
        rules = rules_of(layout, whole)
        gone = [update.path for update in parts if isinstance(update, Remove)]
        come = [update.path for update in parts if not isinstance(update, Remove)]
        if rules.longest is not None and come:
            yield _part_guard(whole, come, "<=", rules.longest - len(come), "attribute_exists")
        if rules.shortest and gone:
            yield _part_guard(whole, gone, ">=", rules.shortest + len(gone), "attribute_not_exists")


def _part_guard(whole: Place, parts: Sequence[Place], operator: Comparator, length: int, function: str) -> Guard:
    """The whole has a size, or its parts are all there already, or none of them is."""
    there = function == "attribute_exists"

    def kept(item: Mapping[str, WireValue]) -> bool:
        size = Decimal(_length(_stored(item, whole)))
        return HOLDS[operator](size, Decimal(length)) or all(bool(_stored(item, part)) == there for part in parts)

    return Guard(whole, _size(whole, operator, length) | _all([_call(function, part) for part in parts]), kept)


def _one_element(place: Place, wire: WireValue, verb: str) -> WireValue:
    [(kind, elements)] = wire.items()
    if len(elements) > 1:
        message = (
            f"{place!r} has a constraint on its length, which DynamoDB can check for one element at a time; {verb} them in several updates"
        )
        raise ExpressionError(message, path=repr(place), value=place.given(elements))
    return type(wire)({kind[0]: elements[0]})


def _all(conditions: Sequence[Condition]) -> Condition:
    first, *rest = conditions
    for condition in rest:
        first &= condition
    return first


def _call(function: str, place: Place, *arguments: WireValue) -> Condition:
    return FunctionCall(function, Operand(place), arguments)


def _size(place: Place, operator: Comparator, length: int) -> Condition:
    return Comparison(operator, Operand(place, size=True), {"N": str(length)})


def _stored(item: Mapping[str, WireValue], place: Place) -> WireValue:
    """The wire value at a place; empty where there is none."""
    wire: WireValue = dict(item.get(place.attribute.stored, {}))
    for step in place.steps:
        elements: list[Any] = wire.get("L", [])
        parts: dict[Any, Any] = wire.get("M", {}) if isinstance(step, str) else dict(enumerate(elements))
        wire = parts.get(step, {})
    return wire


def _is_stored_as(place: Place, kind: str, item: Mapping[str, WireValue]) -> bool:
    return kind in _stored(item, place)


def _length(wire: WireValue) -> int:
    content: Any = next(iter(wire.values()), ())
    return len(content)


def _holds(item: Mapping[str, WireValue], place: Place, element: WireValue) -> bool:
    content: Any = next(iter(_stored(item, place).values()), ())
    return next(iter(element.values())) in content
