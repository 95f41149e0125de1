"""Who may call: what is wrong here leaves an operation open, or closed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import DOMAINS, ENDPOINT, MAPPINGS, STAGES, Finding, is_made, listing, mapping, pointer, text
from gateleg.description.names import PUBLIC_EXTENSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.body_rules.reading import Operation, RestApi

_AUTHORIZER = "x-amazon-apigateway-authorizer"
_TYPE = "x-amazon-apigateway-authtype"
_KEY_SOURCE = "x-amazon-apigateway-api-key-source"
_RESPONSES = "x-amazon-apigateway-gateway-responses"
_ORIGIN = "access-control-allow-origin"
_DEFAULT_TTL = 300
_MAX_TTL = 3600


def inherited(api: RestApi) -> Iterator[Finding]:
    """Security stands on each operation: AWS documents that the document's own is not read, though it was seen to be.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html; awslabs/aws-apigateway-importer#204.
    """
    if api.body.get("security"):
        for operation in api.operations:
            if "security" not in operation.raw:
                said = "it may be open: API Gateway does not promise to read the document's own security; write security here"
                yield Finding(operation.at(), said)


def unguarded(api: RestApi) -> Iterator[Finding]:
    """A scheme that makes no authorizer leaves the operation open.

    awslabs/aws-apigateway-importer#187: `Extension x-amazon-apigateway-authorizer is required ..`.
    """
    for operation in api.operations:
        for name in _asked(operation):
            scheme = mapping(api.schemes.get(name))
            if not (_is_key(scheme) or scheme.get(_TYPE) == "awsSigv4" or mapping(scheme.get(_AUTHORIZER))):
                said = f"the scheme {name!r} makes no authorizer, and anybody may call; give it {_AUTHORIZER}, or {_TYPE}: awsSigv4"
                yield Finding(operation.at("security"), said)


def unused(api: RestApi) -> Iterator[Finding]:
    """An authorizer that no route asks guards nothing: likely another one is asked in its place. Of API keys plans tell.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html.
    """
    asked = {name for operation in api.operations for one in listing(operation.raw.get("security")) for name in mapping(one)}
    for name, scheme in api.schemes.items() if api.operations else ():
        if name not in asked and {_TYPE, _AUTHORIZER} & mapping(scheme).keys():
            said = f"no route asks {name!r}, so that it guards nothing; name it in the security of a route, or leave it out"
            yield Finding(pointer("components", "securitySchemes", name), said, "warning")


def opened(api: RestApi) -> Iterator[Finding]:
    """An operation asks for somebody, or says why it asks for nobody; preflights, which carry no credentials, are answered by mocks.

    Without `security` AWS asks for nobody: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html.
    """
    for operation in api.operations:
        asked = [mapping(one) for one in listing(operation.raw.get("security"))]
        marked = str(operation.raw.get(PUBLIC_EXTENSION) or "").strip()
        preflight = operation.member == "options" and operation.kind == "mock"
        if not (asked and all(asked)) and not marked and not preflight:
            said = (
                f"anybody may call, and nothing says that this is meant; write security: [{{name: []}}], or {PUBLIC_EXTENSION}: the reason"
            )
            yield Finding(operation.at("security"), said)


def bypassed(api: RestApi) -> Iterator[Finding]:
    """The API's own URL asks no client for the certificate that a domain of mutual TLS asks for.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html; an import reads that the URL is off within `servers`:
    aws/serverless-application-model#2396.
    """
    if any(one is True or is_made(one) for one in _own_url_off(api)):
        return
    for domain in (one for kind in DOMAINS for one in api.of_type(kind)):
        if domain.get("MutualTlsAuthentication"):
            asked = text(domain.get("DomainName")) or "the domain"
            yield Finding(
                "the API", f"{asked} asks clients for certificates, and the API's own URL asks nobody; write default_endpoint=False"
            )


def unreachable(api: RestApi) -> Iterator[Finding]:
    """Where the API's own URL is off, a stage is reached by what maps a domain to it, and by nothing else.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html.
    """
    if not any(one is True for one in _own_url_off(api)):
        return
    stages = [stage.get("StageName") for kind in STAGES for stage in api.of_type(kind)]
    mapped = [one.get("Stage") for kind in MAPPINGS for one in api.of_type(kind)]
    left = [name for name in stages if name not in mapped]
    # A reference stands for one stage, and a mapping without any takes the stage from the path.
    if None in mapped or len(left) <= len({json.dumps(one) for one in mapped if is_made(one)}):
        return
    said = (
        "nothing leads there: default_endpoint=False turns the API's own URL off; give it domain=Domain(...), or map a domain to it by a "
        "CfnApiMapping of aws_apigatewayv2"
    )
    yield Finding(f"the stage {' or '.join(map(str, left))}", said)


def _own_url_off(api: RestApi) -> list[Any]:
    """What is said of the API's own URL: whether it is off."""
    said = [mapping(mapping(server).get(ENDPOINT)).get("disableExecuteApiEndpoint") for server in listing(api.body.get("servers"))]
    return [api.properties.get("DisableExecuteApiEndpoint"), *said]


