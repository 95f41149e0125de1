"""The API as a resource, and its quotas.

Q is https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html. A quota that AWS raises is warned of.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import ENDPOINT, Finding, is_made, listing, mapping, pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.body_rules.reading import RestApi

_TEMPLATE_BYTES = 1_000_000
_POLICY_CHARACTERS = 8192
PARTS = 2000
"""How many documentation parts an API has, unless the account's quota is raised."""
_RESOURCES, _STAGES, _AUTHORIZERS = 300, 10, 10
_MAX_COMPRESSED = 10_485_760
_PERMISSIONS = 50
_POLICY = "x-amazon-apigateway-policy"


def mode(api: RestApi) -> Iterator[Finding]:
    """An import merges endpoint types and binary types with those of before, unless it overwrites them.

    The property `Mode` of AWS::ApiGateway::RestApi; localstack, test_put_rest_api_mode_binary_media_types; aws/serverless-application-model#3511.
    """
    if api.properties.get("Mode", "merge") == "merge":
        yield Finding("Mode", "a binary type or an endpoint type that is taken out stays; write Mode: overwrite", "warning")


def endpoint(api: RestApi) -> Iterator[Finding]:
    """An API is edge-optimized unless it is told otherwise, by its property or within `servers` of an OpenAPI 3.0 body; it has one type.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-endpoint-configuration.html.
    """
    given = api.properties.get("EndpointConfiguration")
    if given is None and not any(ENDPOINT in mapping(server) for server in listing(api.body.get("servers"))):
        yield Finding(
            "EndpointConfiguration", "an import makes the API edge-optimized unless it says otherwise; write Types: [REGIONAL], or [EDGE]"
        )
    if ENDPOINT in api.body:
        yield Finding(
            pointer(ENDPOINT), "an OpenAPI 3.0 import does not read it here; write it within servers, or as EndpointConfiguration"
        )
    if len(api.endpoint_types) > 1:
        yield Finding("EndpointConfiguration", f"an API has one endpoint type, not {', '.join(map(str, api.endpoint_types))}; write one")
    if "PRIVATE" in api.endpoint_types and mapping(given).get("IpAddressType") == "ipv4":
        yield Finding("EndpointConfiguration", "a private API is dualstack; write IpAddressType: dualstack, or leave it out")


def private(api: RestApi) -> Iterator[Finding]:
    """A private API has a policy: `Private REST API doesn't have a resource policy attached to it`.

    hashicorp/terraform-provider-aws#14290, #13841; aws/serverless-application-model#3764.
    """
    if "PRIVATE" in api.endpoint_types and not (api.properties.get("Policy") or api.body.get(_POLICY)):
        yield Finding(
            "Policy", "no deployment is made of a private API without a resource policy; write policy=allow_only(vpc_endpoints=[...])"
        )


def policy(api: RestApi) -> Iterator[Finding]:
    """A resource policy has at most 8,192 characters, unless raised. Source: Q; https://github.com/aws/aws-cdk/issues/8024."""
    for where, given in (("Policy", api.properties.get("Policy")), (pointer(_POLICY), api.body.get(_POLICY))):
        if (size := len(_compact(given))) > _POLICY_CHARACTERS and mapping(given):
            said = f"the resource policy has {size:,} characters, and the quota is {_POLICY_CHARACTERS:,} unless raised; write fewer statements"
            yield Finding(where, said, "warning")


def body(api: RestApi) -> Iterator[Finding]:
    """A body within the template shares its 1 MB, before the 6 MB of an import.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html.
    """
    if (size := len(_compact(api.body).encode())) > _TEMPLATE_BYTES:
        said = f"the body has {size:,} bytes, and a template {_TEMPLATE_BYTES:,}; divide the API, or leave schemas of answers out"
        yield Finding("#", said)


