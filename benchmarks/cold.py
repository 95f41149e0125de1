"""Cold starts of the chat's REST handler beside its peers: CPU from the start of the process to the first answer, in one run, as ratios to a plain Powertools handler.

Each side is laid out as Lambda does it: the task, the layer, and boto3 as the runtime brings it, which nobody may write to; no other package can be imported. The chat's assets are those
that `ServiceFunction` makes for x86_64 and the running interpreter; the peers' are their handlers in `benchmarks/cold` and the packages that the files beside them lock. Every side asks a
stub on loopback for five rooms and answers with them. Without the compiled files is what each would be with sources alone; boto3 is compiled in both. Sides take turns; the ratio is the
median over the rounds of the ratio within a round, since the machine is not the same from one round to the next.

    python benchmarks/cold.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateleg.cdk.compiling import compiler_for, with_compiled
from gateleg.description.lambda_runtime import RUNTIME_DISTRIBUTIONS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
BASE = "powertools"
SIDES = {
    BASE: "Powertools, plain: boto3's resource, one route",
    "powertools_models": "Powertools with validation: boto3's resource, one route and one model",
    "fastapi": "FastAPI on Mangum: boto3's resource, one route and one model",
    "chalice": "Chalice: boto3's resource, one route",
    "gateleg": "gateleg: the chat, 10 routes, 4 entities, validation",
    "gateleg_direct": "gateleg, direct transport: the same",
}
CHAT = "lambdas.chat.rest"
_STORE = "store = Store(CHAT)"
_DIRECT = "from gateleg.store import DirectTransport\n\nstore = Store(CHAT, transport=DirectTransport())"


@dataclass(frozen=True)
class Start:
    """What a start took: seconds of CPU, and how many modules."""

    cpu: float
    modules: int


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    found: dict[tuple[str, bool], list[Start]] = {}
    with tempfile.TemporaryDirectory(prefix="gateleg-cold-") as name, stub() as url:
        place = Path(name)
        lay_out(place)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            for side in SIDES:
                for compiled in (False, True):
                    found.setdefault((side, compiled), []).append(started(side, place, url, compiled=compiled))
    print(table(found))


def lay_out(place: Path) -> None:
    """Lay out all sides twice below a folder: `<side>/sources` and `<side>/compiled`, each with `task` and `layer`; and the runtime's packages."""
    write(place / "runtime", compiled_files(runtime_files()))
    assets = chat_assets(place)
    task = assets["task"]
    module = f"{CHAT.replace('.', '/')}.py"
    text = task[module].decode()
    if _STORE not in text:
        raise SystemExit(f"{module} has no line {_STORE!r} to exchange")
    lay("gateleg", place, task, assets["layer"])
    lay("gateleg_direct", place, task | {module: text.replace(_STORE, _DIRECT).encode()}, assets["layer"])
    for side in (side for side in SIDES if not side.startswith("gateleg")):
        handler = HERE / "cold" / f"with_{side}.py"
        lay(side, place, {handler.name: handler.read_bytes()}, installed(place / "installed" / side, HERE / "cold" / f"{side}.txt"))


def lay(side: str, place: Path, task: dict[str, bytes], layer: dict[str, bytes]) -> None:
    """Write a side's task and layer, as sources and compiled."""
    for kind, files in {"task": task, "layer": layer}.items():
        write(place / side / "sources" / kind, files)
        write(place / side / "compiled" / kind, compiled_files(files))


def chat_assets(place: Path) -> dict[str, dict[str, bytes]]:
    """The sources of the chat's task and layer, from the assets of a synth."""
    from aws_cdk import App, Stack
    from aws_cdk.aws_lambda import Architecture, CfnFunction, CfnLayerVersion

    from gateleg.cdk import ServiceFunction

    stack = Stack(App(outdir=str(place / "cdk.out")), "Cold")
    environment = {"CHAT_SESSION_SECRET": "arn", "CHAT_SOCKET_URL": "wss://chat", "GATELEG_TABLE_CHAT": "chat"}
    ServiceFunction(stack, "Chat", handler=f"{CHAT}:handler", architecture=Architecture.X86_64, environment=environment)
    App.of(stack).synth()  # type: ignore[union-attr]
    resources = stack.node.find_all()
    [function] = [resource for resource in resources if isinstance(resource, CfnFunction)]
    [layer] = [resource for resource in resources if isinstance(resource, CfnLayerVersion)]
    keys: dict[str, Any] = {"task": stack.resolve(function.code)["s3Key"], "layer": stack.resolve(layer.content)["s3Key"]}
    return {kind: unpacked(place / "cdk.out" / f"asset.{key}", kind) for kind, key in keys.items()}


