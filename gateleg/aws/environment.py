"""Where AWS is and who asks: from the arguments, from the environment, or, where that does not say it all, from botocore.

What botocore is asked is public: a session's credentials and settings. Lambda sets keys and region as variables and has no configuration
file, so a function imports no botocore for this.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from gateleg.aws import session
from gateleg.aws.signing import Keys
from gateleg.errors import BindingError

if TYPE_CHECKING:
    from collections.abc import Callable

_REGION = re.compile(r"[a-z0-9-]{1,63}")
_AUTHORITY = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>\d{1,5}))?")
_PATH = re.compile(r"(/[A-Za-z0-9._~$-]+)*")
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_BEYOND = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""Variables that only botocore is trusted to follow."""

_FILES = (("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
_PORTS = {"http": 80, "https": 443}


class Credentials(Protocol):
    """botocore's credentials: `boto3.Session(profile_name="x").get_credentials()`. They refresh themselves."""

    def get_frozen_credentials(self) -> Any:
        """The `access_key`, `secret_key` and `token` of this moment."""
        ...


@dataclass(frozen=True)
class ServiceEndpoint:
    """Where requests go.

    Attributes:
        url: The URL, without a path.
        host: The host's name or address.
        port: The port.
        tls: Whether the connection is encrypted.
        path: What its requests' paths begin with: empty, or `/live`.
    """

    url: str
    host: str
    port: int
    tls: bool
    path: str = ""

    @classmethod
    def of(cls, url: str) -> ServiceEndpoint | None:
        """The endpoint of a URL; `None` where it holds what no endpoint does."""
        parts = urlsplit(url)
        authority, path = _AUTHORITY.fullmatch(parts.netloc), parts.path.rstrip("/")
        if parts.scheme not in _PORTS or authority is None or parts.query or parts.fragment or not _PATH.fullmatch(path):
            return None
        port = int(authority["port"] or _PORTS[parts.scheme])
        return cls(f"{parts.scheme}://{parts.netloc}", authority["host"].strip("[]"), port, parts.scheme == "https", path)

    @property
    def authority(self) -> str:
        """The `Host` header's value: the port only where it is not the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS["https" if self.tls else "http"] else f"{name}:{self.port}"


def region_of(given: str | None) -> str:
    """The region.

    Raises:
        BindingError: No region is set, or what is set is not the name of one.
    """
    region = given or os.environ.get("AWS_DEFAULT_REGION")
    if not region and not is_plain():
        region = session.setting("region")
    region = region or os.environ.get("AWS_REGION")
    if not region:
        raise BindingError("no AWS region is set; set AWS_REGION or AWS_DEFAULT_REGION (Lambda does), or give region=", path="AWS_REGION")
    if not _REGION.fullmatch(region):
        raise BindingError(f"{region!r} is not a region; give one like 'eu-north-1'", path="AWS_REGION", value=region)
    return region


def keys_from(credentials: Credentials | None) -> Callable[[], Keys]:
    """What gives the keys of each moment.

    Args:
        credentials: botocore's; `None` for those that it would find.
    """
    if credentials is None and is_plain():
        return _keys_of_environment
    found: Any = credentials or session.credentials()

    def keys() -> Keys:
        if found is None:
            raise _no_credentials()
        frozen = found.get_frozen_credentials()
        return _checked(Keys(frozen.access_key, frozen.secret_key, frozen.token))

    return keys


def ca_bundle() -> str | None:
    """The file of certificates to trust in place of the system's."""
    configured = os.environ.get("AWS_CA_BUNDLE") or (None if is_plain() else session.setting("ca_bundle"))
    return configured or os.environ.get("REQUESTS_CA_BUNDLE")  # which botocore follows too


def refuse_proxies(endpoint: ServiceEndpoint, advice: str) -> None:
    """See that no proxy stands between.

    Args:
        endpoint: Where requests go.
        advice: What to use instead.

    Raises:
        BindingError: The environment names a proxy for the endpoint.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return
    from urllib.request import getproxies, proxy_bypass

    scheme, _, authority = endpoint.url.partition("://")
    if scheme in getproxies() and not proxy_bypass(authority):
        variable = f"{scheme.upper()}_PROXY"
        raise BindingError(f"requests go to no proxy, and {variable} names one for {authority}; {advice}", path=variable)


def is_plain(*, keys: bool = True) -> bool:
    """Whether the environment's variables say all that botocore would look at."""
    if keys and not (os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY")):
        return False
    if any(os.environ.get(name) for name in _BEYOND):
        return False
    return not any(os.path.exists(os.path.expanduser(os.environ.get(name) or usual)) for name, usual in _FILES)  # noqa: PTH110, PTH111 (pathlib would raise where there is no home)


def _keys_of_environment() -> Keys:
    # Read each time, as is cheap: a long-running process may be given new ones.
    access_key, secret_key = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not access_key or not secret_key:
        raise _no_credentials()
    return _checked(Keys(access_key, secret_key, os.environ.get("AWS_SECURITY_TOKEN") or os.environ.get("AWS_SESSION_TOKEN")))


def _checked(keys: Keys) -> Keys:
    # http.client would refuse these too, in an error that quotes them.
    if _SENDABLE.fullmatch(keys.access_key) and (not keys.token or _SENDABLE.fullmatch(keys.token)):
        return keys
    raise BindingError("the access key or the session token holds a space, a line break or other characters that no header may", path="AWS")


def _no_credentials() -> Exception:
    from botocore.exceptions import NoCredentialsError

    return NoCredentialsError()
