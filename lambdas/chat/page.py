"""The chat page, with headers that let it run nothing but what stands in it and scripts of its own API, such as the client of its WebSocket."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class SignIn:
    """Where moderators sign in, and get the credentials of their identities.

    Attributes:
        region: The region of all of it.
        pool: The user pool.
        client: The page as the pool knows it.
        identities: The identity pool.
        people: Where the user pool is asked.
        exchange: Where the identity pool is asked.
    """

    region: str
    pool: str
    client: str
    identities: str
    people: str
    exchange: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> SignIn:
        """What the handler's environment tells; one endpoint for all of AWS, where there is one, answers for both.

        Args:
            environment: The environment variables.
        """
        region, one = environment["CHAT_REGION"], environment.get("AWS_ENDPOINT_URL")
        people, exchange = (one or f"https://{service}.{region}.amazonaws.com" for service in ("cognito-idp", "cognito-identity"))
        pool, client, identities = (environment[f"CHAT_{name}"] for name in ("USER_POOL", "USER_POOL_CLIENT", "IDENTITY_POOL"))
        return cls(region, pool, client, identities, people, exchange)


@cache
def page_of(socket_url: str, sign_in: SignIn) -> tuple[str, dict[str, str]]:
    """The page and its headers.

    Args:
        socket_url: Where the page connects to.
        sign_in: Where moderators sign in.
    """
    text = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    for name, value in {"socket": socket_url, **asdict(sign_in)}.items():
        text = text.replace(f"{{{{{name}}}}}", escape(value))
    socket = urlsplit(socket_url)
    policy = {
        "default-src": "'none'",
        "script-src": f"'self' {_hash_of('script', text)}",
        "style-src": _hash_of("style", text),
        "img-src": "data:",
        "connect-src": f"'self' {socket.scheme}://{socket.netloc} {sign_in.people} {sign_in.exchange}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return text, {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _hash_of(tag: str, page: str) -> str:
    """What a policy calls the page's only script or style, by the hash of its text."""
    [text] = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
