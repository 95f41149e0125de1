"""Stages that guard less than others of the same API, as templates have them, whichever construct made them.

Every stage leads to the same routes: one without the web ACL of the others is the way past it.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import listing, mapping
from gateleg.cdk.written_templates import Place, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.written_templates import Templates

_STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
_FIREWALL, _LOG, _THROTTLE = "web ACL", "access log", "throttle"


def stages(templates: Templates) -> Iterator[Violation]:
    """A stage has the web ACL, the access log and the throttle that another stage of its API has; of gateways' APIs.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html.

    Args:
        templates: The templates.
    """
    found = dict[str, dict[Place, set[str]]]()
    guarded = [templates.read(name, given.get("ResourceArn")) for name, _, given in templates.each("AWS::WAFv2::WebACLAssociation")]
    for name, logical_id, given in templates.each(*_STAGES, "AWS::ApiGateway::Deployment"):
        api = templates.read(name, given.get("RestApiId", given.get("ApiId")))
        is_stage = templates.resources(name)[logical_id]["Type"] in _STAGES
        if api in templates.apis and (is_stage or "StageName" in given):
            described = given if is_stage else mapping(given.get("StageDescription"))
            ends = {f"/{api}/stages/{templates.read(name, one)}" for one in ({"Ref": logical_id}, given.get("StageName"))}
            has = {_FIREWALL} if any(arn.endswith(end) for arn in guarded for end in ends) else set[str]()
            found.setdefault(api, {})[name, logical_id] = has | _limits(described)
    for api, ours in found.items():
        yield from _lesser(templates, templates.apis[api], ours)


def _lesser(templates: Templates, gateway: str, ours: Mapping[Place, set[str]]) -> Iterator[Violation]:
    every = {what: place for place, has in reversed([*ours.items()]) for what in has}
    for place, has in ours.items():
        if lacking := [what for what in (_FIREWALL, _LOG, _THROTTLE) if what in every and what not in has]:
            said = (
                f"{templates.called(*place)} is a stage of {gateway} without the {' and the '.join(lacking)} that {templates.called(*every[lacking[0]])} "
                "has, and leads to the same routes; make it by the gateway's add_stage('name') with the same options, or say why it is so: "
                "Validations.of(it).acknowledge(Acknowledgment(id='gateleg::stage', reason='...'))"
            )
            yield Violation("stage", *place, said, "error" if _FIREWALL in lacking else "warning")


def _limits(stage: Mapping[str, Any]) -> set[str]:
    logs = "AccessLogSetting" in stage or "AccessLogSettings" in stage
    settings = [*listing(stage.get("MethodSettings")), stage.get("DefaultRouteSettings"), stage]
    limited = any("ThrottlingRateLimit" in mapping(one) for one in settings)
    return {what for what, has in ((_LOG, logs), (_THROTTLE, limited)) if has}
