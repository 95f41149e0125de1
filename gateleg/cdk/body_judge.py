"""Judges a REST or HTTP API at synth by what its template will hold, whatever a hook, an integration object or an L1 wrote into it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import Annotations, ConstructSelector, Mixins, Names, Stack
from constructs import IValidation

from gateleg.cdk.body_rules import HttpApi, RestApi, judge
from gateleg.cdk.body_rules.reading import DOMAINS, MAPPINGS
from gateleg.cdk.rendered import Reader, Rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from aws_cdk import aws_apigateway as apigateway
    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from constructs import Construct


_BESIDE = (
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGatewayV2::Stage",
    "AWS::WAFv2::WebACLAssociation",
    *MAPPINGS,
)
_FEW_PERMISSIONS = 50
"""Up to so many no function's policy can be full, and reading each would take longer than all else."""


@jsii.implements(IValidation)
class _Judge:
    def __init__(
        self,
        gateway: Construct,
        api: apigateway.SpecRestApi | apigatewayv2.HttpApi,
        body: Rendered,
        stages: Callable[[], Iterable[str]],
    ) -> None:
        self._gateway = gateway
        self._api = api
        self._body = body
        self._stages = stages

    def validate(self) -> list[str]:
        resource: Any = self._api.node.default_child
        kind = HttpApi if resource.cfn_resource_type == "AWS::ApiGatewayV2::Api" else RestApi
        reader = Reader()
        beside = list(_beside(resource, reader))
        found = judge(kind(self._body.read_in(resource, reader), beside))
        warnings: dict[str, list[str]] = {}
        for finding in found:
            if finding.severity == "warning":
                warnings.setdefault(finding.rule, []).append(str(finding))
        for rule, findings in warnings.items():
            Annotations.of(self._gateway).add_warning_v2(f"gateleg:{rule}", "; ".join(findings))
        return [*(str(finding) for finding in found if finding.severity == "error"), *self._renamed(beside)]

    def _renamed(self, beside: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        names = [part["Properties"].get("StageName") for part in beside if part["Type"].endswith("::Stage")]
        for name in self._stages():
            if name not in names:
                yield (
                    f"no stage of the template is {name!r}, which permissions, grants, logs and the URL are for; leave StageName as it is given, and "
                    f"write stage_name= or add_stage() (there are {', '.join(map(str, names)) or 'none'})"
                )


def _beside(api: Any, reader: Reader) -> Iterator[dict[str, Any]]:
    """The resources of the whole tree that name the API, as their stack has it: by its reference, by an export or an output, or by a parameter."""
    named_from = _naming(api)
    permissions = _of_type(api.node.root, "AWS::Lambda::Permission")
    for part in [*_of_type(api.node.root, *_BESIDE), *(permissions if len(permissions) > _FEW_PERMISSIONS else ())]:
        naming = named_from(Stack.of(part))
        if not naming.search(json.dumps(_given(part))):
            continue
        properties = reader.properties(part)
        if naming.search(json.dumps(properties)):
            yield {"Type": part.cfn_resource_type, "Properties": properties}
            yield from _domain_of(part, properties, reader)


def _naming(resource: Any) -> Callable[[Stack], re.Pattern[str]]:
    """What names a resource in the template of a stack: its reference, and elsewhere an export, an output or a parameter."""
    home = Stack.of(resource)
    name = re.escape(str(home.resolve(resource.logical_id)))
    here = re.compile(rf'"Ref": "{name}"')  # in another stack the same name is another resource
    unique = Names.node_unique_id(resource.node)
    elsewhere = re.compile(rf'"(?:(?:referenceto|Outputs\.){unique}Ref"|{re.escape(home.stack_name)}:ExportsOutputRef{name})')
    return lambda stack: here if stack.node.path == home.node.path else elsewhere


def _given(part: Any) -> dict[str, Any]:
    """What a resource was given, without what names a deployment, by a hash of all that it deploys: each gateway asks this of all stages."""
    given: dict[str, Any] = part._cfn_properties  # noqa: SLF001 (CDK has no other)
    found: dict[str, Any] = Stack.of(part).resolve(
        {name: one for name, one in given.items() if name not in {"deploymentId", "canarySetting"}}
    )
    return found


def _domain_of(part: Any, properties: dict[str, Any], reader: Reader) -> Iterator[dict[str, Any]]:
    """The domain that a resource maps to the API, by a reference or by its name, which an account has once in a region."""
    stack, given = Stack.of(part), properties.get("DomainName")
    for domain in _of_type(part.node.root, *DOMAINS) if given else ():
        own = reader.properties(domain)
        by_name = isinstance(given, str) and given == own.get("DomainName") and Stack.of(domain).environment == stack.environment
        if by_name or _naming(domain)(stack).search(json.dumps(given)):
            yield {"Type": domain.cfn_resource_type, "Properties": own}


def _of_type(scope: Any, *kinds: str) -> list[Any]:
    return Mixins.of(scope, ConstructSelector.resources_of_type(*kinds)).selected_constructs


def judge_api(
    gateway: Construct,
    api: apigateway.SpecRestApi | apigatewayv2.HttpApi,
    body: Rendered,
    stages: Callable[[], Iterable[str]],
) -> None:
    """Let synth fail where AWS would refuse, drop or open something of the API, and warn where that is likely.

    A warning is acknowledged by its rule: `Annotations.of(gateway).acknowledge_warning("gateleg:D12")`.

    Args:
        gateway: Whose API it is.
        api: The API.
        body: Its body, unless somebody gives it another one.
        stages: The names of its stages, in the end.
    """
    gateway.node.add_validation(_Judge(gateway, api, body, stages))
