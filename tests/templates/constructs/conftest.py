"""Fixtures of the constructs' template tests: one project, and what many tests only read, synthesized once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

# Before the CDK is loaded: the validator would take most of each synth, and one test of the chat stack runs it.
os.environ.setdefault("CDK_VALIDATION", "false")

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode
    from tests.templates.constructs.samples import Template


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> HandlerCode:
    """A project with two services and no dependencies."""
    from gateleg.cdk import HandlerCode

    root = tmp_path_factory.mktemp("project")
    for name in ("svc/__init__.py", "svc/rest.py", "svc/admin.py", "svc/socket.py", "svc/auth.py"):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("def app(event, context): ...\ndef handler(event, context): ...\n")
    return HandlerCode(root)


@pytest.fixture(scope="session")
def chat(code: HandlerCode) -> Template:
    """A table with a REST gateway."""
    from tests.templates.constructs.samples import gateway, synthesized

    return synthesized(lambda stack: gateway(stack, code))