def unpacked(archive: Path, kind: str) -> dict[str, bytes]:
    """The sources in an asset."""
    with zipfile.ZipFile(archive) as opened:
        files = {name: opened.read(name) for name in opened.namelist() if not name.endswith(".pyc")}
    return {name.removeprefix("python/" if kind == "layer" else ""): content for name, content in files.items()}


def installed(place: Path, lock: Path) -> dict[str, bytes]:
    """The files of the packages that a file locks; all of them are named in it.

    Raises:
        SystemExit: They cannot be installed.
    """
    command = ["pip", "install", "-q", "--no-deps", "--require-hashes", "--target", str(place), "-r", str(lock)]
    done = subprocess.run([sys.executable, "-m", "uv", *command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{lock.stem} cannot be installed:\n{done.stderr}")
    return read(place, place.rglob("*"))


def runtime_files() -> dict[str, bytes]:
    """boto3 and what it needs, as the environment of this project has them."""
    files: dict[str, bytes] = {}
    for name in RUNTIME_DISTRIBUTIONS:
        found = metadata.distribution(name)
        base = Path(str(found.locate_file("")))
        files |= read(base, (base / str(file) for file in found.files or ()))
    return files


def read(base: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    """Contents by their names below a folder, without compiled files."""
    wanted = (path for path in paths if path.is_file() and path.suffix != ".pyc" and path.is_relative_to(base) and ".." not in path.parts)
    return {path.relative_to(base).as_posix(): path.read_bytes() for path in wanted}


def compiled_files(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with their compiled ones, as assets have them.

    Raises:
        SystemExit: The running Python is not a released CPython.
    """
    compiler = compiler_for(VERSION)
    if compiler is None:
        raise SystemExit("run it with a released CPython: Lambda has no other")
    return with_compiled(files, compiler)


def write(place: Path, files: dict[str, bytes]) -> None:
    """Write files below a folder, and let nobody write there again."""
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)


@contextmanager
def stub() -> Generator[str]:
    """The stub, in a process of its own, so that its work is nobody's."""
    with subprocess.Popen([sys.executable, HERE / "cold_stub.py"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def started(side: str, place: Path, url: str, *, compiled: bool) -> Start:
    """One start of one side.

    Raises:
        SystemExit: It failed.
    """
    module = CHAT if side.startswith("gateleg") else f"with_{side}"
    below = place / side / ("compiled" if compiled else "sources")
    # Root may write wherever it likes; -B holds for everybody.
    command = [shutil.which(sys.executable) or sys.executable, "-I", "-S", "-B", HERE / "cold" / "start.py", module]
    folders = [below / "task", below / "layer", place / "runtime"]
    done = subprocess.run([*command, *folders], env=surroundings(url), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr}")
    return Start(**json.loads(done.stdout.splitlines()[-1]))


def surroundings(url: str) -> dict[str, str]:
    """What Lambda and the construct set."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return {
        **dict.fromkeys(names, "bench"),
        "AWS_REGION": "eu-north-1",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_LAMBDA_FUNCTION_NAME": "rooms",
        "POWERTOOLS_SERVICE_NAME": "rooms",
        "TABLE": "chat",
        "GATELEG_TABLE_CHAT": "chat",
        "GATELEG_WEBSOCKET_ENDPOINT": "https://chat",
        "CHAT_SESSION_SECRET": "arn",
        "CHAT_SOCKET_URL": "wss://chat",
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
    }


def table(found: dict[tuple[str, bool], list[Start]]) -> str:
    """The figures as a markdown table, in times of the plain handler, compiled."""
    base = [start.cpu for start in found[BASE, True]]

    def times(side: str, *, compiled: bool) -> str:
        ratios = [start.cpu / of for start, of in zip(found[side, compiled], base, strict=True)]
        return f"{median(ratios):.2f}"

    lines = ["| CPU to the first answer, times the first, compiled | sources alone | compiled | modules |", "|---|---|---|---|"]
    for side, name in SIDES.items():
        lines.append(f"| {name} | {times(side, compiled=False)} | {times(side, compiled=True)} | {found[side, True][0].modules} |")
    return "\n".join([*lines, f"| *what 1.00 is* | | {min(base) * 1e3:,.0f} ms | |"])


if __name__ == "__main__":
    main()
