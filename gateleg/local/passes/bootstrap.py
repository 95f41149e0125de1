"""The embedded AWS is not bootstrapped: its asset bucket is made directly, and its root key needs no deploy role."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateleg.local.template import Json, Target

_PARAMETER = "BootstrapVersion"
_RULE = "CheckBootstrapVersion"


def drop_bootstrap_check(template: Json, target: Target) -> Json:
    """Drop the parameter and the rule by which a template refuses an account that is not bootstrapped."""
    del target
    return _without(_without(template, "Parameters", _PARAMETER), "Rules", _RULE)


def _without(template: Json, section: str, name: str) -> Json:
    if name not in template.get(section, {}):
        return template
    kept = {key: value for key, value in template[section].items() if key != name}
    rest = {key: value for key, value in template.items() if key != section}
    return {**rest, section: kept} if kept else rest
