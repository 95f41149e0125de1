"""The functions that send to the connections of a WebSocket API, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.service_function import ServiceFunction
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.cdk.functions import FunctionLike


class Senders:
    """Those of one API, in the order in which they came."""

    def __init__(self) -> None:
        self._known: list[ServiceFunction | lambda_.Function] = []

    def add(self, function: FunctionLike, variables: Mapping[str, str]) -> None:
        """Know a function and tell it variables.

        Args:
            function: The function.
            variables: Where connections are, and what is in between.

        Raises:
            DeclarationError: It is one that takes no environment variables.
        """
        # A ServiceFunction knows what it was told, and is told also where its own function is passed.
        owner = function.node.scope if isinstance(function, lambda_.Function) else function
        sender = owner if isinstance(owner, ServiceFunction) else function
        if not isinstance(sender, (ServiceFunction, lambda_.Function)):
            message = f"a publisher finds the connections by an environment variable, which only a Function takes, got {function!r}; pass the function behind it"
            raise DeclarationError(message, path="add_publisher", value=function)
        _tell(sender, variables)
        self._known.append(sender)

    def tell(self, variables: Mapping[str, str]) -> None:
        """Tell all of them.

        Args:
            variables: What is told.
        """
        for sender in self._known:
            _tell(sender, variables)


def _tell(function: ServiceFunction | lambda_.Function, variables: Mapping[str, str]) -> None:
    """Give a function variables; a `ServiceFunction` knows how many it may have."""
    if isinstance(function, ServiceFunction):
        function.set_environment(variables)
        return
    for name, value in variables.items():
        function.add_environment(name, value)
