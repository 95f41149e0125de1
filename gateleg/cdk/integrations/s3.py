"""Objects of S3, read and written without a function."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Aws

from gateleg.cdk.arguments import check, filled, having
from gateleg.cdk.integrations.answers import error_body, mapped
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.placeholders import TOKEN, Placeholders, path_text
from gateleg.cdk.integrations.roles import key_statements
from gateleg.cdk.validation import Checks
from gateleg.errors import DeclarationError, ItemNotFoundError

if TYPE_CHECKING:
    from aws_cdk import aws_s3 as s3

    from gateleg.cdk.integrations.integration import Place

_MOST_BYTES = 1_024
_FILLED_LATER = re.compile(r"\{[^{}]*\}")
_WILDCARDS = (
    "The object's key has parameters of the request in it; the role reaches objects whose keys are of the declared form, and no others."
)


@dataclass(frozen=True)
class S3Get(Integration):
    """Answers with an object, as it is, under the type that it is stored with; 404 where there is none: `S3Get(bucket, key="photos/{id}.png")`.

    Objects that are no text need `RestGateway(binary_media_types=[...])`.

    Args:
        bucket: The bucket.
        key: The object's key: a text with parameters. The role reads what the key may be, and no other object.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    bucket: s3.IBucket | s3.Bucket
    key: str

    def __post_init__(self) -> None:
        _check("S3Get", self.bucket, self.key)

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        integration, checks = _object(self, place, "GET", "s3:GetObject", "kms:Decrypt")
        missing = (404, error_body(ItemNotFoundError("missing")))
        responses = mapped("", others={"403|404": missing})
        header = {"method.response.header.Content-Type": "integration.response.header.Content-Type"}
        # Without a template the object passes as it is. Who may not list a bucket is told 403 of what is not there.
        responses["default"] = {"statusCode": "200", "responseParameters": header}
        return Answered(integration | {"responses": responses}, checks=checks)


@dataclass(frozen=True)
class S3Put(Integration):
    """Stores the body of a request, as it is, under the type that the request says, and answers 201: `S3Put(bucket, key="photos/{id}.png")`.

    Bodies that are no text need `RestGateway(binary_media_types=[...])`. What was under the key is replaced.

    Args:
        bucket: The bucket.
        key: The object's key: a text with parameters. The role writes what the key may be, and no other object.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    bucket: s3.IBucket | s3.Bucket
    key: str

    def __post_init__(self) -> None:
        _check("S3Put", self.bucket, self.key)

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        place.require_body("the object")
        integration, checks = _object(self, place, "PUT", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey")
        integration["requestParameters"] |= {"integration.request.header.Content-Type": "method.request.header.Content-Type"}
        return Answered(integration | {"responses": mapped("{}", status=201)}, checks=checks)


def _check(owner: str, bucket: Any, key: Any) -> None:
    check(owner, bucket=(bucket, having("a Bucket", "bucket_arn", "bucket_name")), key=(key, filled))
    if key.startswith("/") or "*" in key or "?" in key:
        message = f"{owner}(key={key!r}) begins with a slash, or has * or ?, which policies take for any text; leave them out"
        raise DeclarationError(message, path=f"{owner}.key", value=key)
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html; what parameters fill in is not known here.
    if (size := len(_FILLED_LATER.sub("", TOKEN.sub("", key)).encode())) > _MOST_BYTES:
        message = f"{owner}(key=...) has {size:,} bytes beside its parameters, and S3 takes {_MOST_BYTES:,}; write a shorter one"
        raise DeclarationError(message, path=f"{owner}.key", value=key)


def _object(of: S3Get | S3Put, place: Place, method: str, action: str, *of_key: str) -> tuple[dict[str, Any], Checks]:
    owner = type(of).__name__
    text = Placeholders(of.key, f"{owner}(key=...)")
    place.require_every_variable(text.names, owner)
    queries = place.queries(text.names)
    # What may stand in the place of a parameter nobody knows: the rest of the key is what the role is held to.
    arn = f"{of.bucket.bucket_arn}/{text.filled(lambda _: '*', str)}"
    role = place.roles.of(owner, "", {arn: [action]} | key_statements(of.bucket.encryption_key, *of_key), _WILDCARDS)
    path = text.filled(lambda name: f"{{{name}}}", path_text)
    integration: dict[str, Any] = {
        "type": "aws",
        "httpMethod": method,
        "uri": f"arn:{Aws.PARTITION}:apigateway:{place.region(of.bucket)}:s3:path/{of.bucket.bucket_name}/{path}",
        "credentials": role,
        "passthroughBehavior": "when_no_templates",
        "requestParameters": {
            f"integration.request.path.{name}": f"method.request.{'querystring' if name in queries else 'path'}.{name}"
            for name in text.names
        },
    }
    return integration, Checks(required=queries)
