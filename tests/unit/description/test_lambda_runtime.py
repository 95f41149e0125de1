"""Which of Lambda's runtimes an interpreter's version stands for."""

from __future__ import annotations

import sys

import pytest
from aws_cdk import aws_lambda as lambda_

from gateleg.description.lambda_runtime import RUNTIMES, runtime_of


@pytest.mark.parametrize(("version", "runtime"), [((3, 11), "python3.11"), ((3, 14), "python3.14"), ((3, 99), RUNTIMES[-1])])
def test_a_version_that_lambda_has_is_its_own_and_another_is_the_newest(version: tuple[int, int], runtime: str) -> None:
    assert runtime_of(version) == runtime


def test_unless_told_it_is_the_running_interpreter() -> None:
    assert runtime_of() == runtime_of(sys.version_info[:2])


def test_the_list_is_that_of_the_cdk() -> None:
    """A new runtime comes with a new release of the CDK, and fails this until it is listed."""
    named = [name.removeprefix("PYTHON_3_") for name in dir(lambda_.Runtime) if name.startswith("PYTHON_3_")]
    assert [f"python3.{minor}" for minor in sorted(map(int, named)) if minor >= 11] == list(RUNTIMES)
