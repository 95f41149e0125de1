"""Stage variables: what reads one finds it on each stage that the API has.

https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import INTEGRATION, Finding, is_made, mapping, pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.body_rules.reading import RestApi

_STAGES = {"AWS::ApiGateway::Stage": "Variables", "AWS::ApiGatewayV2::Stage": "StageVariables"}
_INTEGRATIONS, _AUTHORIZER = "x-amazon-apigateway-integrations", "x-amazon-apigateway-authorizer"
_NAME = r"(?:\.%s\(['\"\\]+|\[['\"\\]+|\.)([A-Za-z0-9_]+)\b(?!\()"
"""A variable's name, and no method, such as `keySet()` in the template with which API Gateway's console begins."""
_READ = re.compile(rf"\bstageVariables{_NAME % 'get'}")
_CONDITION = re.compile(r"#(?:if|elseif)\s*\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)")
_ASKED = re.compile(rf"\bstageVariables{_NAME % '(?:get|containsKey)'}")
_TAKEN = re.compile(rf"#set\s*\(\s*\$(\w+)\s*=\s*\$!?\{{?stageVariables{_NAME % 'get'}")
_QUIET = re.compile(rf"\$!\{{?stageVariables{_NAME % 'get'}")


def declared(api: RestApi) -> Iterator[Finding]:
    """A URI with a variable that the stage has not leads nowhere, and a template says its name; what a template tests for may be missing.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html.
    """
    stages = {str(stage.get("StageName")): known for stage, known in _known(api) if known is not None}
    for where, part in _readers(api) if stages else ():
        written = json.dumps(part)
        tested = _tested(written)
        for name in dict.fromkeys(_READ.findall(written)):
            for stage, known in stages.items():
                if name not in known and name not in tested:
                    said = (
                        f"it reads the stage variable {name!r}, and the stage {stage!r} has {', '.join(sorted(known)) or 'none'}: every request there "
                        f"is answered with an error; write one of those, or variables={{{name!r}: ...}} of the stage"
                    )
                    yield Finding(where, said)


def _tested(written: str) -> set[str]:
    """The names that a template tests for, itself or by what it puts them into, or that it writes as nothing where they are missing."""
    asked = " ".join(_CONDITION.findall(written))
    taken = (name for variable, name in _TAKEN.findall(written) if re.search(rf"\$!?\{{?{variable}\b", asked))
    return {*_QUIET.findall(written), *_ASKED.findall(asked), *taken}


def canaries(api: RestApi) -> Iterator[Finding]:
    """A canary overrides variables of the stage; it may bring new ones, which the stage does not have when the canary is over.

    https://docs.aws.amazon.com/apigateway/latest/api/API_CanarySettings.html.
    """
    for stage in api.of_type("AWS::ApiGateway::Stage"):
        given, known = mapping(mapping(stage.get("CanarySetting")).get("StageVariableOverrides")), stage.get("Variables", {})
        for name in given if not is_made(known) else ():
            if name not in known:
                said = f"the canary overrides {name!r}, and the stage has {', '.join(sorted(known)) or 'no variables'}; write one of those, or the variable on the stage too"
                yield Finding(f"CanarySetting.StageVariableOverrides.{name}", said, "warning")


def _known(api: RestApi) -> Iterator[tuple[Mapping[str, Any], set[str] | None]]:
    """The stages, each with the names of its variables and its canary's; none where CloudFormation makes them."""
    for kind, member in _STAGES.items():
        for stage in api.of_type(kind):
            overrides = mapping(stage.get("CanarySetting")).get("StageVariableOverrides")
            yield stage, None if is_made(stage.get(member)) or is_made(overrides) else {*mapping(stage.get(member)), *mapping(overrides)}


def _readers(api: RestApi) -> Iterator[tuple[str, Any]]:
    """What reads stage variables: integrations and authorizers, each with its place."""
    components = mapping(api.body.get("components"))
    for name, shared in mapping(components.get(_INTEGRATIONS)).items():
        yield pointer("components", _INTEGRATIONS, name), shared
    for name, scheme in api.schemes.items():
        yield pointer("components", "securitySchemes", name), mapping(scheme).get(_AUTHORIZER)
    for operation in api.operations:
        yield operation.at(INTEGRATION), operation.integration
