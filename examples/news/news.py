"""News that any number of readers get: published once, and sent by AppSync Events."""

from gateleg.model import Table
from gateleg.websocket import ChannelTokens, Connections, WebSocketResolver, public, uses

NEWS = Table("news", partition_key="pk", sort_key="sk", ttl="expires_at")

connections = Connections(NEWS, channels=True)
tokens = ChannelTokens(NEWS, audience="news")
authorize = tokens.authorizer()

socket = WebSocketResolver(connections)


@socket.on_connect()
@public("anyone may read the news")
def reading() -> None:
    """Let everybody in."""


@socket.route("follow")
@uses(tokens.issuing)
def follow(subject: str) -> dict[str, str]:
    """The channel of a subject, and a token that opens one subscription to it."""
    return tokens.issue("a reader", f"news:{subject}")


@socket.route("publish")
def publish(subject: str, text: str) -> None:
    """Send a piece of news to everybody who follows its subject."""
    connections.broadcast(f"news:{subject}", {"text": text})
