"""Mock integrations, rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.local.server.mocks import mock_answer
from gateleg.local.server.request import Request, current

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _asked() -> Iterator[None]:
    path = "/_aws/execute-api/abc/live/x"
    token = current.set(Request("GET", path, path, (("a", "1"),), {"Origin": "https://b.example"}, socket=False))
    yield
    current.reset(token)


def integration(request: str, **responses: dict[str, Any]) -> dict[str, Any]:
    return {"requestTemplates": {"application/json": request}, "integrationResponses": responses}


@pytest.mark.parametrize("request_template", ['{"statusCode": 202}', "{statusCode: 202}", '{"statusCode": #if(1 == 1)202#{else}500#end}'])
def test_the_request_template_chooses_the_response(request_template: str) -> None:
    given = integration(request_template, a={"statusCode": "200"}, b={"statusCode": "202", "selectionPattern": "2\\d2"})
    assert mock_answer(given) == (202, {"Content-Type": "application/json"}, b"")


def test_headers_and_body_are_the_response_s_and_its_template_may_override_them() -> None:
    template = "#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-Who = $input.params('a'))$context.stage $context.apiId"
    default = {
        "statusCode": "200",
        "responseParameters": {"method.response.header.X-Who": "'nobody'", "method.response.header.X-More": "'yes'"},
        "responseTemplates": {"application/json": template},
    }
    status, headers, body = mock_answer(integration('{"statusCode": 200}', default=default))
    assert (status, headers["X-Who"], headers["X-More"], body) == (418, "1", "yes", b"live abc")


@pytest.mark.parametrize("request_template", ["", "{}", "no json", '{"statusCode": 500}'])
def test_without_a_match_the_default_answers(request_template: str) -> None:
    given = integration(request_template, default={"statusCode": "204"}, other={"statusCode": "409", "selectionPattern": "4.."})
    assert mock_answer(given)[0] == 204


def test_without_any_response_it_is_an_error() -> None:
    assert mock_answer(integration('{"statusCode": 200}'))[0] == 500
