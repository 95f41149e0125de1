"""How DynamoDB's answers become those of the API: by the names of its errors, which are all of status 400."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.cdk.integrations.answers import THROTTLED, answer_of, as_error, internal
from gateleg.errors import ItemInvalidError, ThrottledError

if TYPE_CHECKING:
    from gateleg.errors import GatelegError


def of_table(template: str, *, status: int = 200, conflict: GatelegError | None = None) -> dict[str, Any]:
    """The `responses` of an operation on items.

    Args:
        template: Makes the body of an answer.
        status: The status of an answer.
        conflict: The error that a false condition is.
    """
    named = "#set($name = $input.json('$.__type'))"
    failed = "" if conflict is None else f"#if($name.contains('ConditionalCheckFailed')){as_error(conflict)}#else"
    invalid = f"#if($name.contains('Validation')){as_error(ItemInvalidError('invalid'))}#else{internal()}#end"
    client = f"{named}{failed}{THROTTLED}{as_error(ThrottledError('throttled'))}#else{invalid}#end" + ("#end" if failed else "")
    return {
        "default": answer_of(status, template),
        "400": answer_of(422, client),
        r"(?!400)[345]\d\d": answer_of(500, internal()),
    }