def untyped(api: RestApi) -> Iterator[Finding]:
    """An authorizer without an authtype leaves operations open, in a deployment that looks well. pulumi/pulumi-aws-apigateway#10."""
    for name, scheme in api.schemes.items():
        if _AUTHORIZER in mapping(scheme) and _TYPE not in scheme:
            said = f"API Gateway leaves open what asks for an authorizer without {_TYPE}; write custom, or cognito_user_pools"
            yield Finding(_at(name), said)


def kinds(api: RestApi) -> Iterator[Finding]:
    """A scheme is of type `apiKey`; others make no authorizer.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html.
    """
    for name, scheme in api.schemes.items():
        if (kind := mapping(scheme).get("type")) != "apiKey":
            yield Finding(
                _at(name),
                f"a scheme of type {kind!r} makes no authorizer, and operations stay open; write apiKey, with a name and in: header",
            )


def several(api: RestApi) -> Iterator[Finding]:
    """A method has one authorizer. botocore's model of PutMethod; what the importer does with two is inferred."""
    for operation in api.operations:
        judges = [name for name in _asked(operation) if not _is_key(mapping(api.schemes.get(name)))]
        if len(judges) > 1:
            said = f"{' and '.join(judges)} shall judge, and a method has one authorizer; name one, beside an API key"
            yield Finding(operation.at("security"), said, "warning")


def alternatives(api: RestApi) -> Iterator[Finding]:
    """An API key is asked beside the authorizer, also where OpenAPI says one of both. Read in aws/serverless-application-model, swagger.py."""
    for operation in api.operations:
        alone = [name for one in listing(operation.raw.get("security")) if len(mapping(one)) == 1 for name in one]
        if len(alone) > 1 and any(_is_key(mapping(api.schemes.get(name))) for name in alone):
            said = f"API Gateway asks {' and '.join(alone)} together, and the document says one of them; write one requirement with both"
            yield Finding(operation.at("security"), said, "warning")


def mixed(api: RestApi) -> Iterator[Finding]:
    """`x-amazon-apigateway-auth` does not mix with schemes. aws/aws-pdk#117."""
    for operation in api.operations:
        if "x-amazon-apigateway-auth" in {*operation.raw, *api.body} and _asked(operation):
            said = f"x-amazon-apigateway-auth does not mix with security schemes; write a scheme with {_TYPE}: awsSigv4 in its place"
            yield Finding(operation.at(), said)


def pools(api: RestApi) -> Iterator[Finding]:
    """An authorizer of type `cognito_user_pools` names pools.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html.
    """
    for name, given in _authorizers(api):
        pools = given.get("providerARNs")
        if given.get("type") == "cognito_user_pools" and not is_made(pools) and not listing(pools):
            yield Finding(_at(name, _AUTHORIZER), "an authorizer of user pools without pools is refused; write providerARNs: [arn]")


