"""The chat page, with headers that let it load nothing and run nothing but what stands in it."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import urlsplit


@cache
def page_of(socket_url: str) -> tuple[str, dict[str, str]]:
    """The page and its headers.

    Args:
        socket_url: Where the page connects to.
    """
    text = Path(__file__).with_name("page.html").read_text(encoding="utf-8").replace("{{socket}}", escape(socket_url))
    socket = urlsplit(socket_url)
    policy = {
        "default-src": "'none'",
        "script-src": _hash_of("script", text),
        "style-src": _hash_of("style", text),
        "img-src": "data:",
        "connect-src": f"'self' {socket.scheme}://{socket.netloc}",
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
