"""The one place that makes clients of the embedded AWS's own APIs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateleg.local.template import Target


@lru_cache(maxsize=16)
def client(service: str, target: Target) -> Any:
    """Return a boto3 client of the embedded AWS with its root key; the same for the same, since making one takes longer than most calls.

    Args:
        service: The service's name in boto3.
        target: The embedded AWS.
    """
    import boto3
    from botocore.config import Config

    session: Any = boto3.Session(aws_access_key_id=target.account, aws_secret_access_key=target.secret, region_name=target.region)
    config = Config(connect_timeout=2, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 2})
    return session.client(service, endpoint_url=target.endpoint_url, config=config)