def identity(api: RestApi) -> Iterator[Finding]:
    """Answers are remembered for 0 to 3600 seconds, by an identity source, which is no path variable.

    `Identity source must be set if authorizer caching is enabled (TTL is greater than 0)`: hashicorp/terraform-provider-aws#32629; cfn-lint E3718;
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html.
    """
    for name, given in _authorizers(api):
        at = _at(name, _AUTHORIZER)
        ttl = given.get("authorizerResultTtlInSeconds", _DEFAULT_TTL)
        if isinstance(ttl, (int, float)) and not 0 <= ttl <= _MAX_TTL:
            yield Finding(
                at, f"API Gateway remembers an answer for 0 to {_MAX_TTL} seconds, not {ttl}; write authorizerResultTtlInSeconds within"
            )
        source = text(given.get("identitySource")) or ""
        if given.get("type") == "request" and ttl != 0 and "identitySource" not in given:
            said = "answers cannot be remembered by nothing; write identitySource: method.request.header.Authorization, or authorizerResultTtlInSeconds: 0"
            yield Finding(at, said)
        if "method.request.path" in source:
            yield Finding(
                at, f"a path variable is no identity source ({source}); name a header, a query parameter, a stage variable or the context"
            )


def refusals(api: RestApi) -> Iterator[Finding]:
    """Pages of other origins can read what the gateway itself refuses only with the CORS headers on `DEFAULT_4XX` and `DEFAULT_5XX`.

    https://github.com/aws/aws-cdk/issues/11306.
    """
    answered = [
        operation
        for operation in api.operations
        if operation.member == "options" and operation.kind == "mock" and _ORIGIN in str(operation.raw).lower()
    ]
    responses = mapping(api.body.get(_RESPONSES))
    for name in ("DEFAULT_4XX", "DEFAULT_5XX") if answered else ():
        headers = mapping(mapping(responses.get(name)).get("responseParameters"))
        if f"gatewayresponse.header.{_ORIGIN}" not in {header.lower() for header in headers}:
            said = f"pages that {answered[0].at()} lets in cannot read the gateway's own errors; write gatewayresponse.header.Access-Control-Allow-Origin"
            yield Finding(pointer(_RESPONSES, name), said)


def key_source(api: RestApi) -> Iterator[Finding]:
    """The source of API keys is `HEADER`, or `AUTHORIZER` where a Lambda authorizer tells the key.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-api-key-source.html.
    """
    source = api.body.get(_KEY_SOURCE, api.properties.get("ApiKeySourceType", "HEADER"))
    if is_made(source):
        return
    if str(source) not in {"HEADER", "AUTHORIZER"}:
        yield Finding(pointer(_KEY_SOURCE), f"there is no source of API keys {source!r}; write HEADER or AUTHORIZER")
    elif source == "AUTHORIZER" and not any(str(given.get("type")) in {"token", "request"} for _, given in _authorizers(api)):
        yield Finding(pointer(_KEY_SOURCE), "no Lambda authorizer tells the API key, so that none is found; add one, or write HEADER")


def _authorizers(api: RestApi) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, scheme in api.schemes.items():
        if given := mapping(mapping(scheme).get(_AUTHORIZER)):
            yield name, given


def _asked(operation: Operation) -> list[str]:
    return list(dict.fromkeys(name for one in listing(operation.raw.get("security")) for name in mapping(one)))


def _is_key(scheme: Mapping[str, Any]) -> bool:
    named = re.fullmatch("x-api-key", str(scheme.get("name")), re.IGNORECASE)
    return scheme.get("type") == "apiKey" and scheme.get("in") == "header" and named is not None and _TYPE not in scheme


def _at(name: str, *parts: str) -> str:
    return pointer("components", "securitySchemes", name, *parts)
