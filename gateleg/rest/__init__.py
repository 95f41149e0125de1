"""Run-time glue for REST handlers on Powertools: what they use, which are public, and errors as status codes."""

from gateleg.description.marks import public, uses
from gateleg.rest.errors import handle_errors

__all__ = ["handle_errors", "public", "uses"]
