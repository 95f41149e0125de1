"""What registers a handler of changes: a decorator, or what is sent of each change."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeVar

from gateleg.description.marks import uses
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

_RESERVE = timedelta(seconds=1)


class Broadcasting(Protocol):
    """What sends to the connections of a topic: `gateleg.websocket.Connections`."""

    @property
    def broadcasting(self) -> Any:
        """What a handler declares that broadcasts."""
        ...

    def broadcast(self, topic: str, payload: Any, *, within: timedelta | None = None, everybody: bool = False) -> Any:
        """Send a message to every connection of a topic."""
        ...


class Registration(Generic[P]):
    """Registers the function that it stands above as a handler, or sends a message of each change.

    Args:
        label: How it is written, for messages.
        register: Takes the handler.
        left: The seconds that Lambda leaves; `None` where nobody says.
    """

    def __init__(self, label: str, register: Callable[[Callable[..., Any]], object], left: Callable[[], float | None]) -> None:
        self._label = label
        self._register = register
        self._left = left

    def __call__(self, handler: Callable[P, R]) -> Callable[P, R]:
        """Register a handler, and return it."""
        self._register(handler)
        return handler

    def broadcast(self, connections: Broadcasting, *, topic: str | Callable[P, str], message: Callable[P, object]) -> None:
        """Send a message to a topic's WebSocket connections, of each of these changes.

        Nobody who is connected misses one: a batch stops at a change whose message did not reach everybody, and Lambda comes again with it. The
        messages of an item come in the order of its changes. After a failure one may come twice, so what is sent holds what tells a
        client that it has it: a key and a version.

        Args:
            connections: The registry; the function of the stream is to be a publisher of its API: `socket.add_publisher(consumer.function)`.
            topic: The topic, or a function of what a handler would be called with.
            message: The message, of the same: an entity, a model, a dict. It may be marked with `@uses`.

        Raises:
            DeclarationError: An argument is not what it must be.
        """
        given: Any = topic
        rules = {
            "connections": (
                connections,
                callable(getattr(connections, "broadcast", None)),
                "Connections of gateleg.websocket",
                "Connections(TABLE)",
            ),
            "topic": (
                topic,
                callable(given) or (isinstance(given, str) and given != ""),
                "a text or a function",
                'lambda order: f"shop:{order.shop}"',
            ),
            "message": (message, callable(message), "a function", "lambda order: order"),
        }
        for name, (value, fits, wanted, example) in rules.items():
            if not fits:
                said = f"{self._label}.broadcast({name}=...) takes {wanted}, got {value!r}; write {name}={example}"
                raise DeclarationError(said, path=f"broadcast.{name}", value=value)

        @wraps(message)
        def tell(*args: P.args, **kwargs: P.kwargs) -> None:
            of_change = topic if isinstance(topic, str) else topic(*args, **kwargs)
            connections.broadcast(of_change, message(*args, **kwargs), within=self._within(), everybody=True)

        self._register(uses(connections.broadcasting)(tell))

    def _within(self) -> timedelta | None:
        left = self._left()
        return None if left is None else timedelta(seconds=left) - _RESERVE
