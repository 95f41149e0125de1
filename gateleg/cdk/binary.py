"""Which bodies API Gateway takes for bytes.

It decodes an answer only where the first type that the client accepts is among them, so nothing but `*/*` serves every client.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateleg.description import Route


def binary_types(given: Sequence[str] | None, routes: Iterable[Route]) -> list[str] | None:
    """The API's binary media types.

    Args:
        given: What the gateway was given.
        routes: Those of its apps.

    Raises:
        DeclarationError: A route answers bytes, or compresses, and the gateway was given no type at all.
    """
    answering = next((route for route in routes if route.binary), None)
    if answering is None:
        return list(given) if given else None
    if given is None:
        return ["*/*"]
    if not given:
        message = (
            f"{answering.key} of {answering.handler} answers bytes, and binary_media_types=[] would send them as Base64; "
            "write binary_media_types=['*/*'], or leave it out"
        )
        raise DeclarationError(message, path="binary_media_types", value=list(given), code="declaration.binary")
    return list(given)
