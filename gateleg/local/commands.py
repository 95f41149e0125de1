"""The subcommands of `gateleg local`."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.errors import LocalError
from gateleg.local.cdk_cli import credentials
from gateleg.local.crash_lines import tell_crashes
from gateleg.local.endpoints import lines, to_open
from gateleg.local.functions import chosen_functions, log_lines
from gateleg.local.local_aws import LocalAws

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_parsers(commands: Any, write: Callable[[str], None]) -> None:
    """Add `gateleg local …` to the command line.

    Args:
        commands: What `ArgumentParser.add_subparsers` made.
        write: Takes one line of output.
    """
    local = commands.add_parser("local", help="run the project's stacks on an embedded AWS")
    actions = local.add_subparsers(required=True, metavar="ACTION")
    _add_up_options(_add_action(actions, "up", "start the embedded AWS and deploy what changed", lambda given: _up(given, write)))
    _add_action(actions, "down", "stop the embedded AWS, which keeps its data", lambda given: _down(given, write))
    _add_action(actions, "env", "print the variables that let an AWS client or CLI use the embedded AWS", lambda given: _env(given, write))
    outputs = _add_action(actions, "outputs", "print the stacks' outputs", lambda given: _outputs(given, write))
    outputs.add_argument("--json", action="store_true", help="as JSON")
    logs = _add_action(actions, "logs", "print what the functions logged", lambda given: _logs(given, write))
    logs.add_argument("function", nargs="?", help="a service name, or a part of a function's name; all if none is given")
    logs.add_argument("--follow", "-f", action="store_true", help="go on until Ctrl-C")


def _add_action(actions: Any, name: str, summary: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=summary)
    _add_project(parser)
    parser.set_defaults(run=run)
    return parser


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="the directory of cdk.json (default: this one)")


def _add_up_options(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--app", metavar="COMMAND", help="the app command, in place of cdk.json's")
    source.add_argument("--assembly", type=Path, metavar="DIR", help="a directory that cdk synth wrote, in place of synthesizing")
    parser.add_argument(
        "--stack", action="append", default=[], metavar="NAME", dest="stacks", help="deploy this stack only; may be repeated"
    )
    parser.add_argument("--port", type=int, help="the port on 127.0.0.1 (default: 4566; 0: a free one)")
    parser.add_argument("--watch", action="store_true", help="deploy what changed whenever a file is saved, until Ctrl-C")
    parser.add_argument(
        "--open",
        action="store_true",
        help="open the root of the REST or HTTP API in the browser, or its documentation where it has no root",
    )
    parser.add_argument("--fresh", action="store_true", help="start empty, without what earlier runs kept")
    parser.add_argument("--waves", action="store_true", help="deploy several index changes of a table one at a time, as AWS wants it")
    parser.add_argument(
        "--seed", action="append", default=[], metavar="SEEDS", dest="seeds", help="load these, as gateleg seed does; may be repeated"
    )
    parser.add_argument("--no-auth", action="store_false", dest="auth", help="do not enforce IAM")
    stay = parser.add_mutually_exclusive_group()
    stay.add_argument("--foreground", action="store_true", help="stay until Ctrl-C, then stop the embedded AWS")
    stay.add_argument("--detach", action="store_true", help="leave the embedded AWS running (the default)")


def _up(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    aws = LocalAws(
        given.project,
        port=given.port,
        auth=given.auth,
        app=given.app,
        assembly=given.assembly,
        stacks=given.stacks,
        fresh=given.fresh,
        waves=given.waves,
        report=write,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ran_before = aws.running
    aws.up()
    for seeds in given.seeds:
        _seed(aws, seeds)
    _write_endpoints(aws, write)
    if given.open:
        webbrowser.open((to_open(aws.endpoints) or aws.endpoint("rest")).url)
    if given.watch or given.foreground:
        _stay(aws, write, watched=given.watch, ends=given.foreground or not (ran_before or given.detach))


def _seed(aws: LocalAws, seeds: str) -> None:
    """Load seeds in a process of their own, as the declarations that they import are none of this one's."""
    command = [sys.executable, "-m", "gateleg.cli", "seed", seeds, "--local", "--project", str(aws.project)]
    if subprocess.run(command, cwd=aws.project, check=False).returncode:  # noqa: S603 (its own command)
        raise LocalError(f"the seeds {seeds} were not loaded; what is above says why, and what is deployed stays", value=seeds)


def _stay(aws: LocalAws, write: Callable[[str], None], *, watched: bool, ends: bool) -> None:
    """Stay until Ctrl-C, or until another command stops the embedded AWS, and say which handlers crash."""
    ended = threading.Event()
    crashes = threading.Thread(target=tell_crashes, args=(aws, write, ended), daemon=True)
    crashes.start()
    try:
        write("Ctrl-C stops " + ("the embedded AWS" if ends else "watching"))
        if watched:
            from gateleg.local.watch import watch

            watch(aws, write, ended)
        else:
            ended.wait()
        raise LocalError("the embedded AWS was stopped by another command; run: gateleg local up", code="local.not_running")
    except KeyboardInterrupt:
        write("")
    finally:
        ended.set()
        if ends and aws.down():
            write("stopped")


def _write_endpoints(aws: LocalAws, write: Callable[[str], None]) -> None:
    for line in lines(endpoints := aws.endpoints):
        write(line)
    if not endpoints:
        write(f"deployed; no stack has an output with the URL of an API. AWS answers on {aws.endpoint_url}")


def _down(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    write("stopped; its data is kept for the next up" if LocalAws(given.project).down() else "nothing runs")


def _env(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    for name, value in credentials(LocalAws(given.project).target).items():
        write(f"export {name}={shlex.quote(value)}")


def _outputs(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    outputs = LocalAws(given.project).outputs
    if given.json:
        write(json.dumps(outputs, indent=2))
        return
    for stack, values in outputs.items():
        for name, value in values.items():
            write(f"{stack}.{name} = {value}")


def _logs(given: argparse.Namespace, write: Callable[[str], None]) -> None:
    target = LocalAws(given.project).target
    try:
        for line in log_lines(target, chosen_functions(target, given.function), follow=given.follow):
            write(str(line))
    except KeyboardInterrupt:
        write("")
