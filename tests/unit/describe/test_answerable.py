"""Routes and handlers of which no request would be answered are refused, with what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateleg.describe import describe
from gateleg.description.source import FunctionSource
from gateleg.errors import DeclarationError
from tests.unit.describe.conftest import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = f"{HEAD}app = APIGatewayRestResolver()\n"
CHECKED = f"{HEAD}app = APIGatewayRestResolver(enable_validation=True)\n"
COROUTINE = "@app.get('/a')\nasync def a() -> dict[str, str]: return {}\n"
SIGNED_IN = (
    "from functools import wraps\ndef signed_in(f):\n    @wraps(f)\n    def g(**given): return f(user='ann', **given)\n    return g\n"
)
INJECTED = (
    "from typing import Annotated\nfrom aws_lambda_powertools.event_handler import Depends\n"
    "from aws_lambda_powertools.event_handler.request import Request\ndef user(): return 'ann'\n"
)
AWAITED = "import asyncio\ndef handler(event, context): return asyncio.run(app.resolve_async(event, context))\n"
ROUTER = (
    "from aws_lambda_powertools.event_handler.router import Router\nr = Router()\n@r.get('/a')\nasync def a(): ...\napp.include_router(r)\n"
)


def faults(app: str, handler: str | None = None) -> list[str | None]:
    source = app if handler is None else FunctionSource(app, app.replace(":app", f":{handler}"))
    return [route.unanswered for route in describe(source).routes]


@pytest.mark.parametrize(("code", "handler"), [(COROUTINE, None), (ROUTER, None), (f"{COROUTINE}run = app.resolve\n", "run")])
@pytest.mark.parametrize("head", [CHECKED, PLAIN])
def test_nobody_awaits_a_coroutine_behind_the_app_itself(write_app: Callable[..., str], code: str, handler: str | None, head: str) -> None:
    (fault,) = faults(write_app(code, head=head), handler)

    assert fault is not None
    assert "is a coroutine" in fault
    assert "return asyncio.run(app.resolve_async(event, context)), and RestApp('sample:app', handler='sample:handler')" in fault


def test_the_advised_handler_awaits_a_coroutine(write_app: Callable[..., str]) -> None:
    assert faults(write_app(COROUTINE + AWAITED), "handler") == [None]


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ("def a(ident): ...", "does not take the variable 'order' of its path; write order in place of ident"),
        ("def a(): ...", "does not take the variable 'order' of its path; write order: str among its parameters"),
        ("def a(order, limit): ...", "takes 'limit', which is no variable of its path; leave it out, or write enable_validation=True"),
        ("def a(order, /): ...", "does not take the variable 'order' of its path; write order: str among its parameters"),
    ],
)
def test_a_handler_that_does_not_fit_its_path_answers_nothing(write_app: Callable[..., str], route: str, told: str) -> None:
    (fault,) = faults(write_app(f"@app.get('/orders/<order>')\n{route}\n"))

    assert fault is not None
    assert fault.startswith(told)


@pytest.mark.parametrize("schema", [True, False])
@pytest.mark.parametrize("route", ["def a() -> Response: ...", "class X: ...\ndef a(x: X): ...", "def a() -> object(): ..."])
def test_what_powertools_cannot_check_answers_nothing(write_app: Callable[..., str], route: str, schema: bool) -> None:  # noqa: FBT001
    *before, handler = route.splitlines()
    code = "\n".join([*before, "@app.get('/a', include_in_schema={}, enable_validation=True)", handler, ""])

    (fault,) = faults(write_app(code.format(schema)))
    assert fault is not None
    assert "has annotations that Powertools cannot check, and answers nothing" in fault
    assert "enable_validation=False for the route" in fault


@pytest.mark.parametrize("route", ["def a() -> Response[dict]: ...", "def a(): ...", "def a() -> str: ..."])
def test_what_powertools_can_check_is_answered(write_app: Callable[..., str], route: str) -> None:
    assert faults(write_app(f"@app.get('/a')\n{route}\n", head=CHECKED)) == [None]


def test_what_is_not_checked_needs_no_model(write_app: Callable[..., str]) -> None:
    assert faults(write_app("@app.get('/a', enable_validation=False)\ndef a() -> Response: ...\n", head=CHECKED)) == [None]


@pytest.mark.parametrize(
    ("code", "head"),
    [
        ("@app.get('/orders/<order>')\ndef a(order, limit=3, *rest): ...\n", PLAIN),
        ("@app.get('/orders/<order>')\ndef a(order: str): ...\n", PLAIN),
        ("@app.get('/orders/<order>')\ndef a(**variables): ...\n", PLAIN),
        ("@app.get('/orders/<order>')\ndef a(order: str, limit: int): ...\n", CHECKED),
        ("@app.get('/orders/<order>')\ndef a() -> str: ...\n", CHECKED),
        (f"{SIGNED_IN}@app.get('/orders/<order>')\n@signed_in\ndef a(order, user): ...\n", PLAIN),
        (f"{INJECTED}@app.get('/orders/<order>')\ndef a(order, request: Request, user: Annotated[str, Depends(user)]): ...\n", PLAIN),
        (
            f"{INJECTED}@app.get('/orders/<order>')\ndef a(order, request: Request, user: Annotated[str, Depends(user)]): ...\n",
            f"from __future__ import annotations\n{PLAIN}",
        ),
    ],
)
def test_what_can_be_called_is_answered(write_app: Callable[..., str], code: str, head: str) -> None:
    assert faults(write_app(code, head=head)) == [None]


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        (
            "async def handler(event, context): ...",
            "is a coroutine, which Lambda does not await; write def handler(event, context), in it asyncio.run(...)",
        ),
        ("def handler(event): ...", "cannot be called with an event and a context, as Lambda calls it; write def handler(event, context)"),
        ("def handler(event, context, *, key): ...", "cannot be called with an event and a context"),
    ],
)
def test_a_handler_that_fails_whenever_lambda_calls_it_is_refused(write_app: Callable[..., str], handler: str, told: str) -> None:
    app = write_app(f"@app.get('/a')\ndef a(): ...\n{handler}\n")

    for source in (FunctionSource(app, "sample:handler"), FunctionSource(None, "sample:handler")):
        with pytest.raises(DeclarationError) as refused:
            describe(source)
        assert f"'sample:handler' {told}" in str(refused.value)


def test_a_handler_that_takes_more_by_default_is_taken(write_app: Callable[..., str]) -> None:
    app = write_app("@app.get('/a')\ndef a(): ...\ndef handler(event, context=None, *rest): return app.resolve(event, context)\n")

    assert faults(app, "handler") == [None]
