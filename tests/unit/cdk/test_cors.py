"""One declaration of who may call from a page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateleg.cdk.cors import Cors
from gateleg.errors import DeclarationError


def headers(cors: Cors) -> dict[str, str]:
    response = cors.preflight(["GET", "OPTIONS"])["x-amazon-apigateway-integration"]["responses"]["default"]
    return {name.removeprefix("method.response.header."): value.strip("'") for name, value in response["responseParameters"].items()}


@pytest.mark.parametrize(
    "wrong",
    [
        {"allow_origins": []},
        {"allow_origins": "https://a.example"},
        {"allow_origins": ["a.example"]},
        {"allow_origins": ["known-after-deployment"]},
        {"allow_origins": ["https://${Token[Domain.1]}/"]},
        {"allow_origins": ["https://a.example/"]},
        {"allow_origins": ["https://a.example' \"x"]},
        {"allow_origins": ["*", "https://a.example"]},
        {"allow_origins": ["*"], "allow_credentials": True},
        {"allow_origins": ["*"], "allow_headers": ["a b"]},
        {"allow_origins": ["*"], "expose_headers": ["it's"]},
        {"allow_origins": ["*"], "max_age": -1},
    ],
)
def test_what_browsers_would_refuse_is_refused_when_it_is_declared(wrong: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="Cors"):
        Cors(**wrong)


def test_a_preflight_names_origin_methods_headers_and_age() -> None:
    found = headers(Cors(["https://a.example"], allow_headers=["X-A"], max_age=5))
    assert found == {
        "Access-Control-Allow-Origin": "https://a.example",
        "Access-Control-Allow-Methods": "GET,OPTIONS",
        "Access-Control-Allow-Headers": "X-A",
        "Access-Control-Max-Age": "5",
    }


def test_every_header_of_a_preflight_is_declared_as_a_method_response() -> None:
    preflight = Cors(["https://a.example"], expose_headers=["X-B"], allow_credentials=True).preflight(["GET"])
    assert set(preflight["responses"]["204"]["headers"]) == set(
        headers(Cors(["https://a.example"], expose_headers=["X-B"], allow_credentials=True))
    )
    assert headers(Cors(["https://a.example"], allow_credentials=True))["Access-Control-Allow-Credentials"] == "true"


def test_answers_vary_only_where_there_is_a_choice() -> None:
    assert "Vary" not in headers(Cors(["*"]))
    assert headers(Cors(["https://a.example", "https://b.example"]))["Vary"] == "Origin"


def test_further_origins_are_answered_by_name_and_others_never() -> None:
    preflight = Cors(["https://a.example", "https://b.example"]).preflight(["GET"])
    template = preflight["x-amazon-apigateway-integration"]["responses"]["default"]["responseTemplates"]["application/json"]
    assert '#if($origin == "https://b.example")' in template
    assert "https://a.example" not in template


def test_gateway_errors_carry_the_headers_too() -> None:
    found = Cors(["https://a.example"], allow_credentials=True).gateway_headers()
    assert found["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://a.example'"
    assert found["gatewayresponse.header.Access-Control-Allow-Credentials"] == "'true'"


def test_handlers_find_the_arguments_of_powertools_cors_config() -> None:
    from aws_lambda_powertools.event_handler import CORSConfig

    told = json.loads(Cors(["https://a.example", "https://b.example"], allow_credentials=True, expose_headers=["X-B"]).environment())
    answered = CORSConfig(**told).to_dict("https://b.example")
    assert answered["Access-Control-Allow-Origin"] == "https://b.example"
    assert answered["Access-Control-Allow-Credentials"] == "true"


@pytest.mark.parametrize("origin", ["https://${Token[Domain.1]}", "${Token[Origin.2]}"])
def test_an_origin_may_be_made_by_cloudformation(origin: str) -> None:
    assert headers(Cors([origin]))["Access-Control-Allow-Origin"] == origin


def test_further_headers_are_named_once_whatever_their_capitals() -> None:
    more = Cors(["*"], allow_headers=["X-A", "Authorization"]).also(["authorization", "X-Token", "x-a"], ["X-B"])
    assert (more.allow_headers, more.expose_headers) == (("X-A", "Authorization", "X-Token"), ("X-B",))
    assert Cors(["*"], allow_headers=["*"]).also(["X-Token"]).allow_headers == ("*",)
