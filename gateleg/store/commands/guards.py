"""What an update demands of the stored item, so that no constraint is broken; what DynamoDB cannot tell is refused before it is sent."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.model.paths.conditions import Comparison, Condition, Membership, Operand, as_condition
from gateleg.model.paths.operands import kinds_of
from gateleg.model.paths.place import Place
from gateleg.model.paths.updates import Add, Append, CopyPath, DeleteElements, Remove, SetRaw, SetValue, Update
from gateleg.model.values.wire import number
from gateleg.store.commands.constraints import HOLDS, Rules, annotation_of, checks_its_parts, copies, rules_of
from gateleg.store.commands.guard import Guard, all_of, call, length_of, size, stored_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateleg.model.items.layout import Layout
    from gateleg.model.paths.conditions import Comparator
    from gateleg.model.values.wire import WireValue

_MOST_CHOICES = 100
"""What DynamoDB's IN takes."""


def guards(layout: Layout, updates: Sequence[Update], when: Condition | None) -> tuple[Guard, ...]:
    """What must be demanded of the stored item for the updates to leave values that the entity takes.

    Args:
        layout: The entity.
        updates: The caller's updates.
        when: The caller's condition; by one on the same attribute the caller answers for what nobody else can check.

    Raises:
        ItemInvalidError: An update breaks a constraint, whatever is stored.
        ExpressionError: Whether it does cannot be known, neither here nor by DynamoDB.
    """
    guarded = {path.attribute.name for path in as_condition(when).paths()} if when is not None else set[str]()
    found = [guard for update in updates for guard in _of(layout, update, answered=update.path.attribute.name in guarded)]
    return (*_wholes(updates), *found, *_of_lengths(layout, updates))


def _of_lengths(layout: Layout, updates: Sequence[Update]) -> Iterable[Guard]:
    if not any(update.path.steps for update in updates):
        return ()
    from gateleg.store.commands.guards_of_parts import guards_of_parts

    return guards_of_parts(layout, updates)


def _wholes(updates: Sequence[Update]) -> Iterable[Guard]:
    """That there is what the updates of parts go into: DynamoDB calls another path not valid, and does not say which."""
    steps = {(update.path.attribute.stored, update.path.steps[:-1]): update.path for update in updates if update.path.steps}
    for path in steps.values():
        whole, kind = Place(path.attribute, path.steps[:-1]), "M" if isinstance(path.steps[-1], str) else "L"
        yield Guard(whole, call("attribute_type", whole, {"S": kind}), partial(_is_stored_as, whole, kind), whole=True)


def _of(layout: Layout, update: Update, *, answered: bool) -> Iterable[Guard]:
    place = update.path
    if not answered:
        _check_wholes(layout, place)
    if isinstance(update, (SetValue, Remove)):
        return ()
    rules = rules_of(layout, place)
    if isinstance(update, CopyPath):
        return _copied(layout, update, rules, answered=answered)
    if isinstance(update, SetRaw):
        _check_raw(layout, update, rules, answered=answered)
        return ()
    if rules.others and not answered:
        raise _unchecked(place, place, "the store", "read it, and set the whole value")
    return _changed(update, rules)


def _changed(update: Update, rules: Rules) -> Iterable[Guard]:
    match update:
        case Add(wire={"N": text}):
            return _added(update.path, rules, Decimal(text))
        case Append(wire={"L": elements}):
            return _grown(update.path, rules, len(elements))
        case Add(wire=wire):
            return _joined(update.path, rules, wire)
        case DeleteElements(wire=wire):
            return _left(update.path, rules, wire)
        case _:
            return ()


def _check_wholes(layout: Layout, place: Place) -> None:
    for count in range(len(place.steps)):
        whole = Place(place.attribute, place.steps[:count])
        if checks_its_parts(layout, whole):
            raise _unchecked(place, whole, "the store", f"set the whole of it, {whole!r}.set(...)")


