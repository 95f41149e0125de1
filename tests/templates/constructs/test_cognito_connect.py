"""Tokens of a user pool open a WebSocket: the gateway makes the function that looks at them, tells it whose, and refuses what could let in nobody or others."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_cognito import ResourceServerScope, UserPool, UserPoolClient

from gateleg.cdk import CognitoAuthorizer, CognitoConnectAuthorizer, FunctionOptions, HandlerCode, WebSocketGateway
from gateleg.description import App, Route
from gateleg.errors import AuthorizerError, GatelegError, PackagingError
from tests.templates.constructs.samples import Template, function, synthesized

APP = App("svc.socket:app", "websocket", (Route("$connect", "svc.socket:connect"), Route("send", "svc.socket:send")))
SPEAKING = replace(APP, routes=(Route("$connect", "svc.socket:connect", operation={"subprotocols": ["chat.v1"]}), APP.routes[1]))
LIBRARIES = ("pyjwt", "cryptography")


@pytest.fixture(scope="module")
def bringing(code: HandlerCode) -> HandlerCode:
    """The project, whose functions find what reads tokens in a layer of somebody's."""
    return replace(code, provided=LIBRARIES)


def people(stack: Stack, name: str = "People") -> tuple[UserPool, UserPoolClient]:
    pool = UserPool(stack, name)
    pool.add_resource_server("Chat", identifier="chat", scopes=[ResourceServerScope(scope_name="write", scope_description="to write")])
    return pool, pool.add_client("Page")


def socket(stack: Stack, code: HandlerCode, *, app: App = APP, options: FunctionOptions | None = None, **given: Any) -> WebSocketGateway:
    pool, client = people(stack)
    authorizer = CognitoConnectAuthorizer([pool], clients=[client], **given)
    return WebSocketGateway(stack, "Socket", app=app, authorizer=authorizer, function_options={"code": code, **(options or {})})


def asked(template: Template) -> tuple[str, dict[str, Any]]:
    """The function that is asked who may connect."""
    [(name, found)] = [
        (name, one["Properties"]) for name, one in template.all("AWS::Lambda::Function").items() if name.startswith("SocketCognitoConnect")
    ]
    return name, found


def told(template: Template) -> dict[str, Any]:
    """What the function is told, with the logical ids of what is not known yet."""
    value = asked(template)[1]["Environment"]["Variables"]["GATELEG_CONNECT_TOKENS"]
    parts = value["Fn::Join"][1]
    found: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else part["Ref"] for part in parts))
    return found


def test_connections_ask_a_function_that_knows_the_pool_and_the_clients(bringing: HandlerCode) -> None:
    template = synthesized(lambda stack: socket(stack, bringing, scopes=["chat/write"]))
    name, found = asked(template)
    authorizer = template.one("AWS::ApiGatewayV2::Authorizer")
    assert authorizer["IdentitySource"] == ["route.request.querystring.token"]
    assert name in json.dumps(authorizer["AuthorizerUri"])
    [connect] = [
        one["Properties"] for one in template.all("AWS::ApiGatewayV2::Route").values() if one["Properties"]["RouteKey"] == "$connect"
    ]
    assert (connect["AuthorizationType"], connect["AuthorizerId"]) == ("CUSTOM", {"Ref": template.id_of("AWS::ApiGatewayV2::Authorizer")})
    assert told(template) == {
        "pools": [template.id_of("AWS::Cognito::UserPool")],
        "clients": [template.id_of("AWS::Cognito::UserPoolClient")],
        "scopes": ["chat/write"],
        "source": "querystring.token",
    }
    assert (found["Handler"], found["Code"]) == ("index.authorize", {"ZipFile": "from gateleg.websocket.cognito import authorize\n"})
    assert len(found["Layers"]) == 1


def test_the_function_may_do_nothing_but_log(bringing: HandlerCode) -> None:
    template = synthesized(lambda stack: socket(stack, bringing))
    role = asked(template)[1]["Role"]["Fn::GetAtt"][0]
    assert template.statements(role) == []
    [api] = [
        one
        for one in template.all("AWS::Lambda::Permission").values()
        if asked(template)[0] in json.dumps(one["Properties"]["FunctionName"])
    ]
    assert "/authorizers/" in json.dumps(api["Properties"]["SourceArn"])


def test_it_runs_as_the_app_s_function_does_outside_of_its_network(bringing: HandlerCode) -> None:
    from aws_cdk.aws_ec2 import Vpc

    def build(stack: Stack) -> None:
        options: FunctionOptions = {"vpc": Vpc(stack, "Vpc"), "environment": {"SECRET": "the app's"}, "memory_size": 3_000}
        options |= {"architecture": lambda_.Architecture.X86_64, "runtime": lambda_.Runtime.PYTHON_3_13}
        socket(stack, bringing, options=options)

    _, found = asked(synthesized(build))
    assert (found["Architectures"], found["Runtime"]) == (["x86_64"], "python3.13")
    assert "VpcConfig" not in found
    assert "SECRET" not in found["Environment"]["Variables"]


