"""Tests of templates: one synth per stack and session, questions with meaning, snapshots that code edits do not touch.

With gateleg installed, pytest has the fixtures of `gateleg.testing.plugin`::

    @pytest.fixture(scope="session")
    def chat(synth: Synth) -> TemplateView:
        return synth(lambda app: ChatStack(app, "Chat"))

    def test_the_list_route_may_only_query_the_table(chat: TemplateView) -> None:
        assert chat.function("chat-rest").allowed_actions(on=chat.table("chat")) == {"dynamodb:Query"}

What looks at templates reads plain JSON, of any CDK app; `aws_cdk` is imported on the first synth. The fixture `make_store` gives stores on
fresh tables of a real engine; `gateleg.testing.faults` spoils their requests, `gateleg.testing.recording` notes them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateleg.template.function import FunctionView
    from gateleg.template.manifest import Annotation
    from gateleg.template.policies import Statement
    from gateleg.template.routes import AuthorizerView, RouteView
    from gateleg.template.stack_template import Resource
    from gateleg.template.table import IndexView, PolicyTarget, StreamView, TableView
    from gateleg.testing.access import AccessView, UsagePlanView, WebAclView
    from gateleg.testing.assembly import Assembly
    from gateleg.testing.changes import stream_event
    from gateleg.testing.findings import Finding
    from gateleg.testing.permission import PermissionView
    from gateleg.testing.recording import recorded
    from gateleg.testing.snapshot import logical_ids, normalized
    from gateleg.testing.stores import MakeStore
    from gateleg.testing.synth import StackFactory, Synth, SynthSettings
    from gateleg.testing.view import TemplateView

__all__ = [
    "AccessView",
    "Annotation",
    "Assembly",
    "AuthorizerView",
    "Finding",
    "FunctionView",
    "IndexView",
    "MakeStore",
    "PermissionView",
    "PolicyTarget",
    "Resource",
    "RouteView",
    "StackFactory",
    "Statement",
    "StreamView",
    "Synth",
    "SynthSettings",
    "TableView",
    "TemplateView",
    "UsagePlanView",
    "WebAclView",
    "logical_ids",
    "normalized",
    "recorded",
    "stream_event",
]

_MODULES = {
    "AccessView": "gateleg.testing.access",
    "Annotation": "gateleg.template.manifest",
    "Assembly": "gateleg.testing.assembly",
    "AuthorizerView": "gateleg.template.routes",
    "Finding": "gateleg.testing.findings",
    "FunctionView": "gateleg.template.function",
    "IndexView": "gateleg.template.table",
    "MakeStore": "gateleg.testing.stores",
    "PermissionView": "gateleg.testing.permission",
    "PolicyTarget": "gateleg.template.table",
    "Resource": "gateleg.template.stack_template",
    "RouteView": "gateleg.template.routes",
    "StackFactory": "gateleg.testing.synth",
    "Statement": "gateleg.template.policies",
    "StreamView": "gateleg.template.table",
    "Synth": "gateleg.testing.synth",
    "SynthSettings": "gateleg.testing.synth",
    "TableView": "gateleg.template.table",
    "TemplateView": "gateleg.testing.view",
    "UsagePlanView": "gateleg.testing.access",
    "WebAclView": "gateleg.testing.access",
    "logical_ids": "gateleg.testing.snapshot",
    "normalized": "gateleg.testing.snapshot",
    "recorded": "gateleg.testing.recording",
    "stream_event": "gateleg.testing.changes",
}


def __getattr__(name: str) -> Any:
    # Every pytest run imports this package for the plugin beside it; only those that use it should pay for the rest.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)
