"""An app that answers what no route has is told that nobody asks it, and by which route it would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Annotations, Stack

from gateleg.cdk import DirectRoute, IamAuthorizer, ServiceFunction
from gateleg.description import Route
from tests.templates.constructs.samples import gateway, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

SECRET, OPEN = Route("GET /secret", "svc.rest:secret"), Route("GET /open", "svc.rest:open_", public="prices are public")
APP = rest_description(SECRET, OPEN, answers_unknown=True)
PUBLIC = rest_description(OPEN, answers_unknown=True)
SEVERAL = rest_description(SECRET, Route("GET /other", "h", security=({"other": []},)), answers_unknown=True)
BOTH: Any = {"authorizers": {"iam": IamAuthorizer(), "other": IamAuthorizer()}, "default_authorizer": "iam"}


def told(build: Callable[[Stack], object]) -> str:
    return "".join(message for message in synthesized(build).messages if "not_found" in message)


@pytest.mark.parametrize(("make", "answer"), [(gateway, "403"), (http_gateway, "404")])
def test_an_app_is_told_of_the_route_that_would_ask_it(make: Any, answer: str, code: HandlerCode) -> None:
    def followed(stack: Stack) -> None:
        api = make(stack, code, apps=[APP])
        api.add_route("ANY /{proxy+}", DirectRoute(api.functions["svc.rest:app"], authorizer="iam"))

    warning = told(lambda stack: make(stack, code, apps=[APP]))
    assert f"do not reach it: the API answers {answer} itself; write gateway.add_route('ANY /{{proxy+}}', " in warning
    assert "DirectRoute(gateway.functions['svc.rest:app'], authorizer='iam')" in warning
    assert told(followed) == told(lambda stack: make(stack, code)) == ""


def test_the_route_that_is_told_of_is_guarded_as_the_app_is_and_answered_by_what_may_answer(code: HandlerCode) -> None:
    def whole(stack: Stack) -> None:
        rest = gateway(stack, code, apps=[APP], functions="all")
        second = ServiceFunction(stack, "Unknown", handler="svc.rest:app", code=code)
        rest.add_route("ANY /{proxy+}", DirectRoute(second, authorizer="iam"))

    assert "public='why')" in told(lambda stack: gateway(stack, code, apps=[PUBLIC]))
    assert "gateway.functions['GET /secret'], authorizer='iam'" in told(lambda stack: gateway(stack, code, apps=[APP], functions="route"))
    assert "acknowledge this, or split the app" in told(lambda stack: gateway(stack, code, apps=[SEVERAL], **BOTH))
    assert "ServiceFunction(self, 'Unknown', handler='svc.rest:app'), authorizer='iam'" in told(
        lambda stack: gateway(stack, code, apps=[APP], functions="all")
    )
    assert told(whole) == ""


def test_the_warning_is_acknowledged_by_its_name(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        Annotations.of(gateway(stack, code, apps=[APP])).acknowledge_warning("gateleg:not_found:svc.rest:app")

    assert told(build) == ""
