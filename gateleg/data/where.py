"""Where a command finds the table: by its name, by the environment, or by the functions of the local run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gateleg.data.scanning import sent
from gateleg.description.names import table_variable
from gateleg.errors import BindingError, DataError
from gateleg.store import Store, clients
from gateleg.store.commands.describe import DescribeTable
from gateleg.store.programs import once

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from gateleg.model import Table

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def store_at(given: argparse.Namespace, table: Table) -> Store:
    """The store of a table, where the options say that it is.

    Raises:
        LocalError: No embedded AWS runs.
        BindingError: Nothing says where the table is.
    """
    name: str | None = given.table_name
    if given.local:
        name = _local(given, table)
    settings = {"AWS_PROFILE": given.profile, "AWS_REGION": given.region, "AWS_DEFAULT_REGION": given.region}
    os.environ.update({variable: value for variable, value in settings.items() if value})
    clients.reset()
    store = Store(table, table_name=name)
    if not (name or os.environ.get(table_variable(table.name))):
        message = f"nothing says where table {table.name!r} is; give --table-name, or --local for the embedded AWS, or set {table_variable(table.name)}"
        raise BindingError(message, path="--table-name")
    return store


def check_account(store: Store, account: str | None) -> None:
    """Check that a table may be written to that is not on this machine: its account was named.

    Raises:
        DataError: It was not, or another was.
    """
    client: Any = clients.dynamodb()
    host = urlsplit(str(client.meta.endpoint_url)).hostname
    if host in _LOOPBACK:
        return
    described, _ = sent(store, once(DescribeTable()))
    arn = str(described["TableArn"])
    found = arn.split(":")[4]
    if account != found:
        given = "no account was named" if account is None else f"--account {account} was given"
        message = f"{arn} is on AWS, and {given}; seeds are for tests and demonstrations: to write them there, say --account {found}"
        raise DataError(message, path="--account", value=account, code="data.production")


def _local(given: argparse.Namespace, table: Table) -> str:
    from gateleg.local import LocalAws
    from gateleg.local.cdk_cli import credentials

    aws = LocalAws(given.project)
    os.environ.update(credentials(aws.target))
    os.environ.pop("AWS_PROFILE", None)
    return local_name(aws.client("lambda"), table)


def local_name(client: Any, table: Table) -> str:
    """The name that the functions of a local run know a table by.

    Args:
        client: A client of Lambda there.
        table: The table.

    Raises:
        DataError: None does, or they know several.
    """
    names = {name for variables in _variables(client) if (name := variables.get(table_variable(table.name)))}
    if len(names) != 1:
        found = f"several tables go by that name ({', '.join(sorted(names))})" if names else "no function of the local run has it"
        message = f"table {table.name!r} was not found: {found}; name it with --table-name, after `gateleg local env`"
        raise DataError(message, path=table.name, code="data.table")
    return names.pop()


def _variables(client: Any) -> Iterator[dict[str, str]]:
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            yield function.get("Environment", {}).get("Variables", {})
