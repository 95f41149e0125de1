"""What is read from a Powertools app."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateleg.describe import describe
from gateleg.description import App, Route
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError
from tests.unit.describe.conftest import HEAD

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def described(app: str) -> dict[str, Route]:
    return {route.key: route for route in describe(app).routes}


@pytest.fixture(scope="module")
def wide() -> App:
    """The app in `apps/wide.py`, described by the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "gateleg.describe", "tests.unit.describe.apps.wide:app"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POWERTOOLS_"))},
    )
    assert "noise on standard output" in done.stderr
    return App.from_json(done.stdout)


def route(description: App, key: str) -> Route:
    return next(route for route in description.routes if route.key == key)


def test_every_route_is_found_in_the_order_of_declaration(wide: App) -> None:
    assert [route.key for route in wide.routes] == [
        "GET /",
        "GET /paints/{paint_id}",
        "POST /paints",
        "PUT /paints",
        "GET /shelves",
        "POST /forms",
        "DELETE /paints/{paint_id}",
        "PATCH /paints/{paint_id}",
        "GET /files/{proxy+}",
        "GET /health",
        "GET /hidden",
        "GET /items",
        "GET /items/{item_id}",
        "GET /swagger",
    ]


def test_settings_of_the_app_are_read(wide: App) -> None:
    assert (wide.kind, wide.validates) == ("rest", True)
    assert wide.cors is not None
    assert wide.cors.allow_origins == ("*",)
    assert (wide.title, wide.version, wide.summary) == ("Wide", "2.3.4", "Everything at once")


def test_a_route_carries_its_whole_operation(wide: App) -> None:
    operation = route(wide, "GET /paints/{paint_id}").operation
    assert operation is not None
    assert operation["tags"] == ["paints"]
    assert operation["summary"] == "One paint"
    assert operation["deprecated"] is True
    assert route(wide, "GET /paints/{paint_id}").security == ({"token": ["read"]},)
    assert [(parameter["name"], parameter["schema"]["minLength"]) for parameter in operation["parameters"]] == [("paint_id", 3)]


def test_models_are_shared_schemas(wide: App) -> None:
    operation = route(wide, "POST /paints").operation
    assert operation is not None
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Paint"}
    assert wide.schemas["Paint"]["properties"]["colour"] == {"$ref": "#/components/schemas/Colour"}


