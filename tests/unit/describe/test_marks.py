"""The marks of routes, `uses` and `public`, and which routes they reach."""

from collections.abc import Callable

import pytest

from gateleg.describe import describe
from gateleg.description import Route, Use
from gateleg.errors import AuthorizerError, DeclarationError

pytestmark = pytest.mark.slow


def described(app: str) -> dict[str, Route]:
    return {route.key: route for route in describe(app).routes}


MARKS = (
    "from gateleg.rest import public, uses\n"
    "from gateleg.description.uses import Use\n"
    "class Operation:\n"
    "    def __init__(self, operation, index=None):\n"
    "        self.use = Use('shop', 'Item', operation, index)\n"
    "    def declared_uses(self):\n"
    "        return (self.use,)\n"
    "read, write, search = Operation('get'), Operation('put'), Operation('query', 'by_name')\n"
)


def uses_of(route: Route) -> set[tuple[str, str | None]]:
    return {(use.operation, use.index) for use in route.uses}


@pytest.mark.parametrize(
    "decorators",
    ["@app.get('/a')\n@uses(read, search)\n@public('why')\n", "@uses(read, search)\n@app.get('/a')\n@public('why')\n"],
    ids=["inside", "outside"],
)
def test_uses_count_on_either_side_of_the_route(write_app: Callable[..., str], decorators: str) -> None:
    route = described(write_app(f"{MARKS}{decorators}def a() -> str: ...\n"))["GET /a"]
    assert uses_of(route) == {("get", None), ("query", "by_name")}
    assert route.uses[0] == Use("shop", "Item", "get")
    assert route.public == "why"


WRAPS = (
    "import functools\n"
    "def logged(function):\n"
    "    @functools.wraps(function)\n"
    "    def inner(*args, **kwargs):\n"
    "        return function(*args, **kwargs)\n"
    "    return inner\n"
)


@pytest.mark.parametrize(
    "order",
    [
        ["app.get('/a')", "logged", "uses(read)"],
        ["app.get('/a')", "uses(read)", "logged"],
        ["uses(read)", "app.get('/a')", "logged"],
        ["logged", "uses(read)", "app.get('/a')"],
        ["logged", "app.get('/a')", "uses(read)"],
    ],
    ids=" ".join,
)
def test_marks_survive_wrapping_decorators(write_app: Callable[..., str], order: list[str]) -> None:
    decorators = "".join(f"@{decorator}\n" for decorator in order)
    assert uses_of(described(write_app(f"{MARKS}{WRAPS}{decorators}def a() -> str: ...\n"))["GET /a"]) == {("get", None)}


ABOVE = [
    ["uses(read)", "logged", "app.get('/a')"],
    ["public('why')", "app.get('/a')"],
    ["public('why')", "logged", "app.get('/a')"],
    ["logged", "public('why')", "app.get('/a')"],
]


@pytest.mark.parametrize("order", ABOVE, ids=map(" ".join, ABOVE))
def test_a_mark_that_does_not_reach_its_route_is_refused(write_app: Callable[..., str], order: list[str]) -> None:
    decorators = "".join(f"@{decorator}\n" for decorator in order)
    with pytest.raises(DeclarationError, match="write it below, next to the function"):
        describe(write_app(f"{MARKS}{WRAPS}{decorators}def a() -> str: ...\n"))
    below = "".join(f"@{decorator}\n" for decorator in sorted(order, key=lambda one: one.startswith(("uses", "public"))))
    route = described(write_app(f"{MARKS}{WRAPS}{below}def a() -> str: ...\n", name="advised"))["GET /a"]
    assert (uses_of(route), route.public) in [({("get", None)}, None), (set(), "why")]


REPORTS = "def reports() -> str: ...\napp.get('/reports')(reports)\n"


def test_a_public_wrapper_opens_no_other_route_of_what_it_wraps(write_app: Callable[..., str]) -> None:
    app = write_app(f"{MARKS}{WRAPS}{REPORTS}app.get('/public/reports')(public('only the keys')(logged(reports)))\n")
    assert {key: route.public for key, route in described(app).items()} == {"GET /reports": None, "GET /public/reports": "only the keys"}


