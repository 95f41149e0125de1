"""The passes that adapt a template to the embedded AWS, in the order in which they are applied.

Each pass takes a template and a target and returns a new template; none changes what it was given. A pass covers one gap between
AWS and the pinned emulator, and says which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateleg.local.passes.bootstrap import drop_bootstrap_check
from gateleg.local.passes.callbacks import set_callback_endpoints
from gateleg.local.passes.event_apis import rewrite_event_urls
from gateleg.local.passes.http_bodies import expand_http_bodies
from gateleg.local.passes.records import leave_out_foreign_records
from gateleg.local.passes.rest_bodies import expand_rest_bodies
from gateleg.local.passes.secrets import generate_secrets, use_secret_arns
from gateleg.local.passes.tables import keep_tables
from gateleg.local.passes.unknown_types import leave_out_unknown_types
from gateleg.local.passes.urls import rewrite_api_urls

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.local.template import Json, Target

PASSES: Final[tuple[Callable[[Json, Target], Json], ...]] = (
    drop_bootstrap_check,
    leave_out_unknown_types,
    leave_out_foreign_records,
    generate_secrets,
    use_secret_arns,
    keep_tables,
    expand_rest_bodies,
    expand_http_bodies,
    set_callback_endpoints,
    rewrite_api_urls,
    rewrite_event_urls,
)
"""Every pass, in order."""


def adapt(template: Json, target: Target) -> Json:
    """Return the template as the embedded AWS can deploy it."""
    for change in PASSES:
        template = change(template, target)
    return template
