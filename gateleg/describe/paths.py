"""The paths of API Gateway that cover a rule of Powertools.

API Gateway has literal segments, variables of one segment (`{name}`) and, as the last segment only, greedy variables
(`{name+}`). A rule gets the smallest set of such paths that has all that it matches; what else they have is answered by the app's
own 404. A bare dot counts as a dot, though it matches any character.
See https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateleg.describe.languages import PATH_CHARACTERS, Atom, Glob, Language
from gateleg.description import Segment
from gateleg.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Path = tuple[Segment, ...]

_LITERAL = re.compile(r"[A-Za-z0-9._:-]+")
_AS_SENT = frozenset("~!$&'()*+,;=@")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_SLASH = frozenset("/")
_ONE_SLASH = Atom(_SLASH)


def paths_of(language: Language, rule: str, handler: str) -> list[Path]:
    """The paths that cover a rule, such as `/files` and `/files/{proxy+}` for `/files(/.+)?`.

    Args:
        language: What the rule matches.
        rule: The rule as Powertools keeps it: `/rooms/<room>`.
        handler: The function behind it, for messages.

    Raises:
        RouteError: API Gateway cannot express the rule, or no request has such a path.
    """
    if query := re.search(r"\w\?(\w+)=", rule):
        raise _refuse(rule, handler, "a query is not part of a path", f"{rule[: query.start() + 1]} and read {query[1]!r} from the query")
    _check_characters(language, rule, handler)
    found = [path for glob in language.globs for path in _paths(glob)]
    if not found:
        raise _unreachable(language, rule, handler)
    for segment in (segment for path in found for segment in path):
        if segment.kind != "literal" and not _NAME.fullmatch(segment.text):
            raise _refuse(rule, handler, f"the variable {segment.text!r} has characters other than a-z A-Z 0-9 _", "a name of those")
    return widest(found)


def widest(paths: Sequence[Path]) -> list[Path]:
    """The paths, without those that another one covers."""
    return [
        path
        for number, path in enumerate(paths)
        if not any(covers(other, path) and (at < number or not covers(path, other)) for at, other in enumerate(paths) if at != number)
    ]


def without_variables_beside_greedy(paths: Sequence[Sequence[Path]]) -> list[list[Path]]:
    """The paths of each rule, with the greedy variable where any rule has one in the place of their variable.

    API Gateway refuses a variable beside a greedy one; the greedy one has all that the variable has.
    """
    greedy = {shape_of(path[:-1]) for row in paths for path in row if path and path[-1].kind == "greedy"}
    return [widest([_cut(path, greedy) for path in row]) for row in paths]


def _cut(path: Path, greedy: set[Path]) -> Path:
    for number, segment in enumerate(path):
        if segment.kind == "variable" and shape_of(path[:number]) in greedy:
            return (*path[:number], Segment("proxy", "greedy"))
    return path


def shape_of(path: Path) -> Path:
    """The path without the names of its variables."""
    return tuple(segment if segment.kind == "literal" else Segment("", segment.kind) for segment in path)


def covers(outer: Path, inner: Path) -> bool:
    """Whether a path has all requests of another one; names of variables do not count."""
    if outer and outer[-1].kind == "greedy":
        if len(inner) < len(outer):
            return False
        outer, inner = outer[:-1], inner[: len(outer) - 1]
    return len(outer) == len(inner) and all(map(_covers, outer, inner))


def meet(one: Path, other: Path) -> bool:
    """Whether two paths may have a request in common."""
    for first, second in zip(one, other, strict=False):
        if "greedy" in {first.kind, second.kind}:
            return True
        if first.kind == second.kind == "literal" and first != second:
            return False
    return len(one) == len(other)


def requests_of(path: Path) -> Language:
    """The requests of a path. A slash at the end says nothing; an empty segment is of no path."""
    row: list[Atom] = []
    for segment in path:
        row.append(_ONE_SLASH)
        if segment.kind == "literal":
            row += [Atom(frozenset(character)) for character in segment.text]
        else:
            row += [Atom(PATH_CHARACTERS - _SLASH), Atom(PATH_CHARACTERS - (_SLASH if segment.kind == "variable" else set()), many=True)]
    return Language(((*row, _ONE_SLASH), tuple(row)) if row else ((_ONE_SLASH,),), exact=True)


def _covers(outer: Segment, inner: Segment) -> bool:
    if outer.kind == "literal":
        return outer == inner
    return inner.kind != "greedy"


def _paths(glob: Glob) -> Iterator[Path]:
    """The path of a glob, and the path without its last segment where that may be empty; none for what no request has."""
    rows = _rows(glob)
    if rows is None:
        return
    greedy = bool(rows) and any(_takes_slash(atom) for atom in rows[-1])
    if rows and all(atom.many for atom in rows[-1]):
        yield from _named(rows[:-1], greedy=False)
    yield from _named(rows, greedy=greedy)


def _rows(glob: Glob) -> list[list[Atom]] | None:
    """The atoms of each segment; the last has all that follows from an atom on that takes slashes."""
    atoms = list(glob)
    while len(atoms) > 1 and atoms[-1].chars == _SLASH:
        atoms.pop()
    if not atoms or not all(atom.chars for atom in atoms) or "/" not in atoms[0].chars:
        return None
    if not atoms[0].many:
        atoms.pop(0)
    elif atoms[0].chars == _SLASH:
        return [] if len(atoms) == 1 else None
    rows: list[list[Atom]] = [[]]
    for number, atom in enumerate(atoms):
        if _takes_slash(atom):
            rows[-1] += atoms[number:]
            break
        if atom.chars == _SLASH:
            rows.append([])
        else:
            rows[-1].append(atom)
    if not all(rows[:-1]):
        return None
    return rows if rows[-1] else rows[:-1]


def _takes_slash(atom: Atom) -> bool:
    return "/" in atom.chars and not atom.dot and (atom.many or atom.chars != _SLASH)


def _named(rows: Sequence[Sequence[Atom]], *, greedy: bool) -> Iterator[Path]:
    segments: list[Segment] = []
    for number, row in enumerate(rows, 1):
        last = greedy and number == len(rows)
        text = None if last else _literal(row)
        if text is not None:
            segments.append(Segment(text))
            continue
        name = "proxy" if last else _variable(row) or f"segment{number}"
        while any(segment.text == name and segment.kind != "literal" for segment in segments):
            name += "_"
        segments.append(Segment(name, "greedy" if last else "variable"))
    yield tuple(segments)


def _literal(row: Sequence[Atom]) -> str | None:
    """The text of a segment that has no other and that API Gateway takes."""
    if any(atom.many or (len(atom.chars) > 1 and not atom.dot) for atom in row) or all(atom.dot for atom in row):
        return None
    text = "".join("." if atom.dot else next(iter(atom.chars)) for atom in row)
    return text if _LITERAL.fullmatch(text) else None


def _variable(row: Sequence[Atom]) -> str | None:
    """The name of the segment's variable, where it has one only."""
    names = {atom.variable for atom in row if atom.variable}
    return names.pop() if len(names) == 1 else None


