"""What the arguments of `RestGateway` and `HttpGateway` must be, beside what those of every construct must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aws_cdk import Token

from gateleg.cdk.apps import CDK_INTEGRATION, DirectRoute
from gateleg.cdk.arguments import listing, mapping
from gateleg.cdk.functions import FUNCTION
from gateleg.cdk.integrations.integration import Integration

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+*-]+[/~][A-Za-z0-9!#$&^_.+*1~-]+")
_POLICIES = re.compile(r"TLS_1_[02]|SecurityPolicy_[A-Za-z0-9_]+")


def authorizers_by_name(value: Any) -> str | None:
    """By name; what they are is looked at where the rules of access are made."""
    fits = mapping(lambda _: None)(value) is None
    return None if fits else "a dictionary of authorizers by their names, such as {'users': TokenAuthorizer(function)}"


def direct_route(value: Any) -> str | None:
    """What answers a route named directly."""
    wanted = "a function, an integration or a DirectRoute"
    return None if isinstance(value, (DirectRoute, Mapping, Integration)) or None in {FUNCTION(value), CDK_INTEGRATION(value)} else wanted


def page_path(value: Any) -> str | None:
    """The path of a page."""
    fits = isinstance(value, str) and re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", value)
    return None if fits else "a path of its own without variables, such as '/docs'"


def security_policy_name(value: Any) -> str | None:
    """A security policy, unless CloudFormation makes it."""
    if isinstance(value, str) and (Token.is_unresolved(value) or _POLICIES.fullmatch(value)):
        return None
    return "TLS_1_0, TLS_1_2 or a SecurityPolicy_..., such as 'SecurityPolicy_TLS13_1_3_2025_09'"


def media_types(value: Any) -> str | None:
    """Media types, each once, as CloudFormation takes them."""
    if (wanted := listing(media_type)(value)) is not None:
        return wanted
    twice = next((name for name in value if [*value].count(name) > 1), None)
    return None if twice is None else f"media types of which each is named once, and {twice!r} is not"


def media_type(value: Any) -> str | None:
    """A media type."""
    return None if isinstance(value, str) and _MEDIA_TYPE.fullmatch(value) else "a media type, such as 'image/png' or '*/*'"
