"""An entity as the store sees it: its attributes, its keys, the way to and from an item."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from gateleg.description.uses import Use
from gateleg.errors import DeclarationError, ExpressionError, ItemInvalidError
from gateleg.model.attributes.attribute import Attribute
from gateleg.model.attributes.decoder import make_decoder
from gateleg.model.items.claims import Claims
from gateleg.model.items.evolution import UNREADABLE, Upgrades, keep_unknown, kept_unknown, run_hook, unreadable
from gateleg.model.items.memory import remember
from gateleg.model.items.options import Options
from gateleg.model.keys.key import make_key
from gateleg.model.keys.matching import KeySchemas
from gateleg.model.keys.schema import CLAIM_MARK, key_types
from gateleg.model.kinds import lineage
from gateleg.model.paths.place import Place
from gateleg.model.values.annotations import class_of, validates_whole
from gateleg.model.values.hidden import HIDDEN, SecretWire, cause, shown_names
from gateleg.model.values.problems import place, problems, reason
from gateleg.model.values.sameness import refused_as, same
from gateleg.model.values.wire import from_wire, to_wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.description.table import KeyType
    from gateleg.description.uses import Operation
    from gateleg.model.keys.declared import IndexKey, KeyDeclaration
    from gateleg.model.keys.key import Key
    from gateleg.model.keys.schema import KeySchema
    from gateleg.model.kinds import Kind, TableBase
    from gateleg.model.values.storage import Role
    from gateleg.model.values.wire import WireValue

E = TypeVar("E", bound="Kind")

_ACROSS = frozenset({"scan", "partiql_select", "partiql_insert", "partiql_update", "partiql_delete"})
"""What names no key by which a policy could hold it to one tenant."""


class Layout:
    """How the items of one entity are laid out in its table.

    Args:
        entity: The entity's class, whose pydantic fields are complete.
        table: Its table.
        name: What its items carry under the table's type attribute.
        key: The declaration of its key.
        index_keys: The declarations of its index keys.
        options: What its class keywords say.

    Attributes:
        hidden: Whether no message and no error shows all of what is given, or stored, for an item.

    Raises:
        DeclarationError: The declarations do not fit together.
    """

    def __init__(
        self,
        entity: type[Kind],
        table: TableBase,
        name: str,
        *,
        key: KeyDeclaration[Any],
        index_keys: Mapping[str, IndexKey],
        options: Options,
    ) -> None:
        self.entity = entity
        self.table = table
        self.name = name
        self.options = options
        self._label = entity.__name__
        self._family: dict[str, Layout] = {name: self}
        self.attributes: dict[str, Attribute] = {
            field: Attribute(self._label, field, info, table, entity) for field, info in entity.model_fields.items()
        }
        self.hidden: bool = any(attribute.hidden for attribute in self.attributes.values())
        self._upgrades = Upgrades(self._label, table, options.upgrades, hidden=self.hidden)
        schemas = KeySchemas(self._label, table, self.attributes)
        self.primary: KeySchema = schemas.primary(key)
        self.indexes: dict[str, KeySchema] = schemas.indexes(self.primary, index_keys)
        self._check_names()
        self.claims: Claims = Claims(entity, table, self.attributes, (self.primary, *self.indexes.values()))
        if options.tenant is not None:
            self._check_tenant(options.tenant)
        self._values_of = make_decoder(self.attributes.values())

    def __repr__(self) -> str:
        return f"Layout({self._label})"

    # Looking up ------------------------------------------------------------------------------------------------------------------

    def role(self, role: Role) -> Attribute | None:
        """The attribute that has this role."""
        return self._roles.get(role)

    @cached_property
    def _roles(self) -> dict[Role | None, Attribute]:
        return {attribute.storage.role: attribute for attribute in self.attributes.values()}

    @cached_property
    def forced(self) -> tuple[Attribute, ...]:
        """The attributes whose default takes the place of their value with each write."""
        return tuple(attribute for attribute in self.attributes.values() if attribute.storage.forced)

    @property
    def family(self) -> tuple[Layout, ...]:
        """This entity, and its subclasses in the same table: what a read of this entity finds."""
        return tuple(self._family.values())

    @property
    def claimed(self) -> bool:
        """Whether an item that is read as this entity may have unique values: its own, or those of a subclass."""
        return any(member.claims for member in self.family)

    @property
    def kin(self) -> tuple[Layout, ...]:
        """Those of the family that an update of this entity keeps whole: without a version, a time or index keys that it does not know of."""
        return tuple(layout for layout in self.family if layout.upkeep == self.upkeep)

    @property
    def upkeep(self) -> object:
        """What an update must keep right beside the attributes that it names."""
        roles = {
            attribute.stored: (
                attribute.storage.role if attribute.storage.role != "ttl" else None,
                attribute.storage.forced,
                attribute.storage.unique,
            )
            for attribute in self.attributes.values()
        }
        templates = {(schema.index, part.stored): str(part.template) for schema in self.indexes.values() for part in schema.parts}
        return {name: upkeep for name, upkeep in roles.items() if any(upkeep)}, templates

    def key_types(self) -> dict[str, KeyType]:
        """The stored types of the key attributes that this entity fills."""
        return key_types((self.primary, *self.indexes.values()), self.attributes.values(), self.table.all_key_names)

    @property
    def read_names(self) -> frozenset[str]:
        """The stored names of the attributes that a whole entity is read from."""
        return frozenset({self.table.type_attribute, *self._upgrades.stamp, *(one.stored for one in self.attributes.values())})

    def check_path(self, path: Place) -> None:
        """Check that a path begins at an attribute of this entity.

        Raises:
            ExpressionError: It belongs to another entity, or is not a path.
        """
        if not isinstance(path, Place):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
            message = f"{path!r} is not a path of an attribute; write {self._label}.<one of: {', '.join(self.attributes)}>"
            raise ExpressionError(message, path=self._label, value=path)
        if not any(layout.attributes.get(path.attribute.name) is path.attribute for layout in lineage(self.entity)):
            message = f"{path!r} is not an attribute of {self._label}; its attributes: {', '.join(self.attributes)}"
            raise ExpressionError(message, path=repr(path))

    def check_table(self, table: TableBase) -> None:
        """Check that the entity lives in a table.

        Raises:
            ExpressionError: It lives in another.
            DeclarationError: No entity of the table has the name that its `default_type` says.
        """
        if self.table is not table:
            message = f"{self._label} lives in table {self.table.name!r}; this store is of {table.name!r}"
            raise ExpressionError(message, path=self._label)
        if table.default_type is not None:
            table.check_default_type()

    # To and from items -----------------------------------------------------------------------------------------------------------

    def key_of(self, entity: Kind) -> Key[Any]:
        """The key of an entity."""
        return make_key(type(entity), self.primary, self.values(entity))

    def values(self, entity: Kind) -> dict[str, Any]:
        """The attribute values of an entity, by name."""
        held = vars(entity)
        # Where one is not there, to ask for it raises the error that says so.
        return {name: held[name] if name in held else getattr(entity, name) for name in self.attributes}

    def encode(self, entity: Kind) -> dict[str, WireValue]:
        """The item of an entity: its attributes, its keys, the keys of the indexes it is in, and its type.

        Raises:
            ItemInvalidError: DynamoDB cannot hold a value, or a part of the key is missing.
        """
        values = self.values(entity)
        key = self.primary.wire(values)
        if len(key) != len(self.primary.parts):
            make_key(type(entity), self.primary, values)  # it says which part is missing
        if self.options.before_save is not None:
            values = self._before_save(values)
        item = {**kept_unknown(entity), **{name: to_wire(value) for name, value in (entity.model_extra or {}).items()}}
        for name, attribute in self.attributes.items():
            wire = attribute.encode(values.get(name)) if self.options.before_save is None else attribute.encode_alone(values.get(name))
            if wire is not None:
                item[attribute.stored] = wire
        for schema in self.indexes.values():
            item.update(schema.wire(values, key))
        item = {**item, **key, **self._upgrades.stamp, self.table.type_attribute: {"S": self.name}}
        if self.options.before_save is not None:
            # What a hook made of the values may be what the entity refuses; that is to be known before it is written.
            self.read(item)
        return item

    def read_again(self, item: Mapping[str, WireValue], entity: Kind) -> Any:
        """The entity of an item that is about to be stored, so that nothing is stored that could not be read again, or not as it is.

        Raises:
            ItemInvalidError: What is stored of a value is not a valid value: its type, or a nested object that was changed in place, is at fault;
                or it would come back as another.
        """
        try:
            read = self.read(item)
        except ItemInvalidError as error:
            message = f"{self._label} cannot be stored, as it could not be read again: {error.message}"
            raise ItemInvalidError(message, path=error.path, value=error.value, problems=error.problems) from error
        if self.options.before_save is None:
            for attribute in self._changeable:
                attribute.check_same(getattr(entity, attribute.name), getattr(read, attribute.name))
        if entity.model_extra:
            self._check_undeclared(entity.model_extra, read.model_extra)
        return read

    def _check_undeclared(self, values: dict[str, Any], back: dict[str, Any]) -> None:
        for name, value in values.items():
            if not same(back[name], value):
                raise refused_as(f"{self._label}.{name}", name, HIDDEN if self.hidden else value, back[name])

    @cached_property
    def _changeable(self) -> list[Attribute]:
        """The attributes of which the type does not say that each value comes back as it was."""
        settled = [attribute for attribute in self.validated if not attribute.transformed]
        return [attribute for attribute in self.attributes.values() if not attribute.comes_back or attribute in settled]

    @cached_property
    def validated(self) -> list[Attribute]:
        """The attributes of which validators, of their own or of the entity, may make another value with each write and each read."""
        whole = validates_whole(self.entity)
        return [attribute for attribute in self.attributes.values() if whole or attribute.validated]

    def decode(self, item: Mapping[str, WireValue]) -> Any:
        """The entity of an item, which may be one of a subclass. What it does not declare is dealt with as its class's `unknown=` says.

        Raises:
            StoredItemInvalidError: The item is of another entity, or its values are not valid.
        """
        wire = item.get(self.table.type_attribute)
        kind: Any = self.table.default_type if wire is None else wire.get("S")
        layout = self._family.get(kind)
        if layout is None:
            message = (
                f"the item is {kind!r} and was read as {self._label}; its key belongs to two entities: make their key templates differ"
            )
            raise unreadable(self.table, item, ItemInvalidError(message, path=self._label, value=kind))
        try:
            return layout.read(item)
        except UNREADABLE as error:
            raise unreadable(self.table, layout.masked(item), error, hidden=layout.hidden) from cause(error, hidden=layout.hidden)

    def masked(self, item: Mapping[str, WireValue]) -> Mapping[str, WireValue]:
        """An item whose secrets do not show themselves."""
        if not self._secret_names:
            return item
        return {name: SecretWire(wire) if name in self._secret_names else wire for name, wire in item.items()}

    @cached_property
    def _secret_names(self) -> frozenset[str]:
        """The stored names of attributes that hold secrets, and of keys that are made of them."""
        parts = [part for schema in (self.primary, *self.indexes.values()) for part in schema.parts]
        return frozenset({one.stored for one in self.attributes.values() if one.secret} | {part.stored for part in parts if part.secret})

    def read(self, item: Mapping[str, WireValue]) -> Any:
        """The entity of an item that is of this very class.

        Raises:
            ItemInvalidError: Its values are not valid, or it holds an attribute that the entity refuses.
        """
        if self._only_decodes:
            return self._load(self._values_of(item))
        item = self.upgraded(item)
        values = self._values_of(item)
        if self.options.after_load is not None:
            values = run_hook(f"{self._label}.after_load", self.options.after_load, values, hidden=self.hidden)
        extra = self.entity.model_config.get("extra") == "allow"
        loaded = self._load({**{name: from_wire(wire) for name, wire in self.undeclared(item).items()}, **values} if extra else values)
        if self.options.remember:
            remember(loaded, item)
        if extra:
            return loaded
        if self.options.unknown == "keep":
            keep_unknown(loaded, self.undeclared(item))
        elif self.options.unknown == "refuse" and (unknown := self.undeclared(item)):
            first = next(iter(unknown))
            message = (
                f"a stored {self._label} has the attribute {first!r}, which is not declared; declare it, or write unknown='keep' or 'drop'"
            )
            raise ItemInvalidError(message, path=f"{self._label}.{first}", value=HIDDEN if self.hidden else from_wire(unknown[first]))
        return loaded

    def owns(self, item: Mapping[str, WireValue]) -> bool:
        """Whether an item is of this entity, or of a subclass."""
        return self.table.type_of(item) in self._family

    @cached_property
    def _only_decodes(self) -> bool:
        """Whether there is nothing more to reading an item than its values, as with most entities."""
        return replace(self.options, before_save=None, tenant=None) == Options() and self.entity.model_config.get("extra") != "allow"

    def _before_save(self, values: dict[str, Any]) -> dict[str, Any]:
        hook = f"{self._label}.before_save"
        given: Any = values if self.options.before_save is None else run_hook(hook, self.options.before_save, values, hidden=self.hidden)
        if not issubclass(class_of(given), dict):
            shown = HIDDEN if self.hidden else given
            raise ItemInvalidError(f"{hook} gave {shown!r}; return the dict of the values", path=hook, value=shown)
        if strange := [name for name in given if name not in self.attributes]:
            message = f"{hook} gave a value for {strange[0]!r}, which is not an attribute; declare it, or leave it out"
            raise ItemInvalidError(message, path=hook, value=strange[0])
        changed: dict[str, Any] = given
        return changed

    def upgraded(self, item: Mapping[str, WireValue]) -> Mapping[str, WireValue]:
        """The item as the present schema version has its attributes."""
        return self._upgrades.upgraded(item) if self.options.upgrades else item

    def undeclared(self, item: Mapping[str, WireValue]) -> dict[str, WireValue]:
        """The attributes of an item that neither the entity nor its table declares."""
        return {name: wire for name, wire in item.items() if name not in self._known}

    @cached_property
    def _known(self) -> frozenset[str]:
        own = {*self.table.all_key_names, self.table.type_attribute, self.table.schema_attribute}
        return frozenset(own | {attribute.stored for attribute in self.attributes.values()})

    def _load(self, data: dict[str, Any]) -> Any:
        try:
            return self.entity.model_validate(data, strict=False, by_alias=False, by_name=True)
        except ValidationError as error:
            found = problems(error, shown_names(self.entity), self.entity)
            message = f"a stored item is not a valid {self._label}: {place(found[0])}: {reason(found[0])}"
            value, path = HIDDEN if self.hidden else data, f"{self._label}.{place(found[0])}"
            raise ItemInvalidError(message, path=path, value=value, problems=found) from cause(error, hidden=self.hidden)

    def adopt(self, before: Layout) -> None:
        """Take over the subclasses of this entity's layout before."""
        self._family = {**before._family, self.name: self}

    def join_family(self) -> None:
        """Let those that the entity is derived from find its items too; called once nothing is left to be checked."""
        layouts: list[Layout] = lineage(self.entity)
        for layout in layouts:
            if layout.table is self.table:
                layout._family[self.name] = self  # noqa: SLF001 (another object of this class)

    def use(self, operation: Operation, index: str | None = None) -> Use:
        """An operation on the entity, of one tenant where it has them, as what is granted."""
        name, tenant = self.table.name, self.options.tenant
        return Use(name, self._label, operation, index, tenant, () if operation in _ACROSS else self.leading(index))

    def leading(self, index: str | None = None) -> tuple[str, ...]:
        """What the partition keys of the entity's items begin with, as a `Use` says it, those of their claims among them.

        Args:
            index: The index whose keys they are; `None` for the table.
        """
        from gateleg.model.keys.tenants import leading_keys, own_keys

        schema = self.primary if index is None else self.indexes[index]
        if self.options.tenant is not None:
            return leading_keys(schema)
        own = own_keys(schema)
        return (*own, f"{CLAIM_MARK}*") if own and index is None and self.claimed else own

    # Checking the declaration ----------------------------------------------------------------------------------------------------

    def _check_tenant(self, name: str) -> None:
        from gateleg.model.keys.tenants import check_tenant

        check_tenant(self._label, self.attributes.get(name), name, (self.primary, *self.indexes.values()))
        if self.claims:
            message = f"{self._label} has tenant={name!r} and the unique attribute {next(iter(self.claims.attributes))!r}, whose claims are of no tenant"
            raise DeclarationError(
                f"{message}; make it unique within the tenant by a key, or leave one of the two out", path=self._label, value=name
            )

    def _check_names(self) -> None:
        counted = Counter(attribute.stored for attribute in self.attributes.values())
        if twice := [name for name, count in counted.items() if count > 1]:
            raise DeclarationError(f"two attributes of {self._label} are stored as {twice[0]!r}", path=self._label, value=twice[0])
        made = {part.stored for schema in (self.primary, *self.indexes.values()) for part in schema.parts if part.template is not None}
        made |= {self.table.type_attribute, *self._upgrades.stamp}
        if taken := [name for name in counted if name in made]:
            message = (
                f"an attribute of {self._label} is stored as {taken[0]!r}, which the table needs itself; give it another name with stored="
            )
            raise DeclarationError(message, path=self._label, value=taken[0])
        for role in ("created_at", "updated_at", "version", "ttl"):
            found = [attribute.name for attribute in self.attributes.values() if attribute.storage.role == role]
            if len(found) > 1:
                raise DeclarationError(f"{self._label} has two {role} attributes: {', '.join(found)}", path=self._label, value=found)
