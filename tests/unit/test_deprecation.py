"""Warnings of gateleg's own deprecations can be told from those of others, by the interpreter and by type checkers."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from typing_extensions import deprecated

from gateleg.deprecation import GatelegDeprecationWarning


@deprecated("`touch` goes in 2.0, since 1.3; write `update`", category=GatelegDeprecationWarning)
def touch() -> str:
    return "touched"


def test_the_warning_names_the_line_that_uses_what_will_go() -> None:
    with pytest.warns(GatelegDeprecationWarning, match="write `update`") as caught:
        assert touch() == "touched"  # pyright: ignore[reportDeprecated]

    assert Path(caught[0].filename) == Path(__file__)


def test_it_can_be_made_an_error_while_the_deprecations_of_others_are_not() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", GatelegDeprecationWarning)
        warnings.warn("another's", DeprecationWarning, stacklevel=1)
        with pytest.raises(GatelegDeprecationWarning):
            touch()  # pyright: ignore[reportDeprecated]


def test_the_filter_that_the_documentation_names_is_one(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nfilterwarnings = error::gateleg.deprecation.GatelegDeprecationWarning\n", encoding="utf-8"
    )
    (tmp_path / "test_old.py").write_text(
        "import warnings\nfrom gateleg.deprecation import GatelegDeprecationWarning as W\ndef test_it(): warnings.warn('old', W)\n",
        encoding="utf-8",
    )

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert "1 failed" in done.stdout
    assert "GatelegDeprecationWarning: old" in done.stdout
