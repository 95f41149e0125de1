"""What CloudFormation, or a service that it asks, refuses or breaks of the templates of an app: rules over plain data, of what is written in the end.

Aspects and overrides have had their say: not even the type of a resource is what its construct says.
"""

from __future__ import annotations

import json
import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import INTEGRATION, listing, mapping
from gateleg.cdk.functions import MAX_TIMEOUT
from gateleg.cdk.written_templates import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateleg.cdk.written_templates import Templates

_CIRCLE_ADVICE = (
    "take one of them out; a function that an API calls finds the address in the request (app.current_event.request_context.domain_name), and its "
    "policy may name the API by a '*'"
)
_NAMED = re.compile(r'"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"|\$\{(\w+)[.}]')
_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_PREFIX = "AWS::ApiGateway"


def circles(templates: Templates) -> Iterator[Violation]:
    """Resources that wait for each other are a `Circular dependency between resources`; between stacks CDK itself finds them."""
    for name in templates.by_name:
        if ids := circle(templates.resources(name)):
            told = [templates.called(name, each) for each in ids]
            said = f"{told[0]} waits for {' which waits for '.join([*told[1:], told[0]])}: CloudFormation can make none of them first"
            yield Violation("circle", name, ids[0], f"{said}; {_CIRCLE_ADVICE}")


def timeouts(templates: Templates) -> Iterator[Violation]:
    """A function ends before API Gateway stops waiting: 29 seconds, or as long as its integration says.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html.
    """
    waits: dict[tuple[str, str], tuple[float, str]] = {}
    for name, uri, limit, whose in _calls(templates):
        for function in templates.functions(templates.read(name, uri)):
            if limit < waits.get(function, (float("inf"), ""))[0]:
                waits[function] = (limit, whose)
    for (name, logical_id), (limit, whose) in waits.items():
        timeout = templates.resources(name)[logical_id].get("Properties", {}).get("Timeout", 3)
        if isinstance(timeout, (int, float)) and timeout >= limit:
            said = f"{templates.called(name, logical_id)} answers {whose} and may run for {timeout:g} s, and API Gateway waits {limit:g} s; give it a Timeout below that"
            yield Violation("timeout", name, logical_id, said)


def _calls(templates: Templates) -> Iterator[tuple[str, Any, float, str]]:
    """What the gateways' APIs call: the template, the URI, for how many seconds they wait, and whose answer that is."""
    for name, logical_id, properties in templates.each(*_APIS):
        gateway = templates.apis.get(templates.read(name, {"Ref": logical_id}))
        for integration, route in _integrations(properties.get("Body")) if gateway is not None else ():
            if str(integration.get("type")).lower().startswith("aws") and integration.get("responseTransferMode") != "STREAM":
                yield name, integration.get("uri"), _limit(integration.get("timeoutInMillis")), f"{route or 'routes'} of {gateway}"
    for name, _, properties in templates.each("AWS::ApiGatewayV2::Integration"):
        if (gateway := templates.apis.get(templates.read(name, properties.get("ApiId")))) is not None:
            yield name, properties.get("IntegrationUri"), _limit(properties.get("TimeoutInMillis")), f"routes of {gateway}"


