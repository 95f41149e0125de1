"""Texts with placeholders, in which what CDK makes later may stand too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from aws_cdk import Token

from gateleg.cdk.integrations.vtl import Text, in_form
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from gateleg.cdk.integrations.integration import Place

TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
"""A name of AWS that CDK does not know yet, as it stands in texts."""
_PIECE = re.compile(
    rf"(?P<token>{TOKEN.pattern})|(?P<brace>\{{\{{|\}}\}})|\{{(?P<name>[^{{}}]*)\}}|(?P<stray>[{{}}])|(?P<text>[^{{}}$]+|\$)"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_MAPPED = re.compile(r"\$\{?(request|context|stageVariables)\b")


class Placeholders(Text):
    """A text with placeholders, `"{room}"`, that the parameters of a request fill, and tokens of CDK.

    Args:
        text: The text.
        owner: What it is part of, for messages.

    Raises:
        DeclarationError: It cannot be read.
    """

    def __init__(self, text: str, owner: str) -> None:  # pyright: ignore[reportMissingSuperCall]
        parts: list[tuple[str, str | None]] = []
        for found in _PIECE.finditer(text):
            piece = found[0]
            match found.lastgroup:
                case "name" if _NAME.fullmatch(found["name"]):
                    parts.append(("", found["name"]))
                case "name":
                    message = f"{owner} {text!r} has {piece}; a placeholder is the name of a parameter: {{room}}"
                    raise DeclarationError(message, path=owner, value=text)
                case "stray":
                    message = f"{owner} {text!r} cannot be read: {piece} stands alone; write {{name}} for a parameter, and {{{{ or }}}} for a brace itself"
                    raise DeclarationError(message, path=owner, value=text)
                case "token":
                    parts.append((piece, None))
                case kind:
                    parts.append((piece[0] if kind == "brace" else piece, None))
        self._parts = parts

    def alone(self, place: Place, path: str, query: str) -> str:
        """As in the base, of texts that are no mapping to HTTP APIs."""
        if self.names:
            return super().alone(place, path, query)
        return constant(place, "".join(before for before, _ in self._parts))


def constant(place: Place, text: str) -> str:
    """A text that HTTP APIs send as it is.

    Args:
        place: The route.
        text: The text.

    Raises:
        DeclarationError: An HTTP API would read a mapping of it, and callers would say what is sent.
    """
    if found := _MAPPED.search(text):
        raise place.refused(
            f"sends {text!r}, whose {found[0]!r} an HTTP API takes for a mapping of the request; write a text without it, or use RestGateway",
            text,
        )
    return text


def path_text(text: str) -> str:
    """A part of a text in the path of a URL."""
    return text if Token.is_unresolved(text) else quote(text)


def form_text(text: str) -> str:
    """A part of a text as a value of a form body."""
    return in_form(f"'{text}'") if Token.is_unresolved(text) else quote_plus(text)
