"""Which tests of a template notice that it has become weaker."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateMismatchError
from gateleg.testing import TemplateView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import ModuleType

    Checks = Mapping[str, Callable[[TemplateView], None]]


def checks_of(module: ModuleType, fixture: str, *, but: Collection[str] = ()) -> Checks:
    """The tests of a module that ask for one fixture, the view of its template.

    Args:
        module: The module.
        fixture: The fixture.
        but: Those that ask what a plain template does not hold.
    """
    found = {name: test for name, test in vars(module).items() if name.startswith("test_") and name not in but}
    return {name: test for name, test in found.items() if list(inspect.signature(test).parameters) == [fixture]}


def killers(template: dict[str, Any], checks: Checks) -> list[str]:
    """Which checks a template does not pass."""
    view = TemplateView.from_json(template)
    found: list[str] = []
    for name, check in checks.items():
        try:
            check(view)
        except (AssertionError, TemplateMismatchError, LookupError):
            found.append(name)
    return found
