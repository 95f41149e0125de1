"""How long the names of attributes may be.

Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html and, for what `CreateTable` and
`UpdateTimeToLive` take, https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_KeySchemaElement.html and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TimeToLiveSpecification.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_NAMED = 255
LONGEST_NAME = 65_535
"""How many bytes the name of any attribute has at most, of a part of a map too."""


def check_named(owner: str, names: Iterable[str]) -> None:
    """Check names that a table is made with: those of key attributes, of what an index includes, and of the time of expiry.

    Raises:
        DeclarationError: One is longer than 255 characters.
    """
    for name in names:
        if len(name) > _LONGEST_NAMED:
            message = f"{owner} names an attribute in {len(name)} characters ({_shown(name)}); DynamoDB takes {_LONGEST_NAMED} where a table or an index names it"
            raise DeclarationError(f"{message}: give it a shorter name, attr(stored=...)", path=owner, value=name)


def check_stored(owner: str, name: str) -> None:
    """Check the name under which a value is stored.

    Raises:
        DeclarationError: It is empty, or as long as DynamoDB takes none.
    """
    size = len(name.encode(errors="surrogatepass"))
    if not 1 <= size <= LONGEST_NAME:
        message = f"{owner} is stored under a name of {size} bytes ({_shown(name)}); DynamoDB takes 1 to {LONGEST_NAME}: give it another name, stored=..."
        raise DeclarationError(message, path=owner, value=name)


def _shown(name: str) -> str:
    return repr(name) if len(name) <= _LONGEST_NAMED // 5 else f"{name[: _LONGEST_NAMED // 5]!r}..."
