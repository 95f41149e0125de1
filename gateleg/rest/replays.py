"""The answers that are kept for idempotent routes."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.serialization.custom_dict import CustomDictSerializer

from gateleg.client.statuses import answer_to, content_of
from gateleg.errors import WriteDoneError
from gateleg.idempotency.replays import ReplayLayer, replay_of
from gateleg.rest.powertools import serializer_of
from gateleg.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

    from gateleg.model import Table

_SERVER_ERROR = 500
_MOST_KEPT = 390_000
"""Of DynamoDB's 400 KB for an item; the rest is for its key and times."""


class Replays:
    """Runs requests once.

    Args:
        table: Where they are kept.
        expires: How long.
        store: Where the table is; as the environment says unless given.
    """

    def __init__(self, table: Table, expires: timedelta, store: Store | None) -> None:
        self._entity = replay_of(table)
        self._expires = expires
        self._store = store or Store(table)

    def once(self, app: ApiGatewayResolver, request: Mapping[str, Any], run: Callable[[], Response[Any]]) -> Response[Any]:
        """Answer a request, by running it or as it was answered before.

        Raises:
            ServiceError: 409 while the first one runs, 422 where that was another one.
        """
        done: list[Response[Any]] = []

        def running(*, request: Mapping[str, Any]) -> Response[Any]:
            del request
            answer = run()
            if answer.status_code >= _SERVER_ERROR:
                raise _FailedError(answer)
            done.append(answer)
            return answer

        kept = CustomDictSerializer(lambda answer: _kept(answer, serializer_of(app)), _again)
        config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="payload",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=int(self._expires.total_seconds()),
            hash_function="sha256",
        )
        if hasattr(app.lambda_context, "get_remaining_time_in_millis"):
            config.register_lambda_context(app.lambda_context)
        guarded = idempotent_function(
            running,
            data_keyword_argument="request",
            persistence_store=ReplayLayer(self._entity, self._store),
            config=config,
            output_serializer=kept,
            key_prefix="rest",
        )
        try:
            answer: Response[Any] = guarded(request=request)
        except _FailedError as failed:
            return failed.answer
        except IdempotencyAlreadyInProgressError as error:
            raise ServiceError(409, "the first request with this idempotency key still runs; send it again later") from error
        except IdempotencyValidationError as error:
            raise ServiceError(422, "this idempotency key was sent with another request; send a new one with a new request") from error
        except IdempotencyPersistenceLayerError as error:
            if not done and error.__cause__ is not None:
                raise error.__cause__ from error
            raise
        return answer


class _FailedError(Exception):
    """A server error that was answered and not raised: as with one that is raised, the request may be sent again."""

    def __init__(self, answer: Response[Any]) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


def _kept(answer: Response[Any], serialize: Callable[[Any], str]) -> dict[str, Any]:
    """An answer as it will be sent, apart from what depends on who asks: CORS and compression."""
    body: Any = answer.body
    if answer.is_json() and not isinstance(body, str):
        body = serialize(body)
    kept = {
        "status": answer.status_code,
        "headers": answer.headers,
        "cookies": [str(cookie) for cookie in answer.cookies],
        "compress": answer.compress,
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "bytes": isinstance(body, bytes),
    }
    return kept if len(json.dumps(kept)) <= _MOST_KEPT else _done(serialize)


def _done(serialize: Callable[[Any], str]) -> dict[str, Any]:
    """What is kept in the place of an answer that DynamoDB does not take, lest its request runs again."""
    told = WriteDoneError("the request was done, and its answer is too large to be kept")
    return _kept(Response(answer_to(told).status, "application/json", {"error": content_of(told)}), serialize)


def _again(kept: dict[str, Any]) -> Response[Any]:
    body = base64.b64decode(kept["body"]) if kept["bytes"] else kept["body"]
    return Response(kept["status"], None, body, kept["headers"], kept["cookies"], kept["compress"])
