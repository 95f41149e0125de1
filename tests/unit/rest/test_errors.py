"""The library's errors as HTTP answers."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.utilities.typing import LambdaContext

from gateleg import errors
from gateleg.rest import handle_errors

Request = Callable[..., dict[str, Any]]


def answered(request_to: Request, error: Exception, app: APIGatewayRestResolver | None = None) -> dict[str, Any]:
    app = app or APIGatewayRestResolver()
    handle_errors(app)

    @app.get("/")
    def fail() -> str:
        raise error

    return app.resolve(request_to("GET", "/"), LambdaContext())


def canceled(*reasons: errors.GatelegError | None) -> errors.TransactionCanceledError:
    error = errors.TransactionCanceledError("canceled")
    error.reasons = reasons
    return error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.ItemNotFoundError("no item ROOM#1 in table prod-chat"), 404, "store.item_not_found"),
        (errors.ItemExistsError("prod-chat"), 409, "store.item_exists"),
        (errors.VersionConflictError("prod-chat"), 409, "store.version_conflict"),
        (errors.ConditionFailedError("prod-chat"), 409, "store.condition_failed"),
        (canceled(None, None), 409, "store.transaction_canceled"),
        (canceled(None, errors.ThrottledError("prod-chat")), 503, "store.throttled"),
        (canceled(None, errors.TransactionConflictError("prod-chat")), 503, "store.transaction_conflict"),
        (canceled(None, errors.ItemExistsError("prod-chat")), 409, "store.transaction_canceled"),
        (errors.TransactionConflictError("prod-chat"), 503, "store.transaction_conflict"),
        (errors.CursorError("signed for prod-chat"), 400, "cursor.invalid"),
        (errors.ThrottledError("prod-chat"), 503, "store.throttled"),
        (errors.OutcomeUnknownError("prod-chat"), 500, "store.outcome_unknown"),
        (errors.KindMismatchError("prod-chat"), 409, "store.kind_mismatch"),
        (errors.ConstraintFailedError("prod-chat"), 409, "store.constraint_failed"),
        (errors.WriteDoneError("prod-chat"), 500, "store.write_done"),
        (errors.StoredItemInvalidError("prod-chat", problems=({"loc": ("prod-chat",)},)), 500, "internal"),
        (errors.AccessDeniedError("prod-chat"), 500, "internal"),
        (errors.TableNotFoundError("prod-chat"), 500, "internal"),
        (errors.StoreError("prod-chat"), 500, "internal"),
        (errors.BindingError("GATELEG_TABLE_prod-chat"), 500, "internal"),
        (errors.ConnectionGoneError("prod-chat"), 410, "websocket.gone"),
    ],
)
def test_an_error_has_its_status_and_says_nothing_of_our_inside(
    request_to: Request, error: errors.GatelegError, status: int, code: str
) -> None:
    answer = answered(request_to, error)
    body = json.loads(answer["body"])
    assert answer["statusCode"] == status
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert "prod-chat" not in answer["body"]
    assert answer["multiValueHeaders"]["Content-Type"] == ["application/json"]


def test_every_error_of_the_tree_has_an_answer(request_to: Request) -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.GatelegError)]
    assert len(kinds) > 30
    statuses = {kind.__name__: answered(request_to, kind("why"))["statusCode"] for kind in kinds}
    assert set(statuses.values()) <= {400, 403, 404, 409, 410, 422, 500, 503}
    assert statuses["DeclarationError"] == 500


def test_values_that_an_entity_refuses_are_listed_without_the_values(request_to: Request) -> None:
    problems = ({"loc": ("card", 0), "msg": "too long", "type": "string_too_long", "input": "4111-1111"},)
    answer = answered(request_to, errors.ItemInvalidError("card: too long", problems=problems))
    assert answer["statusCode"] == 422
    assert json.loads(answer["body"])["error"] == {
        "code": "item.invalid",
        "message": "card.0: too long",
        "details": [{"loc": ["card", 0], "msg": "too long", "type": "string_too_long"}],
    }


def test_an_errors_own_words_are_not_told(request_to: Request) -> None:
    body = json.loads(
        answered(request_to, errors.ItemInvalidError("InternalCard: pk cannot be '4111-1111'", path="InternalCard.pk"))["body"]
    )
    assert body["error"] == {"code": "item.invalid", "message": "the values are not valid"}


def test_what_is_raised_for_clients_is_told_in_short(request_to: Request) -> None:
    body = json.loads(answered(request_to, errors.PayloadError("no " * 1_000, code="chat.closed"))["body"])
    assert body["error"] == {"code": "chat.closed", "message": ("no " * 1_000)[:1_000]}


def test_throttling_says_when_to_come_again(request_to: Request) -> None:
    assert answered(request_to, errors.ThrottledError("busy"))["multiValueHeaders"]["Retry-After"] == ["1"]


def test_a_missing_permission_is_logged(request_to: Request, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answered(request_to, errors.AccessDeniedError("not authorized to perform dynamodb:Scan"))
    assert "dynamodb:Scan" in caplog.text


def test_a_conflict_is_not_logged(request_to: Request, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answered(request_to, errors.ItemExistsError("again"))
    assert caplog.text == ""


def test_an_apps_own_handler_goes_first(request_to: Request) -> None:
    app = APIGatewayRestResolver()

    @app.exception_handler(errors.ItemNotFoundError)  # type: ignore[untyped-decorator]  # Powertools has no types here
    def teapot(_error: errors.ItemNotFoundError) -> Response[str]:
        return Response(418, "text/plain", "short and stout")

    assert answered(request_to, errors.ItemNotFoundError("x"), app)["statusCode"] == 418
    assert teapot is not None


def test_a_router_can_bring_the_answers(request_to: Request) -> None:
    app, router = APIGatewayRestResolver(), Router()  # type: ignore[no-untyped-call]  # Powertools has no types here
    handle_errors(router)

    @router.get("/a")
    def fail() -> str:
        raise errors.ItemNotFoundError("x")

    app.include_router(router)
    assert app.resolve(request_to("GET", "/a"), LambdaContext())["statusCode"] == 404
    assert fail is not None


def test_other_exceptions_are_left_alone(request_to: Request) -> None:
    with pytest.raises(ZeroDivisionError):
        answered(request_to, ZeroDivisionError())