def test_an_api_without_an_app_takes_the_requirements_at_the_root(bringing: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        pool, client = people(stack)
        answering = function(stack, bringing)
        WebSocketGateway(
            stack,
            "Socket",
            authorizer=CognitoConnectAuthorizer([pool], clients=[client]),
            routes={"$connect": answering},
            function_options={"code": bringing},
        )

    assert asked(synthesized(build))[1]["Handler"] == "index.authorize"


def test_what_reads_tokens_must_be_brought_or_is_asked_for(code: HandlerCode, bringing: HandlerCode) -> None:
    with pytest.raises(
        PackagingError, match=r"imports cryptography, pyjwt, and there is no requirements file; write into .*\ncryptography==.*\npyjwt=="
    ) as caught:
        synthesized(lambda stack: socket(stack, code))
    assert caught.value.code == "declaration.packaging.distribution"
    assert "HandlerCode(provided=[...])" in str(caught.value)
    synthesized(lambda stack: socket(stack, bringing))


def test_a_page_that_offers_its_token_is_answered_with_a_subprotocol(bringing: HandlerCode) -> None:
    source = "header.Sec-WebSocket-Protocol"
    with pytest.raises(
        AuthorizerError, match=r"svc.socket:app speaks no subprotocol.*write WebSocketResolver\(subprotocols=\['chat.v1'\]\)"
    ):
        socket(Stack(), bringing, identity_source=source)
    template = synthesized(lambda stack: socket(stack, bringing, app=SPEAKING, identity_source=source))
    assert template.one("AWS::ApiGatewayV2::Authorizer")["IdentitySource"] == [f"route.request.{source}"]
    assert told(template)["source"] == source


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"user_pools": []}, "a CognitoConnectAuthorizer needs a user pool"),
        ({"clients": []}, "a CognitoConnectAuthorizer needs a user pool"),
        ({"clients": ["page", "other page"]}, "a CognitoConnectAuthorizer names the client Default/Others/Page"),
        ({"user_pools": ["people", "others"]}, "a CognitoConnectAuthorizer names no client of the pool Default/Others"),
        ({"identity_source": "querystring.a, header.b"}, "CognitoConnectAuthorizer(identity_source=...)"),
        ({"user_pools": "people"}, "CognitoConnectAuthorizer(user_pools=...)"),
        ({"clients": ["an id"]}, "CognitoConnectAuthorizer(clients=...)"),
        ({"scopes": [""]}, "CognitoConnectAuthorizer(scopes=...)"),
    ],
)
def test_what_lets_in_nobody_or_others_is_refused(given: dict[str, Any], message: str) -> None:
    stack = Stack()
    (pool, client), (other, theirs) = people(stack), people(stack, "Others")
    known = {"people": pool, "others": other, "page": client, "other page": theirs}

    def meant(value: str | list[str]) -> Any:
        return known.get(value, value) if isinstance(value, str) else [known.get(one, one) for one in value]

    arguments: dict[str, Any] = {"user_pools": ["people"], "clients": ["page"], **given}
    with pytest.raises(AuthorizerError) as caught:
        CognitoConnectAuthorizer(**{name: meant(value) for name, value in arguments.items()})
    assert message in str(caught.value)


def test_two_pools_each_have_a_client(bringing: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        (pool, client), (other, theirs) = people(stack), people(stack, "Others")
        authorizer = CognitoConnectAuthorizer([pool, other], clients=[client, theirs])
        WebSocketGateway(stack, "Socket", app=APP, authorizer=authorizer, function_options={"code": bringing})

    assert [len(told(synthesized(build))[name]) for name in ("pools", "clients")] == [2, 2]


def test_the_authorizer_of_rest_apis_is_refused_and_the_other_one_named(bringing: HandlerCode) -> None:
    stack = Stack()
    pool, client = people(stack)
    rest: Any = CognitoAuthorizer([pool], clients=[client])
    with pytest.raises(AuthorizerError, match=r"write CognitoConnectAuthorizer\(\[pool\], clients=\[client\]\)"):
        WebSocketGateway(stack, "Socket", app=APP, authorizer=rest, function_options={"code": bringing})
    WebSocketGateway(
        stack, "Other", app=APP, authorizer=CognitoConnectAuthorizer([pool], clients=[client]), function_options={"code": bringing}
    )


def test_it_is_not_an_authorizer_of_rest_apis(bringing: HandlerCode) -> None:
    from tests.templates.constructs.samples import gateway

    stack = Stack()
    pool, client = people(stack)
    with pytest.raises(GatelegError, match="write one of"):
        gateway(stack, bringing, authorizers={"people": CognitoConnectAuthorizer([pool], clients=[client])})


def test_readers_are_told_where_the_token_goes(bringing: HandlerCode) -> None:
    document = socket(Stack(), bringing).asyncapi()
    [scheme] = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("httpApiKey", "query", "token")
