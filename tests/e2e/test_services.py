"""What Powertools' users write, and four services, on one deployment: REST and HTTP APIs answer as the resolvers do by themselves."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateleg.local import LocalAws
from tests.e2e import service_requests as asked
from tests.e2e.asking import Asked, ask, own_answer, unlike
from tests.e2e.examples import ask_by_reference
from tests.seeds import SEEDS
from tests.unit.docs.pages import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.e2e.asking import Kind

pytestmark = pytest.mark.e2e

APP = """
from aws_cdk import App, Stack

from gateleg.cdk import HttpGateway, RestGateway

app = App()
stack = Stack(app, "Services")
for kind, gateway, functions in (("rest", RestGateway, "app"), ("http", HttpGateway, "all")):
    for name, apps in {apis}.items():
        made = gateway(stack, kind.title() + name, apps=[f"services.{{one.format(kind)}}" for one in apps], functions=functions)
        if name == "Typed":
            made.add_reference("/docs", public="the services are described to everybody")
app.synth()
"""
APIS = {
    "Plain": {"plain:{}": asked.PLAIN},
    "Typed": {"checked:{}": asked.CHECKED, "checked:{}_terse": asked.TERSE, "pets:{}": asked.PETS, "blog:{}": asked.BLOG},
    "Bytes": {"plain:{}_bytes": asked.BYTES, "notes:{}": asked.NOTES},
    "Links": {"links:{}": asked.LINKS},
}
BINARY = {"Bytes": "*/*", "Typed": "multipart/form-data"}
"""What the apps of an API make binary."""

PAGE = "https://shop.example.com"
BROKEN = "/(wrong-answers|odd-answers|responses)"
"""Paths whose answers are wrong on purpose."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("deployed")
    package = shutil.copytree(Path(__file__).with_name("services"), project / "services", ignore=shutil.ignore_patterns("__*"))
    (package / "__init__.py").touch()
    shutil.copy(EXAMPLES / "http" / "requirements.txt", package)
    (project / "app.py").write_text(APP.format(apis={name: list(apps) for name, apps in APIS.items()}), encoding="utf-8")
    (project / "cdk.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}), encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def assembly(project: Path) -> Path:
    """What is deployed, which CloudFormation's validator takes with its default rules as errors."""
    found = project / "assembly"
    context = {"gateleg:target": "local", "@aws-cdk/core:validateAgainstDefaultRules": True}
    kept = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    environment = kept | {"CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(found)}
    done = subprocess.run([sys.executable, "app.py"], cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return found


@pytest.fixture(scope="module")
def urls(project: Path, assembly: Path) -> Iterator[dict[str, str]]:
    sys.path.insert(0, str(project))
    try:
        with LocalAws(project, port=0, assembly=assembly) as aws:
            yield {name.partition("Url")[0]: url for name, url in aws.outputs["Services"].items()}
    finally:
        sys.path.remove(str(project))
        for name in [name for name in sys.modules if name.partition(".")[0] == "services"]:
            del sys.modules[name]


def test_what_is_valid_is_deployed_whole(urls: dict[str, str]) -> None:
    assert len(urls) == 2 * len(APIS)


def differences(url: str, kind: Kind, api: str, name: str, requests: Sequence[Asked]) -> list[object]:
    """In what a deployed API answers otherwise than the resolver, which keeps what it is told as the function does."""
    module, _, attribute = name.format(kind).partition(":")
    app = getattr(importlib.import_module(f"services.{module}"), attribute)
    found: list[object] = []
    for request in requests:
        got = ask(url, request)
        own = own_answer(kind, app, request, BINARY.get(api, ""), cors=api == "Plain")
        if wrong := unlike(got, own):
            found.append((request, wrong))
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["rest", "http"])
@pytest.mark.parametrize(("api", "name"), [(api, name) for api, apps in APIS.items() for name in apps])
def test_a_deployed_api_answers_as_the_resolver_does(urls: dict[str, str], kind: Kind, api: str, name: str) -> None:
    assert differences(urls[kind.title() + api], kind, api, name, APIS[api][name]) == []


@pytest.mark.filterwarnings("ignore")
def test_a_rest_api_hands_paths_on_as_they_are_sent(urls: dict[str, str]) -> None:
    """An HTTP API decodes them; how one with a slash in a segment then finds its route, AWS does not say."""
    requests = [asked.get("/parts/7%2F8"), asked.get("/api/profiles/a%2fb%3F")]
    assert differences(urls["RestTyped"], "rest", "Typed", "checked:{}", requests[:1]) == []
    assert differences(urls["RestTyped"], "rest", "Typed", "blog:{}", requests[1:]) == []
    assert ask(urls["RestPlain"], asked.get("/rooms/r%20ed/chairs/%F0%9F%98%80")).body == b'{"chair": "%F0%9F%98%80", "room": "r%20ed"}'


@pytest.mark.parametrize("origin", [PAGE, "https://other.example.com"])
@pytest.mark.parametrize("kind", ["rest", "http"])
def test_pages_may_read_what_the_app_lets_them(urls: dict[str, str], kind: str, origin: str) -> None:
    told = (("Origin", origin), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "x-who"))
    url = urls[f"{kind.title()}Plain"]
    preflight = ask(url, Asked("OPTIONS", "/rooms", told))
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, origin)
    assert "GET" in preflight.headers["access-control-allow-methods"]
    assert "x-who" in preflight.headers["access-control-allow-headers"].lower()
    assert ask(url, asked.get("/rooms", told[0])).headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_whatever_is_asked_is_answered_as_the_reference_says(urls: dict[str, str], kind: str, tmp_path: Path) -> None:
    url = urls[f"{kind.title()}Typed"].rstrip("/")
    ask_by_reference(
        url,
        tmp_path,
        *("--phases", "examples,fuzzing", "--max-examples", str(max(1, SEEDS // 3)), "--exclude-path-regex", BROKEN),
        # What validators written in Python refuse, and what pydantic takes in lax mode, such as `true` for 1, no schema says; a REST API answers
        # what no route takes with 403.
        excluded="positive_data_acceptance,negative_data_rejection,unsupported_method",
    )
