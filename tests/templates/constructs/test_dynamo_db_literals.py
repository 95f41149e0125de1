"""What stands between the values of keys: of any literal text a template makes the key that the data layer makes, or it is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateleg.cdk import IamAuthorizer, ModelTable, RestGateway
from gateleg.cdk.integrations import DynamoDb
from gateleg.cdk.integrations.dynamo_made import Asked
from gateleg.cdk.integrations.dynamo_reads import get
from gateleg.cdk.integrations.dynamo_values import UnsaidError
from gateleg.cdk.integrations.dynamo_writes import put
from gateleg.errors import ItemInvalidError, KeyTemplateError
from gateleg.local.server.velocity import Input, rendered
from gateleg.model import Attr, Entity, Index, Table, index_key, key
from tests.templates.constructs.rendering import HOSTILE, bare_references, request
from tests.templates.constructs.samples import synthesized

if TYPE_CHECKING:
    from aws_cdk import Stack

    from gateleg.cdk.integrations.integration import Place

LITERALS = st.text(st.sampled_from("#$\\{}[]().-_^&|*+?!'\"%/ :aAvx0\n\0é\U0001f600"), min_size=1, max_size=5) | st.sampled_from(
    ["-", "x", "_", ".items", "[0]", "[", "(x)", "\\", "#\\", "##", "#end", "$", "${x}", "#*", "TABLE_NAME", "S\\\\", *HOSTILE]
)
TEXTS = st.text(max_size=8).filter(lambda text: not any("\ud800" <= one <= "\udfff" for one in text)) | st.sampled_from(HOSTILE)
VALUES = TEXTS | LITERALS


@dataclass(frozen=True)
class _Place:
    variables: tuple[str, ...] = ("a", "b", "n", "m")


def asked(use: Any) -> Asked:
    return Asked(use, {}, 50, cast("Place", _Place()), "Table")


def quoted(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def entity(partition: str, sort: str, of_index: str = "G#{a}") -> Any:
    table = Table("made", partition_key="pk", sort_key="sk", indexes=[Index("by_n", partition_key="gpk")])
    kinds = {"a": Attr[str], "b": Attr[str], "n": Attr[int], "m": Attr[int]}
    body = {
        "__annotations__": kinds,
        "__module__": __name__,
        "__qualname__": "Made",
        "__doc__": ".",
        "key": key(partition, sort),
        "by": index_key("by_n", of_index),
    }
    return cast("Any", type(Entity))("Made", (Entity,), body, table=table)


SHAPES = st.permutations(["{a}", "{b}", "{n}", "{m:05d}"])


@st.composite
def keys(draw: st.DrawFn) -> tuple[str, str]:
    """Two templates of keys, of placeholders of every kind in any order with any text between them."""
    placeholders = draw(SHAPES)
    split = draw(st.integers(1, 3))
    texts = [quoted(text) for text in draw(st.lists(LITERALS, min_size=6, max_size=6))]
    parts = [text + placeholder for text, placeholder in zip(texts, placeholders, strict=False)]
    tails = [draw(st.sampled_from(["", text])) for text in texts[4:]]
    return "".join(parts[:split]) + tails[0], "".join(parts[split:]) + tails[1]


@settings(max_examples=150, deadline=None)
@given(keys(), VALUES, VALUES, st.integers(-(10**12), 10**12), st.integers(0, 99_999))
def test_a_key_is_that_of_the_data_layer_whatever_stands_between_its_values(parts: tuple[str, str], a: str, b: str, n: int, m: int) -> None:
    try:
        made = entity(*parts)
    except KeyTemplateError:
        return
    try:
        template = get(asked(made.get)).template
    except UnsaidError:
        return
    assert bare_references(template) == []
    found = json.loads(rendered(template, Input("", {"path": {"a": a, "b": b, "n": str(n), "m": str(m)}}), {}))
    try:
        expected = made.key(a=a, b=b, n=n, m=m).wire
    except ItemInvalidError:
        expected = {}
    if max(a + b, default="") >= "\U0010fc00":
        expected = {}
    assert found == {"TableName": "Table", "Key": expected}


@pytest.mark.parametrize(
    ("partition", "sort"),
    [
        ("REPORT#{n}-{m}", "{a}#{b}"),
        ("D{n}x", "{m}#{a}#{b}"),
        ("N{n}_", "{m}.items#{a}#{b}"),
        ("{a}.items", "B{n}[{b}](x)#{m}"),
        ("{a}[0]", "{n}#{m}#{b}"),
        ("\\{a}", "#{n}\\{m}#\\{b}"),
        ("{n}-{m}", "-{a}-{b}"),
        ("TABLE_NAME#{a}", "TABLE_NAME#{n}^{b}#{m}"),
    ],
)
def test_text_after_a_value_is_no_part_of_its_name(partition: str, sort: str) -> None:
    made = entity(partition, sort)
    template = get(asked(made.get)).template
    assert bare_references(template) == []
    given_path = {"a": "o'[^k-&&", "b": '#"\\', "n": "-2024", "m": "3"}
    found = json.loads(rendered(template, Input("", {"path": given_path}), {}))
    assert found["Key"] == made.key(a="o'[^k-&&", b='#"\\', n=-2024, m=3).wire


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99_999), st.integers(1, 20), st.integers(1, 20))
def test_one_attribute_has_a_width_in_each_key(n: int, first: int, second: int) -> None:
    made = entity("A#{a}", f"N#{{n:0{first}d}}#{{m}}#{{b}}", f"G#{{n:0{second}d}}#{{m:03d}}")
    template = put(asked(made.create)).template
    found: dict[str, Any] = json.loads(rendered(template, Input("{}", {"path": {"a": "a", "b": "b", "n": str(n), "m": "7"}}), {}))["Item"]
    try:
        expected: dict[str, Any] = made.__gateleg__.encode(made(a="a", b="b", n=n, m=7))
    except ItemInvalidError:
        expected = {}
    assert {name: found.get(name) for name in ("sk", "gpk")} == {name: expected.get(name) for name in ("sk", "gpk")}


NAMED = Table("named", partition_key="pk", sort_key="sk")


class TABLE_NAME(Entity, table=NAMED):  # noqa: N801 (what might stand for the name of a table)
    """An entity by a name that is no table's."""

    db: Attr[str]
    name: Attr[str]
    key = key("DB#{db}", "TABLE_NAME#{name}")


def test_a_declaration_is_never_taken_for_the_name_of_the_table() -> None:
    def build(stack: Stack) -> None:
        table = ModelTable(stack, "Table", table=NAMED)
        RestGateway(
            stack, "Rest", tables=[table], authorizers={"iam": IamAuthorizer()}, routes={"PUT /{db}/{name}": DynamoDb(TABLE_NAME.put)}
        )

    made = json.loads(request(synthesized(build), "PUT /{db}/{name}", "{}", path={"db": "d", "name": "n"}))
    assert made["Item"] == TABLE_NAME.__gateleg__.encode(TABLE_NAME(db="d", name="n"))
    assert made["ExpressionAttributeValues"] == {":kind": {"S": "TABLE_NAME"}}
    assert made["TableName"] != "TABLE_NAME"
