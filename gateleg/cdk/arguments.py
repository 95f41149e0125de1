"""Checks of what constructs are given, before any of it is used: jsii would answer a wrong type with a bare error, or take it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, TypeGuard

from aws_cdk import Duration, Token

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = re.compile(r"[A-Za-z0-9!#$%&*+.^_`|~-]+")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What is no character of UTF-8, or none of XML, in which CloudFormation's API answers."""
Rule = Callable[[Any], str | None]
"""Says what a value should be, where it is not that; `None` where it is fine."""


def check(owner: str, error: type[DeclarationError] = DeclarationError, /, **arguments: tuple[Any, Rule]) -> None:
    """Check the arguments of a constructor.

    Args:
        owner: The class or function, for messages.
        error: The class that is raised.
        **arguments: By name, the value and what it must be.

    Raises:
        DeclarationError: One of them is not what it must be; the message names it, the value, and what to write.
    """
    for name, (value, rule) in arguments.items():
        if (wanted := rule(value)) is not None:
            message = f"{owner}({name}=...) takes {wanted}, got {_shown(value)}"
            raise error(message, path=f"{owner}.{name}", value=value, code=f"{error.default_code}.argument")


def _shown(value: Any) -> str:
    if is_later(value):
        return "one that is known after deployment only"
    return value.to_human_string() if isinstance(value, Duration) else repr(value)


def a(what: str, *kinds: type) -> Rule:
    """One of these types; `bool` does not count as a number."""

    def rule(value: Any) -> str | None:
        fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
        return None if fits else what

    return rule


def having(what: str, *attributes: str) -> Rule:
    """Anything with these attributes: how an interface of CDK is recognised, whichever class implements it."""

    def rule(value: Any) -> str | None:
        # Looked up on the class: reading a property of a construct is a question to another process. What CDK gives back as an
        # interface alone, such as an imported user pool, answers only when it is asked.
        names = {*dir(value.__class__), *getattr(value, "__dict__", ())}
        fits = not isinstance(value, type) and all(name in names or hasattr(value, name) for name in attributes)
        return None if fits else what

    return rule


def kms_key(value: Any) -> str | None:
    """A key of KMS itself: what is granted on an alias lets nobody use the key, and CloudWatch Logs takes none."""
    wanted = having("a Key of aws_kms", "key_arn")(value)
    if wanted is None and having("", "alias_name")(value) is None:
        return "a Key of aws_kms, and of an Alias its key: Key.from_lookup(self, 'Key', alias_name=...), or Key.from_key_arn"
    return wanted


def optional(rule: Rule) -> Rule:
    """The same, or `None`."""
    return lambda value: None if value is None else rule(value)


def either(*rules: Rule) -> Rule:
    """What one of the rules takes."""

    def rule(value: Any) -> str | None:
        wanted = [one(value) for one in rules]
        return None if None in wanted else " or ".join(filter(None, wanted))

    return rule


def listing(rule: Rule) -> Rule:
    """A list or tuple of such values; a text is not one."""

    def checked(value: Any) -> str | None:
        wanted = f"a list of which each is {rule(object())}"
        if not _is_sequence(value):
            return wanted
        return next((f"a list of which each is {said}, which {part!r} is not" for part in value if (said := rule(part)) is not None), None)

    return checked


def mapping(rule: Rule) -> Rule:
    """A dictionary from texts to such values."""

    def checked(value: Any) -> str | None:
        wanted = f"a dictionary from texts to what is {rule(object())}"
        if not _is_mapping(value) or any(not isinstance(name, str) for name in value):
            return wanted
        if unwritable := [name for name in value if not writable(name)]:
            return f"names {_WRITABLE}, which {unwritable[0]!r} is not"
        said = ((name, part, rule(part)) for name, part in value.items())
        return next(
            (f"a dictionary from texts to what is {one}, which {part!r} at {name!r} is not" for name, part, one in said if one is not None),
            None,
        )

    return checked


def number(least: float, most: float, *kinds: type) -> Rule:
    """A number between two bounds, both included; a token of CDK, which is a `float`, stands for any where that is one of the kinds."""

    def rule(value: Any) -> str | None:
        if a("", *(kinds or (int, float)))(value) is None and _is_finite(value) and (least <= value <= most or is_later(value)):
            return None
        return f"{'a whole number' if kinds == (int,) else 'a number'} from {least} {f'to {most}' if most < inf else 'on'}"

    return rule


def is_later(value: Any) -> bool:
    """Whether a number is a token of CDK. What is not finite is none, and would end the process that answers for CDK."""
    return isinstance(value, float) and isfinite(value) and Token.is_unresolved(value)


def _is_finite(value: float) -> bool:
    return isinstance(value, int) or isfinite(value)


def one_of(*values: str) -> Rule:
    """One of these texts."""
    return lambda value: None if isinstance(value, str) and value in values else f"one of {', '.join(map(repr, values))}"


def usable(value: Any) -> str | None:
    """A list of declared uses; each is looked at where they are taken apart."""
    return None if isinstance(value, (list, tuple)) else "a list of uses, such as [Message.create]"


_WRITABLE = "of characters that a template can hold, without control characters and lone surrogates"


def writable(value: Any) -> bool:
    """Whether a template can hold all texts of a value, whatever it is made of."""
    if isinstance(value, str):
        return _UNWRITABLE.search(value) is None
    if _is_mapping(value):
        return all(writable(part) for pair in value.items() for part in pair)
    return not _is_sequence(value) or all(map(writable, value))


def _text(value: Any) -> str | None:
    return "a text" if not isinstance(value, str) else None if writable(value) else f"a text {_WRITABLE}"


TEXT: Rule = _text
FLAG = a("True or False", bool)


def duration(value: Any) -> str | None:
    """A duration of whole seconds; a token of CDK stands for any."""
    whole = isinstance(value, Duration) and (value.is_unresolved() or value.to_milliseconds() % 1_000 == 0)
    return None if whole else "a Duration of whole seconds, such as Duration.seconds(15)"


def filled(value: Any) -> str | None:
    """A text that says something."""
    return TEXT(value) if isinstance(value, str) and value.strip() else "a text that is not empty"


def header_name(value: Any) -> str | None:
    """The name of a header, as HTTP has it."""
    return None if isinstance(value, str) and _HEADER.fullmatch(value) else "the name of a header: letters, digits and -, such as 'X-Token'"


def _is_sequence(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, (list, tuple))


def _is_mapping(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)
