"""The columns of a file of Parquet that hold an entity's items: typed by its annotations, and exact, or the value stands in a column of its own.

A value goes into its column where what comes back from there is the very same; all else of an item stands in `REST`, as DynamoDB JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin
from uuid import UUID

from pydantic.fields import FieldInfo

from gateleg.data.item_json import from_json, to_json
from gateleg.errors import DataError, GatelegError
from gateleg.model.values.annotations import alternatives, base_types
from gateleg.model.values.parts import element, fields_of
from gateleg.model.values.stored import same_stored
from gateleg.model.values.wire import datetime_text, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.items.layout import Layout
    from gateleg.model.values.wire import WireValue

REST = "gateleg_rest"
"""The column with what no other holds exactly; null where there is nothing."""

DECIMALS = (38, 10)
"""How many digits a column of `Decimal`s has, and how many of them after the point."""

_LONG = 2**63
_DEEPEST = 6
"""A type may hold itself; what is deeper is text."""

Shape = Literal["text", "whole", "real", "exact", "bytes", "flag", "moment", "day", "list", "map", "object", "json"]


@dataclass(frozen=True)
class Form:
    """The type of a column, or of a part of one.

    Attributes:
        shape: What it is.
        parts: Its parts: of a list its elements under `element`, of a map its values, of an object each field.
        elements: DynamoDB's type of a set of them; empty for a list.
    """

    shape: Shape
    parts: tuple[tuple[str, Form], ...] = ()
    elements: str = ""


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: The stored name of its attribute.
        form: Its type.
    """

    name: str
    form: Form

    def cell(self, wire: WireValue) -> Any:
        """A value as the column holds it; `None` where it could not come back as it is."""
        try:
            cell = _cell(self.form, wire)
            return cell if same_stored({"": _wire(self.form, cell)}, {"": wire}) else None
        except (GatelegError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
            return None

    def wire(self, cell: Any) -> WireValue:
        """The value of a cell.

        Raises:
            DataError: The cell is of another type than the column of this entity.
        """
        try:
            return _wire(self.form, cell)
        except (GatelegError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            message = f"the column {self.name!r} holds {type(cell).__name__}, which is not of the type {self.form.shape}"
            raise DataError(f"{message}; export it anew, or mend the file", path=self.name, code="data.item") from error


def columns_of(layout: Layout) -> list[Column]:
    """The columns of an entity: the table's keys, the type and schema version of items, and each attribute."""
    table, types = layout.table, layout.key_types()
    keys = {name: Form(_SCALARS[types[name]]) for name in table.key_names}
    own = {attribute.stored: _of_attribute(attribute) for attribute in layout.attributes.values()}
    stamp = {table.type_attribute: Form("text"), table.schema_attribute: Form("whole")}
    return [Column(name, form) for name, form in {**keys, **stamp, **own}.items()]


def row(columns: Sequence[Column], item: Mapping[str, WireValue]) -> dict[str, Any]:
    """An item as a row."""
    cells = {column.name: column.cell(item[column.name]) for column in columns if column.name in item}
    rest = {name: wire for name, wire in item.items() if cells.get(name) is None}
    return {**cells, REST: json.dumps(to_json(rest), ensure_ascii=False, sort_keys=True) if rest else None}


def item_of(columns: Mapping[str, Column], cells: Mapping[str, Any]) -> dict[str, WireValue]:
    """The item of a row.

    Raises:
        DataError: A column is of no attribute, or of another type.
    """
    found = {name: cell for name, cell in cells.items() if cell is not None and name != REST}
    if strange := [name for name in found if name not in columns]:
        message = f"the column {strange[0]!r} is of no attribute of the entity; its columns: {', '.join(columns)}"
        raise DataError(message, path=strange[0], code="data.item")
    item = {name: columns[name].wire(cell) for name, cell in found.items()}
    rest = cells.get(REST)
    return item if rest is None else {**item, **_rest(rest)}


def _rest(text: Any) -> dict[str, WireValue]:
    try:
        return from_json(json.loads(text))
    except (TypeError, ValueError) as error:
        raise DataError(f"the column {REST!r} holds no DynamoDB JSON ({error}); export it anew", path=REST, code="data.item") from error


# The form of an annotation ------------------------------------------------------------------------------------------------------------


def _of_attribute(attribute: Attribute) -> Form:
    return Form("whole") if attribute.count is not None else _form(attribute.annotation, _DEEPEST)


def _form(annotation: Any, levels: int) -> Form:
    members = list(alternatives(annotation))
    kinds: set[Shape] = {_shape(kind) for kind in base_types(annotation)}
    if len(kinds) != 1 or not levels:
        return Form("json")
    [shape] = kinds
    if shape == "list":
        elements = _form(element(annotation), levels - 1)
        is_set = all(issubclass(kind, AbstractSet) for kind in base_types(annotation))
        return Form("list", (("element", elements),), _SETS.get(elements.shape, "") if is_set else "")
    if shape in {"map", "object"}:
        return _of_map(members[0], levels) if len(members) == 1 else Form("json")
    return Form(shape)


def _of_map(member: Any, levels: int) -> Form:
    if fields := fields_of(get_origin(member) or member):
        annotations = {name: field.annotation if isinstance(field, FieldInfo) else field for name, field in fields.items()}
        return Form("object", tuple((name, _form(part, levels - 1)) for name, part in annotations.items()))
    arguments = get_args(member)
    return Form("map", (("value", _form(arguments[1], levels - 1)),)) if len(arguments) == 2 else Form("json")  # noqa: PLR2004 (keys and values)


def _shape(kind: Any) -> Shape:
    for classes, shape in _SHAPES:
        if issubclass(kind, classes):
            return shape
    return "object" if fields_of(kind) else "json"


_SHAPES: tuple[tuple[tuple[type, ...], Shape], ...] = (
    ((bool,), "flag"),
    ((int,), "whole"),
    ((float,), "real"),
    ((Decimal,), "exact"),
    ((bytes, bytearray), "bytes"),
    ((datetime,), "moment"),
    ((date,), "day"),
    ((str, time, timedelta, UUID), "text"),
    ((AbstractSet,), "list"),
    ((Mapping,), "map"),
    ((Sequence,), "list"),
)
_SCALARS: dict[str, Shape] = {"S": "text", "N": "exact", "B": "bytes"}
_SETS = {"text": "SS", "whole": "NS", "real": "NS", "exact": "NS", "bytes": "BS"}

# Values there and back ----------------------------------------------------------------------------------------------------------------


def _cell(form: Form, wire: WireValue) -> Any:
    """What a column holds of a value; what it does not hold comes back as another."""
    [(kind, content)] = wire.items()
    if form.shape in _CELLS:
        wanted, convert = _CELLS[form.shape]
        return convert(content if kind == wanted else None)
    if form.shape == "json":
        return json.dumps(to_json({"": wire})[""], ensure_ascii=False, sort_keys=True)
    if form.shape == "list":
        elements = [{kind[0]: part} for part in content] if kind in {"SS", "NS", "BS"} else content
        return [_part(form.parts[0][1], part) for part in elements]
    if form.shape == "map":
        return [(name, _part(form.parts[0][1], part)) for name, part in content.items()]
    return {name: _part(part, content[name]) for name, part in form.parts}


def _part(form: Form, wire: WireValue) -> Any:
    return None if "NULL" in wire else _cell(form, wire)


def _wire(form: Form, cell: Any) -> WireValue:
    if cell is None:
        return {"NULL": True}
    if form.shape in _WIRES:
        return _WIRES[form.shape](cell)
    if form.shape == "list":
        elements = [_wire(form.parts[0][1], part) for part in cell]
        return {form.elements: [next(iter(one.values())) for one in elements]} if form.elements and elements else {"L": elements}
    if form.shape == "map":
        return {"M": {name: _wire(form.parts[0][1], part) for name, part in cell}}
    return {"M": {name: _wire(part, cell[name]) for name, part in form.parts}}


def _long(digits: str) -> int:
    exact = Decimal(digits)
    if exact != exact.to_integral_value() or not -_LONG <= exact < _LONG:
        raise ValueError(digits)
    return int(exact)


def _exact(digits: str) -> Decimal:
    precision, scale = DECIMALS
    found = Decimal(digits)
    sign, figures, exponent = found.as_tuple()
    if not isinstance(exponent, int) or -exponent > scale or found.adjusted() + 1 > precision - scale or sign not in {0, 1} or not figures:
        raise ValueError(digits)
    return found


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)


_CELLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "text": ("S", str),
    "whole": ("N", _long),
    "real": ("N", float),
    "exact": ("N", _exact),
    "bytes": ("B", bytes),
    "flag": ("BOOL", bool),
    "moment": ("S", _moment),
    "day": ("S", date.fromisoformat),
}


def _digits(cell: Any) -> WireValue:
    if isinstance(cell, bool) or not isinstance(cell, (int, float, Decimal)):
        raise TypeError(cell)
    return {"N": number(cell)}


def _checked(kind: str, wanted: type) -> Callable[[Any], WireValue]:
    def wire(cell: Any) -> WireValue:
        if not isinstance(cell, wanted):
            raise TypeError(cell)
        return {kind: cell}

    return wire


_WIRES: dict[str, Callable[[Any], WireValue]] = {
    "text": _checked("S", str),
    "whole": _digits,
    "real": _digits,
    "exact": _digits,
    "bytes": _checked("B", bytes),
    "flag": _checked("BOOL", bool),
    "moment": lambda cell: {"S": datetime_text(cell)},
    "day": lambda cell: {"S": date.isoformat(cell)},
    "json": lambda cell: from_json({"": json.loads(cell)})[""],
}