def compression(api: RestApi) -> Iterator[Finding]:
    """Answers are compressed from 0 to 10,485,760 bytes on. localstack, test_update_rest_api_compression."""
    for where, given in (
        ("MinimumCompressionSize", api.properties.get("MinimumCompressionSize")),
        (pointer("x-amazon-apigateway-minimum-compression-size"), api.body.get("x-amazon-apigateway-minimum-compression-size")),
    ):
        if isinstance(given, (int, float)) and not 0 <= given <= _MAX_COMPRESSED:
            yield Finding(where, f"API Gateway compresses from 0 to {_MAX_COMPRESSED:,} bytes on, not {given}")


def documentation(api: RestApi) -> Iterator[Finding]:
    """An API has at most 2,000 documentation parts, unless raised. Source: Q."""
    parts = listing(mapping(api.body.get("x-amazon-apigateway-documentation")).get("documentationParts"))
    if len(parts) > PARTS:
        yield Finding(
            pointer("x-amazon-apigateway-documentation"),
            f"{len(parts):,} documentation parts, and the quota is {PARTS:,} unless raised; ask for more, or leave documentation=True out",
            "warning",
        )


def permissions(api: RestApi) -> Iterator[Finding]:
    """A function's policy has at most 20 KB, about fifty permissions: `The final policy size (20581) is bigger than the limit (20480)`.

    aws/serverless-application-model#337; serverless/serverless#7411; aws/aws-pdk#563.
    """
    counted = Counter(_compact(given.get("FunctionName")) for given in api.of_type("AWS::Lambda::Permission"))
    for function, count in counted.items():
        if count > _PERMISSIONS:
            said = f"{count} permissions make a policy of more than 20 KB, which Lambda refuses; write one for all of the stage"
            yield Finding(f"AWS::Lambda::Permission of {function}", said)


def security_policy(api: RestApi) -> Iterator[Finding]:
    """A `SecurityPolicy_*` asks for an endpoint access mode; those that end in `_EDGE` are for edge-optimized APIs, and for them alone.

    hashicorp/terraform-provider-aws#47973; https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html.
    """
    given = api.properties.get("SecurityPolicy")
    if not isinstance(given, str) or not given.startswith("SecurityPolicy_"):
        return
    if not api.properties.get("EndpointAccessMode"):
        yield Finding("SecurityPolicy", f"API Gateway refuses {given} without EndpointAccessMode; write BASIC or STRICT")
    edge = api.endpoint_types == ["EDGE"]
    if edge is not given.endswith("_EDGE") and not any(map(is_made, api.endpoint_types)):
        kind, instead = (
            ("edge-optimized", "SecurityPolicy_TLS13_2025_EDGE") if edge else ("regional or private", "SecurityPolicy_TLS13_1_3_2025_09")
        )
        yield Finding("SecurityPolicy", f"API Gateway has no {given} for a {kind} API; write {instead}, or another endpoint type")


def quotas(api: RestApi) -> Iterator[Finding]:
    """An API has at most 300 resources, 10 authorizers and 10 stages, unless raised. Source: Q."""
    resources = {
        tuple(segments[:depth]) for path in api.paths for segments in [path.strip("/").split("/")] for depth in range(1, len(segments) + 1)
    } - {("",)}
    judges = [name for name, scheme in api.schemes.items() if "x-amazon-apigateway-authorizer" in mapping(scheme)]
    instead = "ask for more, or answer a subtree with one {proxy+} route"
    for count, quota, named, fix in (
        (len(resources) + 1, _RESOURCES, "API Gateway resources (path segments)", instead),
        (len(judges), _AUTHORIZERS, "authorizers", "ask for more, or let one function judge for several routes"),
        (len(api.of_type("AWS::ApiGateway::Stage")), _STAGES, "stages", "ask for more, or deploy several APIs"),
    ):
        if count > quota:
            yield Finding("the API", f"it needs {count} {named}, and an account's quota is {quota} unless raised; {fix}", "warning")


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
