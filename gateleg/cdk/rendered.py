"""What is known only when the stack is resolved: values that CDK asks for then, and hashes of resources as they will stand in the template."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import CfnResource, IStableAnyProducer, IStringProducer, Lazy, Stack
from aws_cdk import aws_apigateway as apigateway

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_cdk import IResolvable, IResolveContext


@jsii.implements(IStableAnyProducer)
class _Produced:
    def __init__(self, produce: Callable[[], Any]) -> None:
        self._produce = produce

    def produce(self) -> Any:
        return self._produce()


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
