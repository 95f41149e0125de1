"""Connect tokens: a REST route that knows who calls issues one, and it opens one WebSocket, once, soon.

Browsers send no headers of their own with a WebSocket, and what stands in its URL may be logged; so what stands there is good for a minute and once.
"""

from __future__ import annotations

import logging
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from gateleg.description.marks import authorizing, uses
from gateleg.errors import ConditionFailedError, ConnectRefusedError, DeclarationError, ItemInvalidError, ItemNotFoundError
from gateleg.model import Attr, Entity, attr, key, ttl
from gateleg.websocket.arguments import check_kept
from gateleg.websocket.connecting import Redeemed, policy, single_parameter
from gateleg.websocket.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from gateleg.description.uses import Use
    from gateleg.model import Table
    from gateleg.store import Store

logger: logging.Logger = logging.getLogger(__name__)

_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST = timedelta(hours=1)
_PRINCIPAL_BYTES = 320
"""What leaves room for the topic of a principal in the registry's keys."""
_PARAMETER = re.compile(r"[A-Za-z0-9_~-]+")
_entities: WeakKeyDictionary[Table, Any] = WeakKeyDictionary()


class ConnectTokens:
    """Tokens that open one connection each.

    A REST route that knows who is calling gives `tokens.issue(principal)` to its client, which opens `wss://...?token=...`; the function of the gateway's
    `RequestAuthorizer` is `tokens.authorizer(...)`. Stored is a digest, so that who reads the table cannot connect; a token is deleted as it is used, on
    condition that it is there, so that of several uses one succeeds.

    Args:
        table: The table; it needs a sort key and a TTL attribute.
        audience: Which API the tokens are for, such as `"chat"`: the same for the route that issues them and for the authorizer, and another for each API
            of the table, as those of another audience open nothing here.
        lifetime: How long a token may be used.
        store: The store to keep them in; by default one that binds from the environment.

    Attributes:
        audience: As given.

    Raises:
        DeclarationError: The table has no sort key or no TTL attribute, the audience is no text, the lifetime is not between a second and an hour, or the table or
            the store is something else.
    """

    _opens = "connection"

    def __init__(self, table: Table, *, audience: str, lifetime: timedelta = timedelta(minutes=1), store: Store | None = None) -> None:
        check_kept("ConnectTokens", table=table, store=store)
        if table.sort_key is None or table.ttl is None:
            message = f"connect tokens need a table with a sort key and a TTL, {table.name!r} lacks one; write Table(..., sort_key='sk', ttl='expires_at')"
            raise DeclarationError(message, value=table.name)
        if not isinstance(audience, str) or not audience:  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
            message = f"the audience of tokens names their API, {audience!r} was given; write audience='chat'"
            raise DeclarationError(message, path="audience", value=audience)
        living: Any = lifetime
        if not isinstance(living, timedelta) or not timedelta(seconds=1) <= living <= _LONGEST:
            raise DeclarationError(f"a connect token lives from a second to an hour; {lifetime} was given", path="lifetime", value=lifetime)
        if table not in _entities:
            _entities[table] = _declare(table)
        self._entity = _entities[table]
        self._table = table
        self.audience: str = audience
        self._lifetime = lifetime
        self._given_store = store

    @cached_property
    def issuing(self) -> TokenUses:
        """What a route declares that issues tokens: `@uses(tokens.issuing)`."""
        return TokenUses(self._entity.create.declared_uses())

    @cached_property
    def redeeming(self) -> TokenUses:
        """What a handler declares that takes them; `authorizer` does it by itself."""
        return TokenUses(self._entity.delete.declared_uses())

    @cached_property
    def knowing(self) -> TokenUses:
        """What a handler declares that takes tokens and looks at some beforehand."""
        return TokenUses((*self.redeeming.uses, *self._entity.get.declared_uses()))

    def issue(self, principal: str, claims: Mapping[str, str] | None = None) -> str:
        """A token for somebody, 43 characters that may stand in a URL.

        Args:
            principal: Who will be connected: `current_connection.principal`.
            claims: What else the handlers of the connection are told: `current_connection.claims`.

        Raises:
            ItemInvalidError: There is no principal, it is not text or has more than 320 bytes, or a claim is called `principalId`.
            StoreError: It could not be stored.
        """
        import secrets

        who: Any = principal
        if not isinstance(who, str) or not principal or "principalId" in (claims or {}):
            message = "a connect token is somebody's: give the caller's id as principal, and no claim principalId"
            raise ItemInvalidError(f"{message}; {principal!r} was given", path="principal", value=principal)
        if len(principal.encode(errors="replace")) > _PRINCIPAL_BYTES:
            message = f"a principal has at most {_PRINCIPAL_BYTES} bytes, {principal[:40]!r}... was given; give an id, and what else there is as claims"
            raise ItemInvalidError(message, path="principal", value=principal)
        token = urlsafe_b64encode(secrets.token_bytes(_BYTES)).rstrip(b"=").decode()
        expires = datetime.now(UTC) + self._lifetime
        digest = self._digest(token)
        self._store.create(self._entity(digest=digest, principal=principal, claims=dict(claims or {}), expires_at=expires))
        return token

    def redeem(self, token: object) -> Redeemed:
        """Whose a token is, once.

        Raises:
            ConnectRefusedError: It is no token, was used, has expired, or is of another audience.
            StoreError: It could not be looked up; it may be used up.
        """
        kind, key = self._entity, self._key(token)
        try:
            used = self._store.delete(key, when=kind.expires_at > datetime.now(UTC))
        except (ItemNotFoundError, ConditionFailedError):
            used = None
        return _redeemed(used)

    def know(self, token: object) -> Redeemed:
        """Whose a token is, which stays good.

        Raises:
            ConnectRefusedError: It is no token, was used, has expired, or is of another audience.
            StoreError: It could not be looked up.
        """
        known = self._store.get(self._key(token), consistent=True)
        return _redeemed(known if known is not None and known.expires_at > datetime.now(UTC) else None)

    def authorizer(
        self, *, origins: Collection[str] | None = None, parameter: str = "token"
    ) -> Callable[[Mapping[str, Any], Any], dict[str, Any]]:
        """The Lambda function of a WebSocket gateway's `RequestAuthorizer`, whose identity source is `querystring.token`.

        Args:
            origins: The origins of the pages that may connect; a page of another uses no token up. All of them unless given.
            parameter: The parameter of the URL that holds the token.

        Raises:
            DeclarationError: One of the origins is not one, or the parameter is not a name alone.
        """
        if not isinstance(parameter, str) or not _PARAMETER.fullmatch(parameter):  # pyright: ignore[reportUnnecessaryIsInstance] (users pass what they like)
            message = (
                f"the parameter is the name alone of one in the URL, {parameter!r} was given; write parameter='token' for querystring.token"
            )
            raise DeclarationError(message, path="parameter", value=parameter)
        allowed = None if origins is None else Origins(origins)

        @uses(self.redeeming)
        @authorizing(f"querystring.{parameter}", self.audience)
        def authorize(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
            try:
                if allowed is not None:
                    allowed.check(event)
                who = self.redeem(single_parameter(event, parameter))
            except ConnectRefusedError as error:
                logger.info("a connection was refused: %s", error)
                return policy(event, None)
            return policy(event, who)

        return authorize

    @cached_property
    def _store(self) -> Store:
        from gateleg.store import Store

        return self._given_store or Store(self._table)

    def _key(self, token: object) -> Any:
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ConnectRefusedError("that is no connect token; ask for one before each connection")
        return self._entity.key(digest=self._digest(token))

    def _digest(self, token: str) -> str:
        return sha256(f"{self._opens}\0{self.audience}\0{token}".encode()).hexdigest()


@dataclass(frozen=True)
class TokenUses:
    """What a handler declares that issues or takes tokens; give it to `@uses`."""

    uses: tuple[Use, ...]

    def declared_uses(self) -> tuple[Use, ...]:
        """The operations on the tokens' items."""
        return self.uses


def _declare(table: Table) -> Any:
    class ConnectToken(Entity, table=table):
        """A token that was issued and not used."""

        digest: Attr[str] = attr()
        principal: Attr[str] = attr()
        claims: Attr[dict[str, str]] = attr(default_factory=dict)
        expires_at: Attr[datetime | None] = ttl()

        key = key("CONNECT-TOKEN#{digest}", "CONNECT-TOKEN")

    return ConnectToken


def _redeemed(token: Any) -> Redeemed:
    if token is None:
        raise ConnectRefusedError("the connect token was used, has expired, or was never issued; ask for one before each connection")
    return Redeemed(token.principal, token.claims)
