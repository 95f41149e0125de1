"""Signature Version 4, for requests without a query string.

Follows "Create a signed AWS API request" of the IAM user guide. The signing key is derived once a day and secret, not for each request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHM = "AWS4-HMAC-SHA256"
_END = "aws4_request"
_USUAL = re.compile(r"[A-Za-z0-9_.~/%@-]*")
"""Paths of which `quote` would change these two signs alone."""


@dataclass(frozen=True)
class Keys:
    """What signs: its `repr` shows no secret.

    Attributes:
        access_key: Says whose signature it is.
        secret_key: Makes the signature.
        token: Goes with credentials that expire.
    """

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Signer:
    """Signs for one region and service. Threads may share it.

    Args:
        region: The region in the signature's scope: `eu-north-1`.
        service: The service's name in it.
    """

    def __init__(self, region: str, service: str) -> None:
        self._region = region
        self._service = service
        self._derived: tuple[str, str, bytes] = ("", "", b"")

    def __repr__(self) -> str:
        return f"Signer({self._region!r}, {self._service!r})"

    def authorization(self, keys: Keys, headers: Mapping[str, str], digest: str, method: str = "POST", path: str = "/") -> str:
        """The value of the `Authorization` header.

        Args:
            keys: What signs. Its token, where there is one, stands in `headers`.
            headers: All headers that are signed, their names in lower case and in order; `x-amz-date` (`20150830T123600Z`) is the time.
            digest: The SHA-256 of the request's body, in hexadecimal.
            method: The request's method.
            path: The request's path as it is sent, what is no sign of paths in percent form.
        """
        stamp = headers["x-amz-date"]
        day, names = stamp[:8], ";".join(headers)
        scope = f"{day}/{self._region}/{self._service}/{_END}"
        lines = "".join([f"{name}:{value}\n" for name, value in headers.items()])
        quoted = path.replace("%", "%25").replace("@", "%40") if _USUAL.fullmatch(path) else quote(path, safe="/~")
        canonical = f"{method}\n{quoted}\n\n{lines}\n{names}\n{digest}"
        claim = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._key(keys.secret_key, day), claim.encode(), "sha256").hex()
        return f"{_ALGORITHM} Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"

    def _key(self, secret: str, day: str) -> bytes:
        # One tuple, read and replaced whole, so that no thread signs with a key of another secret or day.
        of_secret, of_day, key = self._derived
        if of_day != day or of_secret != secret:
            key = f"AWS4{secret}".encode()
            for part in (day, self._region, self._service, _END):
                key = hmac.digest(key, part.encode(), "sha256")
            self._derived = (secret, day, key)
        return key
