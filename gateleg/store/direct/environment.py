"""Where DynamoDB is: what was given, what the environment says, or, where that does not say it all, what botocore makes of it.

What botocore is asked is public: a client's `meta.endpoint_url`.
"""

from __future__ import annotations

import os
import re

from gateleg.aws.environment import ServiceEndpoint, is_plain, refuse_proxies
from gateleg.errors import BindingError
from gateleg.store import clients

_PARTITIONS = (
    (re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+"), "amazonaws.com"),
    (re.compile(r"us-gov-[a-z]+-\d+"), "amazonaws.com"),
    (re.compile(r"cn-[a-z]+-\d+"), "amazonaws.com.cn"),
)


def endpoint_of(given: str | None, region: str) -> ServiceEndpoint:
    """The endpoint: what was given, `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL`, or the region's own.

    Raises:
        BindingError: It is not an endpoint, or can be reached through a proxy alone.
    """
    endpoint = ServiceEndpoint.of(given or _configured(region))
    if endpoint is None or endpoint.path:
        # What was given is not quoted: it may hold a password.
        message = "an endpoint is http:// or https:// with a host and perhaps a port, nothing more, like 'https://dynamodb.eu-north-1.amazonaws.com'"
        raise BindingError(message, path="endpoint")
    refuse_proxies(endpoint, "use BotocoreTransport, or name the host in NO_PROXY")
    return endpoint


def _configured(region: str) -> str:
    if os.environ.get("AWS_ACCOUNT_ID_ENDPOINT_MODE", "").lower() == "required":
        message = "AWS_ACCOUNT_ID_ENDPOINT_MODE=required wants an endpoint of your account, which this transport does not make up"
        raise BindingError(f"{message}; give endpoint='https://<account>.ddb.{region}.amazonaws.com'", path="endpoint")
    if not is_plain(keys=False):
        return clients.dynamodb_endpoint(region)
    url = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") or os.environ.get("AWS_ENDPOINT_URL")
    suffix = next((suffix for pattern, suffix in _PARTITIONS if pattern.fullmatch(region)), None)
    if url or suffix:
        return url or f"https://dynamodb.{region}.{suffix}"
    return clients.dynamodb_endpoint(region)
