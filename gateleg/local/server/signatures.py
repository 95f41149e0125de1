"""Who signs as the account's root: only who knows the secret of the run. The emulator itself takes the account's number for proof."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server import inside

if TYPE_CHECKING:
    from gateleg.local.server.request import Request

_UNSIGNED_SERVICES: Final = {"AWSCognitoIdentityProviderService": "cognito-idp", "AWSCognitoIdentityService": "cognito-identity"}
_SIGN_IN_PATHS: Final = ("/oauth2/", "/login", "/logout")


def signed_with(secret: str, request: Request, body: bytes) -> bool:
    """Return whether the request's Signature Version 4 was made with a secret.

    Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.

    Args:
        secret: The secret access key.
        request: The request, signed in a header or in its query string.
        body: Its body.
    """
    sigv4 = inside.module("core.sigv4")
    presigned = "authorization" not in request.headers
    headers, parameters = request.headers, request.parameters
    signature = sigv4.parse_query_signature(parameters) if presigned else sigv4.parse_header_signature(headers)
    if isinstance(signature, tuple) or signature.access_key_id != inside.access_key(request):
        return False
    failure = sigv4.header_signature_failure(
        signature, secret, request.method, request.raw_path, parameters, headers, body, presigned=presigned
    )
    return failure is None


def needs_no_signature(request: Request) -> bool:
    """Return whether AWS itself takes the request unsigned: signing in with Cognito, and reading objects that are public."""
    service, _, operation = request.headers.get("x-amz-target", "").rpartition(".")
    if service in _UNSIGNED_SERVICES:
        return operation in _unsigned_operations(_UNSIGNED_SERVICES[service])
    if request.path.startswith(_SIGN_IN_PATHS) or "/.well-known/" in request.path:
        return True
    return request.method in {"GET", "HEAD"} and _reads_object(request)


def _reads_object(request: Request) -> bool:
    # Without a signature nobody may ask whose buckets there are.
    return len(request.path) > 1 and not request.path.startswith("/_") and inside.service_of(request) == "s3"


@cache
def _unsigned_operations(service: str) -> frozenset[str]:
    import botocore.session

    model: Any = botocore.session.Session().get_service_model(service)
    return frozenset(name for name in model.operation_names if model.operation_model(name).auth_type == "none")
