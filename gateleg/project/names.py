"""The name of a project, in each of the ways that its files write it."""

from __future__ import annotations

import keyword
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from gateleg.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORM = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_WORDS = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z][a-z0-9]*|[0-9]+")
_LONGEST = 40


@dataclass(frozen=True)
class ProjectName:
    """The name of a project.

    Attributes:
        words: `("order", "book")`, whether it was given as `order-book`, `order_book` or `OrderBook`.
    """

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a name.

        Args:
            text: A Python identifier or a name with hyphens, of ASCII letters and digits; at most 40 characters when its words are joined by hyphens.

        Raises:
            ProjectError: It is another text, or a word of Python.
        """
        name = cls(_words(text))
        if _FORM.fullmatch(text) and len(name.kebab) <= _LONGEST and not keyword.iskeyword(name.package):
            return name
        rule = f"is not a project's name, which is of ASCII letters and digits, with words joined by - or _, and has at most {_LONGEST} characters"
        why = "is a word of Python" if keyword.iskeyword(name.package) else rule
        raise ProjectError(f"{text!r} {why}; write gateleg init {_valid(name).kebab}", path="NAME", value=text, code="project.name")

    @property
    def kebab(self) -> str:
        """`order-book`."""
        return "-".join(self.words)

    @property
    def package(self) -> str:
        """`order_book`."""
        return "_".join(self.words)

    @property
    def title(self) -> str:
        """`OrderBook`."""
        return "".join(word.capitalize() for word in self.words)

    def spellings(self) -> Mapping[str, str]:
        """What stands in a project's files for each name in the template's."""
        return {"gateleg-starter": self.kebab, "starter": self.package, "Starter": self.title, "StarterStack": f"{self.title}Stack"}


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return tuple(word.lower() for word in _WORDS.findall(plain))


def _valid(name: ProjectName) -> ProjectName:
    """A name that can be, close to one that cannot."""
    words = name.words if name.words and name.words[0][0].isalpha() else ("project", *name.words)
    if keyword.iskeyword("_".join(words)):
        words = (*words, "service")
    while len("-".join(words)) > _LONGEST:
        words = words[:-1] or ("project",)
    return ProjectName(words)
