"""Apps written by the tests, each in a folder of its own that is the current directory."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

HEAD = "from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response\n"


@pytest.fixture
def write_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Writes a module and returns the app string; `app` is made first unless the text makes it."""
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)

    def write(text: str, *, name: str = "sample", head: str = f"{HEAD}app = APIGatewayRestResolver()\n") -> str:
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + dedent(text), encoding="utf-8")
        return f"{name}:app"

    yield write
    written = {path.stem for path in tmp_path.iterdir()}
    for module in set(sys.modules) - before:
        if module.partition(".")[0] in written:
            del sys.modules[module]
