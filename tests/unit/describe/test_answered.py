"""What of an answer is always there is required in its schema."""

from collections.abc import Callable

import pytest

from gateleg.describe import describe
from tests.unit.describe.conftest import HEAD

ANSWERS = """
from dataclasses import dataclass
from typing_extensions import NotRequired, TypedDict
from pydantic import BaseModel, Field, model_serializer

class Paint(BaseModel):
    name: str
    shade: int = 0
    maker: str | None = Field(default=None, exclude_if=lambda maker: maker is None)
    recipe: str = Field(default="", exclude=True)

class Short(BaseModel):
    name: str
    shade: int = 0
    @model_serializer(mode="wrap")
    def short(self, handler):
        return handler(self)

@dataclass
class Dry:
    hours: int = 1

class Loose(TypedDict):
    a: int
    b: NotRequired[int]

class Shelf(BaseModel):
    paints: list[Paint] = []
    short: Short
    dry: Dry = Dry()
    loose: Loose

@app.post("/paints")
def add(paint: Paint) -> Shelf: ...
"""


@pytest.mark.parametrize("validation", [True, False])
def test_a_default_is_optional_in_a_request_and_required_in_an_answer_that_is_validated(
    write_app: Callable[..., str],
    validation: bool,  # noqa: FBT001 (a value to compare)
) -> None:
    app = write_app(ANSWERS, head=f"{HEAD}app = APIGatewayRestResolver(enable_validation={validation})\n")
    found = describe(app)
    required = {name: set(schema.get("required", ())) for name, schema in found.schemas.items()}

    assert required["Short"] == {"name"}
    assert required["Loose"] == {"a"}
    if validation:
        assert (required["Paint-Input"], required["Paint-Output"]) == ({"name"}, {"name", "shade"})
        assert required["Shelf"] == {"paints", "short", "dry", "loose"}
        assert required["Dry"] == {"hours"}
    else:
        assert required["Shelf"] == {"short", "loose"}
        assert required["Dry"] == set()
