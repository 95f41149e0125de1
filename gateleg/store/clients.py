"""The one place that makes clients: lazily, from one session, with explicit retries and timeouts.

They are what `boto3.client` makes, from botocore itself: boto3 would load resources and transfers to S3 with it. Timeouts stay far below
API Gateway's 29 seconds. botocore is imported with the first client, not with this module.
"""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, cast

from gateleg.errors import BindingError

if TYPE_CHECKING:
    from botocore.session import Session
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


def setting(name: Literal["region", "ca_bundle"]) -> str | None:
    """What AWS's configuration says, in variables or files."""
    made: Any = session()
    return made.get_config_variable(name) or None


def credentials() -> Any:
    """The credentials that botocore finds, wherever they are; `None` where it finds none."""
    made: Any = session()
    return made.get_credentials()


def reset() -> None:
    """Forget the session and its clients, so that the next use reads the environment anew; for tests."""
    for made in (dynamodb, secretsmanager, apigatewaymanagementapi, session):
        made.cache_clear()


@cache
def session() -> Session:
    """The session of all clients, one of botocore."""
    from botocore.session import get_session

    made: Any = get_session()
    made.lazy_register_component("data_loader", lambda: _service_models(made))
    return cast("Session", made)


def _service_models(of: Any) -> object:
    from gateleg.store.service_models import service_models

    return service_models(of.get_config_variable("data_path"))


def _user_agent() -> str:
    """How the clients name themselves to AWS: botocore, Python, the system, the Lambda runtime and `AWS_SDK_UA_APP_ID`.

    As a setting, since botocore makes up its own name from thirty parts twice for each request: a sixth of what it takes to read an item.
    """
    made: Any = session()
    name, app = str(made.user_agent()), made.get_config_variable("user_agent_appid")
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
            return made.create_client(service, endpoint_url=endpoint_url, config=config)
    except NoRegionError as error:
        raise BindingError("no AWS region is set; set AWS_DEFAULT_REGION (Lambda does)", path="AWS_DEFAULT_REGION") from error
