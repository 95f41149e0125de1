"""Judges a REST or HTTP API at synth by what its template will hold, whatever a hook, an integration object or an L1 wrote into it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import Annotations, ConstructSelector, Mixins, Names, Stack
from constructs import IValidation

from gateleg.cdk.body_rules import HttpApi, RestApi, judge
from gateleg.cdk.rendered import Reader, Rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import aws_apigateway as apigateway
    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from constructs import Construct


_BESIDE = (
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::BasePathMappingV2",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::Stage",
)
_FEW_PERMISSIONS = 50
"""Up to so many no function's policy can be full, and reading each would take longer than all else."""


@jsii.implements(IValidation)
class _Judge:
    def __init__(self, gateway: Construct, api: apigateway.SpecRestApi | apigatewayv2.HttpApi, body: Rendered) -> None:
        self._gateway = gateway
        self._api = api
        self._body = body

    def validate(self) -> list[str]:
        resource: Any = self._api.node.default_child
        kind = HttpApi if resource.cfn_resource_type == "AWS::ApiGatewayV2::Api" else RestApi
        reader = Reader()
        found = judge(kind(self._body.read_in(resource, reader), list(_beside(resource, reader))))
        warnings: dict[str, list[str]] = {}
        for finding in found:
            if finding.severity == "warning":
                warnings.setdefault(finding.rule, []).append(str(finding))
        for rule, findings in warnings.items():
            Annotations.of(self._gateway).add_warning_v2(f"gateleg:{rule}", "; ".join(findings))
        return [str(finding) for finding in found if finding.severity == "error"]


def _beside(api: Any, reader: Reader) -> Iterator[dict[str, Any]]:
    """The resources of the whole tree that name the API: by its reference, by that of an export, or by the parameter of a nested stack."""
    name = re.escape(str(Stack.of(api).resolve(api.logical_id)))
    naming = re.compile(rf'"Ref": "(?:referenceto{Names.node_unique_id(api.node)}Ref|{name})"|ExportsOutputRef{name}')
    permissions = _of_type(api, "AWS::Lambda::Permission")
    for part in [*_of_type(api, *_BESIDE), *(permissions if len(permissions) > _FEW_PERMISSIONS else ())]:
        properties = reader.properties(part)
        if naming.search(json.dumps(properties)):
            yield {"Type": part.cfn_resource_type, "Properties": properties}


def _of_type(api: Any, *kinds: str) -> list[Any]:
    return Mixins.of(api.node.root, ConstructSelector.resources_of_type(*kinds)).selected_constructs


def judge_api(gateway: Construct, api: apigateway.SpecRestApi | apigatewayv2.HttpApi, body: Rendered) -> None:
    """Let synth fail where AWS would refuse, drop or open something of the API, and warn where that is likely.

    A warning is acknowledged by its rule: `Annotations.of(gateway).acknowledge_warning("gateleg:D12")`.

    Args:
        gateway: Whose API it is.
        api: The API.
        body: Its body, unless somebody gives it another one.
    """
    gateway.node.add_validation(_Judge(gateway, api, body))
