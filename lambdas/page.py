"""A page of one file, with headers that let it run nothing but what stands in it and scripts of its own API, such as the client of its WebSocket."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def read_page(file: Path, values: Mapping[str, str], *, connects_to: Iterable[str]) -> tuple[str, dict[str, str]]:
    """A page and its headers.

    Args:
        file: The page, with one script and one style.
        values: What is put in the place of `{{name}}`, by name.
        connects_to: The URLs that the page may ask, beside its own API.
    """
    text = file.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"{{{{{name}}}}}", escape(value))
    origins = (f"{url.scheme}://{url.netloc}" for url in map(urlsplit, connects_to))
    policy = {
        "default-src": "'none'",
        "script-src": f"'self' {_hash_of('script', text)}",
        "style-src": _hash_of("style", text),
        "img-src": "data:",
        "connect-src": " ".join(["'self'", *origins]),
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
