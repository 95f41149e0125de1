"""The chat page, and where moderators sign in from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lambdas.page import read_page

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class SignIn:
    """Where moderators sign in, and get the credentials of their identities.

    Attributes:
        region: The region of all of it.
        pool: The user pool.
        client: The page as the pool knows it.
        identities: The identity pool.
        people: Where the user pool is asked.
        exchange: Where the identity pool is asked.
    """

    region: str
    pool: str
    client: str
    identities: str
    people: str
    exchange: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> SignIn:
        """What the handler's environment tells; one endpoint for all of AWS, where there is one, answers for both.

        Args:
            environment: The environment variables.
        """
        region, one = environment["CHAT_REGION"], environment.get("AWS_ENDPOINT_URL")
        people, exchange = (one or f"https://{service}.{region}.amazonaws.com" for service in ("cognito-idp", "cognito-identity"))
        pool, client, identities = (environment[f"CHAT_{name}"] for name in ("USER_POOL", "USER_POOL_CLIENT", "IDENTITY_POOL"))
        return cls(region, pool, client, identities, people, exchange)


@cache
def page_of(socket_url: str, sign_in: SignIn) -> tuple[str, dict[str, str]]:
    """The page and its headers.

    Args:
        socket_url: Where the page connects to.
        sign_in: Where moderators sign in.
    """
    values = {"socket": socket_url, **asdict(sign_in)}
    return read_page(Path(__file__).with_name("page.html"), values, connects_to=(socket_url, sign_in.people, sign_in.exchange))
