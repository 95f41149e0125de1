"""What DynamoDB takes beside a path in a condition or an update, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import ValidationError

from gateleg.errors import ExpressionError, ItemInvalidError
from gateleg.model.values.annotations import alternatives, base_types, class_of, has_validators
from gateleg.model.values.codec import decoded
from gateleg.model.values.forms import comes_back
from gateleg.model.values.hidden import cause
from gateleg.model.values.moments import EPOCH
from gateleg.model.values.restored import reader
from gateleg.model.values.sameness import refused_as, same
from gateleg.model.values.strictness import strict
from gateleg.model.values.wire import map_key, to_wire

if TYPE_CHECKING:
    from gateleg.model.paths.place import Place
    from gateleg.model.values.moments import Rounding
    from gateleg.model.values.wire import WireValue

_NUMBERS = frozenset({int, float, Decimal})
_ORDERED = frozenset({"S", "N", "B"})

ROUNDINGS: Mapping[str, Rounding] = {">=": "up", "<": "up", ">": "down", "<=": "down"}
"""Where a range of stored moments ends that is to hold what the same range of values holds, though fractions are not stored."""


def kinds_of(path: Place) -> set[type]:
    """The plain classes of what a path holds; empty where that is not known."""
    kinds = base_types(path.annotation())
    return set() if kinds & {Any, object} else kinds


def check_step(path: Place, whole: Any, step: Any) -> str | int:
    """The step as a path takes it: a name, or a position from 0 on; the keys of a map are named as they are stored.

    Raises:
        ExpressionError: It is neither.
    """
    if isinstance(step, str) and step:
        return str(step)
    if _is_map(whole) and step != "" and not _is_position(whole, step):
        try:
            return map_key(step)
        except ItemInvalidError as error:
            message = f"{path!r} has no {path.given(step)!r}{'' if path.attribute.hidden else f': {error.message}'}"
            raise ExpressionError(message, path=repr(path), value=path.given(step)) from cause(error, hidden=path.attribute.hidden)
    if isinstance(step, int) and not isinstance(step, bool) and step >= 0:
        return step
    message = f"{path!r}[{path.given(step)!r}]: a step is a name that is not empty, or a position in a list from 0 on; DynamoDB counts from the start alone"
    raise ExpressionError(message, path=repr(path), value=path.given(step))


def check_own_form(path: Place) -> None:
    """Check that it is known how the values of a path are stored.

    Raises:
        ExpressionError: The path leads into an attribute that `save` turns into something else.
    """
    if path.steps and path.attribute.storage.save is not None:
        message = (
            f"{path.attribute!r} is stored as its save= makes it, so that a value for {path!r} is not known to fit; give the whole of it"
        )
        raise ExpressionError(message, path=repr(path))


def check_same_form(path: Place, other: Place, *, whole: bool) -> None:
    """Check that two paths store a value alike, as DynamoDB compares and copies what is stored.

    Args:
        path: The one.
        other: The other.
        whole: Whether the value goes from the one to the other, and must then be saved and loaded alike, too.

    Raises:
        ExpressionError: They do not.
    """
    forms = [_form(one) for one in (path, other)]
    if forms[0][0] != forms[1][0] or (whole and forms[0] != forms[1]):
        message = (
            f"{path!r} and {other!r} are stored in two forms (stored_as=, save= or load=), which DynamoDB does not turn into each other"
        )
        raise ExpressionError(message, path=repr(path), value=other)


def _form(path: Place) -> tuple[Any, ...]:
    attribute = path.attribute
    return (attribute.count, attribute.storage.save, attribute.storage.load) if not path.steps else (None, None, None)


def check_kept(path: Place, annotation: Any, value: Any, wire: WireValue) -> None:
    """Check that a value which is stored without the rest of its attribute comes back as it was.

    Args:
        path: Where it is stored, or the list or set of which it becomes a part.
        annotation: What it is read by.
        value: The valid value.
        wire: Its stored form.

    Raises:
        ItemInvalidError: It would come back as another.
    """
    attribute = path.attribute
    if attribute.storage.save is not None or attribute.storage.load is not None:
        return
    if comes_back(annotation) and not has_validators(annotation):
        return
    from pydantic import TypeAdapter

    # What an attribute does with all that it reads, it does with parts.
    read = reader(attribute.annotation)
    stored = decoded(wire)
    adapter: TypeAdapter[Any] = TypeAdapter(strict(annotation))
    try:
        back = adapter.validate_python(stored if read is None else read(stored), strict=False, by_alias=False, by_name=True)
    except ValidationError:
        return  # what a hook stores, another may read; that goes for parts as it does for the whole
    if not (back == value if read is not None else same(back, value)):
        raise refused_as(repr(path), repr(path), path.given(value), back)


def check_ordered(path: Place, operator: str, value: Any, wire: WireValue) -> None:
    """Check that a value has a place in an order, and that its stored form keeps it.

    Raises:
        ExpressionError: DynamoDB orders text, numbers and bytes alone; or the values are stored as text that sorts otherwise.
    """
    if _ORDERED.isdisjoint(wire):
        message = f"{path!r} {operator} {path.given(value)!r}: DynamoDB orders text, numbers and bytes; ask for this with ==, != or in_()"
        raise ExpressionError(message, path=repr(path), value=path.given(value))
    if timedelta in base_types(path.annotation()) and "S" in wire:
        message = (
            f"{path!r} {operator} {path.given(value)!r}: a timedelta is stored as text such as PT1H, which does not sort as durations do"
        )
        raise ExpressionError(f"{message}; keep a number of seconds: Attr[int]", path=repr(path), value=path.given(value))


def check_range(path: Place, low: WireValue, high: WireValue, given: tuple[Any, Any]) -> None:
    """Check that two ends are of one type, and that the lower is not above the higher.

    Raises:
        ExpressionError: DynamoDB would refuse them.
    """
    shown = tuple(map(path.given, given))
    [(kind, bottom)], [(other, top)] = low.items(), high.items()
    if kind != other:
        raise ExpressionError(f"{path!r}.between{shown!r}: both ends are of one type", path=repr(path), value=shown)
    ends = [Decimal(end) if kind == "N" else end.encode() if kind == "S" else end for end in (bottom, top)]
    if ends[0] > ends[1]:
        # The given ends were in order where only what lies between two stored moments is asked for.
        counted = path.attribute.count is not None and not path.steps and given[0] <= given[1]
        unit = "second" if path.attribute.count == EPOCH else "millisecond"
        advice = f"moments are stored in whole {unit}s, and no {unit} begins in it" if counted else "give the lower end first"
        raise ExpressionError(f"{path!r}.between{shown!r} holds nothing; {advice}", path=repr(path), value=shown)


def check_size(path: Place, value: Any) -> WireValue:
    """The wire form of a number to compare a size with.

    Raises:
        ExpressionError: It is not a number.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        shown = path.given(value)
        raise ExpressionError(f"the size of {path!r} is compared with a number; {shown!r} was given", path=repr(path), value=shown)
    return path.attribute.masked(to_wire(value))


