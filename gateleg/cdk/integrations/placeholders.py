"""Texts with placeholders, in which what CDK makes later may stand too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from aws_cdk import Token

from gateleg.cdk.integrations.vtl import in_form, parameter
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk.integrations.integration import Place

TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
"""A name of AWS that CDK does not know yet, as it stands in texts."""
_PIECE = re.compile(
    rf"(?P<token>{TOKEN.pattern})|(?P<brace>\{{\{{|\}}\}})|\{{(?P<name>[^{{}}]*)\}}|(?P<stray>[{{}}])|(?P<text>[^{{}}$]+|\$)"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_MAPPED = re.compile(r"\$\{?(request|context|stageVariables)\b")


class Placeholders:
    """A text with placeholders, `"{room}"`, that the parameters of a request fill, and tokens of CDK.

    Args:
        text: The text.
        owner: What it is part of, for messages.

    Raises:
        DeclarationError: It cannot be read.
    """

    def __init__(self, text: str, owner: str) -> None:
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

    @property
    def names(self) -> list[str]:
        """The parameters that it names."""
        return list(dict.fromkeys(name for _, name in self._parts if name is not None))

    def render(self, variables: list[str], escape: Callable[[str], str], plain: Callable[[str], str]) -> str:
        """The text in a template.

        Args:
            variables: The variables of the path.
            escape: Escapes a reference for the place where it stands.
            plain: Does the same with what is no reference.
        """
        return self.filled(lambda name: escape(parameter(name, variables)), plain)

    def filled(self, value: Callable[[str], str], plain: Callable[[str], str]) -> str:
        """The text with something in the place of each parameter.

        Args:
            value: What stands for a parameter of a name.
            plain: What stands for the text between them.
        """
        return "".join(plain(before) + (value(name) if name else "") for before, name in self._parts)

    def alone(self, place: Place, path: str, query: str) -> str:
        """The text as HTTP APIs map it, which join nothing: one parameter, or none.

        Args:
            place: The route.
            path: How a variable of the path is mapped, with `{}` for its name.
            query: The same of a parameter of the query.

        Raises:
            DeclarationError: It is a text with a parameter in it, or one that HTTP APIs take for a mapping.
        """
        match self._parts:
            case [("", str(name))]:
                return (path if name in place.variables else query).format(name)
            case _ if self.names:
                raise place.refused("joins text and parameters, which HTTP APIs do not; write one parameter alone, or use RestGateway")
            case parts:
                return constant(place, "".join(text for text, _ in parts))


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
