"""What is known only when the stack is resolved: values that CDK asks for then, and hashes of resources as they will stand in the template."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import CfnResource, IStableAnyProducer, IStringProducer, Lazy, Stack, Token
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

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


class _Hashing(Construct):
    """A deployment whose name hashes what is put under its API.

    The one public door that CDK has to resources as the template will hold them, with what `add_override` wrote over them: the `Deployment`
    of a `SpecRestApi` has its stack resolve what the API's default child renders.
    """

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "Probe")
        definition = apigateway.ApiDefinition.from_inline({"openapi": "3.0.1"})
        api = apigateway.SpecRestApi(self, "Api", api_definition=definition, deploy=False, cloud_watch_role=False)
        deployment = apigateway.Deployment(api, "Deployment", api=api)
        self._api = api.node
        self._name = cast("apigateway.CfnDeployment", deployment.node.default_child).logical_id

    def name(self, resource: CfnResource) -> str:
        """A token that is the hash of a resource when it is resolved."""
        self._api.default_child = resource
        return self._name


class _Reading(Stack):
    """A stack out of the tree, which keeps what its deployment has it resolve."""

    def __init__(self) -> None:
        super().__init__()
        self._hashing = _Hashing(self)
        self._of: Stack | None = None
        self._found: dict[str, Any] = {}

    def resolve(self, obj: Any) -> Any:
        if self._of is None:
            return super().resolve(obj)
        self._found, self._of = self._of.resolve(obj), None
        return {}

    def properties(self, resource: CfnResource) -> dict[str, Any]:
        name, self._of = self._hashing.name(resource), Stack.of(resource)
        super().resolve(name)
        [rendered] = self._found["Resources"].values()
        return dict(rendered.get("Properties", {}))


class Reader:
    """Reads resources as the template will hold them: aspects, overrides and references across stacks count."""

    def __init__(self) -> None:
        self._stack = _Reading()

    def properties(self, resource: CfnResource) -> dict[str, Any]:
        """The properties of a resource. Call it when the tree is prepared, as validations are."""
        return self._stack.properties(resource)


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

    def read_in(self, resource: Any, reader: Reader) -> dict[str, Any]:
        """The properties of an API as the template will hold them, without a way through another process for a body that nothing overrides.

        Args:
            resource: The L1 of the API.
            reader: Reads it.
        """
        body = resource.body
        if self._made is None or isinstance(body, dict) or Token.as_string(body) != Token.as_string(self.token):
            return reader.properties(resource)
        # What an override writes into a part, or takes out of it, leaves the part otherwise than empty, or none.
        resource.body = parts = {name: dict[str, Any]() for name in self._made}
        found = reader.properties(resource)
        resource.body = self.token
        return found | {"Body": _settled(self._made, Stack.of(resource))} if found.get("Body") == parts else reader.properties(resource)

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

    It stands in the stack of the resources, because a reference to another stack reads otherwise from elsewhere, and out of the tree,
    because nothing of it is deployed.

    Args:
        place: A resource of that stack.
    """

    def __init__(self, place: CfnResource) -> None:
        self._hashing = _Hashing(place)
        place.node.try_remove_child("Probe")
        self._stack = Stack.of(place)

    def digest(self, resources: Sequence[CfnResource]) -> str:
        digest = hashlib.sha256()
        for resource in resources:
            digest.update(self._stack.resolve(self._hashing.name(resource)).encode())
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
