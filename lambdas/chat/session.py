"""Sign-in by name alone: a signed token that says who somebody is. Put an identity provider here for a real service.

What it takes is imported where it is used: most routes sign nobody in, and need not wait for it at a cold start.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(hours=12)


def _signing_key() -> str:
    """The key that the stack made; kept by Powertools for a while, so that a rotated one is found."""
    from aws_lambda_powertools.utilities.parameters import (
        get_secret,  # pyright: ignore[reportUnknownVariableType] (its `sdk_options` are untyped)
    )

    return get_secret(os.environ["CHAT_SESSION_SECRET"], max_age=300)


def open_session(name: str) -> str:
    """A token for `name`, good for twelve hours."""
    import jwt

    return jwt.encode({"sub": name.casefold(), "exp": datetime.now(UTC) + LIFETIME}, _signing_key(), algorithm="HS256")


def whose(token: str) -> str | None:
    """The name in a token; `None` if it was forged, altered or is too old."""
    import jwt

    try:
        claims = jwt.decode(token, _signing_key(), algorithms=["HS256"], options={"require": ["sub", "exp"]})
    except jwt.InvalidTokenError:
        return None
    return str(claims["sub"])
