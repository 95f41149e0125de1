"""How the answers of services become answers of the API: statuses by patterns, errors in the form that handlers give them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gateleg.client import answer_to, content_of
from gateleg.errors import GatelegError, ItemInvalidError, ThrottledError

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"
TEXT = "CONVERT_TO_TEXT"
"""What lets templates read a body that the API takes for bytes."""
_STATUS = "#set($context.responseOverride.status = {})"
_INTERNAL = GatelegError("internal")
_BUSY = ThrottledError("throttled")
_BUSY_WORDS = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "ProvisionedThroughputExceeded", "SlowDown")
THROTTLED = f"#set($body = $input.body)#if({' || '.join(f'$body.contains({word!r})' for word in _BUSY_WORDS)})"
"""Begins a part of a response template that stands where a service was asked too much."""


_OURS = " || ".join(f"$body.contains('{word}')" for word in ("AccessDenied", "NotAuthorized", "NotFound", "NonExistent", "DoesNotExist"))
"""What services answer 400 to that is no fault of the caller's."""


def error_body(error: GatelegError) -> str:
    """What a client reads of an error."""
    return json.dumps({"error": content_of(error)})


def as_error(error: GatelegError) -> str:
    """A part of a response template that answers with an error, whatever the pattern's own status."""
    return _STATUS.format(answer_to(error).status) + error_body(error)


def internal() -> str:
    """A part of a response template that answers as to a fault of ours."""
    return as_error(_INTERNAL)


def mapped(
    template: str,
    *,
    status: int = 200,
    others: Mapping[str, tuple[int, str]] | None = None,
) -> dict[str, Any]:
    """The `responses` of an integration.

    Args:
        template: Makes the body of an answer.
        status: The status of an answer.
        others: By pattern, more statuses, each with its status and template.
    """
    # A 400 refuses what was sent, unless the service says otherwise.
    error = ItemInvalidError("refused")
    own = {"400", "429", *(others or {})}
    client = f"{THROTTLED}{as_error(_BUSY)}#elseif({_OURS}){internal()}#else{error_body(error)}#end"
    return {
        "default": answer_of(status, template),
        "400": answer_of(answer_to(error).status, client),
        "429": answer_of(answer_to(_BUSY).status, error_body(_BUSY)),
        **{pattern: answer_of(*given) for pattern, given in (others or {}).items()},
        rf"(?!{'|'.join(sorted(own))})[345]\d\d": answer_of(500, error_body(_INTERNAL)),
    }


def answer_of(status: int, template: str) -> dict[str, Any]:
    """One response of an integration."""
    # Where bodies are bytes, because an app of the API answers such, templates would find nothing to read.
    return {"statusCode": str(status), "contentHandling": TEXT, "responseTemplates": {JSON: template}}


def refuses_as(*errors: GatelegError) -> dict[str, Any]:
    """Response objects of the statuses of errors, for the operation."""
    found = {str(answer_to(error).status): {"description": content_of(error)["message"]} for error in errors}
    return found | {"500": {"description": content_of(_INTERNAL)["message"]}}
