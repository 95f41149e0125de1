"""Access patterns: named questions that one key or index answers, checked when the class is made."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeVar, overload

from gateleg.errors import AccessPatternError
from gateleg.model.keys.declared import keyword_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from inspect import Parameter

    from gateleg.description.uses import Use
    from gateleg.model.kinds import Kind
    from gateleg.model.queries.query import Query

P = ParamSpec("P")
E = TypeVar("E", bound="Kind")

Order = Literal["ascending", "descending"]
"""The order of the sort key in which items come."""

ASCENDING: Order = "ascending"
"""The smallest sort key first."""

DESCENDING: Order = "descending"
"""The largest sort key first."""

RangeOperator = Literal[">=", ">", "<=", "<", "begins_with"]
"""What a range parameter asks of the sort key's attribute."""

RANGES: Mapping[str, RangeOperator] = MappingProxyType({"since": ">=", "after": ">", "until": "<=", "before": "<", "prefix": "begins_with"})
"""The parameter names that mean a range by themselves."""


class AccessPattern(Generic[P]):
    """A declared question; on the class of an entity it is a `BoundPattern`.

    Args:
        function: Its parameters are the pattern's; the body is never run.
        index: The index that answers it; `None` for the table's key.
        order: The order of the items.
        ranges: What range parameters mean, by name.
        partial: Whether the index need not hold whole entities.
    """

    def __init__(
        self, function: Callable[P, Any], index: str | None, order: Order, ranges: Mapping[str, RangeOperator], *, partial: bool = False
    ) -> None:
        self.partial = partial
        self.name: str = function.__name__
        self.parameters: dict[str, Parameter] = keyword_parameters(function, AccessPatternError)
        self.index = index
        self.order = order
        self.ranges: dict[str, RangeOperator] = {**RANGES, **ranges}
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type[E]) -> BoundPattern[P, E]:
        """The pattern of this entity."""
        return BoundPattern(self, owner)


class BoundPattern(Generic[P, E]):
    """An entity's access pattern: call it for a `Query`, or declare it as used."""

    def __init__(self, pattern: AccessPattern[P], entity: type[E]) -> None:
        self._pattern = pattern
        self._entity = entity
        self.__doc__ = pattern.__doc__

    def __repr__(self) -> str:
        return f"{self._entity.__name__}.{self._pattern.name}"

    @property
    def entity(self) -> type[E]:
        """The entity."""
        return self._entity

    @property
    def pattern(self) -> AccessPattern[P]:
        """The pattern as it is declared."""
        return self._pattern

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Query[E]:
        """The query for these values.

        Raises:
            AccessPatternError: A parameter is unknown, missing, or given without its name.
            ItemInvalidError: A value of the wrong type, or a range that holds nothing.
        """
        if args:
            raise AccessPatternError(
                f"{self!r} takes keywords only; {len(args)} values were given without names", path=repr(self), value=len(args)
            )
        query: Query[E] = self._entity.__gateleg_plans__[self._pattern.name].query(self._entity, kwargs)
        return query

    def declared_uses(self) -> tuple[Use, ...]:
        """The query on the table or the index."""
        return (self._entity.__gateleg__.use("query", self._pattern.index),)


@overload
def access(function: Callable[P, Any], /) -> AccessPattern[P]: ...
@overload
def access(
    *, index: str | None = None, sort: Order = ASCENDING, ranges: Mapping[str, RangeOperator] | None = None, partial: bool = False
) -> Callable[[Callable[P, Any]], AccessPattern[P]]: ...
def access(
    function: Callable[..., Any] | None = None,
    /,
    *,
    index: str | None = None,
    sort: Order = ASCENDING,
    ranges: Mapping[str, RangeOperator] | None = None,
    partial: bool = False,
) -> Any:
    """Declare an access pattern: `@access(index="by_author") def by_author(*, author: str, since: datetime | None = None) -> None: ...`.

    The parameters are keyword-only and are named after the attributes that the key is made of. All attributes of the partition key are
    there; of the sort key's attributes as many as the question fixes, from the first on, optional where they have a default.
    The names `since` (from this value on), `after` (greater), `until` (up to this value), `before` (less) and `prefix` (text that begins
    so) mean a range of the sort key's next attribute; `ranges` gives that meaning to other names.

    Args:
        function: The declaring function, where the decorator is written without parentheses.
        index: The index that answers the question; `None` for the table's key.
        sort: `ASCENDING` or `DESCENDING`.
        ranges: More range parameters: `{"newer_than": ">"}`.
        partial: The index's projection may lack attributes of the entity: its queries say with `.only(...)` which of those it holds they read.

    Raises:
        AccessPatternError: A parameter is not keyword-only, or the order is unknown. When the class of the entity is made: the
            parameters do not answer to the key.
    """
    for name, meaning in (ranges or {}).items():
        if meaning not in RANGES.values():
            message = f"the range {name!r} is declared as {meaning!r}; write one of {', '.join(map(repr, RANGES.values()))}"
            raise AccessPatternError(message, path=name, value=meaning)
    if function is not None and not callable(function):  # pyright: ignore[reportUnnecessaryComparison] (it is for whom no checker reads)
        message = (
            f"access() decorates a function whose parameters are the question's; {function!r} was given: write @access(index={function!r})"
        )
        raise AccessPatternError(message, value=function)
    if sort not in {ASCENDING, DESCENDING}:
        raise AccessPatternError(f"the order is ASCENDING or DESCENDING; {sort!r} was given", value=sort)
    if function is not None:
        return AccessPattern(function, index, sort, ranges or {}, partial=partial)

    def declare(declared: Callable[P, Any]) -> AccessPattern[P]:
        return AccessPattern(declared, index, sort, ranges or {}, partial=partial)

    return declare
