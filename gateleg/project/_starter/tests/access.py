"""How to get at the APIs that `make run` serves: `make key`."""  # [no websocket]
"""How to get at the APIs that `make run` serves: `make key`, `make socket`."""  # [websocket]

from __future__ import annotations

import sys
from urllib.parse import quote  # [websocket]

from gateleg.errors import LocalError
from gateleg.local import LocalAws


def key_of(aws: LocalAws) -> str:
    """The key, read as the embedded AWS's root."""
    secret = aws.outputs["Starter"]["KeySecret"]
    value: str = aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    return value
# [websocket]


def socket_url(aws: LocalAws) -> str:
    """Where a WebSocket client connects, with the key."""
    return f"{aws.endpoint('websocket').url}?key={quote(key_of(aws), safe='')}"
# [end]


if __name__ == "__main__":
    try:
        print(key_of(LocalAws()))  # [no websocket]
        print(socket_url(LocalAws()) if "socket" in sys.argv else key_of(LocalAws()))  # [websocket]
    except (KeyError, LocalError):
        sys.exit("nothing is deployed here; run: make run")
