"""What API Gateway itself answers is JSON in Powertools' form, with nothing of the inside and nothing that a template would read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateleg.cdk.body_rules.integrations import _RESPONSE_TYPES  # pyright: ignore[reportPrivateUsage] (the types that AWS documents)
from gateleg.cdk.management.gateway_responses import GatewayResponse, gateway_responses, response_types
from gateleg.errors import DeclarationError


def answered(kind: str, given: GatewayResponse | None = None, said: str = '"Unauthorized"') -> dict[str, Any]:
    """The body of a gateway response, as API Gateway fills its template."""
    response = gateway_responses({} if given is None else {kind: given}, {})[kind]
    template = response["responseTemplates"]["application/json"]
    filled: dict[str, Any] = json.loads(template.replace("$context.error.messageString", said).replace("$context.requestId", "r-1"))
    return filled


def test_every_type_that_can_be_changed_is_there() -> None:
    assert gateway_responses({}, {}).keys() == _RESPONSE_TYPES - {"REQUEST_TOO_LARGE"}


@pytest.mark.parametrize(
    ("kind", "status"),
    [("UNAUTHORIZED", 401), ("ACCESS_DENIED", 403), ("RESOURCE_NOT_FOUND", 404), ("THROTTLED", 429), ("UNSUPPORTED_MEDIA_TYPE", 415)],
)
def test_refusals_have_the_form_of_powertools(kind: str, status: int) -> None:
    assert answered(kind) == {"statusCode": status, "message": "Unauthorized", "requestId": "r-1"}


@pytest.mark.parametrize(("kind", "status"), [("AUTHORIZER_FAILURE", 500), ("INTEGRATION_TIMEOUT", 504), ("API_CONFIGURATION_ERROR", 500)])
def test_failures_say_nothing_of_the_inside(kind: str, status: int) -> None:
    assert answered(kind, said='"secret"') == {"statusCode": status, "message": "Internal server error", "requestId": "r-1"}


def test_what_no_type_is_for_says_no_status() -> None:
    assert answered("DEFAULT_4XX") == {"message": "Unauthorized", "requestId": "r-1"}
    assert answered("DEFAULT_5XX", said='"secret"') == {"message": "Internal server error", "requestId": "r-1"}


def test_a_type_is_changed_by_one_property() -> None:
    given = GatewayResponse('say "please"\n', status=418, headers={"WWW-Authenticate": "Bearer"})
    response = gateway_responses({"UNAUTHORIZED": given}, {"gatewayresponse.header.X": "'y'"})["UNAUTHORIZED"]
    assert response["statusCode"] == "418"
    assert response["responseParameters"] == {"gatewayresponse.header.X": "'y'", "gatewayresponse.header.WWW-Authenticate": "'Bearer'"}
    assert answered("UNAUTHORIZED", given) == {"statusCode": 418, "message": 'say "please"\n', "requestId": "r-1"}
    assert answered("AUTHORIZER_FAILURE", GatewayResponse("later"))["message"] == "later"


def test_a_default_is_for_every_type_of_its_class_of_which_nothing_is_said() -> None:
    given = {
        "DEFAULT_4XX": GatewayResponse("ask us", headers={"X-A": "b"}),
        "DEFAULT_5XX": GatewayResponse("later", status=503),
        "THROTTLED": GatewayResponse(headers={"Retry-After": "1"}),
    }
    found = gateway_responses(given, {})
    for kind in ("DEFAULT_4XX", "UNAUTHORIZED", "WAF_FILTERED", "BAD_REQUEST_BODY"):
        assert found[kind]["responseParameters"] == {"gatewayresponse.header.X-A": "'b'"}
        assert '"message":"ask us"' in found[kind]["responseTemplates"]["application/json"]
    assert found["THROTTLED"]["responseParameters"] == {"gatewayresponse.header.Retry-After": "'1'"}
    assert "ask us" not in str(found["THROTTLED"])
    assert {found[kind]["statusCode"] for kind in ("DEFAULT_5XX", "INTEGRATION_TIMEOUT", "AUTHORIZER_FAILURE")} == {"503"}
    assert '"statusCode":503,"message":"later"' in str(found["AUTHORIZER_FAILURE"])


@pytest.mark.parametrize(
    "given",
    [
        {"message": "$context.authorizer.principalId"},
        {"message": "${stageVariables.x}"},
        {"message": "$!x"},
        {"message": " "},
        {"status": 200},
        {"status": 600},
        {"headers": {"X Y": "a"}},
        {"headers": {"X": "it's"}},
        {"headers": {"X": "a\r\nSet-Cookie: b"}},
        {"headers": {"X": ""}},
    ],
)
def test_what_a_template_or_a_header_would_read_otherwise_is_refused(given: Any) -> None:
    with pytest.raises(DeclarationError):
        GatewayResponse(**given)


def test_a_message_may_hold_what_costs() -> None:
    assert answered("QUOTA_EXCEEDED", GatewayResponse("more is $5"))["message"] == "more is $5"


def test_types_are_those_of_aws() -> None:
    assert response_types({"UNAUTHORIZED": GatewayResponse(), "DEFAULT_5XX": GatewayResponse()}) is None
    assert "write UNAUTHORIZED" in str(response_types({"UNAUTHORISED": GatewayResponse()}))
    assert "leave it out" in str(response_types({"REQUEST_TOO_LARGE": GatewayResponse()}))
