"""Reads of items in templates: one by its key, and the pages of an access pattern."""

from __future__ import annotations

import json
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from gateleg.cdk.integrations.answers import as_error, internal
from gateleg.cdk.integrations.dynamo_answers import of_table
from gateleg.cdk.integrations.dynamo_keys import LAST, Values, escaped, wire_object
from gateleg.cdk.integrations.dynamo_made import Made, kind_condition, of_kind
from gateleg.cdk.integrations.dynamo_values import Reader, UnsaidError, check_plain, literal_json, scalar_of
from gateleg.cdk.integrations.vtl import MARKS, as_json, formal, in_json, literal_in_json
from gateleg.errors import ItemInvalidError, ItemNotFoundError

if TYPE_CHECKING:
    from gateleg.cdk.integrations.dynamo_made import Asked
    from gateleg.model.items.layout import Layout
    from gateleg.model.keys.schema import KeySchema
    from gateleg.model.queries.plan import Plan

_INVALID, _MISSING = ItemInvalidError("invalid"), ItemNotFoundError("missing")


def get(asked: Asked) -> Made:
    """The item under a key."""
    layout = asked.layout
    values = asked.values()
    key = wire_object({part.stored: values.part(part) for part in layout.primary.parts})
    template = f'{{"TableName":"{asked.table}","Key":{key}}}'
    reader, item = _reader(layout, "$item")
    found = f"#set($fits = true){reader}#if($fits){item}#else{internal()}#end"
    answer = (
        f"{MARKS}#set($root = $input.path('$'))#set($found = false)#if($root.containsKey('Item'))#set($item = $root.Item)"
        + of_kind(layout, "$item", "#set($found = true)")
        + f"#end#if($found){found}#else{as_error(_MISSING)}#end"
    )
    told = f"The {layout.entity.__name__} under the key."
    return Made(
        guarded(asked, values, template, '"Key":{}'), of_table(answer), tuple(layout.primary.attributes), told, errors=(_MISSING, _INVALID)
    )


def guarded(asked: Asked, values: Values, template: str, nothing: str) -> str:
    """A request template that asks for nothing where a value is not what it must be: no request template answers by itself.

    Args:
        asked: What the route asks.
        values: The values.
        template: The request.
        nothing: What the role may ask for, and DynamoDB refuses as not valid.
    """
    return f'{MARKS}{values.setup}#if($valid){template}#else{{"TableName":"{asked.table}",{nothing}}}#end'


def _reader(layout: Layout, item: str) -> tuple[str, str]:
    """The checks of an item, and its JSON."""
    reader = Reader()
    checks, parts = "", dict[str, str]()
    for name, attribute in layout.attributes.items():
        check_plain(attribute)
        if "'" in attribute.stored:
            raise UnsaidError(f"{attribute!r} is stored under a name with an apostrophe")
        checks += reader.checks(attribute, item)
        parts[name] = reader.value(attribute, item)
    return checks, as_json(parts)


# Pages ------------------------------------------------------------------------------------------------------------------------------


