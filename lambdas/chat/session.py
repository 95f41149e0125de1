"""Sign-in by name alone: a signed token that says who somebody is. Put an identity provider here for a real service."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import jwt
from aws_lambda_powertools.utilities.parameters import get_secret  # pyright: ignore[reportUnknownVariableType] (its `sdk_options` are untyped)

LIFETIME = timedelta(hours=12)


def _signing_key() -> str:
    """The key that the stack made; kept by Powertools for a while, so that a rotated one is found."""
    return get_secret(os.environ["CHAT_SESSION_SECRET"], max_age=300)


def open_session(name: str) -> str:
    """A token for `name`, good for twelve hours."""
    return jwt.encode({"sub": name.casefold(), "exp": datetime.now(UTC) + LIFETIME}, _signing_key(), algorithm="HS256")


def whose(token: str) -> str | None:
    """The name in a token; `None` if it was forged, altered or is too old."""
    try:
        claims = jwt.decode(token, _signing_key(), algorithms=["HS256"], options={"require": ["sub", "exp"]})
    except jwt.InvalidTokenError:
        return None
    return str(claims["sub"])
