"""Powertools' rules in API Gateway's form.

A rule is a regular expression in which `<name>` stands for one path segment; named groups of one's own it does not take. API Gateway has literal segments, variables
of one segment (`{name}`) and, as the last segment only, greedy variables (`{name+}`). What lies between is refused with
what to write instead.
See https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html.
"""

from __future__ import annotations

import re

from gateleg.errors import RouteError

_LITERAL = re.compile(r"[A-Za-z0-9._:-]+")
_VARIABLE = re.compile(r"<(\w+)>")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_PATTERN = re.compile(r"[\\\[\](){}*+?|^$<>]")
_ANYTHING = {".+", ".*", "(.+)", "(.*)", ".+?", ".*?"}


def gateway_paths(rule: str, handler: str) -> list[str]:
    """The path of a rule in API Gateway's form; two where a greedy variable may also be empty (`.*`).

    Args:
        rule: The rule as Powertools keeps it: `/rooms/<room>`.
        handler: The function behind it, for messages.

    Raises:
        RouteError: API Gateway cannot express the rule.
    """
    if rule in _ANYTHING:
        return ["/", "/{proxy+}"]
    if not rule.startswith("/"):
        raise _refuse(rule, handler, "it does not begin with a slash", f"/{rule}")
    if rule == "/":
        return ["/"]
    segments = _split(rule[1:])
    parts = [_segment(segment, number, rule, handler) for number, segment in enumerate(segments, 1)]
    for part, segment in zip(parts[:-1], segments[:-1], strict=True):
        if part.endswith("+}"):
            raise _refuse(rule, handler, f"{segment!r} takes slashes and is not the last segment", "<name> for one segment")
    _once(parts, rule, handler)
    path = "/" + "/".join(parts)
    if parts[-1].endswith("+}") and re.fullmatch(segments[-1], ""):
        return ["/" + "/".join(parts[:-1]), path]
    return [path]


def _split(text: str) -> list[str]:
    """Split at the slashes that stand outside of groups and character classes."""
    segments: list[str] = []
    depth, in_class, start, position = 0, False, 0, 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "/" and depth <= 0:
            segments.append(text[start:position])
            start = position + 1
        position += 1
    return [*segments, text[start:]]


def _segment(segment: str, number: int, rule: str, handler: str) -> str:
    literal = re.sub(r"\\([._:/-])", r"\1", segment)
    if _LITERAL.fullmatch(literal):
        return literal
    if not segment:
        raise _refuse(rule, handler, "it has an empty segment", re.sub(r"/+", "/", rule).rstrip("/"))
    if variable := _VARIABLE.fullmatch(segment):
        return f"{{{_named(variable[1], rule, handler)}}}"
    if _VARIABLE.search(segment):
        raise _refuse(
            rule, handler, f"the segment {segment!r} is more than its variable", "one variable for the whole segment, such as <name>"
        )
    if "<" in segment:
        name = re.sub(r"\W.*", "", segment.strip("<>")) or "name"
        raise _refuse(
            rule, handler, f"{segment!r} is no variable of Powertools", f"<{name}> for one segment, or .+ for the rest of the path"
        )
    if not _PATTERN.search(segment):
        raise _refuse(rule, handler, f"the segment {segment!r} has characters other than a-z A-Z 0-9 . _ - :", "a segment of those")
    if _takes_slash(segment):
        return "{proxy+}"
    return f"{{segment{number}}}"


def _takes_slash(pattern: str) -> bool:
    """Whether a pattern can match a slash: a dot, a slash, a negated class without one, or a class that has one."""
    plain = re.sub(r"\\[wds.\-]", "x", pattern)
    if re.search(r"\\[WDS]", plain):
        return True
    classes = re.findall(r"\[(\^?)((?:\\.|[^\]\\])+)\]", plain)
    outside = re.sub(r"\[\^?(?:\\.|[^\]\\])+\]", "x", plain)
    in_class = any(("/" in body) != (negated == "^") for negated, body in classes)
    return in_class or "." in outside or "/" in outside


def _named(name: str, rule: str, handler: str) -> str:
    if not _NAME.fullmatch(name):
        raise _refuse(rule, handler, f"the variable {name!r} has characters other than a-z A-Z 0-9 _", "a name of those")
    return name


def _once(parts: list[str], rule: str, handler: str) -> None:
    variables = [part for part in parts if part.startswith("{")]
    if twice := next((part for part in variables if variables.count(part) > 1), None):
        raise _refuse(rule, handler, f"the variable {twice} stands in it twice", "a name for each")


def _refuse(rule: str, handler: str, why: str, instead: str) -> RouteError:
    return RouteError(f"API Gateway cannot express the route {rule!r} of {handler}: {why}; write {instead}", path=rule, value=rule)
