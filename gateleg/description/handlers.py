"""Handler strings: `package.module:attribute`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from gateleg.errors import DeclarationError

_HANDLER = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*)")
_SERVICE_DEPTH = 2


def split_handler(handler: str) -> tuple[str, str]:
    """The module and the attribute of a handler string.

    Raises:
        DeclarationError: It is not one.
    """
    match = _HANDLER.fullmatch(handler) if isinstance(handler, str) else None  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
    if match is None:
        message = f"a handler is written package.module:attribute, such as 'lambdas.chat.rest:app', got {handler!r}"
        raise DeclarationError(message, path=str(handler), value=handler, code="declaration.handler")
    return match[1], match[2]


def lambda_handler(handler: str) -> str:
    """The handler as AWS Lambda writes it: `package.module.attribute`.

    Raises:
        DeclarationError: It is not a handler string.
    """
    module, attribute = split_handler(handler)
    return f"{module}.{attribute}"


def module_folders(handler: str) -> list[PurePosixPath]:
    """The folders of the handler's module, the deepest first, the top one last; empty for a module without a package.

    Raises:
        DeclarationError: It is not a handler string.
    """
    module, _ = split_handler(handler)
    packages = module.split(".")[:-1]
    return [PurePosixPath(*packages[:depth]) for depth in range(len(packages), 0, -1)]


def service_name(handler: str) -> str:
    """The short name of an app or handler, used for functions and logs.

    `lambdas.chat.rest:app` is `chat-rest`: of more than two parts the first is dropped, and an attribute other than `app` is added.
    """
    module, _, attribute = handler.partition(":")
    parts = module.split(".")
    if len(parts) > _SERVICE_DEPTH:
        parts = parts[1:]
    return "-".join([*parts, *([attribute] if attribute not in {"", "app"} else [])])


def camel(text: str) -> str:
    """A name as construct ids are written: of `chat-rest`, `ChatRest`."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[^\W_]+", text))
