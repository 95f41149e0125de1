"""Tenants: how the partition keys of an entity's items begin with whose they are, so that IAM can hold each to its own.

Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html: `dynamodb:LeadingKeys`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.description.names import TENANT
from gateleg.errors import DeclarationError
from gateleg.model.keys.formats import stored_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.keys.schema import KeyPart, KeySchema

_SPECIAL = frozenset("*?$")
"""What means something else than itself in a policy."""


def check_tenant(entity: str, tenant: Attribute | None, name: str, schemas: Iterable[KeySchema]) -> None:
    """Check that each key of an entity begins with its tenant, as text that is the same in keys and in policies.

    Args:
        entity: The name of its class, for messages.
        tenant: The attribute of this name, if there is one.
        name: What the declaration says: `tenant="tenant_id"`.
        schemas: The keys of its table and of all indexes that it is in.

    Raises:
        DeclarationError: There is no such attribute, it is not text as it is stored, or a key begins with something else.
    """
    if tenant is None:
        raise DeclarationError(
            f"{entity} is declared with tenant={name!r}, which is not an attribute of it; write the name of one", path=entity, value=name
        )
    kinds = stored_kinds(tenant)
    if kinds and not all(issubclass(kind, str) for kind in kinds):
        raise DeclarationError(
            f"{tenant!r} is the tenant of {entity} and must be text; its type is {tenant.annotation!r}: write Attr[str]",
            path=entity,
            value=name,
        )
    if tenant.storage.save is not None or tenant.secret:
        what = "has save=, and policies know it as it is given" if tenant.storage.save is not None else "is secret, and policies show it"
        raise DeclarationError(
            f"{tenant!r} is the tenant of {entity} and {what}; give it as it is stored: Attr[str]", path=entity, value=name
        )
    for schema in schemas:
        place = "the table's key" if schema.index is None else f"index {schema.index!r}"
        first, *others = schema.partition
        if others:
            message = (
                f"{entity} has tenant={name!r}, and the partition key of {place} is of several attributes, of which policies say nothing"
            )
            raise DeclarationError(f"{message}; give it one", path=entity, value=name)
        _check_part(entity, place, first, name)


def _check_part(entity: str, place: str, part: KeyPart, name: str) -> None:
    first = next(iter(part.names), None)
    if first != name or (part.template is not None and part.template.placeholders[0].spec):
        text = part.stored if part.template is None else part.template.text
        message = f"{entity} has tenant={name!r}, and the partition key of {place}, {text!r}, does not begin with it"
        raise DeclarationError(
            f"{message}: let it be the first that a template names, such as 'TENANT#{{{name}}}'", path=entity, value=text
        )
    if part.template is not None and not _SPECIAL.isdisjoint(part.template.placeholders[0].before + part.template.following(1)):
        message = (
            f"{entity} has tenant={name!r}, and beside it {part.template.text!r} has one of * ? $, which policies read as something else"
        )
        raise DeclarationError(f"{message}; write another character, such as `#`", path=entity, value=part.template.text)


def own_keys(schema: KeySchema) -> tuple[str, ...]:
    """What the partition keys of an entity without a tenant are, as policies say it: `RATE`, or `PLAN#*`; empty where no text begins them.

    Args:
        schema: The entity's key of the table or of an index.
    """
    part = schema.partition[0]
    if len(schema.partition) > 1 or part.template is None:
        return ()
    template = part.template
    begun = template.following(0)
    if not begun or not _SPECIAL.isdisjoint(begun):
        return ()
    if template.placeholders:
        return (f"{begun}*",)
    return (begun, f"{begun}#*") if part.shards > 1 else (begun,)


def leading_keys(schema: KeySchema) -> tuple[str, ...]:
    """What the partition keys of one tenant's items are, in a key that was checked: `TENANT#{tenant}`, or `TENANT#{tenant}#*`.

    Whatever follows the tenant begins with a character that is escaped within values, so that one tenant's name never continues another's.
    """
    [part] = schema.partition
    if part.template is None:
        return (TENANT,)
    template = part.template
    begun = f"{template.placeholders[0].before}{TENANT}{template.following(1)}"
    if len(template.placeholders) > 1:
        return (f"{begun}*",)
    return (begun, f"{begun}#*") if part.shards > 1 else (begun,)