def _check_characters(language: Language, rule: str, handler: str) -> None:
    """Refuse text that travels percent-encoded: a REST API hands it on so, and an HTTP API decodes it."""
    texts = {next(iter(atom.chars)) for glob in language.globs for atom in glob if len(atom.chars) == 1}
    for text in sorted(texts - _SLASH - _AS_SENT):
        if _LITERAL.fullmatch(text):
            continue
        if text in "<{":
            name = re.search(r"[<{](?:\w+:(?=\w+[>}]))?(\w+)", rule)
            raise _refuse(
                rule,
                handler,
                f"it has {text!r} as text",
                f"<{name[1] if name else 'name'}> for one segment, or .+ for the rest of the path",
            )
        why = f"{text!r} may come as it is or percent-encoded, and text has characters of a-z A-Z 0-9 . _ - : ~ ! $ & ' ( ) * + , ; = @"
        raise _refuse(rule, handler, why, "a variable in its place, such as /<name>")


def _unreachable(language: Language, rule: str, handler: str) -> RouteError:
    if not any(glob and "/" in glob[0].chars for glob in language.globs):
        return _refuse(rule, handler, "it does not begin with a slash", f"/{rule.lstrip('^')}")
    if "//" in rule:
        return _refuse(rule, handler, "it has an empty segment", re.sub(r"/+", "/", rule).rstrip("/"))
    return _refuse(rule, handler, "no request has such a path", "<name> for one segment, or .+ for the rest of the path")


def _refuse(rule: str, handler: str, why: str, instead: str) -> RouteError:
    return RouteError(f"API Gateway cannot express the route {rule!r} of {handler}: {why}; write {instead}", path=rule, value=rule)
