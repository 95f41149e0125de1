"""Run-time glue for REST handlers on Powertools: what they use, which are public, who calls, and errors as status codes."""

from gateleg.description.marks import public, uses
from gateleg.rest.claims import claims
from gateleg.rest.errors import handle_errors

__all__ = ["claims", "handle_errors", "public", "uses"]
