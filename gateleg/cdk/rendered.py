"""What is known only when the stack is resolved: values that CDK asks for then, and hashes of resources as they will stand in the template."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import CfnResource, IStableAnyProducer, IStringProducer, Lazy, Stack, Token
from aws_cdk import aws_apigateway as apigateway

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_cdk import IResolvable, IResolveContext

_TOKEN_NUMBER = -1e280
"""Numbers below are CDK's, for numbers that are not known yet."""


@jsii.implements(IStableAnyProducer)
class _Produced:
    def __init__(self, produce: Callable[[], Any]) -> None:
        self._produce = produce

    def produce(self) -> Any:
        return self._produce()


class Rendered:
    """A document that is made once, when the stack is resolved and logical ids are final, and kept.

    Args:
        make: Makes it. It must not fail: jsii would turn a typed error into a bare one. Errors belong before.

    Attributes:
        token: Stands for it.
    """

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make
        self._made: dict[str, Any] | None = None
        self.token: IResolvable = Lazy.any(_Produced(self._produce))

    def made_for(self, token: Any, stack: Stack) -> Any:
        """What a token stands for in a stack: this document, read here without a way through another process, or whatever else it is."""
        if self._made is None or isinstance(token, dict) or Token.as_string(token) != Token.as_string(self.token):
            return stack.resolve(token)
        return _settled(self._made, stack)

    def _produce(self) -> dict[str, Any]:
        self._made = self._make()
        return self._made


def _settled(value: Any, stack: Stack) -> Any:
    """The value with what CDK settles only in the end, which may hide in texts, lists and numbers."""
    if value.__class__ is dict:
        return {name: _settled(part, stack) for name, part in value.items() if part is not None}
    if value.__class__ is list:
        return stack.resolve(value) if len(value) == 1 and "#{Token[" in str(value[0]) else [_settled(part, stack) for part in value]
    if value.__class__ is str:
        return stack.resolve(value) if "${Token[" in value else value
    plain = value is None or value.__class__ is bool or (isinstance(value, (int, float)) and value > _TOKEN_NUMBER)
    return value if plain else stack.resolve(value)


class _Probe:
    """Hashes resources as the template will hold them.

    The one public door that CDK has to that: the `Deployment` of a `SpecRestApi` hashes what its API's default child renders. It stands
    in the stack of the resources, because a reference to another stack reads otherwise from elsewhere, and out of the tree, because
    nothing of it is deployed.

    Args:
        place: A resource of that stack.
    """

    def __init__(self, place: CfnResource) -> None:
        definition = apigateway.ApiDefinition.from_inline({"openapi": "3.0.1"})
        api = apigateway.SpecRestApi(place, "Probe", api_definition=definition, deploy=False, cloud_watch_role=False)
        deployment = apigateway.Deployment(api, "Deployment", api=api)
        place.node.try_remove_child("Probe")
        self._stack = Stack.of(place)
        self._api = api.node
        self._name = cast("apigateway.CfnDeployment", deployment.node.default_child).logical_id

    def digest(self, resources: Sequence[CfnResource]) -> str:
        digest = hashlib.sha256()
        for resource in resources:
            self._api.default_child = resource
            digest.update(self._stack.resolve(self._name).encode())
        return digest.hexdigest()[:32]


@jsii.implements(IStringProducer)
class _Named:
    """A logical id with the hash of what some resources render, which references across stacks and aspects may change until the end."""

    def __init__(self, base: str, probe: _Probe, resources: Callable[[], Sequence[CfnResource]]) -> None:
        self._base = base
        self._probe = probe
        self._resources = resources

    def produce(self, context: IResolveContext) -> str:
        return self._base if context.preparing else self._base + self._probe.digest(self._resources())


def produced(produce: Callable[[], Any]) -> IResolvable:
    """A value that is made once, when the stack is resolved and logical ids are final.

    Args:
        produce: Makes it. It must not fail: jsii would turn a typed error into a bare one. Errors belong before.
    """
    return Lazy.any(_Produced(produce))


def name_by_content(resource: CfnResource, resources: Callable[[], Sequence[CfnResource]]) -> None:
    """Let a resource be made anew whenever others change, by a hash of what they render in its logical id.

    Overrides, attributes, aspects and references across stacks count, as they stand in the template in the end.

    Args:
        resource: A deployment.
        resources: What it is a picture of.
    """
    base = Stack.of(resource).get_logical_id(resource)
    resource.override_logical_id(Lazy.uncached_string(_Named(base, _Probe(resource), resources)))