def _check_raw(layout: Layout, update: SetRaw, rules: Rules, *, answered: bool) -> None:
    from gateleg.store.commands.raw_results import may_be

    place = update.path
    if rules.any and not answered:
        raise _unchecked(place, place, "raw()", "set a value")
    if not may_be(layout, place, update.raw):
        message = f"{place!r} does not take what the raw() for it gives, which is of another type, or not valid; give an expression of its own type, or set a value"
        raise ExpressionError(message, path=repr(place))


def _unchecked(place: Place, whole: Place, checker: str, instead: str) -> ExpressionError:
    message = f"{whole!r} has constraints, which neither {checker} nor DynamoDB checks; {instead}, or see to it by when=, with a condition on {place!r}"
    return ExpressionError(message, path=repr(place))


def _added(place: Place, rules: Rules, step: Decimal) -> Iterable[Guard]:
    if rules.multiple is not None and step % rules.multiple:
        message = f"{place!r} holds multiples of {rules.multiple}; {place.given(step)} was to be added: add a multiple of it"
        raise ItemInvalidError(message, path=repr(place), value=place.given(step))
    if rules.choices is not None:
        yield _chosen(place, rules.choices, step)
    from_nothing = rules.take(step)
    near: list[tuple[Comparator, Decimal]] = [
        (operator, limit - step) for operator, limit in rules.limits if isinstance(limit, Decimal) and (operator[0] == ">") == (step < 0)
    ]
    demanded: list[Condition] = [Comparison(operator, Operand(place), {"N": number(limit)}) for operator, limit in near]
    if not demanded and from_nothing:
        return

    def kept(item: Mapping[str, WireValue]) -> bool:
        stored = stored_at(item, place).get("N")
        return from_nothing if stored is None else all(HOLDS[operator](Decimal(stored), limit) for operator, limit in near)

    within = all_of(demanded) if demanded else call("attribute_exists", place)
    yield Guard(place, call("attribute_not_exists", place) | within if from_nothing else within, kept)


def _chosen(place: Place, choices: Sequence[WireValue], step: Decimal) -> Guard:
    """A number is one from which the step leads to another of the choices."""
    numbers = {Decimal(choice["N"]) for choice in choices if "N" in choice}
    near = sorted(choice - step for choice in numbers if choice - step in numbers)
    if not (near or step in numbers) or len(near) > _MOST_CHOICES:
        message = f"{place!r} has its choices, and no condition says that {place.given(step)} leads from one to another; set one of them"
        raise ItemInvalidError(message, path=repr(place), value=place.given(step))
    demanded: list[Condition] = [_one_of(place, [{"N": number(choice)} for choice in near])] if near else []
    if step in numbers:
        demanded.append(call("attribute_not_exists", place))

    def kept(item: Mapping[str, WireValue]) -> bool:
        stored = stored_at(item, place).get("N")
        return step in numbers if stored is None else Decimal(stored) in near

    return Guard(place, demanded[0] if len(demanded) == 1 else demanded[0] | demanded[1], kept)


def _grown(place: Place, rules: Rules, count: int) -> Iterable[Guard]:
    if rules.longest is not None and count > rules.longest:
        message = f"{place!r} holds {rules.longest} elements at most; {count} were to be appended"
        raise ItemInvalidError(f"{message}: append fewer", path=repr(place), value=count)
    absent = count >= rules.shortest
    if rules.longest is None and absent:
        return
    room = size(place, "<=", rules.longest - count) if rules.longest is not None else call("attribute_exists", place)

    def kept(item: Mapping[str, WireValue]) -> bool:
        stored = stored_at(item, place)
        return absent if not stored else rules.longest is None or length_of(stored) + count <= rules.longest

    yield Guard(place, call("attribute_not_exists", place) | room if absent else room, kept)


