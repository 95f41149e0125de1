"""Cursor keys kept in AWS Secrets Manager, through its rotations.

A rotation makes a new version AWSCURRENT and the one before it AWSPREVIOUS. Whoever read the secret before that does not know the new one
yet, and is sent cursors that it signed. So a cursor that no known key signed has both versions read again; seldom, as anybody can
make up cursors.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from gateleg.description.names import cursor_secret_variable
from gateleg.errors import BindingError
from gateleg.store import clients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FRESH_SECONDS = 300
_AGAIN_SECONDS = 10
_CURRENT, _PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


@dataclass(frozen=True)
class _Known:
    """The keys that were read: the current one and, where `whole`, the one before it, if there is one."""

    read_at: float
    keys: tuple[bytes, ...]
    whole: bool


class SecretKeys:
    """The keys of a table's secret: AWSCURRENT signs, AWSPREVIOUS verifies too. Threads may share it.

    AWSCURRENT is read at first use, and again when five minutes old; AWSPREVIOUS when a cursor needs it. Both are read once more for a
    cursor that neither signed, by one thread for all, at most once in ten seconds.

    Args:
        table: The table's declared name; `GATELEG_CURSOR_SECRET_<NAME>` holds the secret's ARN.
        client: Gives the Secrets Manager client.
        clock: Gives the seconds since some moment.
    """

    def __init__(self, table: str, client: Callable[[], Any] = clients.secretsmanager, clock: Callable[[], float] = time.monotonic) -> None:
        self._table = table
        self._client = client
        self._clock = clock
        self._known: _Known | None = None
        self._read_again_at = float("-inf")
        self._reading = Lock()

    def signing(self) -> bytes:
        """The current key.

        Raises:
            BindingError: The environment names no secret, or the secret cannot be read.
        """
        return self._current()[0]

    def verifying(self) -> Iterator[bytes]:
        """The current key, the one before it, and what has become of both since they were read; each is read only when asked for.

        Raises:
            BindingError: The environment names no secret, or the secret cannot be read.
        """
        tried: set[bytes] = set()
        for known in (self._current, self._both, self._both_again):
            for key in known():
                if key not in tried:
                    tried.add(key)
                    yield key

    @property
    def _variable(self) -> str:
        return cursor_secret_variable(self._table)

    def _current(self) -> tuple[bytes, ...]:
        known = self._known
        if known is not None and self._is_fresh(known):
            return known.keys
        with self._reading:
            known = self._known
            if known is None or not self._is_fresh(known):
                known = self._known = _Known(self._clock(), self._read(_CURRENT), whole=False)
        return known.keys

    def _both(self) -> tuple[bytes, ...]:
        with self._reading:
            known = self._known
            if known is None:
                return ()
            if not known.whole:
                known = self._known = _Known(known.read_at, (known.keys[0], *self._read(_PREVIOUS)), whole=True)
        return known.keys

    def _both_again(self) -> tuple[bytes, ...]:
        with self._reading:
            if self._clock() - self._read_again_at >= _AGAIN_SECONDS:
                try:
                    self._known = _Known(self._clock(), (*self._read(_CURRENT), *self._read(_PREVIOUS)), whole=True)
                finally:
                    # Counted from its end, so that whoever waited for it does not read once more.
                    self._read_again_at = self._clock()
            return () if self._known is None else self._known.keys

    def _is_fresh(self, known: _Known) -> bool:
        return self._clock() - known.read_at <= _FRESH_SECONDS

    def _read(self, stage: str) -> tuple[bytes, ...]:
        """The version of a stage; there may be none before the current one."""
        from botocore.exceptions import BotoCoreError, ClientError

        arn = os.environ.get(self._variable)
        if not arn:
            message = f"{self._variable} is not set, so pages of table {self._table!r} cannot be signed; give the function the table in its construct, or the store cursor_keys="
            raise BindingError(message, path=self._variable)
        try:
            answer = self._client().get_secret_value(SecretId=arn, VersionStage=stage)
        except ClientError as error:
            if stage == _PREVIOUS and error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                return ()
            raise BindingError(f"the cursor secret {arn} cannot be read: {error}", path=self._variable, value=arn) from error
        except BotoCoreError as error:
            raise BindingError(f"the cursor secret {arn} cannot be read: {error}", path=self._variable, value=arn) from error
        text: str | None = answer.get("SecretString")
        return (text.encode() if text is not None else bytes(answer["SecretBinary"]),)
