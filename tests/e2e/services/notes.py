"""Notes and files: pages of a list by cursors, uploads by form, what is stored comes back as bytes under its type."""

import base64
from collections.abc import Callable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.exceptions import BadRequestError, NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import File, Form, Header, Path, Query, UploadFile
from pydantic import BaseModel, Field

from gateleg.rest import public

SHARED = public("the notes are shared")


class Note(BaseModel):
    """A note."""

    title: Annotated[str, Field(max_length=30)]
    text: str = ""
    labels: dict[str, str] = {}


class Listed(BaseModel):
    """A page of notes."""

    items: list[Note]
    cursor: Annotated[str | None, Field(alias="next")] = None


def made(resolver: Callable[..., ApiGatewayResolver]) -> ApiGatewayResolver:
    """The store, as an API of one kind or the other has it; it forgets everything as its process ends."""
    app = resolver(enable_validation=True)
    notes: dict[str, Note] = {}
    files: dict[str, tuple[str, bytes]] = {}

    def start(cursor: str | None) -> int:
        try:
            return int(base64.urlsafe_b64decode(cursor or "MA=="))
        except ValueError as error:
            raise BadRequestError("no cursor") from error

    @app.put("/notes/<note_id>")
    @SHARED
    def put(
        note_id: Annotated[str, Path(min_length=2, pattern="^[a-z]+$")], note: Note, if_match: Annotated[str | None, Header()] = None
    ) -> Note:
        if if_match is not None and note_id not in notes:
            raise NotFoundError("nothing matches")
        notes[note_id] = note
        return note

    @app.get("/notes")
    @SHARED
    def every(
        limit: Annotated[int, Query(gt=0, lt=10)] = 2, cursor: str | None = None, label: Annotated[list[str] | None, Query()] = None
    ) -> Listed:
        found = [note for note in notes.values() if not label or set(label) & note.labels.keys()]
        begin = start(cursor)
        more = base64.urlsafe_b64encode(str(begin + limit).encode()).decode() if begin + limit < len(found) else None
        return Listed(items=found[begin : begin + limit], next=more)

    @app.post("/files", status_code=201)
    @SHARED
    def upload(file: Annotated[UploadFile, File()], folder: Annotated[str, Form(pattern="^[a-z/]*$")] = "") -> dict[str, Any]:
        name = f"{folder}/{file.filename}".lstrip("/")
        files[name] = (file.content_type or "application/octet-stream", file.content)
        return {"name": name, "size": len(file.content)}

    @app.get("/files/<folder>/<name>")
    @SHARED
    def download(folder: str, name: str) -> Response[bytes]:
        kind, content = files.get(f"{folder}/{name}", ("", b""))
        if not kind:
            raise NotFoundError(f"no file {name}")
        return Response(200, kind, content, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    @app.get("/files", compress=True)
    @SHARED
    def listed() -> Response[list[str]]:
        return Response(200, content_types.APPLICATION_JSON, sorted(files), headers={"X-Count": str(len(files))})

    return app


rest = made(APIGatewayRestResolver)
http = made(APIGatewayHttpResolver)