def query(asked: Asked) -> Made:
    """The pages of an access pattern."""
    layout = asked.layout
    plan: Plan = layout.entity.__gateleg_plans__[asked.use.pattern.name]
    if asked.use.pattern.partial:
        raise UnsaidError(f"{asked.use!r} reads an index that may lack attributes of the entity")
    if plan.schema.shards > 1:
        raise UnsaidError(
            f"{asked.use!r} reads {plan.schema.shards} shards of index {plan.schema.index!r}, and a template sends one request"
        )
    values = asked.values()
    places = [("pk" if number == 0 else f"pk{number}", part) for number, part in enumerate(plan.schema.partition)]
    names = {f"#{place}": part.stored for place, part in places}
    wires: dict[str, Any] = {f":{place}": values.part(part) for place, part in places}
    partition = {names[f"#{place}"]: wires[f":{place}"] for place, _ in places}
    sort = _sort(plan, values, names, wires)
    condition = " AND ".join([*(f"${{hash}}{place} = :{place}" for place, _ in places), *filter(None, [sort])])
    kind = kind_condition(layout, names, wires)
    values.setup += _limit(asked.limit)
    members = {
        "TableName": f'"{asked.table}"',
        **({} if plan.schema.index is None else {"IndexName": literal_json(plan.schema.index)}),
        "KeyConditionExpression": f'"{condition}"',
        "FilterExpression": f'"{kind}"',
        "ExpressionAttributeNames": literal_json(names),
        "ExpressionAttributeValues": as_json(wires),
        "ScanIndexForward": json.dumps(plan.forward),
        "Limit": formal("$limit"),
    }
    start = _start(layout, plan.schema, values, partition)
    template = f"{as_json(members)[:-1]}{start}}}"
    responses = of_table(_page(layout, plan.schema))
    return Made(
        guarded(asked, values, template, '"Limit":1' if plan.schema.index is None else f'"IndexName":{literal_json(plan.schema.index)}'),
        responses,
        (*plan.parameters, "limit", "cursor"),
        f"A page of {layout.entity.__name__} items and the cursor of the next one, if there is one.",
        errors=(_INVALID,),
        optional=frozenset({"limit", "cursor", *(name for name, one in plan.parameters.items() if one.default is not Parameter.empty)}),
    )


_BASE64 = "[A-Za-z0-9+/=]{1,4000}"


def _limit(most: int) -> str:
    given = "$input.params().querystring"
    asked = f"#set($limit = '{most}')#if({given}.containsKey('limit'))#set($limit = {given}.get('limit'))#end"
    return asked + Values.valid_if(f"$limit.matches('{_up_to(most)}')")


def _up_to(most: int) -> str:
    """The pattern of the whole numbers from 1 to a number."""
    digits = str(most)
    patterns = [f"[1-9][0-9]{{{length}}}" for length in range(len(digits) - 1)]
    for at, digit in enumerate(digits):
        least = 0 if at else 1
        if int(digit) > least:
            patterns.append(f"{digits[:at]}[{least}-{int(digit) - 1}][0-9]{{{len(digits) - at - 1}}}")
    return "|".join([*patterns, digits])


def _sort(plan: Plan, values: Values, names: dict[str, str], wires: dict[str, Any]) -> str:
    """The condition on the sort key; what it names is taken."""
    if optional := [name for name in plan.fixed if plan.parameters[name].default is not Parameter.empty]:
        raise UnsaidError(
            f"{plan.label} may leave out {optional[0]!r}, which makes two questions of it; declare one access pattern for each"
        )
    part = next(iter(plan.schema.sort), None)
    if part is None or part.template is None:
        return _equal(plan, values, names, wires)
    names["#sk"] = part.stored
    count = part.template.leading(dict.fromkeys((*plan.schema.partition_names, *plan.fixed)))
    placeholders = part.template.placeholders
    if count == len(placeholders):
        wires[":sk"] = values.part(part)
        return "${hash}sk = :sk"
    base = values.text(placeholders[:count]) + literal_in_json(part.template.following(count))
    if not base and not plan.ranges:
        del names["#sk"]
        return ""
    if not plan.ranges:
        wires[":sk"] = f'{{"S":"{base}"}}'
        return "begins_with(${hash}sk, :sk)"
    return _ranged(plan, values, wires, base, count)


def _equal(plan: Plan, values: Values, names: dict[str, str], wires: dict[str, Any]) -> str:
    """The condition on those attributes of a sort key that are asked for, each a value of its own."""
    if plan.ranges:
        raise UnsaidError(f"{plan.label} has a range of a plain sort key")
    texts: list[str] = []
    for number, part in enumerate(plan.schema.sort[: len(plan.fixed)]):
        place = "sk" if number == 0 else f"sk{number}"
        names[f"#{place}"], wires[f":{place}"] = part.stored, values.part(part)
        texts.append(f"${{hash}}{place} = :{place}")
    return " AND ".join(texts)


