"""What the chat of gateleg's repository deploys: your own stack in its place."""

import pytest
from aws_cdk import App

from gateleg.testing import Synth, TemplateView
from stacks.chat import ChatStack


def chat_stack(app: App) -> ChatStack:
    return ChatStack(app, "Chat")


@pytest.fixture(scope="session")
def chat(synth: Synth) -> TemplateView:
    return synth(chat_stack)


def test_the_socket_handlers_cannot_read_the_author_index(chat: TemplateView) -> None:
    socket, table = chat.function("chat-socket"), chat.table("chat")

    actions = ("Query", "GetItem", "PutItem", "DeleteItem", "ConditionCheckItem")
    assert socket.allowed_actions(on=table) == {f"dynamodb:{action}" for action in actions}
    assert socket.allowed_actions(on=table.index("by_author")) == set()
