"""Where a table is, and what can be asked of it: what stores that wait and stores that await share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gateleg.description.names import table_variable
from gateleg.errors import BindingError
from gateleg.store.cursors import GivenKeys
from gateleg.store.operations import Operations
from gateleg.store.secrets import SecretKeys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateleg.model.table import Table
    from gateleg.store.patience import Patience


class BoundTable:
    """A declared table and the physical one behind it, which is looked up at first use.

    Args:
        table: The declared table.
        table_name: Its physical name; `None` for what the environment says.
        cursor_keys: The keys that sign cursors; `None` for the secret that the environment names.
        patience: How often and how slowly requests are repeated.
        hide_expired: Whether items whose time of expiry has come count as absent.

    Attributes:
        prepare: The operations as descriptions: `store.prepare.get(key).params()` is the request that `store.get(key)` sends.
        hide_expired: Whether items whose time of expiry has come count as absent.
    """

    def __init__(
        self, table: Table, table_name: str | None, cursor_keys: Iterable[str | bytes] | None, patience: Patience, *, hide_expired: bool
    ) -> None:
        self.table = table
        self.hide_expired = hide_expired
        self._name = table_name
        keys = SecretKeys(table.name) if cursor_keys is None else GivenKeys(cursor_keys)
        self.prepare: Operations = Operations(table, self._where, keys, patience, hide_expired=hide_expired)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.table!r})"

    @property
    def table_name(self) -> str:
        """The table's physical name.

        Raises:
            BindingError: It was not given, and the environment does not say it.
        """
        self._name = self._name or os.environ.get(table_variable(self.table.name))
        if not self._name:
            variable = table_variable(self.table.name)
            message = f"{variable} is not set, so the store does not know where table {self.table.name!r} is"
            raise BindingError(
                f"{message}; give the function's construct the table (tables=[...]), or the store table_name=", path=variable
            )
        return self._name

    def _where(self) -> str:
        return self.table_name