def _ranged(plan: Plan, values: Values, wires: dict[str, Any], base: str, count: int) -> str:
    """A range of the text that ends the sort key; an end that is left out is that of all keys of the question."""
    template = plan.schema.sort[0].template
    ranged = template.placeholders[count]  # type: ignore[union-attr]  # as above
    operators = set(plan.ranges.values())
    scalar = scalar_of(ranged.attribute.annotation)
    if template.following(count + 1) or not operators <= {">=", "<=", "begins_with"} or scalar is None or scalar.kind != "S" or ranged.spec:  # type: ignore[union-attr]  # as above
        raise UnsaidError(f"{plan.label} has a range that is not one of since, until and prefix of a text that ends the sort key")
    ends = {">=": base, "<=": base + LAST, "begins_with": base}
    if not scalar.written:
        raise UnsaidError(f"{plan.label} has a range of moments, of whose texts templates do not know the one form")
    for name, operator in plan.ranges.items():
        end, asked = f"$e{name}", f"$input.params().querystring.containsKey('{name}')"
        inner = values.beside()
        text = escaped(inner.take(ranged.attribute, name), ranged)
        values.setup += f"#set({end} = '')#if({asked}){inner.setup}#if($valid)#set({end} = {text})#end#end"
        ends[operator] = f"{base}{in_json(end)}" + (f"#if({asked})#{{else}}{LAST}#end" if operator == "<=" else "")
    if "begins_with" in operators:
        wires[":sk"] = f'{{"S":"{ends["begins_with"]}"}}'
        return "begins_with(${hash}sk, :sk)"
    wires[":low"], wires[":high"] = (f'{{"S":"{ends[operator]}"}}' for operator in (">=", "<="))
    return "${hash}sk BETWEEN :low AND :high"


def _start(layout: Layout, schema: KeySchema, values: Values, partition: dict[str, str]) -> str:
    """Where a page begins: at the key that the cursor holds, in the partition that is asked for."""
    stored = _places(layout, schema)
    if not stored:
        return ""
    values.setup += (
        "#set($cursor = '')#if($input.params().querystring.containsKey('cursor'))#set($cursor = $input.params().querystring.get('cursor'))"
    )
    values.setup += Values.valid_if(f"$cursor.matches('{_BASE64}([.]{_BASE64}){{{len(stored) - 1}}}')") + "#end"
    wires = dict(partition)
    setup, rest = "", "$cursor"
    for number, (name, kind) in enumerate(stored.items()):
        setup += f"#set($c{number} = {rest}.replaceAll('[.].*',''))#set($rest{number} = {rest}.replaceAll('^[^.]*[.]',''))"
        rest = f"$rest{number}"
        wires[name] = f'{{"{kind}":"{in_json(f"$util.base64Decode($c{number})")}"}}'
    return f"#if($cursor != ''){setup},\"ExclusiveStartKey\":{wire_object(wires)}#end"


def _places(layout: Layout, schema: KeySchema) -> dict[str, str]:
    """The stored names and types of the key attributes that a cursor holds, the partition that is asked for left out."""
    asked = {part.stored for part in schema.partition}
    parts = [*schema.sort, *(layout.primary.parts if schema.index is not None else ())]
    if binary := [part.stored for part in parts if part.type() == "B"]:
        raise UnsaidError(f"the key {binary[0]!r} is of bytes, which no cursor of a template holds")
    return {part.stored: part.type() for part in parts if part.stored not in asked}


def _page(layout: Layout, schema: KeySchema) -> str:
    checks, item = _reader(layout, "$item")
    stored = _places(layout, schema)
    cursor = ".".join(formal(f"$util.base64Encode($last.get('{name}').{kind})") for name, kind in stored.items())
    more = (
        f"#if($root.containsKey('LastEvaluatedKey'))#set($last = $root.LastEvaluatedKey)\"{cursor}\"#{{else}}null#end" if stored else "null"
    )
    return (
        f"{MARKS}#set($root = $input.path('$'))#set($fits = true)#foreach($item in $root.Items){checks}#end"
        f'#if($fits){{"items":[#foreach($item in $root.Items){item}#if($foreach.hasNext),#end#end],"cursor":{more}}}#else{internal()}#end'
    )