def _joined(place: Place, rules: Rules, wire: WireValue) -> Iterable[Guard]:
    if rules.longest is None:
        return
    element = _one_element(place, wire, "add")
    longest = rules.longest
    room = call("attribute_not_exists", place) | call("contains", place, element) | size(place, "<", longest)
    yield Guard(place, room, lambda item: _holds(item, place, element) or length_of(stored_at(item, place)) < longest)


def _left(place: Place, rules: Rules, wire: WireValue) -> Iterable[Guard]:
    if not rules.shortest:
        return
    element = _one_element(place, wire, "delete")
    enough = ~call("contains", place, element) | size(place, ">", rules.shortest)
    yield Guard(place, enough, lambda item: not _holds(item, place, element) or length_of(stored_at(item, place)) > rules.shortest)


def _copied(layout: Layout, update: CopyPath, rules: Rules, *, answered: bool) -> Iterable[Guard]:
    place, source = update.path, update.source
    given = rules_of(layout, source)
    if annotation_of(place) == annotation_of(source) and rules == given and not rules.others:
        return
    fits = rules.choices is not None or copies(place, source)
    if not fits or (_is_beyond(update, rules, given) and not answered):
        message = f"{place!r} does not take all that {source!r} may hold, which neither DynamoDB nor the store can check; read it, and set the value"
        raise ExpressionError(
            f"{message}, or see to it by when=, with a condition on {place!r}" if fits else message, path=repr(place), value=source
        )
    sizes: list[tuple[Comparator, int]] = []
    if rules.shortest:
        sizes.append((">=", rules.shortest))
    if rules.longest is not None:
        sizes.append(("<=", rules.longest))
    demanded: list[Condition] = [Comparison(operator, Operand(source), _wire(limit)) for operator, limit in rules.limits]
    demanded += [size(source, operator, length) for operator, length in sizes]
    choices = rules.choices if rules.choices is not None and len(rules.choices) <= _MOST_CHOICES else ()
    if choices:
        demanded.append(_one_of(source, choices))
    if not demanded:
        return

    def kept(item: Mapping[str, WireValue]) -> bool:
        stored = stored_at(item, source)
        fits = rules.take(Decimal(stored["N"]) if "N" in stored else stored.get("S", "")) and (not choices or stored in choices)
        long = all(HOLDS[operator](length_of(stored), length) for operator, length in sizes)
        return (update.only_if_absent and bool(stored_at(item, place))) or (fits and long)

    within = all_of(demanded)
    yield Guard(place, call("attribute_exists", place) | within if update.only_if_absent else within, kept)


def _is_beyond(update: CopyPath, rules: Rules, given: Rules) -> bool:
    """Whether a copy is to keep what no condition on its source says."""
    multiple = given.multiple or (Decimal(1) if kinds_of(update.source) == {int} else None)
    is_multiple = rules.multiple is None or (multiple is not None and not multiple % rules.multiple)
    is_saved = update.path.attribute.storage.save is not None and rules.any
    return rules.others or is_saved or not is_multiple or len(rules.choices or ()) > _MOST_CHOICES


def _one_of(place: Place, choices: Sequence[WireValue]) -> Condition:
    return Membership(Operand(place), tuple(choices))


def _wire(limit: Decimal | str) -> WireValue:
    return {"N": number(limit)} if isinstance(limit, Decimal) else {"S": limit}


def _one_element(place: Place, wire: WireValue, verb: str) -> WireValue:
    [(kind, elements)] = wire.items()
    if len(elements) > 1:
        message = (
            f"{place!r} has a constraint on its length, which DynamoDB can check for one element at a time; {verb} them in several updates"
        )
        raise ExpressionError(message, path=repr(place), value=place.given(elements))
    return type(wire)({kind[0]: elements[0]})


def _is_stored_as(place: Place, kind: str, item: Mapping[str, WireValue]) -> bool:
    return kind in stored_at(item, place)


def _holds(item: Mapping[str, WireValue], place: Place, element: WireValue) -> bool:
    content: Any = next(iter(stored_at(item, place).values()), ())
    return next(iter(element.values())) in content
