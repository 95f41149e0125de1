"""Writes of items in templates: an entity whole, from the parameters and the body of a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args, get_origin

from gateleg.cdk.integrations.dynamo_answers import of_table
from gateleg.cdk.integrations.dynamo_keys import Values, wire_object
from gateleg.cdk.integrations.dynamo_made import Made, kind_condition
from gateleg.cdk.integrations.dynamo_reads import guarded
from gateleg.cdk.integrations.dynamo_values import UnsaidError, check_plain, is_made_anew, literal_json, scalar_of
from gateleg.cdk.integrations.models import strict_model, unsaid
from gateleg.cdk.integrations.vtl import as_json, formal, in_json, literal
from gateleg.errors import ItemExistsError, ItemInvalidError, KindMismatchError
from gateleg.model.values.annotations import alternatives, is_optional, validates_whole

if TYPE_CHECKING:
    from gateleg.cdk.integrations.dynamo_made import Asked
    from gateleg.model.attributes.attribute import Attribute
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.schema import KeySchema

_BODY = "$body.get('{}')"
_JSON = "$input.json('$.{}')"


def put(asked: Asked) -> Made:
    """An entity whole; of a `create`, where there is no item under the key."""
    layout = asked.layout
    _check_entity(layout)
    place = asked.place
    outside = [name for name in layout.attributes if name in place.variables or name in asked.given]
    of_body = tuple(name for name in layout.attributes if name not in outside)

    def refer(name: str) -> str:
        if name in outside:
            return asked.refer(name)
        scalar = scalar_of(layout.attributes[name].annotation)
        # Of a number there is a text in its JSON alone.
        return (_JSON if scalar is not None and scalar.kind == "N" else _BODY).format(name)

    values = Values(refer, f"#set($valid = true)#set($body = $input.path('$')){asked.told_who()}")
    item = {part.stored: values.part(part) for part in layout.primary.parts}
    keys = {part.stored for part in layout.primary.parts}
    members = ""
    for name, attribute in layout.attributes.items():
        if attribute.stored in keys:
            _require(attribute)
            if name in outside:
                _check_bounds(attribute)
            continue
        members += _outside(values, attribute, refer(name)) if name in outside else _member(values, attribute)
    for index in layout.indexes.values():
        members += _index_members(values, layout, index, keys)
    item[layout.table.type_attribute] = literal_json({"S": layout.name})
    new = asked.use.operation == "create"
    names, wires = {"#pk": layout.table.partition_key}, dict[str, Any]()
    absent = "attribute_not_exists(${hash}pk)"
    condition = absent if new else f"{absent} OR {kind_condition(layout, names, wires)}"
    parts = {
        "TableName": f'"{asked.table}"',
        "Item": wire_object(item)[:-1] + members + "}",
        "ConditionExpression": f'"{condition}"',
        "ExpressionAttributeNames": literal_json(names),
        **({"ExpressionAttributeValues": as_json(wires)} if wires else {}),
    }
    conflict = ItemExistsError("exists") if new else KindMismatchError("of another kind")
    schema, model = _model(layout, of_body), f"{layout.entity.__name__}Body"
    for name, part in schema["properties"].items():
        if words := unsaid(part, place.models):
            raise UnsaidError(f"{layout.attributes[name]!r} has constraints ({', '.join(words)}), which no model of API Gateway checks")
    return Made(
        guarded(asked, values, as_json(parts), '"Item":{}'),
        of_table("{}" if new else "", status=201 if new else 204, conflict=conflict),
        tuple(layout.attributes),
        f"The {layout.entity.__name__} is stored.",
        201 if new else 204,
        (conflict, ItemInvalidError("invalid")),
        of_body,
        model=strict_model(place.models, schema, model) if of_body else None,
    )


def _check_entity(layout: Layout) -> None:
    entity = layout.entity
    if validates_whole(entity):
        raise UnsaidError(f"{entity.__name__} has validators of the whole, which no template runs")
    if layout.claims:
        raise UnsaidError(f"{entity.__name__} has unique attributes, which take more than one write")
    for attribute in layout.attributes.values():
        check_plain(attribute)
        if attribute.storage.role is not None and attribute.storage.role != "ttl":
            raise UnsaidError(f"{attribute!r} is kept by the data layer ({attribute.storage.role})")
        if attribute.storage.forced or is_made_anew(attribute):
            raise UnsaidError(f"{attribute!r} has a default that is made anew for each item")


def _model(layout: Layout, of_body: tuple[str, ...]) -> dict[str, Any]:
    """The schema of what the body brings."""
    schema: dict[str, Any] = layout.entity.model_json_schema()
    properties = {name: part for name, part in schema["properties"].items() if name in of_body}
    return schema | {"properties": properties, "required": [name for name in schema.get("required", ()) if name in of_body]}


def _require(attribute: Attribute) -> None:
    """A plain attribute of the key; its checks are made where the key is."""
    if attribute.required:
        return
    raise UnsaidError(f"{attribute!r} is a key and may be left out")


def _outside(values: Values, attribute: Attribute, reference: str) -> str:
    """The member of an attribute that a parameter brings."""
    _check_bounds(attribute)
    scalar = scalar_of(attribute.annotation)
    variable = values.take(attribute)
    del reference
    content = in_json(variable) if scalar is not None and scalar.kind == "S" else formal(variable)
    return f',{_name(attribute)}:{{"{scalar.kind if scalar else "S"}":"{content}"}}'


def _check_bounds(attribute: Attribute) -> None:
    """Refuse bounds that nothing checks: the model of a request knows those of bodies alone."""
    if attribute.constraints:
        raise UnsaidError(
            f"{attribute!r} comes from outside the body and has constraints, which nothing checks there; leave them out, or take it from the body"
        )


def _member(values: Values, attribute: Attribute) -> str:
    """The member of an attribute that the body brings, or its default."""
    path = f"$input.json('$.{attribute.name}')"
    if not attribute.name.isascii():
        raise UnsaidError(f"{attribute!r} has a name that is not of ASCII alone")
    optional = is_optional(attribute.annotation)
    if optional and attribute.constraints:
        raise UnsaidError(f"{attribute!r} may be None and has constraints, which no model of API Gateway checks")
    value = f"$body.get('{attribute.name}')"
    checks, wire = _wire(attribute, attribute.annotation, path, value)
    there = f"$body.containsKey('{attribute.name}') == true"
    name = _name(attribute)
    if optional:
        null = f',{name}:{{"NULL":true}}' if attribute.keeps_null else ""
        checks = f"#if({_is_null(path, value)})#else{checks}#end"
        member = f"#if({_is_null(path, value)}){null}#else,{name}:{wire}#end"
    else:
        member = f",{name}:{wire}"
    default = "" if attribute.required else _default(attribute)
    missing = "#else#set($valid = false)" if attribute.required else ""
    values.setup += f"#if({there}){checks}{missing}#end"
    return f"#if({there}){member}" + (f"#else,{name}:{default}" if default else "") + "#end"


def _is_null(path: str, value: str) -> str:
    """The test that a value is null, whose JSON may be that of an empty text, too."""
    return f"({path} == 'null' || {path} == '\"\"') && {_is_text(value)} != true"


def _is_text(value: str) -> str:
    """What is `true` of texts alone: nothing else has the method."""
    return f"{value}.startsWith('')"


def _default(attribute: Attribute) -> str:
    """The stored form of what is meant by leaving it out; empty where nothing is stored."""
    if attribute.absent():
        return ""
    wire = attribute.encode(attribute.default())
    return "" if wire is None else literal_json(wire)


def _wire(attribute: Attribute, annotation: Any, path: str, value: str) -> tuple[str, str]:
    """Directives that check a value of the body, and its wire form.

    Args:
        attribute: The attribute.
        annotation: The type of the value.
        path: The reference to the value's JSON.
        value: The reference to the value.
    """
    members = list(alternatives(annotation))
    scalar = scalar_of(annotation)
    if scalar is None or not scalar.written:
        if len(members) == 1 and get_origin(members[0]) is list and get_args(members[0]) == (str,):
            inside = f'#foreach($one in {value}){{"S":"{in_json("$one")}"}}#if($foreach.hasNext),#end#end'
            return Values.valid_if(f"{path}.startsWith('[')"), f'{{"L":[{inside}]}}'
        raise UnsaidError(
            f"{attribute!r} is of {annotation!r}; templates store texts, numbers, truth values, choices, UUIDs and lists of texts"
        )
    if scalar.kind == "S":
        pattern = "" if scalar.pattern == "(?s).*" else Values.valid_if(f"{value}.matches('{scalar.pattern}')")
        return f"#if({_is_text(value)} == true){pattern}#else#set($valid = false)#end", f'{{"S":"{in_json(value)}"}}'
    checked = Values.valid_if(f"{path}.matches('{scalar.pattern}')")
    return checked, f'{{"BOOL":{formal(path)}}}' if scalar.kind == "BOOL" else f'{{"N":"{formal(path)}"}}'


def _index_members(values: Values, layout: Layout, schema: KeySchema, keys: set[str]) -> str:
    """The keys by which an index knows the item; none where an attribute of theirs is left out."""
    if schema.shards > 1:
        raise UnsaidError(f"{layout.entity.__name__} is in the sharded index {schema.index!r}, and no template computes an item's shard")
    members = ""
    for part in schema.parts:
        if part.template is None or part.stored in keys:
            continue
        if missing := [name for name in part.names if not layout.attributes[name].required]:
            raise UnsaidError(f"{layout.attributes[missing[0]]!r} is part of the key of index {schema.index!r} and may be left out")
        members += f",{literal(json.dumps(part.stored))}:{values.part(part)}"
    return members


def _name(attribute: Attribute) -> str:
    return literal(json.dumps(attribute.stored))
