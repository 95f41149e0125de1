"""Cursors: the place where a page ended, signed, and of use for the same query alone.

A cursor is `base64url(place) "." base64url(HMAC-SHA256(key, query, place))`. The signature covers all of the query: table, index, partition,
range, filter and order. So neither the place nor the query can be altered: nobody reads another partition with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from gateleg.errors import CursorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.model.values.wire import WireValue

Place: TypeAlias = "Mapping[str, WireValue] | list[list[WireValue] | None]"
"""Where a page ended: the keys of its last item; or for each shard of what is read those of the last one given, without names, `None` where none was.

Those of shards are compressed, as they are much alike."""

_CONTEXT = b"gateleg.cursor.1"
_TOO_LONG = 16_384
"""No place that a key can hold takes as many characters."""


class CursorKeys(Protocol):
    """Where the signing keys come from."""

    def signing(self) -> bytes:
        """The key that signs new cursors."""
        ...

    def verifying(self) -> Iterable[bytes]:
        """The keys that may have signed a cursor, the likeliest first."""
        ...


class GivenKeys:
    """Keys that the caller gives: the first one signs, all of them verify.

    Args:
        keys: Text or bytes, of 16 bytes or more each.

    Raises:
        CursorError: No key is given, or one is too short to sign with.
    """

    _SHORTEST = 16

    def __init__(self, keys: Iterable[str | bytes]) -> None:
        self._keys = [key.encode() if isinstance(key, str) else key for key in keys]
        if not self._keys or min(map(len, self._keys)) < self._SHORTEST:
            raise CursorError(f"cursor keys are one or more texts of at least {self._SHORTEST} bytes; give longer ones", path="cursor_keys")

    def signing(self) -> bytes:
        """The first key."""
        return self._keys[0]

    def verifying(self) -> Iterable[bytes]:
        """All keys."""
        return self._keys


def sign(place: Place, query: Mapping[str, Any], keys: CursorKeys) -> str:
    """The cursor for a place in a query.

    Args:
        place: The keys of the last item given; or of several shards, their values.
        query: The request's parameters, without the place and the limit.
        keys: The signing keys.
    """
    payload = json.dumps(place, default=_plain, separators=(",", ":"), sort_keys=True).encode()
    if isinstance(place, list):
        payload = zlib.compress(payload)
    return f"{_b64(payload)}.{_b64(_signature(keys.signing(), payload, query))}"


def read(cursor: str, query: Mapping[str, Any], keys: CursorKeys) -> Any:
    """The place that a cursor holds.

    Raises:
        CursorError: The cursor was altered, is of another query, or was signed with a key that is not known.
    """
    payload, signature = _split(cursor)
    if not any(hmac.compare_digest(_signature(key, payload, query), signature) for key in keys.verifying()):
        raise _refused(cursor)
    if not payload.startswith(b"{"):
        payload = zlib.decompress(payload)
    return json.loads(payload, object_hook=_revived)


def _signature(key: bytes, payload: bytes, query: Mapping[str, Any]) -> bytes:
    question = json.dumps(query, default=_plain, separators=(",", ":"), sort_keys=True).encode()
    return hmac.digest(key, b"\0".join((_CONTEXT, hashlib.sha256(question).digest(), payload)), "sha256")


def _split(cursor: str) -> tuple[bytes, bytes]:
    if not isinstance(cursor, str):  # pyright: ignore[reportUnnecessaryIsInstance] (it is for whom no checker reads)
        raise _refused(repr(cursor))
    payload, dot, signature = cursor.partition(".")
    if len(cursor) > _TOO_LONG or not dot:
        raise _refused(cursor)
    try:
        decoded = _unb64(payload), _unb64(signature)
    except ValueError as error:
        raise _refused(cursor) from error
    if (_b64(decoded[0]), _b64(decoded[1])) != (payload, signature):
        raise _refused(cursor)
    return decoded


def _refused(cursor: str) -> CursorError:
    return CursorError("the cursor is not one of this query; begin again without a cursor", path="cursor", value=cursor[:80])


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return {"": base64.b64encode(value).decode()}
    raise CursorError(f"a cursor cannot hold {value!r}", path="cursor", value=value)


def _revived(value: dict[str, Any]) -> Any:
    return base64.b64decode(value[""]) if value.keys() == {""} else value


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
