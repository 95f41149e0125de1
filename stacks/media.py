"""The media backend: a table that may have copies in other regions, an API that writes and reads, and one that reads a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Stack

from gateleg.cdk import IamAuthorizer, ModelTable, NoWebAcl, Replication, RestGateway
from lambdas.media.model import MEDIA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

READING, WRITING = "lambdas.media.reading:app", "lambdas.media.writing:app"


def _api(stack: Stack, apps: Sequence[str], table: ModelTable) -> RestGateway:
    """An API for programs with an AWS identity."""
    return RestGateway(
        stack,
        "Rest",
        apps=apps,
        tables=[table],
        authorizers={"programs": IamAuthorizer()},
        default_authorizer="programs",
        web_acl=NoWebAcl("Programs with an AWS identity call, and nobody else."),
    )


class MediaStack(Stack):
    """Everything the media service needs in the region that writes.

    Args:
        scope: The app.
        construct_id: The stack's name.
        replicas: The regions with a copy of the table; the stack then has an `env=` with an account and a region.
        **kwargs: What every stack takes.

    Attributes:
        table: The table with its index.
        rest: The REST API.
    """

    def __init__(self, scope: Construct, construct_id: str, *, replicas: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        name = f"{construct_id.lower()}-media" if replicas else None  # other regions' stacks name it
        self.table = ModelTable(self, "Table", table=MEDIA, table_name=name, replication=Replication(replicas) if replicas else None)
        self.rest = _api(self, [READING, WRITING], self.table)
        self.rest.add_reference("/docs", public="the reference holds no data")


class MediaReaderStack(Stack):
    """The routes that read, in a region with a copy of the table.

    Args:
        scope: The app.
        construct_id: The stack's name.
        media: The stack with the table.
        **kwargs: What every stack takes; `env=` names one of the table's regions.

    Attributes:
        rest: The REST API.
    """

    def __init__(self, scope: Construct, construct_id: str, *, media: MediaStack, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        here = ModelTable.from_table(self, "Table", table=MEDIA, existing=media.table.table.replica(self.region))
        self.rest = _api(self, [READING], here)
