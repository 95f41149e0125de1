# [rest]
"""The REST API: Powertools, and what each route touches."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
# [table]
from gateleg.model import Page
from gateleg.rest import handle_errors, public, uses
from gateleg.store import Store
from gateleg.websocket import Connections  # [websocket]
from pydantic import BaseModel, Field

from lambdas.starter.model import TABLE, Note, topic  # [websocket]
from lambdas.starter.model import TABLE, Note  # [no websocket]
# [end]
from gateleg.rest import public  # [no table]

app = APIGatewayRestResolver(enable_validation=True)
# [table]
store = Store(TABLE)
connections = Connections(TABLE)  # [websocket]
handle_errors(app)


class NewNote(BaseModel):
    """What somebody writes."""

    text: str = Field(min_length=1, max_length=4_000)
# [end]


@app.get("/health")
@public("a load balancer asks; the answer says nothing else")
def health() -> dict[str, str]:
    """Say that somebody is there."""
    return {"status": "ok"}
# [table]


@app.get("/notebooks/<notebook>/notes")
@uses(Note.in_notebook)  # becomes dynamodb:Query on the table, and nothing else
def notes(notebook: str, cursor: str | None = None) -> Page[Note]:
    """The notes of a notebook, newest first, 25 at a time."""
    return store.page(Note.in_notebook(notebook=notebook), limit=25, cursor=cursor)


@app.post("/notebooks/<notebook>/notes")
@uses(Note.create, connections.broadcasting)  # [websocket]
@uses(Note.create)  # [no websocket]
def write(notebook: str, new: NewNote) -> Note:
    # [websocket]
    """Write a note; whoever follows the notebook hears of it at once."""
    note = store.create(Note(notebook=notebook, text=new.text))
    connections.broadcast(topic(notebook), note)
    return note
    # [end]
    # [no websocket]
    """Write a note."""
    return store.create(Note(notebook=notebook, text=new.text))
    # [end]
# [end]
# [no table]


@app.get("/greetings/<name>")
def greet(name: str) -> dict[str, str]:
    """Greet somebody."""
    return {"greeting": f"Hello, {name}"}
# [end]
# [end]
