"""What the embedded AWS holds at this moment, asked of itself: a file may speak of another run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.clients import client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local.template import Json, Target

_STANDING: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}


def deployed_templates(target: Target) -> dict[str, Json]:
    """Return the template of each stack that stands, by the stack's name."""
    formation = client("cloudformation", target)
    return {name: _template(formation.get_template(StackName=name)["TemplateBody"]) for name, _ in _stacks(formation)}


def deployed_outputs(target: Target) -> dict[str, dict[str, str]]:
    """Return the outputs of each stack that stands, by the stack's name and the output's."""
    formation = client("cloudformation", target)
    return {name: {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])} for name, stack in _stacks(formation)}


def _stacks(formation: Any) -> Iterator[tuple[str, Any]]:
    for page in formation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            if stack["StackStatus"] in _STANDING and "RootId" not in stack:
                yield stack["StackName"], stack


def _template(body: Any) -> Json:
    template: Json = json.loads(body if isinstance(body, str) else json.dumps(body))
    return template