@pytest.mark.parametrize("second", ["post('/reports')", "get('/other')"])
def test_a_mark_set_between_two_registrations_opens_one_of_them(write_app: Callable[..., str], second: str) -> None:
    app = write_app(f"{MARKS}def reports() -> str: ...\napp.get('/reports')(public('all may read')(reports))\napp.{second}(reports)\n")
    assert [route.public for route in described(app).values()] == ["all may read", None]


def test_a_uses_mark_of_a_wrapper_grants_no_other_route_anything(write_app: Callable[..., str]) -> None:
    app = write_app(f"{MARKS}{WRAPS}{REPORTS}app.delete('/reports')(uses(write)(logged(reports)))\n")
    assert {key: uses_of(route) for key, route in described(app).items()} == {"GET /reports": set(), "DELETE /reports": {("put", None)}}


def test_a_public_function_of_several_routes_is_refused_and_of_several_methods_is_not(write_app: Callable[..., str]) -> None:
    hook = "@app.route('/hook', method=['GET', 'POST'])\n@public('signed by the sender')\ndef hook() -> str: ...\n"
    assert [route.public for route in described(write_app(MARKS + hook)).values()] == ["signed by the sender"] * 2
    with pytest.raises(AuthorizerError, match="register a function of its own"):
        describe(write_app(f"{MARKS}{hook}app.get('/other')(hook)\n", name="twice"))


def test_a_public_middleware_opens_nothing(write_app: Callable[..., str]) -> None:
    app = write_app(
        MARKS + "@public('why')\ndef guard(app, next_middleware): return next_middleware(app)\n"
        "@app.get('/a', middlewares=[guard])\ndef a() -> str: ...\n"
    )
    assert described(app)["GET /a"].public is None


def test_marks_of_routers_dependencies_and_middlewares_reach_the_route(write_app: Callable[..., str]) -> None:
    app = write_app(
        MARKS + "from typing import Annotated\n"
        "from aws_lambda_powertools.event_handler.api_gateway import Router\n"
        "from aws_lambda_powertools.event_handler.depends import Depends\n"
        "@uses(read)\ndef inner() -> str: return ''\n"
        "def outer(value: Annotated[str, Depends(inner)]) -> str: return value\n"
        "@uses(search)\ndef guard(app, next_middleware): return next_middleware(app)\n"
        "router = Router()\n"
        "@router.get('/a', middlewares=[guard])\n@uses(write)\ndef a(value: Annotated[str, Depends(outer)]) -> str: return value\n"
        "@router.get('/b')\ndef b() -> str: return ''\n"
        "app.include_router(router, prefix='/v')\n"
    )
    routes = described(app)
    assert uses_of(routes["GET /v/a"]) == {("get", None), ("put", None), ("query", "by_name")}
    assert uses_of(routes["GET /v/b"]) == set()


def test_a_middleware_of_the_whole_app_is_used_by_every_route(write_app: Callable[..., str]) -> None:
    app = write_app(
        MARKS + "@uses(read)\ndef guard(app, next_middleware): return next_middleware(app)\n"
        "app.use([guard])\n@app.get('/a')\ndef a() -> str: ...\n"
    )
    assert uses_of(described(app)["GET /a"]) == {("get", None)}


def test_marks_of_what_objects_and_partial_functions_run_reach_the_route(write_app: Callable[..., str]) -> None:
    app = write_app(
        MARKS + "from functools import partial\n"
        "class Guard:\n"
        "    @uses(read)\n"
        "    def __call__(self, app, next_middleware): return next_middleware(app)\n"
        "guard = Guard()\nguard.__name__ = 'guard'\n"
        "@uses(write)\ndef save(a): return a\n"
        "saving = partial(save, 1)\nsaving.__name__ = 'saving'\n"
        "app.get('/a', middlewares=[guard])(saving)\n@app.get('/b')\ndef b() -> str: ...\n"
    )
    routes = described(app)
    assert uses_of(routes["GET /a"]) == {("get", None), ("put", None)}
    assert uses_of(routes["GET /b"]) == set()


def test_what_answers_errors_is_used_by_every_route(write_app: Callable[..., str]) -> None:
    app = write_app(
        MARKS + "@app.exception_handler([KeyError, ValueError])\n@uses(write)\ndef failed(error): ...\n"
        "@app.not_found\n@uses(read)\ndef missing(error): ...\n@app.get('/a')\ndef a() -> str: ...\n"
    )
    assert uses_of(described(app)["GET /a"]) == {("get", None), ("put", None)}
