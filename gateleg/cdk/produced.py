"""Values that are made when the stack is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import IStableAnyProducer, IStableStringProducer

if TYPE_CHECKING:
    from collections.abc import Callable


@jsii.implements(IStableAnyProducer, IStableStringProducer)
class Produced:
    """A value that CDK asks for while it resolves the stack, when logical ids are final.

    It must not fail by then: jsii would turn a typed error into a bare one. Errors belong before.

    Args:
        produce: Makes the value, the same each time.
    """

    def __init__(self, produce: Callable[[], Any]) -> None:
        self._produce = produce

    def produce(self) -> Any:
        """The value; called by CDK."""
        return self._produce()