def _integrations(body: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
    for path, item in mapping(mapping(body).get("paths")).items():
        for member, operation in mapping(item).items():
            yield mapping(mapping(operation).get(INTEGRATION)), f"{'ANY' if member.startswith('x-') else member.upper()} {path}"
    for given in mapping(mapping(mapping(body).get("components")).get(f"{INTEGRATION}s")).values():
        yield mapping(given), ""


def _limit(said: Any) -> float:
    return max(MAX_TIMEOUT, said / 1000) if isinstance(said, (int, float)) else MAX_TIMEOUT


def records(templates: Templates) -> Iterator[Violation]:
    """A zone has one record of a name and type, and nothing beside a CNAME: `Tried to create resource record set .. but it already exists`.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html.
    """
    taken: dict[tuple[str | None, str, str], dict[str, tuple[str, str]]] = {}
    for name, logical_id, record in _records(templates):
        # One of several that are told apart, or that a condition chooses among.
        if "SetIdentifier" in record or "Condition" in templates.resources(name)[logical_id]:
            continue
        zone = templates.read(name, record.get("HostedZoneId") or record.get("HostedZoneName"))
        own = templates.read(name, record.get("Name")).rstrip(".").lower()
        kind = str(record.get("Type"))
        known = taken.setdefault((templates.accounts.get(name), zone, own), {})
        for other, (where, first) in known.items():
            if other == kind or "CNAME" in {other, kind}:
                said = (
                    f"{templates.called(name, logical_id)} and {templates.called(where, first)} are records of {own} in one zone, and Route 53 takes one "
                    f"of type {kind}; leave zone= out of the gateway's Domain, or that record"
                )
                yield Violation("record", name, logical_id, said)
        known.setdefault(kind, (name, logical_id))


def _records(templates: Templates) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    yield from templates.each("AWS::Route53::RecordSet")
    for name, logical_id, group in templates.each("AWS::Route53::RecordSetGroup"):
        zone = {key: group[key] for key in ("HostedZoneId", "HostedZoneName") if key in group}
        yield from ((name, logical_id, zone | record) for record in group.get("RecordSets", ()))


def types(templates: Templates, made: Mapping[str, Mapping[str, str]]) -> Iterator[Violation]:
    """What is of API Gateway is so by its construct: what an override makes it has been judged by nobody.

    https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html.

    Args:
        templates: The templates.
        made: By the template and the logical id, the types that constructs have.
    """
    for name in templates.by_name:
        ours = made.get(name, {})
        for logical_id, resource in templates.resources(name).items():
            kind, was = str(resource.get("Type")), ours.get(logical_id)
            if kind != was and (was is not None or kind.startswith(_PREFIX)):
                said = (
                    f"{templates.called(name, logical_id)} is an {kind} in the template, by an override of its type, and was judged as {was or 'another'}; "
                    f"leave the type as it is, and write a construct of the type that it shall have"
                )
                yield Violation("type", name, logical_id, said)


def beside(templates: Templates, instead: Mapping[str, str]) -> Iterator[Violation]:
    """What stands beside the OpenAPI body of an API is dropped by the next import.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-update.html.

    Args:
        templates: The templates.
        instead: By type, what to write in its place.
    """
    apis = {templates.read(name, {"Ref": logical_id}) for name, logical_id, properties in templates.each(*_APIS) if "Body" in properties}
    for name, logical_id, properties in templates.each(*instead):
        kind = templates.resources(name)[logical_id]["Type"]
        named = templates.read(name, properties.get("RestApiId", properties.get("ApiId")))
        if named in apis and (gateway := templates.apis.get(named)) is not None:
            said = (
                f"{templates.called(name, logical_id)} adds an {kind} beside the OpenAPI body of {gateway}, and the next import would drop it; "
                f"write {instead[kind]}"
            )
            yield Violation("beside", name, logical_id, said)


def written_keys(templates: Templates) -> Iterator[Violation]:
    """A key whose value stands in the template is known to whoever may read that, by whichever door it came to a plan of a gateway.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html (best practices).

    Args:
        templates: The templates.
    """
    ours = {
        (name, logical_id)
        for name, logical_id, plan in templates.each("AWS::ApiGateway::UsagePlan")
        if any(templates.read(name, mapping(stage).get("ApiId")) in templates.apis for stage in listing(plan.get("ApiStages")))
    }
    for name, _, tie in templates.each("AWS::ApiGateway::UsagePlanKey"):
        if ours.intersection(templates.named(templates.read(name, tie.get("UsagePlanId")))):
            for where, key in templates.named(templates.read(name, tie.get("KeyId"))):
                if isinstance(templates.resources(where)[key].get("Properties", {}).get("Value"), str):
                    said = f"the value of {templates.called(where, key)} stands in the template, for whoever may read that; leave it out, and API Gateway makes one"
                    yield Violation("key", where, key, said)


def circle(resources: Mapping[str, Any]) -> list[str]:
    """The logical ids of resources of which each waits for the next, and the last for the first; none where there is no circle.

    Args:
        resources: Those of a template.
    """
    waits = {name: {other for other in _names(resource) if other in resources} for name, resource in resources.items()}
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[:0:-1]
    return []


def _names(resource: dict[str, Any]) -> Iterator[str]:
    """What a resource names by `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`."""
    # Searched as text: an OpenAPI body has thousands of parts, and few of them name anything.
    for names in _NAMED.findall(json.dumps(resource, separators=(",", ":"))):
        yield from filter(None, names)
    first: str | Sequence[str] = resource.get("DependsOn", ())
    yield from [first] if isinstance(first, str) else first