def test_headers_queries_and_forms_are_read(wide: App) -> None:
    shelves, forms = route(wide, "GET /shelves").operation, route(wide, "POST /forms").operation
    assert shelves is not None
    assert forms is not None
    assert {(parameter["in"], parameter["name"]) for parameter in shelves["parameters"]} == {("header", "x-shop"), ("query", "limit")}
    assert list(forms["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]


def test_a_route_that_switches_validation_off_demands_nothing_of_a_request(write_app: Callable[..., str]) -> None:
    app = write_app(
        "from pydantic import BaseModel\nclass M(BaseModel):\n    a: int\n"
        "@app.post('/free/<id>', enable_validation=False)\ndef free(id: str, m: M, q: int) -> str: ...\n"
        "@app.post('/checked/<id>')\ndef checked(id: str, m: M, q: int) -> str: ...\n",
        head=HEAD + "app = APIGatewayRestResolver(enable_validation=True)\n",
    )
    free, checked = (described(app)[f"POST /{name}/{{id}}"].operation or {} for name in ("free", "checked"))
    assert [(parameter["name"], parameter["required"]) for parameter in free["parameters"]] == [("id", True), ("q", False)]
    assert "requestBody" not in free
    assert [(parameter["name"], parameter["required"]) for parameter in checked["parameters"]] == [("id", True), ("q", True)]
    assert checked["requestBody"]["required"] is True


@pytest.mark.parametrize("key", ["DELETE /paints/{paint_id}", "PATCH /paints/{paint_id}"])
def test_a_route_without_a_possible_schema_is_routed_and_says_why(wide: App, key: str) -> None:
    found = route(wide, key)
    assert found.operation is None
    assert found.problem is not None
    assert "PydanticSchemaGenerationError" in found.problem
    assert sum(route.problem is not None for route in wide.routes) == 2


def test_a_hidden_route_is_routed_and_keeps_only_its_security(wide: App) -> None:
    assert (route(wide, "GET /health").operation, route(wide, "GET /health").problem) == (None, None)
    assert (route(wide, "GET /hidden").operation, route(wide, "GET /hidden").security) == (None, ({"token": []},))


def test_handlers_are_named_by_their_module(wide: App) -> None:
    assert route(wide, "GET /items/{item_id}").handler == "tests.unit.describe.apps.items:get_item"


def test_an_app_without_configuration_gives_no_title(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/a')\ndef a() -> str: ...", name="services.chat.rest")
    description = describe(app)
    assert (description.title, description.version, description.summary) == (None, None, None)
    assert (description.validates, description.cors) == (False, None)


def test_two_processes_print_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "tagged.py").write_text(
        "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\n"
        "from aws_lambda_powertools.event_handler.api_gateway import Router\n"
        "app, router = APIGatewayRestResolver(), Router()\n"
        "@router.get('/a', tags=['one', 'two', 'three', 'four', 'five'])\n"
        "def a() -> str: ...\n"
        "app.include_router(router)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-m", "gateleg.describe", "tagged:app"],
            cwd=tmp_path,
            capture_output=True,
            check=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def test_names_of_authorizers_need_no_security_schemes_in_the_app(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/a', security=[{'token': []}])\ndef a() -> str: ...")
    assert described(app)["GET /a"].security == ({"token": []},)


SAID: dict[str, tuple[dict[str, list[str]], ...] | None] = {"None": None, "[]": (), "[{}]": ({},), "[{'a': []}, {}]": ({"a": []}, {})}


@pytest.mark.parametrize(("given", "security"), SAID.items(), ids=SAID)
def test_what_a_route_says_of_its_security_is_passed_on_as_it_is(
    write_app: Callable[..., str], given: str, security: tuple[dict[str, list[str]], ...] | None
) -> None:
    app = write_app(f"@app.get('/a', security={given})\ndef a() -> str: ...")
    assert described(app)["GET /a"].security == security
    assert App.from_json(describe(app).to_json()).routes[0].security == security


def test_security_for_the_whole_app_holds_where_a_route_has_none(write_app: Callable[..., str]) -> None:
    app = write_app(
        "from gateleg.rest import public\n"
        "app.configure_openapi(security=[{'token': []}])\n"
        "@app.get('/a')\ndef a() -> str: ...\n"
        "@app.get('/b', security=[{'other': []}])\ndef b() -> str: ...\n"
        "@app.get('/c')\n@public('a reason')\ndef c() -> str: ...\n"
    )
    found = describe(app)
    asked = {route.key: found.asking(route).security for route in found.routes}
    assert asked == {"GET /a": ({"token": []},), "GET /b": ({"other": []},), "GET /c": None}


BYTES: dict[str, tuple[str, bool]] = {
    "bytes": ("@app.get('/a')\ndef a() -> bytes: ...", True),
    "a response": ("@app.get('/a')\ndef a() -> Response[bytes]: ...", True),
    "with a status": ("@app.get('/a')\ndef a() -> tuple[bytes, int]: ...", True),
    "perhaps": ("@app.get('/a')\ndef a() -> 'bytes | None': ...", True),
    "compressed": ("@app.get('/a', compress=True)\ndef a() -> str: ...", True),
    "an image": ("@app.get('/a', responses={200: {'description': '', 'content': {'image/png': {}}}})\ndef a(): ...", True),
    "JSON of bytes": ("@app.get('/a')\ndef a() -> dict[str, bytes]: ...", False),
    "text": ("@app.get('/a', responses={200: {'description': '', 'content': {'text/csv; charset=utf-8': {}}}})\ndef a(): ...", False),
    "problem": ("@app.get('/a', responses={200: {'description': '', 'content': {'application/problem+json': {}}}})\ndef a(): ...", False),
    "an image for an error": ("@app.get('/a', responses={404: {'description': '', 'content': {'image/png': {}}}})\ndef a(): ...", False),
    "nothing said": ("@app.get('/a')\ndef a(): ...", False),
    "an image by a class of codes": (
        "@app.get('/a', responses={'2XX': {'description': '', 'content': {'image/png': {}}}})\ndef a(): ...",
        True,
    ),
    "an image for the rest": (
        "@app.get('/a', responses={'default': {'description': '', 'content': {'image/png': {}}}})\ndef a(): ...",
        False,
    ),
}


@pytest.mark.parametrize(("text", "binary"), BYTES.values(), ids=BYTES)
def test_a_route_that_answers_with_bytes_says_so(write_app: Callable[..., str], text: str, binary: bool) -> None:  # noqa: FBT001 (a value to compare)
    assert described(write_app(text))["GET /a"].binary is binary


def test_an_app_that_shows_tracebacks_is_refused_unless_its_function_is_for_development(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/a')\ndef a() -> str: ...\n", head=f"{HEAD}app = APIGatewayRestResolver(debug=True)\n")
    with pytest.raises(DeclarationError, match="set POWERTOOLS_DEV=true") as caught:
        describe(app)
    assert caught.value.code == "declaration.debug"
    with pytest.warns(UserWarning, match="POWERTOOLS_DEV"):
        assert describe(FunctionSource(app, environment={"POWERTOOLS_DEV": "true"})).routes


@pytest.mark.parametrize(
    ("arguments", "docstring", "told"),
    [
        ("", "What there is.", {"summary": "What there is."}),
        (
            "",
            "What there\n    is.\n\n    In short.\n\n    And at length.\n    ",
            {"summary": "What there is.", "description": "In short.\n\nAnd at length."},
        ),
        (", summary='All'", "What there is.", {"summary": "All"}),
        (", description='All of it'", "What there is.\n\n    In short.", {"summary": "What there is.", "description": "All of it"}),
        ("", None, {"summary": "GET /a"}),
    ],
)
def test_a_docstring_is_told_where_nothing_was_written_for_callers(
    write_app: Callable[..., str], arguments: str, docstring: str | None, told: dict[str, str]
) -> None:
    body = "..." if docstring is None else f'"""{docstring}"""'
    operation = described(write_app(f"@app.get('/a'{arguments})\ndef a() -> str:\n    {body}\n"))["GET /a"].operation
    assert {name: (operation or {}).get(name) for name in ("summary", "description")} == {"summary": None, "description": None, **told}


def test_what_is_not_a_function_tells_no_docstring_of_its_class(write_app: Callable[..., str]) -> None:
    app = write_app(
        'class Handler:\n    """How it is made."""\n    __name__ = "handler"\n    __doc__ = "How it is made."\n'
        "    def __call__(self) -> str: ...\napp.get('/a')(Handler())\n"
    )
    assert (described(app)["GET /a"].operation or {})["summary"] == "GET /a"


def test_three_hundred_routes_take_well_under_a_second_of_cpu(write_app: Callable[..., str]) -> None:
    import time

    app = write_app(
        "from pydantic import BaseModel\nclass M(BaseModel):\n    a: int\n"
        "def make(n):\n    def f(id: str, limit: int = 3) -> M: ...\n    return f\n"
        "def bad(n):\n    def f(id: str) -> Response: ...\n    return f\n"
        "for n in range(300):\n    app.get(f'/r{n}/<id>')((bad if n % 3 == 0 else make)(n))\n"
    )
    started = time.process_time()
    routes = described(app)
    spent = time.process_time() - started
    assert sum(route.problem is not None for route in routes.values()) == 100
    # An order of magnitude, not a figure: a quadratic search for the offenders takes minutes.
    assert spent < 10


def test_the_description_survives_its_json(wide: App) -> None:
    assert App.from_json(wide.to_json()) == wide
    assert json.loads(wide.to_json())["format"] == 11


@pytest.mark.parametrize(
    ("prefixes", "reached"),
    [
        ("[]", ()),
        ("['/v1']", ("GET /admin", "GET /{a}/b")),
        ("['/v2/api']", ()),
        ("[re.compile('/v.')]", ("GET /admin", "GET /{a}/b")),
    ],
)
def test_where_a_prefix_is_taken_off_other_routes_may_answer(
    write_app: Callable[..., str], prefixes: str, reached: tuple[str, ...]
) -> None:
    """`/v1/admin` comes by `/v1/{rest}`, and the app runs the handler of `/admin` for it."""
    rules = ("/admin", "/v1/<rest>", "/<a>/b")
    text = "".join(f"@app.get({rule!r})\ndef f{number}(**kwargs: str): ...\n" for number, rule in enumerate(rules))
    app = write_app(text, head=f"{HEAD}import re\napp = APIGatewayRestResolver(strip_prefixes={prefixes})\n")
    found = described(app)["GET /v1/{rest}"].also
    assert set(reached) <= set(found)
    assert bool(reached) or "GET /admin" not in found


def test_a_route_with_cors_in_an_app_without_says_what_powertools_then_answers(write_app: Callable[..., str]) -> None:
    cors = describe(write_app("@app.get('/a', cors=True)\ndef a(): ...\n@app.get('/b')\ndef b(): ...\n")).cors
    assert cors is not None
    assert cors.allow_origins == ("*",)


def test_cors_headers_in_one_text_are_those_that_browsers_read(write_app: Callable[..., str]) -> None:
    head = "from aws_lambda_powertools.event_handler.api_gateway import CORSConfig\n"
    config = "CORSConfig(allow_headers=['Content-Type, X-Trace'], expose_headers=['X-Page,X-Total', 'X-Page'])"
    cors = describe(write_app("@app.get('/a')\ndef a(): ...\n", head=f"{HEAD}{head}app = APIGatewayRestResolver(cors={config})\n")).cors
    assert cors is not None
    assert cors.allow_headers == ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key", "X-Trace")
    assert cors.expose_headers == ("X-Page", "X-Total")


def test_an_app_without_cors_has_none(write_app: Callable[..., str]) -> None:
    assert describe(write_app("@app.get('/a')\ndef a(): ...\n")).cors is None


def test_an_http_resolver_is_told_from_a_rest_one_and_read_alike(write_app: Callable[..., None]) -> None:
    told: dict[str, App] = {}
    for kind in ("Rest", "Http"):
        source = f"from aws_lambda_powertools.event_handler import APIGateway{kind}Resolver\napp = APIGateway{kind}Resolver(enable_validation=True)\n"
        route = "@app.get('/paints/<paint_id>')\ndef paint(paint_id: str, shade: int) -> list[str]:\n    '''A paint.'''\n    return []\n"
        write_app(source + route, head="", name=f"sample_{kind.lower()}")
        told[kind] = describe(f"sample_{kind.lower()}:app")
    assert (told["Rest"].kind, told["Http"].kind) == ("rest", "http")
    assert [(one.key, one.operation, one.parameters) for one in told["Http"].routes] == [
        (one.key, one.operation, one.parameters) for one in told["Rest"].routes
    ]
    assert told["Http"].routes[0].parameters == ("shade",)


def test_powertools_error_is_told_as_it_is_answered(wide: App) -> None:
    """Powertools demands `msg` of it, and leaves that out of its answers."""
    assert wide.schemas["ValidationError"]["required"] == ["loc", "type"]
    assert set(wide.schemas["ValidationError"]["properties"]) == {"loc", "type"}


@pytest.mark.parametrize("way", ["@app.not_found", "@app.not_found()", "@app.exception_handler(NotFoundError)"])
def test_an_app_that_answers_what_no_route_has_says_so(write_app: Callable[..., str], way: str) -> None:
    head = "from aws_lambda_powertools.event_handler.exceptions import NotFoundError\n"
    assert describe(write_app(f"{head}{way}\ndef unknown(error): ...\n")).answers_unknown
    assert not describe(write_app("@app.exception_handler(ValueError)\ndef wrong(error): ...\n", name="other")).answers_unknown


@pytest.mark.parametrize(
    ("code", "whose"),
    [
        ("@app.get('/a', openapi_extensions={'x-amazon-apigateway-integration': {'type': 'mock'}})\ndef a(): ...\n", "GET /a of sample:a"),
        ("app.configure_openapi(openapi_extensions={'X-Amazon-Apigateway-Policy': {}})\n", "sample:app"),
    ],
)
def test_what_the_gateway_renders_itself_is_refused(write_app: Callable[..., str], code: str, whose: str) -> None:
    with pytest.raises(DeclarationError, match=rf"{whose} says '(?i:x-amazon-apigateway-\w+)' in openapi_extensions, .* leave it out"):
        describe(write_app(code))


def test_other_extensions_stand_in_the_operation(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/a', openapi_extensions={'x-owner': 'paints'})\ndef a(): ...\n")

    assert (described(app)["GET /a"].operation or {})["x-owner"] == "paints"
