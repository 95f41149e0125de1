"""What Lambda's Python runtimes bring to every function, whoever it is."""

from __future__ import annotations

from typing import Final

RUNTIME_DISTRIBUTIONS: Final = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"})
"""The distributions that a function finds without bringing them: https://docs.aws.amazon.com/lambda/latest/dg/python-package.html."""

RUNTIME_VARIABLES: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC"}
"""What Lambda sets where the function itself does not: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html."""
