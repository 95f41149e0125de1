"""Posts to open connections through API Gateway's `@connections`.

See https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from gateleg.errors import AccessDeniedError, AnswerInvalidError, ConnectionGoneError, GatelegError, StoreError, ThrottledError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

_ATTEMPTS = 2
_FIRST_PAUSE = 0.25


class Transport:
    """Posts messages to the connections of one stage.

    Args:
        endpoint: The stage's callback URL.
        sleep: Waits between attempts.
    """

    def __init__(self, endpoint: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.endpoint = endpoint
        self._sleep = sleep

    def post(self, connection_id: str, data: bytes) -> None:
        """Send one message; repeated with growing pauses while API Gateway throttles.

        The client repeats it by itself as long as its retry quota lasts, which a broadcast to many uses up; here it is begun anew.
        A message whose answer was lost is sent again, so a client may see it twice.

        Raises:
            ConnectionGoneError: The connection is closed.
            AnswerInvalidError: The message is too large.
            ThrottledError: API Gateway still throttles after the last attempt.
            AccessDeniedError: The role lacks `execute-api:ManageConnections`.
            StoreError: Anything else; `aws_code` keeps the original.
        """
        for attempt in range(_ATTEMPTS):
            try:
                self._send(connection_id, data)
            except ThrottledError:
                if attempt + 1 == _ATTEMPTS:
                    raise
                self._sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))  # noqa: S311 (spreads the attempts, guards nothing)
            else:
                return

    def close(self, connection_id: str) -> None:
        """Close a connection from this side; one that is closed already is fine."""
        client = self._client()
        try:
            client.delete_connection(ConnectionId=connection_id)
        except client.exceptions.ClientError as error:
            if not isinstance(translated := _translated(error.response, connection_id), ConnectionGoneError):
                raise translated from error

    def _send(self, connection_id: str, data: bytes) -> None:
        client = self._client()
        try:
            client.post_to_connection(ConnectionId=connection_id, Data=data)
        except client.exceptions.ClientError as error:
            raise _translated(error.response, connection_id) from error

    def _client(self) -> ApiGatewayManagementApiClient:
        from gateleg.store.clients import apigatewaymanagementapi

        return apigatewaymanagementapi(self.endpoint)


def _translated(response: Mapping[str, Any], connection_id: str) -> GatelegError:
    told: Mapping[str, Any] = response.get("Error", {})
    code: str = told.get("Code", "")
    status: int = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = _KINDS.get(code) or _STATUSES.get(status)
    if kind is ConnectionGoneError:
        return ConnectionGoneError("the connection is closed", path=connection_id)
    if kind is AnswerInvalidError:
        return AnswerInvalidError("API Gateway refused the message as too large; send less", code="answer.too_large", path=connection_id)
    store_kind = kind if kind is not None and issubclass(kind, StoreError) else StoreError
    message = f"posting to the connection failed: {code or status}: {told.get('Message', '')}"
    return store_kind(message, path=connection_id, aws_code=code, response=dict(response))


_KINDS: dict[str, type[GatelegError]] = {
    "GoneException": ConnectionGoneError,
    "PayloadTooLargeException": AnswerInvalidError,
    "LimitExceededException": ThrottledError,
    "TooManyRequestsException": ThrottledError,
    "ForbiddenException": AccessDeniedError,
    "AccessDeniedException": AccessDeniedError,
}
_STATUSES: dict[int, type[GatelegError]] = {
    403: AccessDeniedError,
    410: ConnectionGoneError,
    413: AnswerInvalidError,
    429: ThrottledError,
}
