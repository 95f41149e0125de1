"""Each line of shell on a page could run: commands, targets, extras, options and programs are there."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.commands import problems
from tests.unit.docs.pages import PAGES, ROOT, Block, all_blocks

INLINE = re.compile(r"`((?:gateleg|make|npm|pip) [^`\[\]…]+)`")


@pytest.mark.parametrize("block", all_blocks("sh"), ids=str)
def test_each_command_is_there(block: Block) -> None:
    assert problems(block.text) == []


def test_each_command_in_a_sentence_is_there() -> None:
    pages = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
    told = {command for page in pages for command in INLINE.findall(page.read_text(encoding="utf-8"))} - {"gateleg local"}

    assert len(told) > 20
    assert [found for command in told for found in problems(command)] == []


@pytest.mark.parametrize(
    "line",
    [
        "make everything",
        "gateleg local upp",
        "gateleg local logs --folow",
        "pip install 'gateleg[locals]'",
        "npm install aws-cdk@3.0.0",
        "npx no-such-program",
        "python no_such_program.py",
        "python3 -m no_such_module",
        "aws logs describe-log-group",
        "aws logs describe-log-groups --prefix x",
        "git clone https://example.com/gateleg",
        "cdk deploi",
        "curl --aws-sigv5 x",
        "cd there && make everything",
        "URL=$(gateleg local output | sed -n p)",
        'eval "$(gateleg local environment)"',
        "docker run x",
    ],
)
def test_what_is_not_there_is_told(line: str) -> None:
    assert len(problems(line)) == 1
