"""Who calls, as a model: the same of REST and HTTP APIs, of user pools, JWT and Lambda authorizers."""

import json
import logging
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Annotated, Any, Union

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, Depends, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, create_model

from gateleg.rest import claims

Request = Callable[..., dict[str, Any]]


class Person(BaseModel):
    """What handlers ask of a token."""

    model_config = ConfigDict(extra="forbid")

    sub: str
    email_verified: bool = False
    groups: frozenset[str] = Field(default=frozenset(), alias="cognito:groups")
    expires: datetime | None = Field(default=None, validation_alias="exp")
    issued: Annotated[int, Field(ge=0)] | None = Field(default=None, validation_alias=AliasChoices("iat", "issued_at"))


REST = {
    "sub": "1",
    "email_verified": "true",
    "cognito:groups": "admins,staff",
    "exp": "Tue Apr 04 18:39:39 UTC 2023",
    "iat": "Tue Apr 04 17:39:39 UTC 2023",
    "token_use": "id",
}
HTTP = {"sub": "1", "email_verified": "true", "cognito:groups": "[admins staff]", "exp": "1680633579", "iat": "1680629979"}
EXPECTED = {
    "sub": "1",
    "email_verified": True,
    "groups": ["admins", "staff"],
    "expires": datetime(2023, 4, 4, 18, 39, 39, tzinfo=UTC).isoformat().replace("+00:00", "Z"),
    "issued": 1680629979,
}
NOTHING: Any = {"claims": None, "scopes": None}


def answered(event: dict[str, Any], model: type[BaseModel] = Person) -> tuple[int, Any]:
    """The status and body of a handler that answers with the claims."""
    resolver = APIGatewayHttpResolver() if event.get("version") == "2.0" else APIGatewayRestResolver()

    @resolver.get("/me")
    def me() -> dict[str, Any]:
        told: dict[str, Any] = claims(resolver, model).model_dump(mode="json")
        return {name: sorted(value) if value.__class__ is list else value for name, value in told.items()}

    answer = resolver.resolve(event, LambdaContext())
    return answer["statusCode"], json.loads(answer["body"])


def rest(request_to: Request, authorizer: Any) -> dict[str, Any]:
    event = request_to("GET", "/me")
    event["requestContext"]["authorizer"] = authorizer
    return event


def http(authorizer: Any) -> dict[str, Any]:
    context = {"http": {"method": "GET", "path": "/me"}, "stage": "$default", "authorizer": authorizer}
    return {"version": "2.0", "rawPath": "/me", "routeKey": "GET /me", "headers": {}, "requestContext": context}


def test_claims_are_the_same_whichever_api_and_payload_they_come_by(request_to: Request) -> None:
    events = [
        rest(request_to, {"claims": REST}),
        http({"jwt": {"claims": HTTP, "scopes": None}}),
        rest(request_to, {"claims": HTTP} | {"scopes": []}),
    ]
    assert [answered(event) for event in events] == [(200, EXPECTED)] * 3


def test_what_a_lambda_authorizer_says_is_a_model_too(request_to: Request) -> None:
    class Caller(BaseModel):
        name: str = Field(default="none", validation_alias="principalId")
        level: int
        rooms: list[str] = []

    said = {"principalId": "ann", "level": "3", "rooms": "a, b", "integrationLatency": 12}
    assert answered(rest(request_to, said), Caller) == (200, {"name": "ann", "level": 3, "rooms": ["a", "b"]})
    assert answered(http({"lambda": {"level": 3, "rooms": ["a", "b"]}}), Caller) == (
        200,
        {"name": "none", "level": 3, "rooms": ["a", "b"]},
    )
    assert answered(http({"lambda": None}), Caller)[0] == 403


@pytest.mark.parametrize("authorizer", [None, {}, NOTHING, {"iam": {"userArn": "arn"}}])
def test_nobody_who_was_asked_for_nothing_is_a_caller(authorizer: Any, request_to: Request) -> None:
    for event in (rest(request_to, authorizer), http(authorizer)):
        assert answered(event) == (401, {"statusCode": 401, "message": "Unauthorized"})
    event = request_to("GET", "/me")
    assert answered(event)[0] == 401


