"""What an entity's class keywords say beside its table: what becomes of unknown attributes, and how old items are brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from gateleg.errors import DeclarationError

Unknown = Literal["drop", "keep", "refuse"]
"""What becomes of stored attributes that the entity does not declare, as an item is read: they are left out, kept aside so that a put
writes them again as they were, or the item is refused."""

Transform = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns attributes, by name, into others."""

Upgrade = Transform
"""Turns the attributes of an item of one schema version, by their stored names, into those of the next."""


@dataclass(frozen=True)
class Options:
    """The class keywords of an entity that its subclasses inherit.

    Attributes:
        unknown: What becomes of stored attributes that the entity does not declare.
        upgrades: What brings an item of version 0, 1, … to the next version.
        before_save: The class's hook on the values that are stored; `None` where it has none.
        after_load: The class's hook on the values that were stored; `None` where it has none.
        remember: Whether entities that are read keep their items beside them.
        tenant: The attribute that says whose an item is; `None` where items are of nobody alone.
    """

    unknown: Unknown = "drop"
    upgrades: tuple[Upgrade, ...] = ()
    before_save: Transform | None = None
    after_load: Transform | None = None
    remember: bool = False
    tenant: str | None = None

    def changed(
        self, entity: str, unknown: Unknown | None, upgrades: Iterable[Upgrade] | None, *, remember: bool | None, tenant: str | None
    ) -> Options:
        """The options of a class that gives these keywords; those that are `None` stay as they are.

        Raises:
            DeclarationError: A keyword has a value that it cannot have.
        """
        if unknown is not None and unknown not in get_args(Unknown):
            message = f"{entity} is declared with unknown={unknown!r}; write one of {', '.join(map(repr, get_args(Unknown)))}"
            raise DeclarationError(message, path=entity, value=unknown)
        if upgrades is not None and not isinstance(upgrades, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
            message = f"{entity} is declared with upgrades={upgrades!r}; give a list, the first upgrade first: upgrades=[{upgrades!r}]"
            raise DeclarationError(message, path=entity, value=upgrades)
        given = self.upgrades if upgrades is None else tuple(upgrades)
        if wrong := [upgrade for upgrade in given if not callable(upgrade)]:
            message = f"{entity} is declared with {wrong[0]!r} among its upgrades; write functions that take and give a dict"
            raise DeclarationError(message, path=entity, value=wrong[0])
        kept = self.remember if remember is None else remember
        if tenant is not None and not isinstance(tenant, str):  # pyright: ignore[reportUnnecessaryIsInstance] (as above)
            message = f"{entity} is declared with tenant={tenant!r}; write the name of an attribute: tenant='tenant_id'"
            raise DeclarationError(message, path=entity, value=tenant)
        return replace(self, unknown=unknown or self.unknown, upgrades=given, remember=kept, tenant=tenant or self.tenant)
