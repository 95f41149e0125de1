"""What an app may say with validation: parameters of every place, models, unions, aliases, forms, files, dependencies, checked answers."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, Depends, Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.models import Contact, License, Server, Tag
from aws_lambda_powertools.event_handler.openapi.params import Body, Cookie, File, Form, Header, Path, Query, UploadFile
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator

from gateleg.rest import public

TRIED = public("anyone may try it")


class Size(StrEnum):
    """How large something is."""

    SMALL = "small"
    LARGE = "large"


class Circle(BaseModel):
    """A round shape."""

    shape: Literal["circle"]
    radius: Annotated[float, Field(gt=0)]


class Box(BaseModel):
    """A shape with corners."""

    model_config = ConfigDict(extra="forbid")
    shape: Literal["box"]
    sides: tuple[int, int]


class Part(BaseModel):
    """A part, of parts."""

    model_config = ConfigDict(populate_by_name=True)
    part_id: Annotated[int, Field(alias="partId")]
    parts: "list[Part]" = []
    tags: set[Annotated[str, Field(min_length=1)]] = set()
    form: Annotated[Circle | Box, Field(discriminator="shape")] | None = None
    size: Size = Size.SMALL
    made: date | None = None
    code: Annotated[str | None, Field(validation_alias=AliasChoices("code", "barcode"))] = None

    @field_validator("tags")
    @classmethod
    def few(cls, tags: set[str]) -> set[str]:
        """A rule that no schema says."""
        if len(tags) > 3:
            raise ValueError("at most three tags")
        return tags

    @model_validator(mode="after")
    def no_circle(self) -> "Part":
        """Another one."""
        if any(part.part_id == self.part_id for part in self.parts):
            raise ValueError("a part is not a part of itself")
        return self


class Wanted(BaseModel):
    """What a list is narrowed by, each from the query string."""

    model_config = ConfigDict(extra="forbid")
    limit: Annotated[int, Field(ge=1, le=50)] = 10
    order: Literal["up", "down"] = "up"
    ids: list[int] = []


class Told(BaseModel):
    """What headers tell."""

    x_tenant: Annotated[str, Field(min_length=2)]
    x_trace: UUID | None = None


def tenant(x_tenant: Annotated[str, Header()] = "nobody") -> str:
    """Whose request it is."""
    return x_tenant.upper()


def store(name: Annotated[str, Depends(tenant)]) -> dict[str, str]:
    """Where the tenant's parts are."""
    return {"of": name}


def made(resolver: Callable[..., ApiGatewayResolver]) -> ApiGatewayResolver:  # noqa: C901 (one app, whose routes are short)
    """The app, as an API of one kind or the other has it."""
    app = resolver(enable_validation=True, response_validation_error_http_code=500)
    app.configure_openapi(
        title="Parts",
        version="2.1.0",
        description="What things are made of.",
        tags=[Tag(name="parts", description="All of them"), "others"],
        servers=[Server(url="https://parts.example.com")],
        contact=Contact(name="Parts", email="parts@example.com"),
        license_info=License(name="MIT"),
    )

    @app.get(
        "/parts/<part_id>",
        summary="Tell a part",
        description="One part, by its id.",
        tags=["parts"],
        operation_id="tellPart",
        response_description="The part",
        responses={404: {"description": "There is none"}},
        deprecated=True,
    )
    @TRIED
    def part(
        part_id: Annotated[int, Path(ge=1, le=999, title="the id")],
        size: Annotated[Size | None, Query(description="how large")] = None,
        since: Annotated[date | None, Query(alias="made-since")] = None,
        many: Annotated[list[int] | None, Query(alias="n")] = None,
    ) -> dict[str, Any]:
        return {"id": part_id, "size": size, "since": since, "many": many}

    @app.get("/parts")
    @TRIED
    def every(wanted: Annotated[Wanted, Query()]) -> Wanted:
        return wanted

    @app.post("/parts", status_code=201)
    @TRIED
    def new(part: Part) -> Part:
        return part

    @app.put("/parts/<part_id>")
    @TRIED
    def replaced(part_id: int, part: Annotated[Part, Body(embed=True)], note: Annotated[str, Body(max_length=5)] = "") -> dict[str, Any]:
        return {"id": part_id, "note": note, "part": part}

    @app.post("/shapes")
    @TRIED
    def shapes(shapes: Annotated[list[Annotated[Circle | Box, Field(discriminator="shape")]], Body(max_length=3)]) -> list[Circle | Box]:
        return shapes

    @app.post("/anything")
    @TRIED
    def anything(given: Annotated[int | list[str] | dict[str, bool] | None, Body()] = None) -> Any:
        return {"given": given, "type": type(given).__name__}

    @app.get("/headers")
    @TRIED
    def headers(
        told: Annotated[Told, Header()],
        accept_language: Annotated[list[str] | None, Header()] = None,
        session: Annotated[str | None, Cookie()] = None,
    ) -> dict[str, Any]:
        return {"told": told, "languages": accept_language, "session": session}

    @app.post("/forms")
    @TRIED
    def form(name: Annotated[str, Form(min_length=2)], times: Annotated[int, Form()] = 1) -> dict[str, Any]:
        return {"name": name, "times": times}

    @app.post("/files")
    @TRIED
    def files(upload: Annotated[UploadFile, File()], note: Annotated[str, Form()] = "") -> dict[str, Any]:
        return {"name": upload.filename, "kind": upload.content_type, "length": len(upload), "note": note}

    @app.post("/raw-files")
    @TRIED
    def raw(upload: Annotated[bytes, File(max_length=64)]) -> dict[str, int]:
        return {"length": len(upload), "sum": sum(upload)}

    @app.get("/wrong-answers")
    @TRIED
    def wrong(kind: Literal["int", "none"] = "int") -> int:
        answers: dict[str, Any] = {"int": "no number", "none": None}
        return answers[kind]

    @app.get("/odd-answers", custom_response_validation_http_code=422)
    @TRIED
    def odd() -> Part:
        return "no part"  # type: ignore[return-value]

    @app.get("/responses/<status>")
    @TRIED
    def response(status: Annotated[int, Path(ge=200, le=599)]) -> Response[Part]:
        return Response(status, content_types.APPLICATION_JSON, Part(partId=status), headers={"X-Status": str(status)})

    @app.get("/dependencies")
    @TRIED
    def dependencies(at: Annotated[dict[str, str], Depends(store)], name: Annotated[str, Depends(tenant)]) -> dict[str, Any]:
        return {"store": at, "tenant": name}

    @app.get("/unchecked", enable_validation=False, include_in_schema=False)
    @TRIED
    def unchecked() -> dict[str, Any]:
        return {"query": app.current_event.query_string_parameters}

    return app


def made_terse(resolver: Callable[..., ApiGatewayResolver]) -> ApiGatewayResolver:
    """An app that answers bad requests in words of its own."""
    app = resolver(enable_validation=True)

    @app.exception_handler(RequestValidationError)
    def refused(error: RequestValidationError) -> Response[dict[str, Any]]:
        return Response(400, content_types.APPLICATION_JSON, {"wrong": [".".join(map(str, each["loc"])) for each in error.errors()]})

    @app.post("/terse/<number>")
    @TRIED
    def terse(number: int, part: Part, sizes: Annotated[list[Size], Query(min_length=1)]) -> dict[str, Any]:
        return {"number": number, "part": part, "sizes": sizes}

    return app


rest = made(APIGatewayRestResolver)
http = made(APIGatewayHttpResolver)
rest_terse = made_terse(APIGatewayRestResolver)
http_terse = made_terse(APIGatewayHttpResolver)
