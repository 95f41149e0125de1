"""The chat stack beside the same chat in idiomatic L2s: resources and template bytes.

python benchmarks/chat.py
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measure import run  # noqa: E402  # a script's own folder is on the path, its package is not

_CHAT = """
import sys
from aws_cdk import App
from stacks.chat import ChatStack

app = App(outdir=sys.argv[1], analytics_reporting=False, context={"aws:cdk:bundling-stacks": []})
ChatStack(app, "Chat")
app.synth()
"""
_SIDES = {"stacks/chat.py": ("-c", _CHAT), "benchmarks/chat_l2.py": ("benchmarks/chat_l2.py",)}


def main() -> None:
    """Synthesize both and print the table."""
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory(prefix="gateleg-bench-") as folder:
        templates = {side: synthesized(command, Path(folder) / str(number)) for number, (side, command) in enumerate(_SIDES.items())}
    (own, l2) = templates.values()
    print("| | " + " | ".join(templates) + " | L2 / gateleg |")
    print("|---|---|---|---|")
    for name, mine, theirs in (("resources", len(own["Resources"]), len(l2["Resources"])), ("template bytes", size(own), size(l2))):
        print(f"| {name} | {mine:,} | {theirs:,} | {theirs / mine:.2f}x |")
    mine_by_type, theirs_by_type = by_type(own), by_type(l2)
    for kind in sorted(mine_by_type | theirs_by_type):
        if mine_by_type[kind] != theirs_by_type[kind]:
            print(f"| {kind} | {mine_by_type[kind]} | {theirs_by_type[kind]} | |")


def synthesized(command: tuple[str, ...], out: Path) -> dict[str, Any]:
    """The template that a program writes into a folder."""
    run([sys.executable, *command, str(out)], {"PYTHONPATH": str(ROOT), "CDK_VALIDATION": "false"})
    template: dict[str, Any] = json.loads((out / "Chat.template.json").read_text(encoding="utf-8"))
    return template


def size(template: dict[str, Any]) -> int:
    """The template's bytes as the CDK writes them, indented by one."""
    return len(json.dumps(template, indent=1).encode())


def by_type(template: dict[str, Any]) -> Counter[str]:
    """How many resources there are of each type."""
    return Counter(item["Type"] for item in template["Resources"].values())


if __name__ == "__main__":
    main()
