"""Does an ARN pattern of a policy reach an ARN? Both in canonical text, with whatever the deployment alone knows as tokens."""

from __future__ import annotations

import functools
import re

from gateleg.template.canonical import split_outside_tokens

ENVIRONMENT = re.compile(r"\$\{AWS::[A-Za-z]+\}")
"""What partition, region or account read as where the deployment decides."""
FIELDS = 6
"""How many an ARN has."""


@functools.cache
def _glob(pattern: str) -> re.Pattern[str]:
    """IAM's wildcards: `*` is any text, `?` any one character; all else, brackets too, is meant literally."""
    pieces = (".*" if piece == "*" else "." if piece == "?" else re.escape(piece) for piece in re.split(r"([*?])", pattern))
    return re.compile("".join(pieces), re.DOTALL)


def fits(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether a text fits a pattern with IAM's wildcards."""
    if ignore_case:
        pattern, text = pattern.lower(), text.lower()
    return _glob(pattern).fullmatch(text) is not None


def reaches(pattern: str, arn: str, *, generous: bool) -> bool:
    """Whether a policy's resource pattern reaches an ARN.

    Args:
        pattern: The resource pattern of a statement.
        arn: The ARN.
        generous: What to say where either side leaves partition, region or account to the deployment (`${AWS::Region}`) and the other
            does not: yes for what allows, no for what denies.
    """
    if pattern == "*":
        return True
    fields, wanted = split_arn(pattern), split_arn(arn)
    if len(fields) < len(wanted) and not fields[-1].endswith("*"):
        return False
    return all(_field_reaches(field, given, generous=generous) for field, given in zip(fields, wanted, strict=False))


def split_arn(arn: str) -> list[str]:
    """The six fields of an ARN; fewer where the text has fewer. The last one keeps its colons."""
    parts = split_outside_tokens(arn, ":")
    return [*parts[: FIELDS - 1], ":".join(parts[FIELDS - 1 :])] if len(parts) >= FIELDS else parts


def _field_reaches(field: str, given: str, *, generous: bool) -> bool:
    unknown = ENVIRONMENT.fullmatch(field) or ENVIRONMENT.fullmatch(given)
    return fits(field, given) or (generous and unknown is not None)
