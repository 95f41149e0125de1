"""Each argument of a resolver changes the description, or is refused, or is listed here with why the template need not know it."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.event_handler.api_gateway import BaseRouter

from gateleg.describe import describe
from gateleg.errors import DeclarationError
from gateleg.websocket import WebSocketResolver

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.description import App

ROUTE = "\n@app.route({arguments})\ndef answer(id: str, sent: Answer) -> Answer: ...\n"
HEAD = (
    "from dataclasses import dataclass\n"
    "from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig\n"
    "from aws_lambda_powertools.event_handler.api_gateway import ProxyEventType\n"
    "from gateleg.model import Table\n"
    "from gateleg.rest import uses\n"
    "from gateleg.websocket import Connections, Guards, Rate, WebSocketResolver\n"
    "connections = Connections(Table('chat', partition_key='pk', sort_key='sk', ttl='expires_at'))\n"
    "@uses(connections.reading)\n"
    "def guard(app, following): return following(app)\n"
    "@dataclass\n"
    "class Answer:\n    text: str\n"
)
DEFAULT_ROUTE = {"rule": "'/a/<id>'", "method": "'POST'"}

MAKERS: dict[str, tuple[Callable[..., Any], Callable[[dict[str, str]], str]]] = {
    "APIGatewayRestResolver": (
        APIGatewayRestResolver,
        lambda given: (
            f"app = APIGatewayRestResolver({written({'enable_validation': 'True'} | given)})"
            + ROUTE.format(arguments=written(DEFAULT_ROUTE))
        ),
    ),
    "CORSConfig": (
        CORSConfig,
        lambda given: f"app = APIGatewayRestResolver(cors=CORSConfig({written({'allow_origin': repr('https://a.example')} | given)}))",
    ),
    "route": (
        BaseRouter.route,
        lambda given: (
            "app = APIGatewayRestResolver(enable_validation=True, cors=CORSConfig())"
            + ROUTE.format(arguments=written(DEFAULT_ROUTE | given))
        ),
    ),
    "WebSocketResolver": (
        WebSocketResolver,
        lambda given: f"app = WebSocketResolver({written(given)})\n@app.route('send')\ndef send(text: str) -> None: ...\n",
    ),
}

CHANGED = {
    "APIGatewayRestResolver": {
        "proxy_type": "ProxyEventType.APIGatewayProxyEventV2",
        "cors": "CORSConfig()",
        "debug": "True",
        "enable_validation": "False",
        "strip_prefixes": "['/v1']",
        "json_body_deserializer": "lambda body: {}",
        "response_validation_error_http_code": "418",
    },
    "CORSConfig": {
        "allow_origin": "'https://b.example'",
        "extra_origins": "['https://b.example']",
        "allow_headers": "['X-Mine']",
        "expose_headers": "['X-Mine']",
        "max_age": "60",
        "allow_credentials": "True",
    },
    "route": {
        "rule": "'/b/<id>'",
        "method": "['PUT', 'POST']",
        "cors": "False",
        "compress": "True",
        "summary": "'Answers'",
        "description": "'Answers.'",
        "responses": "{200: {'description': 'an image', 'content': {'image/png': {}}}}",
        "response_description": "'Answered'",
        "tags": "['answers']",
        "operation_id": "'answer'",
        "include_in_schema": "False",
        "security": "[{'token': []}]",
        "openapi_extensions": "{'x-mine': True}",
        "deprecated": "True",
        "enable_validation": "False",
        "custom_response_validation_http_code": "418",
        "status_code": "201",
        "middlewares": "[guard]",
    },
    "WebSocketResolver": {
        "connections": "connections",
        "action_key": "'type'",
        "guards": "Guards(per_connection=Rate(5)), connections=connections",
        "subprotocols": "['chat.v1']",
        "events": "[Answer]",
    },
}

RUN_TIME_ONLY = {
    "APIGatewayRestResolver": {
        "serializer": ("str", "how an answer is written, of which the gateway looks at nothing"),
    },
    "CORSConfig": {},
    "route": {"cache_control": ("'max-age=60'", "a header of the answer, which the gateway passes on")},
    "WebSocketResolver": {"principal": ("'sub'", "the name of a value in the event that the authorizer makes; the template names none")},
}


def written(arguments: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments.items())


def described(write_app: Callable[..., str], maker: str, given: dict[str, str]) -> App:
    app = write_app(MAKERS[maker][1](given), head=HEAD)
    try:
        return describe(app)
    finally:
        del sys.modules["sample"]


@pytest.mark.parametrize("maker", MAKERS)
def test_every_argument_is_known_here(maker: str) -> None:
    arguments = set(inspect.signature(MAKERS[maker][0]).parameters) - {"self"}
    assert arguments == CHANGED[maker].keys() | RUN_TIME_ONLY[maker].keys()


@pytest.mark.parametrize(("maker", "argument"), [(maker, argument) for maker, given in CHANGED.items() for argument in given])
def test_an_argument_changes_the_description_or_is_refused(write_app: Callable[..., str], maker: str, argument: str) -> None:
    before = described(write_app, maker, {})
    try:
        after = described(write_app, maker, {argument: CHANGED[maker][argument]})
    except DeclarationError:
        assert argument in {"debug", "proxy_type"}
        return
    assert before != after


@pytest.mark.parametrize(("maker", "argument"), [(maker, argument) for maker, given in RUN_TIME_ONLY.items() for argument in given])
def test_what_is_said_to_be_of_the_run_time_only_changes_nothing(write_app: Callable[..., str], maker: str, argument: str) -> None:
    value, _ = RUN_TIME_ONLY[maker][argument]
    assert described(write_app, maker, {}) == described(write_app, maker, {argument: value})
