"""The REST API: programs tell how far their jobs are, people get a token for the WebSocket, and everybody gets the page."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path as File
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.logging import correlation_paths
from pydantic import BaseModel, Field

from gateleg.rest import claims, handle_errors, public, uses
from gateleg.store import Store
from gateleg.websocket import ConnectTokens
from lambdas.dashboard.model import JOB_ID, JOBS, Job, Status
from lambdas.page import read_page

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

app = APIGatewayRestResolver(enable_validation=True)
logger = Logger()
store = Store(JOBS)
tokens = ConnectTokens(JOBS, audience="dashboard")
handle_errors(app)
app.configure_openapi(title="Dashboard", version="1.0.0")

JobId = Annotated[str, Path(pattern=JOB_ID)]


class Person(BaseModel):
    """Who calls, as the token of the user pool says."""

    sub: str


class ConnectToken(BaseModel):
    """What opens one connection, within a minute."""

    token: str


class NewJob(BaseModel):
    """What a job is called."""

    title: str = Field(min_length=1, max_length=120)


class Progress(BaseModel):
    """How far a job is, in percent."""

    status: Status
    progress: int = Field(ge=0, le=100)


@cache
def page_of(socket: str, client: str, people: str) -> tuple[str, dict[str, str]]:
    """The page and its headers."""
    values = {"socket": socket, "client": client, "people": people}
    return read_page(File(__file__).with_name("page.html"), values, connects_to=[socket, people])


@app.get("/", include_in_schema=False)
@public("the page is for everybody; it asks for a name and a password")
def page() -> Response[str]:
    """The dashboard's page."""
    people = os.environ.get("AWS_ENDPOINT_URL") or f"https://cognito-idp.{os.environ['AWS_REGION']}.amazonaws.com"
    text, headers = page_of(os.environ["DASHBOARD_SOCKET_URL"], os.environ["DASHBOARD_CLIENT"], people)
    return Response(200, "text/html; charset=utf-8", text, headers=dict(headers))


@app.post("/connect-token")
@uses(tokens.issuing)
def connect_token() -> ConnectToken:
    """A token for the WebSocket API."""
    return ConnectToken(token=tokens.issue(claims(app, Person).sub))


@app.put("/jobs/<job_id>", security=[{"programs": []}])
@uses(Job.create)
def begin(job_id: JobId, job: NewJob) -> Job:
    """Begin a job; 409 if it was begun before."""
    return store.create(Job(job_id=job_id, title=job.title))


@app.put("/jobs/<job_id>/progress", security=[{"programs": []}])
@uses(Job.update)
def go_on(job_id: JobId, now: Progress) -> Job:
    """Tell how far a job is; 404 if there is none."""
    return store.update(Job.key(job_id=job_id), Job.status.set(now.status), Job.progress.set(now.progress))


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The Lambda entry point."""
    return app.resolve(event, context)
