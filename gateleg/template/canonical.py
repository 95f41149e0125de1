"""CloudFormation values as one readable text.

A template says the same ARN in many ways: `Ref`, `Fn::GetAtt`, `Fn::Join`, `Fn::Sub` with or without variables. Here they all become
one text in the notation of `Fn::Sub`: `${Table.Arn}/index/by_author`. What only the deployment knows stays a `${...}` token. A token of
another template reads `${Stack:LogicalId.Attribute}`.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any, TypeGuard

from gateleg.errors import TemplateMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_TOKEN = re.compile(r"\$\{(?P<literal>!?)(?P<name>[^}]*)\}")
_ARN_TOKEN = re.compile(r"\$\{[^}]+(Arn|ARN)\}")
_ARN_FIELDS = {1: "${AWS::Partition}", 3: "${AWS::Region}", 4: "${AWS::AccountId}"}
_NO_VALUE = {"Ref": "AWS::NoValue"}
_MOST_BRANCHES = 256


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether the value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether the value is a JSON list."""
    return isinstance(value, list)


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if is_object(value) else {}


def listing(value: object) -> list[Any]:
    """The value if it is a JSON list, a list of it alone if it is something else, an empty one for `None`."""
    if value is None:
        return []
    return value if is_list(value) else [value]


def intrinsic(value: object) -> tuple[str, Any] | None:
    """The function and its argument if the value is an intrinsic function (`Ref`, `Fn::...`), else `None`."""
    found = mapping(value)
    if len(found) != 1:
        return None
    name, argument = next(iter(found.items()))
    return (name, argument) if name == "Ref" or name.startswith("Fn::") else None


def canonical(value: object, bindings: Mapping[str, str] | None = None) -> str:
    """One text for a template value.

    Args:
        value: A string, number, boolean, intrinsic function or any other JSON.
        bindings: What a token stands for where another template of the assembly says so, by the token's name.

    Returns:
        A text with `${...}` tokens; JSON for an object or list that is not an intrinsic function.

    Raises:
        TemplateMismatchError: An intrinsic function has arguments that CloudFormation would refuse.
    """
    if isinstance(value, str):
        return value
    if (call := intrinsic(value)) is None:
        return json.dumps(value, sort_keys=True)
    name, argument = call
    render = _RENDERERS.get(name, _other)
    try:
        return render(name, argument, bindings or {})
    except (IndexError, KeyError, TypeError, ValueError):
        message = f"{name} is given {argument!r:.80}, which CloudFormation would not take; synthesize the template anew"
        raise TemplateMismatchError(message, path=name, value=argument, code="template.intrinsic") from None


def alternatives(value: object, bindings: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Every text that a value can become: one for each branch of each `Fn::If` in it, without `AWS::NoValue`."""
    texts = (canonical(branch, bindings) for branch in itertools.islice(_branches(value), _MOST_BRANCHES) if branch != _NO_VALUE)
    return tuple(dict.fromkeys(texts))


def qualify(text: str, stack: str) -> str:
    """The text as another template would read it: its tokens carry the name of the stack that they belong to."""

    def replace(token: re.Match[str]) -> str:
        name = token["name"]
        return token[0] if ":" in name or token["literal"] else f"${{{stack}:{name}}}"

    return _TOKEN.sub(replace, text)


def split_outside_tokens(text: str, separator: str) -> list[str]:
    """Split at a separator of one character, never inside a `${...}` token."""
    return re.split(re.escape(separator) + r"(?![^{}]*\})", text)


def _token(name: str, bindings: Mapping[str, str]) -> str:
    return bindings.get(name, f"${{{name}}}")


def _ref(_: str, argument: Any, bindings: Mapping[str, str]) -> str:
    return _token(str(argument), bindings)


def _get_att(_: str, argument: Any, bindings: Mapping[str, str]) -> str:
    parts = [canonical(part, bindings) for part in listing(argument)]
    return _token(".".join(parts), bindings)


def _sub(_: str, argument: Any, bindings: Mapping[str, str]) -> str:
    template, variables = (argument, mapping(None)) if isinstance(argument, str) else (str(argument[0]), mapping(argument[1]))

    def replace(token: re.Match[str]) -> str:
        if token["literal"]:
            return token[0]
        name = token["name"].strip()
        return canonical(variables[name], bindings) if name in variables else _token(name, bindings)

    return _TOKEN.sub(replace, template)


def _join(_: str, argument: Any, bindings: Mapping[str, str]) -> str:
    separator, parts = argument
    if intrinsic(parts) is not None:
        return f"${{Fn::Join:{separator}:{canonical(parts, bindings)}}}"
    return str(separator).join(canonical(part, bindings) for part in listing(parts))


def _select(_: str, argument: Any, bindings: Mapping[str, str]) -> str:
    index, source = int(argument[0]), argument[1]
    call = intrinsic(source)
    if call is None:
        return canonical(listing(source)[index], bindings)
    if call[0] == "Fn::Split":
        separator, text = str(call[1][0]), canonical(call[1][1], bindings)
        if separator == ":" and _ARN_TOKEN.fullmatch(text) and index in _ARN_FIELDS:
            return _ARN_FIELDS[index]
        parts = split_outside_tokens(text, separator)
        if index < len(parts) and not _ARN_TOKEN.fullmatch(text):
            return parts[index]
    return f"${{Fn::Select:{index}:{_inner(canonical(source, bindings))}}}"


def _get_stack_output(name: str, argument: Any, bindings: Mapping[str, str]) -> str:
    """A reference of the CDK's weak kind: by stack and output name, without an export."""
    parts = [_inner(canonical(mapping(argument).get(key), bindings)) for key in ("StackName", "OutputName")]
    return _token(":".join([name, *parts]), bindings)


def _other(name: str, argument: Any, bindings: Mapping[str, str]) -> str:
    parts = [_inner(canonical(part, bindings)) for part in listing(argument)]
    return _token(":".join([name, *parts]), bindings)


def _inner(text: str) -> str:
    """A text for use inside a token, which may hold no other token."""
    return _TOKEN.sub(lambda token: token["name"], text).replace("{", "(").replace("}", ")")


def _branches(value: object) -> Iterator[object]:
    call = intrinsic(value)
    if call is not None and call[0] == "Fn::If":
        for branch in call[1][1:]:
            yield from _branches(branch)
    elif is_object(value):
        for values in itertools.product(*(list(_branches(item)) for item in value.values())):
            yield dict(zip(value, values, strict=True))
    elif is_list(value):
        for combination in itertools.product(*(list(_branches(item)) for item in value)):
            yield [part for part in combination if part != _NO_VALUE]
    else:
        yield value


_RENDERERS: Mapping[str, Callable[[str, Any, Mapping[str, str]], str]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::GetStackOutput": _get_stack_output,
}
