"""What pydantic found wrong, as clients may read it: made of codes, of paths in their own data, and of what is declared.

Pydantic's own words may hold the value that was given, the name of a class or a function, or whatever a validator raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Step = str | int

MOST = 20
"""How many problems a client is told of: an answer with all that a large body may have would be larger than Lambda lets through."""

_STEPS, _LONGEST_STEP = 10, 80
_OTHERWISE = "the value is not valid"
_DECLARED = frozenset(
    """
    missing missing_argument missing_keyword_only_argument missing_positional_only_argument extra_forbidden unexpected_keyword_argument
    unexpected_positional_argument multiple_argument_values invalid_key none_required frozen_field frozen_instance json_type
    greater_than greater_than_equal less_than less_than_equal multiple_of finite_number
    bool_type bool_parsing int_type int_parsing int_parsing_size int_from_float float_type float_parsing complex_type complex_str_parsing
    decimal_type decimal_parsing decimal_max_digits decimal_max_places decimal_whole_digits fraction_type fraction_parsing
    string_type string_unicode string_not_ascii string_too_short string_too_long string_pattern_mismatch
    bytes_type bytes_too_short bytes_too_long too_short too_long enum literal_error
    list_type dict_type tuple_type set_type frozen_set_type frozen_dict_type deque_type counter_type ordered_dict_type iterable_type
    set_item_not_hashable recursion_loop recursion_depth_exceeded
    date_type date_from_datetime_inexact date_past date_future time_type time_delta_type
    datetime_type datetime_past datetime_future timezone_naive timezone_aware
    url_type url_too_long url_scheme uuid_type uuid_version
    """.split()  # noqa: SIM905 (one name a line would hide the groups)
)
"""The types whose message pydantic makes of the declaration and of nothing else."""

_OBJECT = "Input should be an object"
_INSTEAD = {
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "dataclass_exact_type": _OBJECT,
    "named_tuple_type": _OBJECT,
    "mapping_type": _OBJECT,
    "date_parsing": "Input should be a valid date in the format YYYY-MM-DD",
    "date_from_datetime_parsing": "Input should be a valid date or datetime",
    "time_parsing": "Input should be in a valid time format",
    "datetime_parsing": "Input should be a valid datetime",
    "datetime_object_invalid": "Input should be a valid datetime",
    "datetime_from_date_parsing": "Input should be a valid datetime or date",
    "timezone_offset": "Input should have another offset from UTC",
    "time_delta_parsing": "Input should be a valid timedelta",
    "url_parsing": "Input should be a valid URL",
    "url_syntax_violation": "Input should be a valid URL",
    "uuid_parsing": "Input should be a valid UUID",
    "json_invalid": "Invalid JSON",
    "union_tag_invalid": "Input should be of one of the declared kinds",
    "union_tag_not_found": "Input should say of which of the declared kinds it is",
}
"""What is said where pydantic would name a class or a function, or show something of the value."""


def told(problem: Mapping[str, Any], path: Sequence[Any]) -> dict[str, Any]:
    """One problem as a client may read it: `loc`, `msg` and `type`.

    Args:
        problem: As pydantic says it; its `loc` is left aside.
        path: Where the client finds it.
    """
    kind = str(problem["type"])
    return {"loc": [*shortened(path)], "msg": _message(kind, str(problem.get("msg", ""))), "type": kind}


def shortened(path: Sequence[Any]) -> tuple[Step, ...]:
    """A path of at most ten steps, of at most 80 characters each."""
    return tuple(step if isinstance(step, int) else _short(str(step)) for step in path[:_STEPS])


def told_of(problems: Iterable[Mapping[str, Any]], data: Any) -> list[dict[str, Any]]:
    """The problems of the data that a client sent, as it may read them.

    Args:
        problems: As pydantic says them.
        data: The whole that was validated.
    """
    return [told(problem, path_in(data, problem["loc"], problem["type"])) for problem in problems]


def path_in(data: Any, place: Sequence[Any], kind: str) -> tuple[Any, ...]:
    """The steps of a place that the data have.

    Pydantic puts the members of unions into its places, by the names of their classes and validators; the client knows none of them.

    Args:
        data: The whole that was validated.
        place: Pydantic's `loc`.
        kind: Pydantic's `type`. What is missing is named, although the data have no such step.
    """
    found: list[Any] = []
    for at, step in enumerate(place):
        inner = _below(data, step)
        if inner is not None:
            found.append(step)
            [data] = inner
        elif kind.startswith("missing") and at == len(place) - 1:
            found.append(step)
    return tuple(found)


def top_of(place: Sequence[Any]) -> tuple[Any, ...]:
    """The part of a place that needs no data to be known as theirs: the field, and positions in its lists."""
    inside = next((at for at, step in enumerate(place) if at and not isinstance(step, int)), len(place))
    return tuple(place[:inside])


def summary(problems: Sequence[Mapping[str, Any]]) -> str:
    """The first of problems that were told, and how many others there are."""
    first, *others = problems
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}".removeprefix(": ") + (f" (and {len(others)} more)" if others else "")


def _below(data: Any, step: Any) -> tuple[Any] | None:
    inside: Any = data
    if isinstance(data, Mapping):
        return (inside[step],) if step in inside else None
    if isinstance(data, (list, tuple)) and isinstance(step, int):
        return (inside[step],) if 0 <= step < len(inside) else None
    return None


def _message(kind: str, said: str) -> str:
    # Members of enums in a `Literal` are shown as Python shows them, with their class.
    if kind in _DECLARED and "<" not in said:
        return said or _OTHERWISE
    return _INSTEAD.get(kind, _OTHERWISE)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_STEP else f"{text[: _LONGEST_STEP - 1]}…"
