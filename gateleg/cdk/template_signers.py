"""What signs requests to APIs of the app for whoever asks, as templates have it: it comes by guards that ask for a signature.

Follows https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html, and
https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html, by which no authorizer is asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateleg.cdk.body_rules.reading import RestApi, guards_of, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.written_templates import Place, Templates

_TESTS = re.compile(r"testInvokeMethod|:apigateway:path/restapis/[^\"]*/methods/", re.IGNORECASE)
_READS = re.compile(r"ttpMethod\W+(?!POST|ANY)[A-Z]")
_SIGNS = re.compile(r"\.execute-api:path/|apigateway:invoke.*IAM_ROLE", re.DOTALL)
_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")


def signed(templates: Templates, called: str) -> Iterator[Place]:
    """The functions behind routes that a call is let in by, because what calls signs for whoever asked it.

    Args:
        templates: The templates.
        called: What is called, and by which role, as `Templates.read` reads it.
    """
    tests = _TESTS.search(called) is not None and not _READS.search(called)
    if not (tests or _SIGNS.search(called)):
        return
    for name, found in dict.fromkeys(templates.named(f"{called} {_allowed(templates, called)}")):
        resource = templates.resources(name)[found]
        if resource.get("Type") in _APIS:
            api = RestApi(resource.get("Properties", {}))
            for operation in api.operations:
                guards = guards_of(api, operation)
                if guards if tests else "iam" in guards:
                    yield from templates.functions(templates.read(name, operation.integration.get("uri")))


def _allowed(templates: Templates, called: str) -> str:
    """What the roles that a text names may do: an API may be named there alone."""
    roles = [(name, found) for name, found in templates.named(called) if templates.resources(name)[found].get("Type") == "AWS::IAM::Role"]
    told = [templates.read(name, mapping(templates.resources(name)[found].get("Properties")).get("Policies")) for name, found in roles]
    for name, _, policy in templates.each("AWS::IAM::Policy", "AWS::IAM::RolePolicy") if roles else ():
        if set(roles) & {*templates.named(templates.read(name, [policy.get("Roles"), policy.get("RoleName")]))}:
            told.append(templates.read(name, policy.get("PolicyDocument")))
    return " ".join(told)
