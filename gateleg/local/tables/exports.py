"""Values of a table that another stack imports: CloudFormation does not change an export while it is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.local.template import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.local.template import Json


def exports_in_use(
    stack: str, logical_id: str, renewed: frozenset[str], before: Mapping[str, Json], after: Mapping[str, Json]
) -> list[str]:
    """Return what AWS says of each export that an update would change while another stack imports it, before and after.

    A stack that is not deployed now goes on importing what it does.

    Args:
        stack: The stack that exports.
        logical_id: The resource whose values change.
        renewed: Which of them change: `Ref` and names of attributes.
        before: The templates of all deployed stacks, by name.
        after: The new ones of those that are to be deployed.
    """
    kept = {_name(output) for output in after.get(stack, {}).get("Outputs", {}).values()}
    imports = {other: {*_imported(before[other])} & {*_imported(after.get(other, before[other]))} for other in before if other != stack}
    return [
        f"Export {name} cannot be updated as it is in use by {other}"
        for output in before.get(stack, {}).get("Outputs", {}).values()
        if (name := _name(output)) in kept and _shows(output.get("Value"), logical_id, renewed)
        for other, imported in imports.items()
        if name in imported
    ]


def _name(output: Json) -> str | None:
    name = output.get("Export", {}).get("Name")
    return name if isinstance(name, str) else None


def _shows(value: Any, logical_id: str, renewed: frozenset[str]) -> bool:
    if not is_object(value):
        return False
    attribute = value.get("Fn::GetAtt")
    parts = attribute if is_array(attribute) else str(attribute).split(".", 1)
    return (value.get("Ref") == logical_id and "Ref" in renewed) or (parts[0] == logical_id and parts[-1] in renewed)


def _imported(node: Any) -> Iterator[str]:
    if is_object(node):
        yield from (name for key, name in node.items() if key == "Fn::ImportValue" and isinstance(name, str))
    for part in node.values() if is_object(node) else node if is_array(node) else ():
        yield from _imported(part)
