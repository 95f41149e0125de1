"""An app that uses most of what Powertools offers."""
# pyright: basic
# (Powertools' own decorators are only partly typed)
# ruff: noqa: ARG001, T201, FBT002
# (handlers are described, not run; the print is the noise that a test looks for)

import threading
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Body, Form, Header, Path, Query
from pydantic import BaseModel, Field

from tests.unit.describe.apps.items import router as items

logger = Logger()
metrics = Metrics()
client = boto3.client("sqs")
app = APIGatewayRestResolver(enable_validation=True, cors=CORSConfig(), strip_prefixes=["/v1"])
app.configure_openapi(title="Wide", version="2.3.4", description="Everything at once")

print("noise on standard output")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Paint(BaseModel):
    colour: Colour
    litres: float = Field(gt=0)


@dataclass
class Shelf:
    number: int
    label: str | None = None


class Plain:
    """No schema can be made of this."""


def tenant() -> str:
    return "default"


@app.get("/")
def root() -> dict[str, str]:
    return {}


@app.get("/paints/<paint_id>", tags=["paints"], summary="One paint", deprecated=True, security=[{"token": ["read"]}])
def get_paint(paint_id: Annotated[str, Path(min_length=3)], tenant_id: Annotated[str, Depends(tenant)]) -> Paint:
    raise AssertionError


@app.route("/paints", method=["POST", "PUT"])
def put_paint(paint: Paint, dry: Annotated[bool, Query()] = False) -> Paint:
    return paint


@app.get("/shelves", enable_validation=False)
def shelves(x_shop: Annotated[str, Header()], limit: Annotated[int, Query(ge=1, le=50)] = 10) -> list[Shelf]:
    return []


@app.post("/forms")
def take_form(name: Annotated[str, Form()]) -> dict[str, Any]:
    return {"name": name}


@app.delete("/paints/<paint_id>", responses={204: {"description": "gone"}})
def delete_paint(paint_id: str) -> Response:  # type: ignore[type-arg]
    return Response(204)


@app.patch("/paints/<paint_id>")
def patch_paint(paint_id: str, changes: Annotated[dict[str, int], Body(embed=True)]) -> Plain:
    raise AssertionError


@app.get(r"/files/.+")
def get_file() -> str:
    return app.current_event.path


@app.get("/health", include_in_schema=False)
def health() -> Plain:
    raise AssertionError


@app.get("/hidden", include_in_schema=False, security=[{"token": []}])
def hidden() -> str:
    return ""


@app.not_found
def missing(error: Exception) -> Response[str]:
    return Response(404)


@app.exception_handler(KeyError)  # type: ignore[untyped-decorator]  # Powertools has no types here
def failed(error: KeyError) -> Response[str]:
    return Response(500)


app.include_router(items, prefix="/items")
app.enable_swagger(path="/swagger")

threading.Thread(target=threading.Event().wait).start()


def lambda_handler(event: dict[str, Any], context: object) -> Any:
    return app.resolve(event, context)  # type: ignore[arg-type]
