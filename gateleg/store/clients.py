"""The one place that makes clients: lazily, from one session, with explicit retries and timeouts.

They are what `boto3.client` makes, from botocore itself: boto3 would load resources and transfers to S3 with it. Timeouts stay far below
API Gateway's 29 seconds. botocore is imported with the first client, not with this module.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, cast

from gateleg.errors import BindingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_secretsmanager import SecretsManagerClient

    from gateleg.store.dynamodb_client import DynamoDBClient

_CONNECT_SECONDS = 1
_READ_SECONDS = 3
_ATTEMPTS = 3
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
def sts() -> Any:
    """The client that gives sessions of a role.

    Raises:
        BindingError: No region is set.
    """
    return _client("sts", attempts=_ATTEMPTS)


def dynamodb_as(credentials: Mapping[str, Any]) -> DynamoDBClient:
    """A DynamoDB client with the credentials of a session, otherwise as `dynamodb` gives it.

    Args:
        credentials: The `Credentials` of an answer of STS.
    """
    given = {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    return cast("DynamoDBClient", _client("dynamodb", attempts=1, credentials=given, parameter_validation=False))


def dynamodb_endpoint(region: str) -> str:
    """The URL that boto3 finds for DynamoDB, whatever configuration says.

    Args:
        region: The region.
    """
    client: Any = _client("dynamodb", attempts=1, region_name=region)
    url: str = client.meta.endpoint_url
    return url


def reset() -> None:
    """Forget the session and its clients, so that the next use reads the environment anew; for tests."""
    from gateleg.aws.session import session

    for made in (dynamodb, secretsmanager, sts, session):
        made.cache_clear()


def _user_agent(of: Any) -> str:
    """How the clients name themselves to AWS: botocore, Python, the system, the Lambda runtime and `AWS_SDK_UA_APP_ID`.

    As a setting, since botocore makes up its own name from thirty parts twice for each request: a sixth of what it takes to read an item.
    """
    name, app = str(of.user_agent()), of.get_config_variable("user_agent_appid")
    return f"{name} app/{app}" if app else name


def _client(
    service: Literal["dynamodb", "secretsmanager", "sts"],
    *,
    attempts: int,
    credentials: Mapping[str, str] | None = None,
    **settings: Any,
) -> Any:
    from botocore.config import Config
    from botocore.exceptions import NoRegionError

    from gateleg.aws.session import session

    try:
        with _lock:
            made: Any = session()
            config = Config(
                user_agent=_user_agent(made),
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": attempts},
                tcp_keepalive=True,
                **settings,
            )
            return made.create_client(service, config=config, **(credentials or {}))
    except NoRegionError as error:
        raise BindingError("no AWS region is set; set AWS_DEFAULT_REGION (Lambda does)", path="AWS_DEFAULT_REGION") from error
