"""Mapping templates, as API Gateway renders them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.local.server.velocity import Input, TemplateFailedError, Util, rendered

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SENT = Input('{"a":{"b":[1,"x"]},"n":null,"t":"it\'s"}', {"path": {"id": "p"}, "querystring": {"id": "q", "q": "1"}, "header": {"H": "h"}})


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$input.body", SENT.body),
        ("$input.json('$')", SENT.body),
        ("$input.json('$.a')", '{"b":[1,"x"]}'),
        ("$input.json('$.a.b[1]')", '"x"'),
        ("$input.json(\"$['a']['b'][0]\")", "1"),
        ("$input.json('$.missing')", '""'),
        ("$input.path('$.t')", "it's"),
        ("#if($input.path('$').containsKey('n'))yes#end", "yes"),
        ("#if($input.path('$').containsKey('m') == true)yes#{else}no#end", "no"),
        ("$input.params('id') $input.params('q') $input.params('H') [$input.params('none')]", "p 1 h []"),
        ("$input.params().querystring.get('id')", "q"),
        ("#foreach($one in $input.path('$.a.b'))$one#if($foreach.hasNext),#end#end", "1,x"),
        ("$util.urlEncode('a b&c~*é')", "a+b%26c%7E*%C3%A9"),
        ("$util.urlDecode('a+b%26')", "a b&"),
        ("$util.base64Decode($util.base64Encode('é'))", "é"),
        ("$util.parseJson('[1]').size()", "1"),
        ("$context.stage", "live"),
    ],
)
def test_what_templates_know(template: str, expected: str) -> None:
    assert rendered(template, SENT, {"stage": "live"}) == expected


@given(TEXTS)
def test_an_escaped_text_is_one_of_javascript(text: str) -> None:
    escaped = Util.escapeJavaScript(text)
    assert escaped.isascii()
    assert json.loads(f'"{escaped}"'.replace("\\'", "'")) == text


@given(TEXTS)
def test_base64_comes_back(text: str) -> None:
    assert Util.base64Decode(Util.base64Encode(text)) == text


@pytest.mark.parametrize("text", ["", "=", "A", "!!", "AA=A", "é"])
def test_what_is_no_base64_is_read_as_far_as_it_is(text: str) -> None:
    assert isinstance(Util.base64Decode(text), str)


@pytest.mark.parametrize("template", ["$input.path('$..a')", "$input.path('a')", "$util.parseJson('{')"])
def test_what_cannot_be_rendered_is_told(template: str) -> None:
    with pytest.raises(TemplateFailedError):
        rendered(template, SENT, {})
