"""Powertools apps made by chance: their source, and requests that fit them or do not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

_HEAD: Final = '''"""Made by chance."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from aws_lambda_powertools.event_handler import {resolver}, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import BadRequestError, NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from gateleg.rest import public


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["dog"]


class Tree(BaseModel):
    name: str
    below: "list[Tree]" = []


app = {resolver}(enable_validation={validates})
'''
_LEAVES: Final[dict[str, tuple[list[Any], list[Any]]]] = {
    "str": (["a", "", "ü \U0001f600", 'a "quote"'], [3, None, ["a"]]),
    "int": ([0, -5, 2**53, "7"], ["x", None, 1.5, {}]),
    "float": ([1, -0.5, 1e300], ["x", None, []]),
    "bool": ([True, False, "yes"], ["maybe", None, 2]),
    "date": (["2024-02-29"], ["2023-02-29", True]),
    "datetime": (["2024-02-29T12:00:00Z"], ["noon"]),
    "Decimal": (["1.50", 3], ["x"]),
    "UUID": (["3f2b8a3e-5d6c-4f7a-9b1e-0c2d4e6f8a1b"], ["3f2b"]),
    "Colour": (["red"], ["green", None]),
    "Literal['a', 1]": (["a", 1], ["b", 2]),
    "Annotated[int, Field(gt=0, le=9)]": ([1, 9], [0, 10]),
    "Annotated[str, Field(min_length=2, max_length=4, pattern='^[a-z]+$')]": (["ab"], ["a", "abcde", "AB"]),
    "Annotated[Cat | Dog, Field(discriminator='kind')]": (
        [{"kind": "cat", "lives": 3}, {"kind": "dog"}],
        [{"kind": "cow"}, {"kind": "dog", "more": 1}, {}],
    ),
    "Tree": ([{"name": "a", "below": [{"name": "b"}]}], [{"name": "a", "below": [{}]}, {"below": []}]),
    "Any": ([None, {"a": [1]}], []),
}
_SCALARS: Final = ("str", "int", "bool", "date", "Colour", "Annotated[int, Field(gt=0, le=9)]")


@dataclass(frozen=True)
class Kind:
    """A type: its source, values that it takes, and values that it does not."""

    text: str
    good: list[Any]
    bad: list[Any]


@dataclass(frozen=True)
class Request:
    """What a client sends."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


@dataclass(frozen=True)
class MadeApp:
    """An app, and requests to it."""

    source: str
    requests: list[Request]


def made_app(chance: Random, resolver: str, prefix: str, *, validates: bool) -> MadeApp:
    """Make an app.

    Args:
        chance: Whatever is chosen, is by this.
        resolver: The class of the resolver.
        prefix: What its paths begin with.
        validates: Whether it validates.
    """
    parts, requests = [_HEAD.format(resolver=resolver, validates=validates)], list[Request]()
    for number in range(chance.randint(3, 6)):
        make = _validated if validates else _plain
        text, asked = make(chance, f"{prefix}/r{number}", number)
        parts.append(text)
        requests += asked
    return MadeApp("\n\n".join(parts), requests)


def _plain(chance: Random, path: str, number: int) -> tuple[str, list[Request]]:
    """A route that tells what it was sent."""
    method = chance.choice(["get", "post", "put", "delete", "patch"])
    status = chance.choice([None, 201, 202, 404, 418])
    answer = '{"query": app.current_event.query_string_parameters, "body": app.current_event.body, "item": item}'
    returned = (
        answer if status is None else f"Response({status}, 'application/json', json.dumps({answer}), headers={{'x-made': '{number}'}})"
    )
    text = f"""@app.{method}("{path}/<item>")
@public("made by chance")
def r{number}(item: str) -> Any:
    import json

    if item == "missing":
        raise NotFoundError("no such item")
    if item == "wrong":
        raise BadRequestError("wrong \\u00fc")
    return {returned}
"""
    sent = None if method in {"get", "delete"} else chance.choice(["", "{}", "no json", '{"a": "\u00fc"}'])
    return text, [
        Request(method.upper(), f"{path}/{item}", query=query, body=sent)
        for item in ("one", "missing", "wrong", "a.b-c_d~e")
        for query in ((), (("q", "1"), ("r", "a b&c")))
    ]


def _validated(chance: Random, path: str, number: int) -> tuple[str, list[Request]]:
    """A route with typed parameters, that tells what it took."""
    takes = chance.random() < 0.7
    method = chance.choice(["post", "put", "patch"]) if takes else chance.choice(["get", "delete"])
    item, asked, header = _leaf(chance, _SCALARS), _leaf(chance, _SCALARS), _leaf(chance, _SCALARS)
    alias = chance.choice(["q", "filter[x]", "some-thing"])
    answered = _kind(chance, 2)
    answer = chance.choice(answered.good)
    lines, body = list[str](), Kind("", [], [])
    arguments = [
        f"item: Annotated[{item.text}, Path()]",
        f"asked: Annotated[{asked.text} | None, Query(alias={alias!r})] = None",
        f"told: Annotated[{header.text} | None, Header(alias='X-Told')] = None",
    ]
    taken = ["item", "asked", "told"]
    if takes:
        model, body = _model(chance, f"Body{number}")
        lines.append(model)
        arguments.insert(1, f"body: Body{number}")
        taken.append("body")
    told = ", ".join(f'"{name}": {name}' for name in taken)
    lines.append(
        f'''@app.{method}("{path}/<item>")
