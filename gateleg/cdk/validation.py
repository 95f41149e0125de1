"""What API Gateway checks of a request before it calls the handler, where that is asked for."""

from __future__ import annotations

from dataclasses import dataclass

VALIDATORS = {
    "body": {"validateRequestBody": True, "validateRequestParameters": False},
    "parameters": {"validateRequestBody": False, "validateRequestParameters": True},
    "all": {"validateRequestBody": True, "validateRequestParameters": True},
}


@dataclass(frozen=True)
class Checks:
    """What the gateway checks of a request before it calls the handler.

    Attributes:
        model: The name of the body's model; `None` for an unchecked body.
        required: The names of query parameters that must be there.
    """

    model: str | None = None
    required: tuple[str, ...] = ()

    @property
    def validator(self) -> str | None:
        """The request validator that does it; `None` for none."""
        if self.model is None:
            return "parameters" if self.required else None
        return "all" if self.required else "body"
