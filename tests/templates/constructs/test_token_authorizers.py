"""Functions that take connect tokens and channel tokens: what they read is known at synth, and what does not give it to them is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App as CdkApp
from aws_cdk import Duration, Stack

from gateleg import description as said
from gateleg.cdk import Events, RequestAuthorizer, ServiceFunction, TokenAuthorizer, WebSocketGateway
from gateleg.description import Route
from gateleg.errors import AuthorizerError, DeclarationError
from tests.templates.constructs.samples import function

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

SOURCE = "querystring.ticket"


def judge(code: HandlerCode, place: str | None, stack: Stack | None = None) -> ServiceFunction:
    described = said.App("svc.auth:handler", "function", authorizes=place)
    return function(stack or Stack(CdkApp(), "Stack"), code, described=described)


@pytest.mark.parametrize("sources", [["querystring.token"], ["header.ticket"], []])
def test_a_connect_token_is_read_where_the_identity_sources_say_that_it_is(code: HandlerCode, sources: list[str]) -> None:
    with pytest.raises(
        AuthorizerError, match=r"Auth.* finds its token in querystring\.ticket, .*identity_sources=\['querystring\.ticket'\]"
    ):
        RequestAuthorizer(judge(code, SOURCE), sources, ttl=Duration.seconds(0))
    with pytest.raises(AuthorizerError, match="identity_sources"):
        RequestAuthorizer(judge(code, SOURCE).function, sources, ttl=Duration.seconds(0))

    assert RequestAuthorizer(judge(code, SOURCE), [SOURCE]).sources("route") == ["route.request.querystring.ticket"]
    assert RequestAuthorizer(judge(code, SOURCE), ["header.Origin", f"route.request.{SOURCE}"])
    assert RequestAuthorizer(judge(code, None), sources, ttl=Duration.seconds(0))


def test_a_token_authorizer_gives_no_query_string_to_a_function_that_reads_one(code: HandlerCode) -> None:
    with pytest.raises(AuthorizerError, match=r"one header; write RequestAuthorizer\(function"):
        TokenAuthorizer(judge(code, SOURCE))


def test_events_and_connections_ask_no_function_that_judges_the_other(code: HandlerCode) -> None:
    with pytest.raises(
        DeclarationError, match=r"token it finds in querystring\.ticket, .*ChannelTokens\(TABLE, audience='\.\.\.'\)\.authorizer\(\)"
    ):
        Events(judge(code, SOURCE).function)
    with pytest.raises(AuthorizerError, match=r"subscriptions to channels of AppSync, .*Events\(function\)"):
        RequestAuthorizer(judge(code, "channel"), [SOURCE])

    assert Events(judge(code, "channel"))
    assert Events(judge(code, None))


def test_a_websocket_api_remembers_no_answer_of_its_authorizer(code: HandlerCode) -> None:
    def socket(ttl: Duration | None) -> WebSocketGateway:
        stack = Stack(CdkApp(), "Stack")
        app = said.App("svc.socket:app", "websocket", (Route("$connect", "h"),))
        asked = RequestAuthorizer(judge(code, SOURCE, stack), [SOURCE], ttl=ttl)
        return WebSocketGateway(stack, "Socket", app=app, authorizer=asked, function_options={"code": code})

    with pytest.raises(AuthorizerError, match=r"remembers nothing, got ttl=60 s; leave it out"):
        socket(Duration.minutes(1))
    assert socket(None)
    assert socket(Duration.seconds(0))
