"""What Lambda's Python runtimes bring to every function, whoever it is."""

from __future__ import annotations

import sys
from typing import Final

RUNTIMES: Final = ("python3.11", "python3.12", "python3.13", "python3.14")
"""Lambda's Python runtimes from gateleg's oldest Python on: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html."""

RUNTIME_DISTRIBUTIONS: Final = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"})
"""The distributions that a function finds without bringing them: https://docs.aws.amazon.com/lambda/latest/dg/python-package.html."""

RUNTIME_VARIABLES: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC"}
"""What Lambda sets where the function itself does not: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html."""


def runtime_of(version: tuple[int, int] = sys.version_info[:2]) -> str:
    """The runtime of a Python version: its own, or the newest of Lambda where Lambda does not have it yet.

    Args:
        version: The running interpreter's unless given.
    """
    own = f"python{version[0]}.{version[1]}"
    return own if own in RUNTIMES else RUNTIMES[-1]