def test_claims_that_the_model_refuses_are_403_and_nothing_of_them_is_told_or_logged(
    request_to: Request, caplog: pytest.LogCaptureFixture
) -> None:
    class Admin(Person):
        level: int

    with caplog.at_level(logging.WARNING):
        status, body = answered(rest(request_to, {"claims": REST | {"level": "s3cret"}}), Admin)
    assert (status, body) == (403, {"statusCode": 403, "message": "Forbidden"})
    assert "level (int_parsing)" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("given", "groups"),
    [("[]", []), ("", []), ("admins", ["admins"]), ("[admins]", ["admins"]), (["a", "b"], ["a", "b"])],
)
def test_a_list_of_none_or_one_is_one_too(given: Any, groups: list[str], request_to: Request) -> None:
    assert answered(rest(request_to, {"claims": {"sub": "1", "cognito:groups": given}}))[1]["groups"] == groups


def test_a_text_stays_one_and_what_is_not_named_comes_where_it_is_allowed(request_to: Request) -> None:
    class Everything(BaseModel):
        model_config = ConfigDict(extra="allow")
        exp: str
        note: str | list[str]

    told = {"exp": REST["exp"], "note": "a,b", "more": "yes"}
    assert answered(rest(request_to, {"claims": told}), Everything) == (200, told)


BOUNDED = Annotated[list[str], Field(max_length=2)]
SEVERAL: list[Any] = [list[str], Union[BOUNDED, None], tuple[str, ...], Sequence[str], AbstractSet[str], list]  # noqa: UP007 (| takes no Annotated)


@pytest.mark.parametrize("kind", SEVERAL)
def test_whatever_holds_several_is_a_list(kind: Any, request_to: Request) -> None:
    model = create_model("Several", roles=(kind, ...))
    assert answered(rest(request_to, {"claims": {"roles": "a,b"}}), model) == (200, {"roles": ["a", "b"]})


def test_bytes_and_objects_are_no_lists(request_to: Request) -> None:
    assert answered(rest(request_to, {"claims": {"raw": "a,b"}}), create_model("Raw", raw=(bytes, ...))) == (200, {"raw": "a,b"})
    assert answered(rest(request_to, {"claims": {"raw": "a,b"}}), create_model("Raw", raw=(dict[str, str], ...)))[0] == 403


def test_the_refusal_does_not_carry_the_token_along(request_to: Request) -> None:
    app, seen = APIGatewayRestResolver(), list[Exception]()

    @app.exception_handler(ForbiddenError)  # type: ignore[untyped-decorator]  # Powertools has no types here
    def note(error: ForbiddenError) -> Response[str]:
        seen.append(error)
        return Response(status_code=403)

    @app.get("/me")
    def me() -> str:
        return claims(app, Person).sub

    app.resolve(rest(request_to, {"claims": {"name": "s3cret"}}), LambdaContext())
    assert [(str(error), error.__cause__, error.__suppress_context__) for error in seen] == [("Forbidden", None, True)]


def test_a_moment_that_is_none_is_left_to_the_model(request_to: Request) -> None:
    assert answered(rest(request_to, {"claims": {"sub": "1", "exp": "Xyz Abc 04 18:39:39 UTC 2023"}}))[0] == 403


def test_a_router_and_a_dependency_ask_alike(request_to: Request) -> None:
    app, router = APIGatewayRestResolver(), Router()  # type: ignore[no-untyped-call]

    def person() -> Person:
        return claims(router, Person)

    @router.get("/me")
    def me(caller: Annotated[Person, Depends(person)]) -> dict[str, str]:
        return {"sub": caller.sub}

    app.include_router(router)
    answer = app.resolve(rest(request_to, {"claims": REST}), LambdaContext())
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"sub": "1"})
    assert app.resolve(request_to("GET", "/me"), LambdaContext())["statusCode"] == 401
