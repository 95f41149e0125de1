"""Run-time glue for REST handlers on Powertools: what they use, which are public, who calls, errors as status codes, and what is answered once."""

from typing import TYPE_CHECKING, Any

from gateleg.description.marks import public, uses
from gateleg.description.uses import across_tenants
from gateleg.rest.claims import claims
from gateleg.rest.errors import handle_errors

if TYPE_CHECKING:
    from gateleg.rest.idempotency import idempotent

__all__ = ["across_tenants", "claims", "handle_errors", "idempotent", "public", "uses"]


def __getattr__(name: str) -> Any:
    """Load what few handlers need when it is first asked for."""
    if name == "idempotent":
        from gateleg.rest.idempotency import idempotent

        return idempotent
    message = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
    raise AttributeError(message)
