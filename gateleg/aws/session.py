"""The one session of botocore, and what it knows of the configuration: imported with its first use, not with this module."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from botocore.session import Session


@cache
def session() -> Session:
    """The session of all clients, one of botocore."""
    from botocore.session import get_session

    made: Any = get_session()
    made.lazy_register_component("data_loader", lambda: _service_models(made))
    return cast("Session", made)


def setting(name: Literal["region", "ca_bundle"]) -> str | None:
    """What AWS's configuration says, in variables or files."""
    made: Any = session()
    return made.get_config_variable(name) or None


def credentials() -> Any:
    """The credentials that botocore finds, wherever they are; `None` where it finds none."""
    made: Any = session()
    return made.get_credentials()


def _service_models(of: Any) -> object:
    from gateleg.aws.service_models import service_models

    return service_models(of.get_config_variable("data_path"))