@public("made by chance")
def r{number}({", ".join(arguments)}) -> dict[str, Any]:
    """Say what was taken."""
    return {{{told}, "made": {answer!r}}}
'''
    )
    return "\n\n".join(lines), list(_asked(chance, (method.upper(), path), (item, asked, header), alias, body))


def _asked(chance: Random, route: tuple[str, str], kinds: tuple[Kind, Kind, Kind], alias: str, body: Kind) -> list[Request]:
    (method, path), (item, query, header) = route, kinds
    good_item = _word(chance.choice(item.good))

    def request(name: str = good_item, q: Any = None, h: Any = None, sent: Any = ...) -> Request:
        chosen = chance.choice(body.good) if body.text and sent is ... else sent
        return Request(
            method,
            f"{path}/{name}",
            query=() if q is None else ((alias, _word(q)),),
            headers=() if h is None else (("X-Told", _word(h)),),
            body=None if not body.text else chosen if isinstance(chosen, str) and sent is not ... else json.dumps(chosen),
        )

    found = [request(), request(q=chance.choice(query.good)), request(h=chance.choice(header.good))]
    found += [request(q=bad) for bad in query.bad[:1]] + [request(name=_word(bad)) for bad in item.bad[:1]]
    if body.text:
        found += [request(sent=bad) for bad in body.bad] + [request(sent=""), request(sent="no json")]
    return found


def _word(value: Any) -> str:
    """As it stands in a path, a query or a header: ASCII and not empty."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text and text.isascii() and text.isalnum() else "a1" if not text.replace("-", "").isalnum() else text


def _model(chance: Random, name: str) -> tuple[str, Kind]:
    """A model, and what it takes; its bad values are wrong in one field each."""
    lines, good, bad = [f"class {name}(BaseModel):"], dict[str, Any](), list[Any]()
    if extra := chance.choice([None, "allow", "forbid"]):
        lines.append(f"    model_config = ConfigDict(extra={extra!r})")
    fields = {f"field_{number}": _kind(chance, 2) for number in range(chance.randint(1, 4))}
    keys: dict[str, str] = {}
    for field, kind in fields.items():
        alias = chance.choice([None, None, f"wire-{field}"])
        keys[field] = alias or field
        lines.append(f"    {field}: {kind.text}" + (f" = Field(alias={alias!r})" if alias else ""))
        good[keys[field]] = chance.choice(kind.good)
    for field, kind in fields.items():
        bad += [{**good, keys[field]: wrong} for wrong in kind.bad[:2]]
    bad += [{}, [], {**good, "unknown": 1}]
    return "\n".join(lines) + "\n", Kind(name, [good], bad)


def _kind(chance: Random, depth: int) -> Kind:
    if depth == 0 or chance.random() < 0.5:
        return _leaf(chance, tuple(_LEAVES))
    inner = _kind(chance, depth - 1)
    match chance.choice(["list", "dict", "optional"]):
        case "list":
            return Kind(f"list[{inner.text}]", [[], inner.good], [[bad] for bad in inner.bad] or ["x"])
        case "dict":
            return Kind(f"dict[str, {inner.text}]", [{"a b": inner.good[0]}], [{"a": bad} for bad in inner.bad] or ["x"])
        case _:
            return Kind(f"{inner.text} | None", [None, *inner.good], [bad for bad in inner.bad if bad is not None])


def _leaf(chance: Random, among: tuple[str, ...]) -> Kind:
    text = chance.choice(among)
    return Kind(text, *_LEAVES[text])
