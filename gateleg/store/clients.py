"""The one place that makes boto3 clients: lazily, from one session, with explicit retries and timeouts.

Timeouts stay far below API Gateway's 29 seconds. boto3 is imported with the first client, not with this module.
"""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, cast

from gateleg.errors import BindingError

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.session import Session as CoreSession
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from gateleg.store.dynamodb_client import DynamoDBClient

_CONNECT_SECONDS = 1
_READ_SECONDS = 3
_ATTEMPTS = 3
_BROADCAST_CONNECTIONS = 32
_lock = Lock()


@cache
def dynamodb() -> DynamoDBClient:
    """The DynamoDB client. It sends each request once: the store repeats it, as only the store knows which writes may be sent twice.

    Raises:
        BindingError: No region is set.
    """
    return cast("DynamoDBClient", _client("dynamodb", attempts=1, parameter_validation=False))


@cache
def secretsmanager() -> SecretsManagerClient:
    """The Secrets Manager client.

    Raises:
        BindingError: No region is set.
    """
    return cast("SecretsManagerClient", _client("secretsmanager", attempts=_ATTEMPTS))


@cache
def apigatewaymanagementapi(endpoint: str) -> ApiGatewayManagementApiClient:
    """The client that posts to open WebSocket connections.

    Args:
        endpoint: The stage's callback URL. botocore's own variables (`AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`,
            `AWS_ENDPOINT_URL`) win over it where they are set.

    Raises:
        BindingError: No region is set.
    """
    configured = os.environ.get("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI") or os.environ.get("AWS_ENDPOINT_URL")
    url = None if configured else endpoint
    client = _client("apigatewaymanagementapi", attempts=_ATTEMPTS, endpoint_url=url, max_pool_connections=_BROADCAST_CONNECTIONS)
    return cast("ApiGatewayManagementApiClient", client)


def dynamodb_endpoint(region: str) -> str:
    """The URL that boto3 finds for DynamoDB, whatever configuration says.

    Args:
        region: The region.
    """
    client: Any = _client("dynamodb", attempts=1, region_name=region)
    url: str = client.meta.endpoint_url
    return url


def ca_bundle() -> str | None:
    """The file of certificates that AWS's configuration names."""
    core: Any = _core()
    configured: str | None = core.get_config_variable("ca_bundle")
    return configured or None


def reset() -> None:
    """Forget the session and its clients, so that the next use reads the environment anew; for tests."""
    for made in (dynamodb, secretsmanager, apigatewaymanagementapi, session, _core):
        made.cache_clear()


@cache
def _core() -> CoreSession:
    from botocore.session import get_session

    return get_session()


@cache
def session() -> Session:
    """The session of all clients."""
    from boto3.session import Session

    return Session(botocore_session=_core())


def _user_agent() -> str:
    """How the clients name themselves to AWS: boto3, Python, the system, the Lambda runtime and `AWS_SDK_UA_APP_ID`.

    As a setting, since botocore makes up its own name from thirty parts twice for each request: a sixth of what it takes to read an item.
    """
    core: Any = _core()
    # What the session says in addition, botocore adds to the setting by itself.
    name = str(core.user_agent()).removesuffix(f" {core.user_agent_extra}")
    app = core.get_config_variable("user_agent_appid")
    return f"{name} app/{app}" if app else name


def _client(
    service: Literal["dynamodb", "secretsmanager", "apigatewaymanagementapi"],
    *,
    attempts: int,
    endpoint_url: str | None = None,
    **settings: Any,
) -> Any:
    from botocore.config import Config
    from botocore.exceptions import NoRegionError

    try:
        with _lock:
            made: Any = session()
            config = Config(
                user_agent=_user_agent(),
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": attempts},
                tcp_keepalive=True,
                **settings,
            )
            return made.client(service, endpoint_url=endpoint_url, config=config)
    except NoRegionError as error:
        raise BindingError("no AWS region is set; set AWS_DEFAULT_REGION (Lambda does)", path="AWS_DEFAULT_REGION") from error
