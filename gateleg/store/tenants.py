"""Stores of one tenant: what they send is signed by a session that reaches the items of that tenant, and IAM refuses the rest.

Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html.
"""

from __future__ import annotations

import os
import re
import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from gateleg.description.names import TENANT_ROLE_VARIABLE, TENANT_TAG
from gateleg.errors import BindingError, DeclarationError, ItemInvalidError
from gateleg.store import clients
from gateleg.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.table import Table
    from gateleg.store.async_store import AsyncStore
    from gateleg.store.dynamodb_client import DynamoDBClient

_NAME = re.compile(r"[A-Za-z0-9_.:=+@-]{1,256}")
"""What is the same in a tag, in a policy and in a key. Tags of STS also have spaces and slashes."""

_SECONDS = 3_600
"""How long a session is asked for: as long as a function's own may give another."""
_MARGIN = 300
_KEPT = 200


class Tenants:
    """The stores of a table's tenants: `Tenants(BILLING).store("acme")`.

    A handler that declares uses of entities with `tenant=` has a role beside its own, which reaches nothing but the items of the tenant that its
    session is tagged with. A session is taken once for a tenant and kept, for the 200 tenants that asked last, until it is about to end.

    Args:
        table: The declared table.
        role: The ARN of the role; by default the environment variable that the construct set.
        session: Gives the `Credentials` of a session for a tenant, in place of STS; for tests.
        **settings: What `Store` and `AsyncStore` take beside the table and the client: `table_name`, `cursor_keys`, `patience`, `hide_expired`.

    Raises:
        DeclarationError: No entity of the table has a tenant.
    """

    def __init__(
        self, table: Table, *, role: str | None = None, session: Callable[[str], Mapping[str, Any]] | None = None, **settings: Any
    ) -> None:
        if not any(entity.__gateleg__.options.tenant for entity in table.entities.values()):
            message = f"no entity of table {table.name!r} has a tenant; write class Invoice(Entity, table=..., tenant='tenant_id')"
            raise DeclarationError(message, path=table.name)
        self.table = table
        self._role = role
        self._session = session or self._assumed
        self._settings = settings
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[float, DynamoDBClient]] = OrderedDict()

    def store(self, tenant: str) -> Store:
        """The store of one tenant.

        Args:
            tenant: Whose, as the route's authorizer says it: never what a caller merely writes.

        Raises:
            ItemInvalidError: It is not text that is the same in tags, policies and keys: 1 to 256 letters, digits and `_.:=+@-`.
            BindingError: The environment names no role.
        """
        return Store(self.table, client=self._client(tenant), **self._settings)

    def async_store(self, tenant: str) -> AsyncStore:
        """The store of one tenant for asyncio; a session that is not there yet is waited for. Arguments and errors as of `store`."""
        from gateleg.store.async_store import AsyncStore

        return AsyncStore(self.table, client=self._client(tenant), **self._settings)

    def _client(self, tenant: str) -> DynamoDBClient:
        given: Any = tenant
        if not isinstance(given, str) or not _NAME.fullmatch(given):
            message = f"a tenant is 1 to 256 letters, digits and `_.:=+@-`, as tags of sessions have them; {given!r} was given"
            raise ItemInvalidError(message, path=TENANT_TAG, value=given)
        self._check_whole(tenant)
        with self._lock:
            until, client = self._kept.pop(tenant, (0.0, None))
            if client is None or until < time.time():
                client = clients.dynamodb_as(self._session(tenant))
                until = time.time() + _SECONDS - _MARGIN
            self._kept[tenant] = (until, client)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return client

    def _check_whole(self, tenant: str) -> None:
        """Check that the tenant stands in keys as it stands in the tag."""
        for entity in self.table.entities.values():
            layout = entity.__gateleg__
            for schema in (layout.primary, *layout.indexes.values()) if layout.options.tenant else ():
                template = schema.partition[0].template
                if template is not None and template.placeholders[0].text(tenant) != tenant:
                    message = f"the tenant {tenant!r} has a character that is escaped in the key {template.text!r}, so that no policy would know it there"
                    raise ItemInvalidError(f"{message}; name tenants without it", path=TENANT_TAG, value=tenant)

    def _assumed(self, tenant: str) -> Mapping[str, Any]:
        role = self._role or os.environ.get(TENANT_ROLE_VARIABLE)
        if not role:
            message = f"{TENANT_ROLE_VARIABLE} is not set, so that there is no session for a tenant; declare with @uses what the handler does to entities with a tenant"
            raise BindingError(message, path=TENANT_ROLE_VARIABLE)
        answer = clients.sts().assume_role(
            RoleArn=role, RoleSessionName="gateleg", DurationSeconds=_SECONDS, Tags=[{"Key": TENANT_TAG, "Value": tenant}]
        )
        credentials: Mapping[str, Any] = answer["Credentials"]
        return credentials
