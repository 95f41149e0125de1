"""Cursor keys kept in AWS Secrets Manager, through its rotations."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from gateleg.description.names import cursor_secret_variable
from gateleg.errors import BindingError
from gateleg.store import clients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FRESH_SECONDS = 300
_STAGES = ("AWSCURRENT", "AWSPREVIOUS")


class SecretKeys:
    """The keys of a table's secret: AWSCURRENT signs, AWSPREVIOUS verifies too. Read at first use, and again when five minutes old.

    Args:
        table: The table's declared name; `GATELEG_CURSOR_SECRET_<NAME>` holds the secret's ARN.
        client: Gives the Secrets Manager client.
        clock: Gives the seconds since some moment.
    """

    def __init__(self, table: str, client: Callable[[], Any] = clients.secretsmanager, clock: Callable[[], float] = time.monotonic) -> None:
        self._table = table
        self._client = client
        self._clock = clock
        self._kept: dict[str, tuple[float, bytes | None]] = {}

    def signing(self) -> bytes:
        """The current key.

        Raises:
            BindingError: The environment names no secret, or the secret cannot be read.
        """
        key = self._stage("AWSCURRENT")
        if key is None:
            raise BindingError(f"the cursor secret of table {self._table!r} has no current version", path=self._variable)
        return key

    def verifying(self) -> Iterable[bytes]:
        """The current key, then the one before it; the latter is read only when asked for.

        Raises:
            BindingError: The environment names no secret, or the secret cannot be read.
        """
        for stage in _STAGES:
            key = self._stage(stage)
            if key is not None:
                yield key

    @property
    def _variable(self) -> str:
        return cursor_secret_variable(self._table)

    def _stage(self, stage: str) -> bytes | None:
        read_at, key = self._kept.get(stage, (float("-inf"), None))
        if self._clock() - read_at > _FRESH_SECONDS:
            key = self._read(stage)
            self._kept[stage] = (self._clock(), key)
        return key

    def _read(self, stage: str) -> bytes | None:
        from botocore.exceptions import BotoCoreError, ClientError

        arn = os.environ.get(self._variable)
        if not arn:
            message = f"{self._variable} is not set, so pages of table {self._table!r} cannot be signed; give the function the table in its construct, or the store cursor_keys="
            raise BindingError(message, path=self._variable)
        try:
            answer = self._client().get_secret_value(SecretId=arn, VersionStage=stage)
        except ClientError as error:
            if stage == "AWSPREVIOUS" and error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                return None
            raise BindingError(f"the cursor secret {arn} cannot be read: {error}", path=self._variable, value=arn) from error
        except BotoCoreError as error:
            raise BindingError(f"the cursor secret {arn} cannot be read: {error}", path=self._variable, value=arn) from error
        text: str | None = answer.get("SecretString")
        return text.encode() if text is not None else bytes(answer["SecretBinary"])
