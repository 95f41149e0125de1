"""Judges partners by their key: payload 2.0 in, a simple answer out."""

from typing import Any


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Let those in whose key is known."""
    key = event["headers"].get("x-partner-key")
    return {"isAuthorized": key == "paint-and-more", "context": {"partner": "Paint & More"}}
