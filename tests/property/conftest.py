"""What properties of handlers need: a server in the place of `@connections`."""

from tests.unit.websocket.conftest import management

__all__ = ["management"]
