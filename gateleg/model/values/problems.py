"""What pydantic found wrong, as plain data and as the library's own error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.errors import ItemInvalidError
from gateleg.model.values.hidden import HIDDEN, Names, says_so, shown_names

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

_SHOWN = 100

_WITHOUT_INPUT = {
    "no_such_attribute": "Object has no such attribute",
    "union_tag_invalid": "Input tag does not match any of the expected tags",
}
"""By pydantic's type of error, the message where its own tells what was given."""

_WHAT_TO_WRITE = (
    (r"Field required", r"give it a value"),
    (r"Extra inputs are not permitted|Unexpected keyword argument", r"leave it out: it is not declared"),
    (r"Input should be a valid string", r"give text"),
    (r"Input should be a valid (integer|number|boolean|decimal|dictionary|bytes)(.*)", r"give a valid \1\2"),
    (r"Input should be ((?:greater|less) than .*|a multiple of .*|finite .*)", r"give a value that is \1"),
    (r"Input should (be|have|match|not) (.*)", r"give what should \1 \2"),
    (r"(String|Data|List|Set|Tuple|Dictionary|Value|Frozenset) should (.*)", r"give a value that should \2"),
    (r"(Instance|Field) is frozen", r"make a changed copy instead: model_copy(update={...})"),
    (r"(?s)(?:Value|Assertion) error,? ?(.*)", r"give what the rule takes: \1"),
)
"""By pydantic's message, which each release keeps stable, what puts the value right; the first that fits counts."""


def problems(error: ValidationError, shown: frozenset[str] | None = None, within: Any = None) -> tuple[dict[str, Any], ...]:
    """Everything that was wrong, each with `loc`, `msg`, `type` and `input` as pydantic says them.

    Beside those: `path`, the attribute's dotted path; `given`, what was given in short; `write`, what to write instead.

    Args:
        error: What pydantic raised.
        shown: The fields whose input may be shown; `None` for all. What is not shown is `HIDDEN`.
        within: The annotation of what is not valid, whose names may be shown.
    """
    found: list[dict[str, Any]] = [{**problem} for problem in error.errors(include_url=False, include_context=False)]
    for problem in found if shown is not None else ():
        if not (problem["loc"] and problem["loc"][0] in (shown or ())):
            problem |= {
                "input": HIDDEN,
                "loc": _shown_steps(within, problem["loc"]),
                "msg": _WITHOUT_INPUT.get(problem["type"], problem["msg"]),
            }
    return tuple(map(_described, found))


def place(problem: dict[str, Any]) -> str:
    """Where it was: `address.city`."""
    return ".".join(str(step) for step in problem["loc"])


def reason(problem: dict[str, Any]) -> str:
    """What was wrong, as the end of a sentence."""
    message = str(problem["msg"])
    return message[:1].lower() + message[1:]


def refusal(error: ValidationError, model: type[BaseModel], what: str = "is not valid") -> ItemInvalidError:
    """Pydantic's error as the library's own: it names the first fault, and holds them all.

    Args:
        error: What pydantic raised.
        model: The entity's class, which says what input may be shown.
        what: What became of the entity: `cannot be stored`.
    """
    found = problems(error, shown_names(model), model)
    first = found[0]
    label = ".".join(filter(None, (error.title, first["path"])))
    given = "" if first["type"] == "missing" else f", {first['given']} was given"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    message = f"{error.title} {what}: {first['path'] or 'as a whole'}: {reason(first)}{given}; {first['write']}{more}"
    return ItemInvalidError(message, path=label, value=first["input"], problems=found)


def _shown_steps(within: Any, steps: tuple[Any, ...]) -> tuple[Any, ...]:
    fields = getattr(within, "__pydantic_fields__", None)
    if fields is None or not steps:
        return Names.of(within).shown(steps)
    # A misspelt name of an argument is a part of the program, unless its class says that nothing is to be shown.
    first = Names.of(within).shown(steps[:1]) if says_so(within) else steps[:1]
    field = next((field for name, field in fields.items() if steps[0] in {name, field.validation_alias}), None)
    return first + Names.of(object if field is None else field.annotation).shown(steps[1:])


def _described(problem: dict[str, Any]) -> dict[str, Any]:
    given = repr(problem.get("input"))
    shown = given if len(given) <= _SHOWN else f"{given[:_SHOWN]}…"
    return {"input": None, **problem, "path": place(problem), "given": shown, "write": _what_to_write(str(problem["msg"]))}


def _what_to_write(message: str) -> str:
    for pattern, advice in _WHAT_TO_WRITE:
        if found := re.fullmatch(pattern, message):
            return found.expand(advice)
    return f"put this right: {message[:1].lower()}{message[1:]}"
