"""What API Gateway refuses of the mappings of a domain, and ways to an API past a domain that asks for certificates, whichever construct made them.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-mappings.html and rest-api-mappings.html beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import DOMAINS, ENDPOINT, MAPPINGS, listing, mapping
from gateleg.cdk.written_templates import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.written_templates import Place, Templates

_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_NEW_KEY = "write another mapping_key, such as Domain(domain_name, mapping_key='v2')"

_PAST = (
    "whoever has no certificate comes that way; give that domain a trust store too, as in Domain(..., trust_store=TrustStore(bucket, 'authorities.pem')), "
    "or say why it is so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::domain', reason='...'))"
)


@dataclass(frozen=True)
class _Mapping:
    """A mapping of a path to an API, whether clients of its domain show certificates, and whether a condition decides that it is there.

    Of a domain that the app does not make nobody can say what it asks for.
    """

    place: Place
    domain: str
    api: str
    key: str
    asks: bool | None
    is_chosen: bool


def domains(templates: Templates) -> Iterator[Violation]:
    """A domain is of WebSocket APIs or of others, leads from each path to one API, and asks clients for certificates of REST and HTTP APIs alone.

    Only domains that lead to a gateway's API are judged.

    Args:
        templates: The templates.
    """
    kinds = {templates.read(name, {"Ref": found}): api.get("ProtocolType") == "WEBSOCKET" for name, found, api in templates.each(*_APIS)}
    makers = dict[tuple[str, ...], dict[str, bool]]()
    for name, _, given in templates.each(*DOMAINS):
        makers.setdefault(_named(templates, name, given), {})[name] = "MutualTlsAuthentication" in given
    mapped = dict[tuple[str, ...], list[_Mapping]]()
    for name, logical_id, given in templates.each(*MAPPINGS):
        named = _named(templates, name, given)
        made_in = makers.get(named, {})
        # Two stacks that make a domain of one name are not deployed to one place.
        maker = name if name in made_in or len(made_in) > 1 else next(iter(made_in), "")
        mapped.setdefault((named[-1], *named, maker), []).append(_mapping(templates, name, logical_id, named[-1], asks=made_in.get(maker)))
    for (domain, *_), found in mapped.items():
        if any(one.api in templates.apis for one in found):
            yield from _shared(templates, domain, found, kinds)
            yield from _taken(templates, domain, found)
            yield from _certified(templates, domain, found, kinds)
    yield from _bypassed(templates, [one for found in mapped.values() for one in found])


def _named(templates: Templates, name: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    """A domain by the account and the region, for each may have one of a name, and by that."""
    said = templates.read(name, given.get("DomainName", given.get("DomainNameArn")))
    return templates.accounts.get(name, ""), templates.regions.get(name, ""), said


def _mapping(templates: Templates, name: str, logical_id: str, domain: str, *, asks: bool | None) -> _Mapping:
    resource = templates.resources(name)[logical_id]
    given = resource.get("Properties", {})
    key = templates.read(name, given.get("ApiMappingKey", given.get("BasePath", "")))
    api = templates.read(name, given.get("ApiId", given.get("RestApiId")))
    return _Mapping((name, logical_id), domain, api, key.removeprefix("(none)"), asks, "Condition" in resource)


def _shared(templates: Templates, domain: str, mapped: list[_Mapping], kinds: Mapping[str, bool]) -> Iterator[Violation]:
    socket = next((one for one in mapped if kinds.get(one.api) is True), None)
    other = next((one for one in mapped if kinds.get(one.api) is False), None)
    if socket is not None and other is not None:
        said = (
            f"{templates.called(*socket.place)} maps {domain} to a WebSocket API, and {templates.called(*other.place)} maps it to a REST or HTTP API; "
            "they share no domain, so give one of them a Domain of its own"
        )
        yield Violation("domain", *socket.place, said)


def _taken(templates: Templates, domain: str, mapped: list[_Mapping]) -> Iterator[Violation]:
    first: dict[str, _Mapping] = {}
    for one in mapped:
        if one.is_chosen:  # a condition may choose between the two
            continue
        if (other := first.setdefault(one.key, one)) is not one:
            path = f"{domain}/{one.key}"
            said = f"{templates.called(*one.place)} and {templates.called(*other.place)} are both at {path}, which leads to one API; {_NEW_KEY}"
            yield Violation("domain", *one.place, said)


def _certified(templates: Templates, domain: str, mapped: list[_Mapping], kinds: Mapping[str, bool]) -> Iterator[Violation]:
    for one in mapped:
        if one.asks and kinds.get(one.api) is True:
            said = (
                f"{templates.called(*one.place)} maps {domain}, which asks clients for certificates, to a WebSocket API, and mutual TLS is for REST and "
                "HTTP APIs; map it to a domain without MutualTlsAuthentication"
            )
            yield Violation("domain", *one.place, said)


def _bypassed(templates: Templates, mapped: list[_Mapping]) -> Iterator[Violation]:
    """Who is asked for a certificate by one domain of an API is asked for none by its others, nor by the API's own URL.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html.
    """
    certified = {one.api: one for one in reversed(mapped) if one.asks and one.api in templates.apis}
    for one in mapped:
        if one.asks is not True and (first := certified.get(one.api)) is not None:
            how = "asks for none" if one.asks is False else "is not made in this app, so that nobody can say what it asks for"
            said = (
                f"{templates.called(*first.place)} maps {first.domain}, which asks clients for certificates, to {templates.apis[one.api]}, and "
                f"{templates.called(*one.place)} maps {one.domain} to it, which {how}: {_PAST}"
            )
            yield Violation("domain", *one.place, said, "warning" if one.asks is None else "error")
    for name, logical_id, api in templates.each(*_APIS) if certified else ():
        first = certified.get(templates.read(name, {"Ref": logical_id}))
        if first is not None and api.get("ProtocolType") != "WEBSOCKET" and _has_own_url(api):
            said = (
                f"{templates.called(*first.place)} maps {first.domain}, which asks clients for certificates, to {templates.apis[first.api]}, whose own URL "
                "asks for none; write default_endpoint=False"
            )
            yield Violation("domain", name, logical_id, said)


def _has_own_url(api: Mapping[str, Any]) -> bool:
    """Whether an API answers at its own URL, which a property turns off, or for an HTTP API its body."""
    body = mapping(api.get("Body"))
    told = [mapping(one.get(ENDPOINT)) for one in (body, *map(mapping, listing(body.get("servers"))))]
    said = [api.get("DisableExecuteApiEndpoint"), *(one.get("disableExecuteApiEndpoint") for one in told)]
    return all(one in (None, False) for one in said)