def check_number(path: Place, value: Any) -> None:
    """Check that a path holds numbers, and that the value can be added to them.

    Raises:
        ExpressionError: It holds others, too; or a fraction, or something else than a number, was given.
    """
    kinds = kinds_of(path)
    allowed = (int,) if kinds == {int} else (int, float, Decimal)
    if isinstance(value, bool) or not isinstance(value, allowed) or not kinds <= _NUMBERS:
        message = f"{path!r} holds {_names(kinds)}; {path.given(value)!r} cannot be added to it"
        raise ExpressionError(message, path=repr(path), value=path.given(value))
    if not path.steps and path.attribute.storage.save is not None:
        message = f"{path!r} is stored as its save= makes it, to which nothing can be added; read it, and set the sum"
        raise ExpressionError(message, path=repr(path), value=path.given(value))


def check_set(path: Place, elements: Any) -> None:
    """Check that a path holds a set, and that elements were given as one.

    Raises:
        ExpressionError: It does not hold a set; or the elements are not given as a set, or the set is empty.
    """
    if not issubclass(class_of(elements), AbstractSet):
        message = f"elements of {path!r} are given as a set; {path.given(elements)!r} was given: write {{...}}"
        raise ExpressionError(message, path=repr(path), value=path.given(elements))
    if not elements:
        raise ExpressionError(f"an empty set was given for {path!r}; DynamoDB has none", path=repr(path), value=path.given(elements))
    kinds = kinds_of(path)
    if kinds and not any(issubclass(kind, AbstractSet) for kind in kinds):
        message = f"{path!r} holds {_names(kinds)} and not a set; {path.given(elements)!r} has no meaning for it"
        raise ExpressionError(message, path=repr(path), value=path.given(elements))


def check_list(path: Place) -> None:
    """Check that a path holds a list, which can grow.

    Raises:
        ExpressionError: It does not hold a list.
    """
    members = list(alternatives(path.annotation()))
    if kinds_of(path) and not any(_grows(member) for member in members):
        message = f"{path!r} holds {_names(kinds_of(path))} and not a list; there is nothing to append to"
        raise ExpressionError(message, path=repr(path))


def one_by_one(path: Place, method: str, values: Any) -> list[Any]:
    """The values that were given together.

    Raises:
        ExpressionError: They are not several: text would be taken letter by letter.
    """
    kind = class_of(values)
    if issubclass(kind, (str, bytes)) or not issubclass(kind, Iterable):
        message = f"{path!r}.{method}() takes several values; {path.given(values)!r} was given: write [{path.given(values)!r}]"
        raise ExpressionError(message, path=repr(path), value=path.given(values))
    given: list[Any] = list(values)
    return given


def only_element(path: Place, saved: Any) -> Any:
    """The one element of what `save` made of a collection of one.

    Raises:
        ExpressionError: It made something else of it.
    """
    found: list[Any] = list(saved) if issubclass(class_of(saved), (list, tuple, set, frozenset)) else []
    if len(found) != 1:
        message = f"{path!r} is stored as its save= makes it, which is not a collection of its elements any more; compare the whole of it"
        raise ExpressionError(message, path=repr(path), value=path.given(saved))
    return found[0]


def _grows(member: Any) -> bool:
    kind = get_origin(member) or member
    if not isinstance(kind, type) or not issubclass(kind, Sequence) or issubclass(kind, (str, bytes)):
        return False
    return not issubclass(kind, tuple) or get_args(member)[-1:] == (...,) or (kind is tuple and not get_args(member))


def _is_map(annotation: Any) -> bool:
    return any(issubclass(kind, Mapping) for kind in base_types(annotation))


def _is_position(annotation: Any, step: Any) -> bool:
    """Whether a number is a position in a list, as the keys of the maps that may be in its place are texts."""
    if not isinstance(step, int) or isinstance(step, bool) or step < 0:
        return False
    members = [(get_origin(member) or member, get_args(member)) for member in alternatives(annotation)]
    listed = any(isinstance(kind, type) and issubclass(kind, Sequence) and not issubclass(kind, (str, bytes)) for kind, _ in members)
    return listed and all(given[:1] == (str,) for kind, given in members if isinstance(kind, type) and issubclass(kind, Mapping))


def _names(kinds: Iterable[type]) -> str:
    return ", ".join(sorted(kind.__name__ for kind in kinds)) or "what is not known"
