"""Layers are called by what they are made from, and a handler that would not find what it imports is refused."""

from __future__ import annotations

import re
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.packaging import HandlerCode
from gateleg.description.app import Needs
from gateleg.errors import PackagingError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PLATFORM: dict[str, Any] = {"architecture": lambda_.Architecture.ARM_64, "runtime": lambda_.Runtime.PYTHON_3_14}
NEEDS = Needs(distributions=("annotated-types",))


def listed() -> Stack:
    return Stack(App(context={"aws:cdk:bundling-stacks": []}), "Listed")


def deployed() -> Stack:
    return Stack(App(), "Deployed")


def service(root: Path, name: str = "svc", requirements: str | None = None) -> HandlerCode:
    (root / name).mkdir(parents=True, exist_ok=True)
    (root / name / "rest.py").write_text("")
    if requirements is not None:
        (root / "requirements.txt").write_text(requirements)
    return HandlerCode(root).for_handler(f"{name}.rest:app")


def made(stack: Stack, *codes: HandlerCode) -> list[str]:
    for code in codes:
        code.layer(stack, **PLATFORM)
    return sorted(child.node.id for child in stack.node.children)


def test_an_id_follows_the_path_in_the_cdk_project_from_wherever_it_is_synthesized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cdk.json").write_text("{}")
    (tmp_path / "infra").mkdir()
    code = service(tmp_path / "services/orders", requirements="")
    for folder in (tmp_path, tmp_path / "infra", tmp_path / "services/orders"):
        monkeypatch.chdir(folder)
        assert made(listed(), code) == ["Dependencies-services-orders-requirements-txt-arm64-python3.14"]
    monkeypatch.chdir(tmp_path / "services/orders")
    assert made(listed(), HandlerCode().for_handler("svc.rest:app")) == ["Dependencies-services-orders-requirements-txt-arm64-python3.14"]


def test_outside_of_a_cdk_project_an_id_follows_what_is_required(tmp_path: Path) -> None:
    orders, billing = service(tmp_path / "orders", requirements="six"), service(tmp_path / "billing", requirements="idna")
    names = made(listed(), orders, billing)
    assert len(names) == 2
    assert made(listed(), billing, orders) == names
    assert made(listed(), service(tmp_path / "third", requirements="six # the same")) == [made(listed(), orders)[0]]


def described(stack: Stack) -> dict[str, str | None]:
    layers = [child for child in stack.node.find_all() if isinstance(child, lambda_.CfnLayerVersion)]
    return {layer.node.path: layer.description for layer in layers}


def test_the_order_of_functions_changes_no_layer(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text("{}")
    first, second = service(tmp_path, "a", requirements=""), service(tmp_path, "b")
    one, other = listed(), listed()
    assert made(one, first, second) == made(other, second, first)
    assert described(one) == described(other)
    assert list(described(one).values()) == ["Dependencies of handlers"]


def test_a_description_names_the_folder_of_the_requirements(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text("{}")
    stack = listed()
    made(stack, service(tmp_path / "lambdas", requirements=""))
    assert list(described(stack).values()) == ["Dependencies of lambdas"]


@pytest.mark.parametrize("stack", [listed, deployed])
def test_a_handler_that_imports_a_distribution_without_requirements_is_refused_with_the_lines_to_write(stack: Any, tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match="imports annotated-types, and there is no requirements file") as raised:
        service(tmp_path).layer(stack(), NEEDS, **PLATFORM)
    file = tmp_path / "svc/requirements.txt"
    assert f"write into {file}" in raised.value.message
    lines = re.findall(r"^\S+==\S+$", raised.value.message, re.MULTILINE)
    assert lines == [f"annotated-types=={metadata.version('annotated-types')}"]
    file.write_text("\n".join(lines))
    service(tmp_path).layer(stack(), NEEDS, **PLATFORM)


@pytest.mark.parametrize("stack", [listed, deployed])
def test_a_distribution_that_the_requirements_do_not_bring_is_refused(stack: Any, tmp_path: Path) -> None:
    code = service(tmp_path, requirements="typing-inspection")
    code.layer(stack(), Needs(distributions=("typing-extensions",)), **PLATFORM)
    with pytest.raises(PackagingError, match=r"imports annotated-types, and .*requirements\.txt does not bring that") as raised:
        code.layer(stack(), Needs(distributions=("annotated-types", "typing-extensions")), **PLATFORM)
    assert raised.value.value == ("annotated-types",)


def test_what_a_layer_of_the_user_brings_is_not_asked_for(tmp_path: Path) -> None:
    service(tmp_path)
    code = HandlerCode(tmp_path, provided=["Annotated_Types"]).for_handler("svc.rest:app")
    code.layer(listed(), NEEDS, **PLATFORM)


def test_where_a_requirement_is_not_installed_only_the_built_layer_tells_what_it_brings(tmp_path: Path) -> None:
    code = service(tmp_path, requirements="not-installed-anywhere")
    code.layer(listed(), NEEDS, **PLATFORM)
