"""An environment in which typical handlers import: a region for boto3, no tracing, no metadata look-ups."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gateleg.description import service_name

if TYPE_CHECKING:
    from collections.abc import Generator

_REGION = "us-east-1"


@contextmanager
def import_environment(app: str) -> Generator[None]:
    """Set what Lambda sets and handlers count on at import, where it is not set; put the environment back afterwards."""
    before = dict(os.environ)
    for name, value in _defaults(app).items():
        os.environ.setdefault(name, value)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _defaults(app: str) -> dict[str, str]:
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _REGION
    service = service_name(app)
    return {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "POWERTOOLS_METRICS_NAMESPACE": service,
        "POWERTOOLS_SERVICE_NAME": service,
    }
