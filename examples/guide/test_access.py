"""Who may call the chat's REST API: your own stack in its place."""

import pytest
from aws_cdk import App
from syrupy.assertion import SnapshotAssertion

from gateleg.testing import AccessView, Synth
from stacks.chat import ChatStack


def chat_stack(app: App) -> ChatStack:
    return ChatStack(app, "Chat")


@pytest.fixture(scope="session")
def access(synth: Synth) -> AccessView:
    return synth(chat_stack).access("Rest")


def test_who_may_call_each_route_is_as_it_was(access: AccessView, template_snapshot: SnapshotAssertion) -> None:
    assert access.routes == template_snapshot


def test_no_route_is_open_without_a_reason(access: AccessView) -> None:
    assert all(access.public.values())


def test_moderators_alone_may_sign_and_only_to_take_messages_back(access: AccessView) -> None:
    assert access.grants == {"Moderators/Role": {"live/DELETE/rooms/*/messages/*"}}
