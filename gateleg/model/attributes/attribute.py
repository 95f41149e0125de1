"""One attribute of one entity at run time: its stored name, its type, and the way to and from its stored form."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_origin

from pydantic import ValidationError

from gateleg.errors import DeclarationError, GatelegError, ItemInvalidError
from gateleg.model.attributes.checks import check_declaration
from gateleg.model.attributes.declared import Attr
from gateleg.model.names import check_stored
from gateleg.model.values.annotations import (
    base_types,
    contains_type,
    has_validators,
    is_optional,
    is_set_type,
    is_validator,
    validators_of,
)
from gateleg.model.values.codec import SCALAR_ENCODERS, decoded, encoded
from gateleg.model.values.forms import comes_back
from gateleg.model.values.hidden import HIDDEN, SecretWire, cause, hides_input, holds_secrets, says_so
from gateleg.model.values.moments import EPOCH, EPOCH_MS, ISO, Rounding, StoredAs, from_count, to_count
from gateleg.model.values.problems import problems, reason
from gateleg.model.values.restored import reader
from gateleg.model.values.sameness import equal, refused_as, same
from gateleg.model.values.storage import Storage
from gateleg.model.values.strictness import strict

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ConfigDict, TypeAdapter
    from pydantic.fields import FieldInfo

    from gateleg.model.kinds import TableBase
    from gateleg.model.values.wire import WireValue

_NEEDS_OTHERS = (LookupError, TypeError, AttributeError)
"""What a field validator raises that looks for the values of other fields, which a single value does not bring."""


class Attribute:
    """An attribute as the store sees it.

    Args:
        entity: The name of its entity's class, for messages.
        name: Its name in Python.
        field: Its pydantic field.
        table: The entity's table, which says where keys and the time of expiry are stored.
        model: The entity's class, whose configuration and field validators its values obey; `None` for what no entity declares.

    Attributes:
        stored: Its name in DynamoDB.
        annotation: `T` of its `Attr[T]`.
        required: Whether an item without it is not valid.
        keeps_null: Whether `None` is stored as DynamoDB's null: where an absent attribute would mean another default.
        storage: What its declaration says about storage.
        secret: Whether its values are, or hold, pydantic's secrets.
        hidden: Whether no message and no error shows what was given for it: it is secret, or a model says `hide_input_in_errors`.
        count: Which number since 1970 stands for its datetimes; `None` where they are text, or where it has none.
    """

    def __init__(self, entity: str, name: str, field: FieldInfo, table: TableBase, model: Any = None) -> None:
        self.entity = entity
        self.name = name
        self.storage: Storage = next((item for item in field.metadata if isinstance(item, Storage)), Storage())
        self.annotation: Any = get_args(field.annotation)[0] if get_origin(field.annotation) is Attr else field.annotation
        check_declaration(repr(self), self.annotation, self.storage, field)
        self.stored: str = self._stored_name(table)
        check_stored(repr(self), self.stored)
        self._field = field
        self._model = model
        self.count: StoredAs | None = self._counted(table)
        if self.storage.forced and field.is_required():
            message = f"{self!r} is declared with force_default=True and has no default; give it default= or default_factory="
            raise DeclarationError(message, path=repr(self))
        self.secret: bool = holds_secrets(self.annotation)
        self.hidden: bool = self.secret or says_so(model) or hides_input(self.annotation)
        self._reader = reader(self.annotation)
        self._is_set = is_set_type(self.annotation)
        self.required: bool = field.is_required() and not is_optional(self.annotation) and not self._is_set
        default_is_none = field.is_required() or (field.default is None and field.default_factory is None)
        self.keeps_null: bool = is_optional(self.annotation) and not default_is_none and self.stored not in table.all_key_names

    def __repr__(self) -> str:
        return f"{self.entity}.{self.name}"

    @property
    def constraints(self) -> tuple[Any, ...]:
        """What its declaration asks of values beside their type."""
        return self._rules

    @property
    def factory(self) -> Any:
        """What makes its default; `None` where nothing does."""
        return self._field.default_factory

    @property
    def config(self) -> dict[str, Any]:
        """The configuration of the model that declares it."""
        return {} if self._model is None else dict(self._model.model_config)

    def given(self, value: Any) -> Any:
        """The value as errors show it."""
        return HIDDEN if self.hidden else value

    def masked(self, wire: WireValue) -> WireValue:
        """A wire form, which does not show itself where it is secret."""
        return SecretWire(wire) if self.secret else wire

    def check(self, value: Any) -> Any:
        """The value, valid by the attribute's type and as its field validators make it: a key is found by what is stored.

        Its constraints, and validators that refuse the value, are left aside, so that a condition may name any value.

        Raises:
            ItemInvalidError: The value is of another type.
        """
        checked = self._validated(self._type, value)
        if not self._validators:
            return checked
        try:
            return self._made.validate_python(value)
        except (ValidationError, *_NEEDS_OTHERS):
            return checked

    def check_fully(self, value: Any) -> Any:
        """The value, valid by type and constraints, as a write needs it.

        Raises:
            ItemInvalidError: The type or a constraint refuses the value, or validators change what they made of it.
        """
        made = self._fully(value)
        if self.validated:
            self.check_settled(value, made, self._fully(made))
        return made

    def _fully(self, value: Any) -> Any:
        try:
            return self._validated(self._made_and_constrained, value)
        except _NEEDS_OTHERS:
            return self._validated(self._constrained, value)

    def stored_value(self, value: Any, rounding: Rounding = "down") -> Any:
        """The valid value after `save`, still a Python value."""
        if value is None:
            return None
        if self.storage.save is not None:
            value = self.saved(value)
        if self.count is not None and isinstance(value, datetime):
            return to_count(value, self.count, repr(self), shown=self.given(value), rounding=rounding)
        return value

    def check_exact(self, value: Any) -> None:
        """Check that a valid value, if there is one, is stored without loss, so that it is told apart from all others.

        Raises:
            ItemInvalidError: It is a moment with a fraction of the unit that moments are stored in.
        """
        if self.count is not None:
            self.stored_value(value, "whole")

    def saved(self, value: Any) -> Any:
        """What `save` makes of a value, or of a part of one.

        Raises:
            ItemInvalidError: It fails.
        """
        return value if self.storage.save is None else self._transformed("save", self.storage.save, value)

    def encode(self, value: Any, rounding: Rounding = "down") -> WireValue | None:
        """The wire form of a valid value; `None` where nothing is stored: for an empty set, and for `None` where absence means it.

        Raises:
            ItemInvalidError: DynamoDB cannot hold the value.
        """
        quick = SCALAR_ENCODERS.get(value.__class__) if self._saved_plainly else None
        stored = value if quick is not None else self.stored_value(value, rounding)
        if stored is None or (quick is None and self._is_nothing(stored)):
            return {"NULL": True} if self.keeps_null else None
        try:
            if self.secret:
                return SecretWire(encoded(stored))
            return encoded(stored) if quick is None else quick(stored)
        except ItemInvalidError as error:
            message = f"{self!r} cannot be {HIDDEN!r}, which has no stored form" if self.hidden else f"{self!r}: {error.message}"
            raise ItemInvalidError(message, path=self.name, value=self.given(value)) from cause(error, hidden=self.hidden)
        except RecursionError as error:
            raise ItemInvalidError(f"{self!r} is nested deeper than the 32 levels that DynamoDB stores", path=self.name) from error

    def encode_alone(self, value: Any) -> WireValue | None:
        """The wire form of a valid value that is stored without the others, so that nobody reads the item again before it is.

        Raises:
            ItemInvalidError: DynamoDB cannot hold the value, or it would come back as another.
        """
        wire = self.encode(value)
        if self.comes_back:
            return wire
        try:
            back = self.loaded(wire)
        except ItemInvalidError:
            return wire  # before_save may store what after_load alone reads; whoever stores a whole item reads it again
        self.check_same(value, back)
        return wire

    def check_same(self, value: Any, back: Any) -> None:
        """Check that a value comes back as it was.

        Raises:
            ItemInvalidError: It is another.
        """
        # Of a type that says what comes back, values may be of subclasses.
        if not same(back, value) and not ((self.comes_back or self._reader is not None) and equal(back, value)):
            raise refused_as(repr(self), self.name, self.given(value), back)

    def check_settled(self, value: Any, made: Any, again: Any) -> None:
        """Check that validators leave what they made as it is, as they see it with each write and each read.

        Args:
            value: What they were given.
            made: What they made of it.
            again: What they made of that.

        Raises:
            ItemInvalidError: They changed it.
        """
        if not same(made, again):
            shown = [repr(self.given(one)) for one in (value, made, again)]
            message = f"{self!r} cannot be {shown[0]}, which would come back as another with each write: {shown[1]}, then {shown[2]}"
            write = "write validators that leave what they made as it is"
            raise ItemInvalidError(f"{message}; {write}", path=self.name, value=self.given(value))

    @cached_property
    def validated(self) -> bool:
        """Whether validators of its own may make another value of what they are given."""
        return has_validators(self.annotation) or any(map(is_validator, (*self._rules, *self._validators)))

    @cached_property
    def transformed(self) -> bool:
        """Whether what is stored is another value, which may well come back as a third."""
        return self.storage.save is not None or self.storage.load is not None or self.count is not None

    @cached_property
    def comes_back(self) -> bool:
        """Whether what is stored comes back as it was by the declaration alone; transforms may well give another."""
        if self.transformed:
            return True
        return comes_back(self.annotation) and (self._is_set or not contains_type(self.annotation, AbstractSet))

    def _is_nothing(self, stored: Any) -> bool:
        empty = isinstance(stored, AbstractSet) and not stored
        return empty and (self._is_set or is_optional(self.annotation))

    def operand(self, value: Any, rounding: Rounding = "whole") -> WireValue:
        """The wire form of a value to compare with.

        Args:
            value: The value.
            rounding: What becomes of a fraction that is not stored: `up` for what is at or after the value, or before it, `down` for the opposites.

        Raises:
            ItemInvalidError: The value is of another type; or has such a fraction and is to be whole, as nothing that is stored equals it.
        """
        return self.encode(self.check(value), rounding) or {"NULL": True}

    def decode(self, wire: WireValue) -> Any:
        """The value of a wire form after `load`; the entity validates it."""
        value = decoded(wire)
        if value is None:
            return None
        if self.count is not None and isinstance(value, (int, Decimal)):
            value = from_count(value, self.count, repr(self), shown=self.given(value))
        if self._reader is not None:
            value = self._reader(value)
        return value if self.storage.load is None else self._transformed("load", self.storage.load, value)

    def loaded(self, wire: WireValue | None) -> Any:
        """The valid value of a wire form, or of its absence, by itself; an entity that is read whole validates its values together.

        Raises:
            ItemInvalidError: The value is not valid, or absent and required.
        """
        values = self.absent() if wire is None else {self.name: self.decode(wire)}
        if values:
            return self._validated(self._constrained, values[self.name], stored=True)
        if self._field.is_required():
            raise ItemInvalidError(f"a stored item lacks {self!r}, which is required; give it a default", path=self.name)
        return self.default()

    def default(self) -> Any:
        """The default, made anew where a factory makes it."""
        return self._field.get_default(call_default_factory=True, validated_data={})

    @cached_property
    def stored_plainly(self) -> bool:
        """Whether `decode` does no more than to convert the wire form, so that a compiled decoder may do it instead."""
        return self.storage.load is None and self.count is None and self._reader is None

    @cached_property
    def _saved_plainly(self) -> bool:
        return self.storage.save is None and self.count is None

    @property
    def stored_types(self) -> set[type]:
        """The plain classes of what is stored, as far as the annotation says it."""
        return {int} if self.count is not None else base_types(self.annotation)

    def absent(self) -> dict[str, Any]:
        """What an item without the attribute means: the empty set, `None` where there is no default, or the default."""
        if self._is_set:
            return {self.name: set[Any]()}
        return {self.name: None} if self._field.is_required() and not self.required else {}

    def _stored_name(self, table: TableBase) -> str:
        given = self.storage.stored
        if self.storage.key is None and self.storage.role != "ttl":
            return self.name if given is None else given
        role = "the partition key" if self.storage.key == "partition" else "the sort key" if self.storage.key else "the time of expiry"
        name = {"partition": table.partition_key, "sort": table.sort_key, None: table.ttl}[self.storage.key]
        if name is None:
            message = f"{self!r} is declared as {role}, and table {table.name!r} has none; declare it on the table first"
            raise DeclarationError(message, path=self.name)
        if given not in {None, name}:
            message = f"{self!r} is {role}, which table {table.name!r} stores as {name!r}; leave out stored={given!r}"
            raise DeclarationError(message, path=self.name, value=given)
        return name

    def _counted(self, table: TableBase) -> StoredAs | None:
        if self.storage.stored_as is None:
            return EPOCH if self.stored == table.ttl and contains_type(self.annotation, datetime) else None
        if base_types(self.annotation) != {datetime}:
            message = f"{self!r} is declared with stored_as=, which says how a datetime is stored; its type is {self.annotation!r}"
            raise DeclarationError(message, path=self.name, value=self.storage.stored_as)
        if self.storage.stored_as not in {ISO, EPOCH, EPOCH_MS}:
            message = f"{self!r} is declared with stored_as={self.storage.stored_as!r}; write ISO, EPOCH or EPOCH_MS"
            raise DeclarationError(message, path=self.name, value=self.storage.stored_as)
        if self.stored == table.ttl and self.storage.stored_as != EPOCH:
            message = f"{self!r} is the time of expiry, which DynamoDB reads as epoch seconds; leave out stored_as="
            raise DeclarationError(message, path=self.name, value=self.storage.stored_as)
        return None if self.storage.stored_as == ISO else StoredAs(self.storage.stored_as)

    def _validated(self, adapter: TypeAdapter[Any], value: Any, *, stored: bool = False) -> Any:
        try:
            # Fields are stored by their names, whatever their aliases.
            return adapter.validate_python(value, strict=False, by_alias=False, by_name=True) if stored else adapter.validate_python(value)
        except ValidationError as error:
            found = problems(error, frozenset() if self.hidden else None, self.annotation)
            message = f"{self!r} cannot be {self.given(value)!r}: {reason(found[0])}"
            raise ItemInvalidError(message, path=self.name, value=self.given(value), problems=found) from cause(error, hidden=self.hidden)

    def _transformed(self, which: str, transform: Callable[[Any], Any], value: Any) -> Any:
        try:
            return transform(value)
        except GatelegError:
            raise
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            told = type(error).__name__ if self.hidden else f"{type(error).__name__}: {error}"
            message = f"{which}= of {self!r} failed on {self.given(value)!r}: {told}"
            raise ItemInvalidError(message, path=self.name, value=self.given(value)) from cause(error, hidden=self.hidden)

    @cached_property
    def _validators(self) -> tuple[Any, ...]:
        return validators_of(self._model, self.name)

    @cached_property
    def _rules(self) -> tuple[Any, ...]:
        return tuple(item for item in self._field.metadata if not isinstance(item, Storage))

    @cached_property
    def _type(self) -> TypeAdapter[Any]:
        return self._adapter()

    @cached_property
    def _constrained(self) -> TypeAdapter[Any]:
        return self._adapter(*self._rules)

    @cached_property
    def _made(self) -> TypeAdapter[Any]:
        return self._adapter(*self._validators)

    @cached_property
    def _made_and_constrained(self) -> TypeAdapter[Any]:
        return self._adapter(*self._rules, *self._validators)

    def _adapter(self, *rules: Any) -> TypeAdapter[Any]:
        from pydantic import TypeAdapter

        annotation: Any = strict(self.annotation)
        for rule in rules:
            annotation = cast("Any", Annotated[annotation, rule])
        config: ConfigDict | None = None if self._model is None else self._model.model_config
        adapter: TypeAdapter[Any] = TypeAdapter(annotation, config=config)
        return adapter
