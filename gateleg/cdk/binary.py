"""Which bodies API Gateway takes for bytes.

It decodes an answer only where the first type that the client accepts is among them, so nothing but `*/*` serves every client. A body of another type
it hands on as text, in which the bytes of a file are lost.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.description import Route

_FORM: Final = "multipart/form-data"
_FORMS: Final = frozenset({_FORM, "multipart/*", "*/*"})


def binary_types(given: Sequence[str] | None, routes: Sequence[Route]) -> list[str] | None:
    """The API's binary media types.

    Args:
        given: What the gateway was given.
        routes: Those of its apps.

    Raises:
        DeclarationError: A route answers bytes, or compresses, and the gateway was given no type at all; or it takes files, and is given types without
            that of forms.
    """
    answering = next((route for route in routes if route.binary), None)
    uploading = next((route for route in routes if route.uploads), None)
    if given is None:
        return ["*/*"] if answering else [_FORM] if uploading else None
    if answering and not given:
        message = (
            f"{answering.key} of {answering.handler} answers bytes, and binary_media_types=[] would send them as Base64; "
            "write binary_media_types=['*/*'], or leave it out"
        )
        raise DeclarationError(message, path="binary_media_types", value=list(given), code="declaration.binary")
    if uploading and not _FORMS & {one.lower().replace("~1", "/") for one in given}:
        message = (
            f"{uploading.key} of {uploading.handler} takes files, and binary_media_types without {_FORM!r} would hand them on as text; "
            f"write binary_media_types={[*given, _FORM]}, or leave it out"
        )
        raise DeclarationError(message, path="binary_media_types", value=list(given), code="declaration.binary")
    return list(given) or None
