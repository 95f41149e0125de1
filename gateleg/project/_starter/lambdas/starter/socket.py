# [websocket]
"""The WebSocket API: what clients may say, each message validated."""

from __future__ import annotations

# [table]
from gateleg.store import Store
from gateleg.websocket import Connections, WebSocketResolver, uses

from lambdas.starter.model import TABLE, Note, topic

store = Store(TABLE)
app = WebSocketResolver(connections=Connections(TABLE))


@app.route("follow")
def follow(notebook: str) -> None:
    """Hear of every note that is written into a notebook from now on."""
    app.connections.join(topic(notebook))


@app.route("write")
@uses(Note.create)  # becomes dynamodb:PutItem on the table, and nothing else
def write(notebook: str, text: str) -> None:
    """Write a note; whoever follows the notebook hears of it at once."""
    note = store.create(Note(notebook=notebook, text=text))
    app.broadcast(topic(notebook), note)
# [end]
# [no table]
from gateleg.websocket import WebSocketResolver

app = WebSocketResolver()


@app.route("greet")
def greet(name: str) -> str:
    """Greet somebody; what is returned is sent to whoever asked."""
    return f"Hello, {name}"
# [end]
# [end]
