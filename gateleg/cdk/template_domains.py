"""What API Gateway refuses of the mappings of a domain, as templates have them, whichever construct made them and when.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-mappings.html and rest-api-mappings.html beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.written_templates import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.written_templates import Place, Templates

MAPPINGS = ("AWS::ApiGatewayV2::ApiMapping", "AWS::ApiGateway::BasePathMapping", "AWS::ApiGateway::BasePathMappingV2")
DOMAINS = ("AWS::ApiGatewayV2::DomainName", "AWS::ApiGateway::DomainName")
_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_NEW_KEY = "write another mapping_key, such as Domain(domain_name, mapping_key='v2')"
_Domain = tuple[str | None, str | None, str]
"""The account and the region, for each may have a domain of one name; and the name."""


@dataclass(frozen=True)
class _Mapping:
    place: Place
    api: str
    key: str
    is_chosen: bool


def domains(templates: Templates) -> Iterator[Violation]:
    """A domain is of WebSocket APIs or of others, leads from each path to one API, and asks clients for certificates of REST and HTTP APIs alone.

    Only domains that lead to a gateway's API are judged.

    Args:
        templates: The templates.
    """
    kinds = {templates.read(name, {"Ref": found}): api.get("ProtocolType") == "WEBSOCKET" for name, found, api in templates.each(*_APIS)}
    asking = {_domain(templates, name, given) for name, _, given in templates.each(*DOMAINS) if given.get("MutualTlsAuthentication")}
    for domain, mapped in _mapped(templates).items():
        if any(one.api in templates.apis for one in mapped):
            yield from _shared(templates, domain, mapped, kinds)
            yield from _taken(templates, domain, mapped)
            yield from _certified(templates, domain, mapped, kinds) if domain in asking else ()


def _mapped(templates: Templates) -> Mapping[_Domain, list[_Mapping]]:
    found: dict[_Domain, list[_Mapping]] = {}
    for name, logical_id, given in templates.each(*MAPPINGS):
        key = templates.read(name, given.get("ApiMappingKey", given.get("BasePath", "")))
        api = templates.read(name, given.get("ApiId", given.get("RestApiId")))
        is_chosen = "Condition" in templates.resources(name)[logical_id]
        found.setdefault(_domain(templates, name, given), []).append(
            _Mapping((name, logical_id), api, key.removeprefix("(none)"), is_chosen)
        )
    return found


def _domain(templates: Templates, name: str, given: Mapping[str, Any]) -> _Domain:
    said = templates.read(name, given.get("DomainName", given.get("DomainNameArn")))
    return templates.accounts.get(name), templates.regions.get(name), said


def _shared(templates: Templates, domain: _Domain, mapped: list[_Mapping], kinds: Mapping[str, bool]) -> Iterator[Violation]:
    socket = next((one for one in mapped if kinds.get(one.api) is True), None)
    other = next((one for one in mapped if kinds.get(one.api) is False), None)
    if socket is not None and other is not None:
        said = (
            f"{templates.called(*socket.place)} maps {domain[2]} to a WebSocket API, and {templates.called(*other.place)} maps it to a REST or HTTP API; "
            "they share no domain, so give one of them a Domain of its own"
        )
        yield Violation("domain", *socket.place, said)


def _taken(templates: Templates, domain: _Domain, mapped: list[_Mapping]) -> Iterator[Violation]:
    first: dict[str, _Mapping] = {}
    for one in mapped:
        if one.is_chosen:  # a condition may choose between the two
            continue
        if (other := first.setdefault(one.key, one)) is not one:
            path = f"{domain[2]}/{one.key}"
            said = f"{templates.called(*one.place)} and {templates.called(*other.place)} are both at {path}, which leads to one API; {_NEW_KEY}"
            yield Violation("domain", *one.place, said)


def _certified(templates: Templates, domain: _Domain, mapped: list[_Mapping], kinds: Mapping[str, bool]) -> Iterator[Violation]:
    for one in mapped:
        if kinds.get(one.api) is True:
            said = (
                f"{templates.called(*one.place)} maps {domain[2]}, which asks clients for certificates, to a WebSocket API, and mutual TLS is for REST and "
                "HTTP APIs; map it to a domain without MutualTlsAuthentication"
            )
            yield Violation("domain", *one.place, said)
