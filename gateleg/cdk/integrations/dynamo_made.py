"""What an operation on items is made of, and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.integrations.dynamo_keys import Values
from gateleg.cdk.integrations.dynamo_values import UnsaidError, literal_json
from gateleg.cdk.integrations.vtl import parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.cdk.integrations.integration import Place
    from gateleg.errors import GatelegError
    from gateleg.model.items.layout import Layout


@dataclass(frozen=True)
class Asked:
    """What a route asks of a table.

    Attributes:
        use: The operation or access pattern.
        given: What the caller does not choose.
        limit: How many items a page has at most.
        place: The route.
        table: The physical name of the table.
    """

    use: Any
    given: Mapping[str, str]
    limit: int
    place: Place
    table: str

    @property
    def layout(self) -> Layout:
        """How the entity's items are laid out.

        Raises:
            UnsaidError: What is read and written of them is up to code of the entity.
        """
        entity: Any = self.use.entity
        layout: Layout = entity.__gateleg__
        options = layout.options
        if options.before_save is not None or options.after_load is not None or options.upgrades:
            raise UnsaidError(f"{entity.__name__} has hooks or upgrades, which no template runs")
        if options.unknown != "drop" or entity.model_config.get("extra") == "allow":
            raise UnsaidError(f"{entity.__name__} keeps or refuses attributes that it does not declare")
        if len(layout.family) > 1:
            raise UnsaidError(f"{entity.__name__} has subclasses in its table, whose items are read as what they are")
        if aliased := [name for name, one in entity.model_fields.items() if one.alias or one.serialization_alias or one.validation_alias]:
            raise UnsaidError(f"{entity.__name__}.{aliased[0]} has an alias")
        return layout

    def values(self) -> Values:
        """The values of a request that parameters bring."""
        return Values(self.refer, "#set($valid = true)" + self.told_who())

    def told_who(self) -> str:
        """Directives that refuse a request of which the context does not say what is given: nobody's items are not everybody's."""
        tests = ((f"$g{number}", reference) for number, reference in enumerate(self.given.values()))
        return "".join(f"#set({name} = ${reference})" + Values.valid_if(f"{name}.matches('(?s).+')") for name, reference in tests)

    def refer(self, name: str) -> str:
        """The reference to the value of a name."""
        return f"${self.given[name]}" if name in self.given else parameter(name, self.place.variables)


@dataclass(frozen=True)
class Made:
    """An operation in templates.

    Attributes:
        template: The request template.
        responses: The responses.
        names: The attributes and parameters that it reads.
        told: What an answer is.
        status: Its status.
        errors: What may go wrong.
        of_body: Those of the names that the body brings.
        optional: Those that a request may leave out.
        model: The model of the body.
    """

    template: str
    responses: dict[str, Any]
    names: tuple[str, ...]
    told: str
    status: int = 200
    errors: tuple[GatelegError, ...] = ()
    of_body: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    model: str | None = None


def of_kind(layout: Layout, item: str, inside: str) -> str:
    """A part of a response template that stands where an item is of the entity."""
    name = layout.table.type_attribute
    inner = f"#if({item}.get('{name}').S == '{layout.name}'){inside}#end"
    if layout.table.default_type == layout.name:
        return f"#if({item}.containsKey('{name}')){inner}#else{inside}#end"
    return f"#if({item}.containsKey('{name}')){inner}#end"


def kind_condition(layout: Layout, names: dict[str, str], values: dict[str, Any]) -> str:
    """The condition that an item is of the entity.

    Args:
        layout: The entity's.
        names: Takes the name that it uses.
        values: Takes the value that it uses, as a template.
    """
    names["#kind"] = layout.table.type_attribute
    values[":kind"] = literal_json({"S": layout.name})
    named = "${hash}kind = :kind"
    return f"({named} OR attribute_not_exists(${{hash}}kind))" if layout.table.default_type == layout.name else named
