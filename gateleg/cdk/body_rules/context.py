"""What a request's context says: the names that there are, and those that only some guards give.

REST: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html, and for access logs
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html. HTTP:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html. WebSocket:
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import DOMAINS, MAPPINGS, Finding, guards_of, is_made, listing, mapping, pointer, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gateleg.cdk.body_rules.http import HttpApi
    from gateleg.cdk.body_rules.reading import Operation, RestApi, Severity

_COMMON = (
    "accountId apiId awsEndpointRequestId customDomain.basePathMatched domainName domainPrefix extendedRequestId requestId requestTime "
    "requestTimeEpoch stage identity.sourceIp identity.userAgent"
)
_COGNITO = "AuthenticationProvider AuthenticationType IdentityId IdentityPoolId"
_CERTIFICATE = "clientCertPem subjectDN issuerDN serialNumber validity.notBefore validity.notAfter"
_OF_REST = "deploymentId httpMethod isCanaryRequest path protocol resourceId resourcePath wafResponseCode webaclArn xrayTraceId"
_OF_HTTP = "awsEndpointRequestId2 dataProcessed httpMethod path protocol routeKey"
_OF_SOCKETS = "connectedAt connectionId disconnectReason disconnectStatusCode eventType messageDirection messageId routeKey"
_OF_LOGS = (
    "authorizer.error integration.error integration.integrationStatus integration.latency integration.requestId integration.status "
    "integrationErrorMessage integrationLatency integrationStatus responseLatency responseLength status"
)
_SIGNED = frozenset(f"identity.cognito{name}" for name in _COGNITO.split()) | {
    f"identity.{name}" for name in ("accessKey", "accountId", "caller", "principalOrgId", "user", "userArn")
}
_FIREWALL = frozenset({"wafResponseCode", "webaclArn", "waf.error", "waf.latency", "waf.status"})
_WITHIN = frozenset({"identity.vpcId", "identity.vpceId"})
_KEYED = frozenset({"identity.apiKey", "identity.apiKeyId"})
_ANY = frozenset(_COMMON.split()) | {f"identity.clientCert.{name}" for name in _CERTIFICATE.split()} | _SIGNED
_ERRORS = frozenset(f"error.{name}" for name in ("message", "messageString", "responseType", "validationErrorString"))
_LOGGED = frozenset(_OF_LOGS.split())
_JUDGED = frozenset(
    f"{who}.{what}" for who in ("authenticate", "authorize", "authorizer", "waf") for what in ("error", "latency", "status")
) | {"authorizer.integrationLatency", "authorizer.integrationStatus", "authorizer.requestId"}

REST = _ANY | frozenset(_OF_REST.split()) | _KEYED | _WITHIN | {"responseOverride.status"}
"""Of templates and parameters of REST APIs."""
ANSWERS = REST | _ERRORS
"""Of what a REST API itself answers."""
REST_LOGS = ANSWERS | _LOGGED | _JUDGED | {"cipherSuite", "tlsVersion", "endpointType"}
HTTP = _ANY | _ERRORS | _LOGGED | frozenset(_OF_HTTP.split())
"""Of mappings and access logs of HTTP APIs."""
WEBSOCKET = ANSWERS | _LOGGED | _JUDGED | frozenset(_OF_SOCKETS.split())

_WRITTEN = frozenset(
    [
        "customDomain.basePathMatched",
        "domainName",
        "domainPrefix",
        "identity.userAgent",
        "path",
        "protocol",
        "responseOverride.status",
        "xrayTraceId",
    ]
)
_WRITTEN_BELOW = ("requestOverride.", "responseOverride.", "error.")
_OPEN = ("authorizer.", "requestOverride.header.", "requestOverride.path.", "requestOverride.querystring.", "responseOverride.header.")
"""Below these any name stands."""
_READ = re.compile(r"\$!?\{?context((?:\.[A-Za-z_]\w*)+)(\s*\(|\[)?")
_MAPPED = re.compile(r"context((?:\.[A-Za-z_][\w:-]*)+)")
_PATH_VALUE = re.compile(r"\$\{?request\.path\.([\w.-]+)")


def unknown(name: str, known: Collection[str]) -> str | None:
    """What is wrong with a name of the context, with those that are like it; nothing where there is one.

    Args:
        name: Without `context.`: `identity.sourceIp`.
        known: The names that there are.
    """
    if name == "authorizer.claims":
        return "context.authorizer.claims is empty by itself; write the claim: context.authorizer.claims.sub"
    if name in known or name.startswith(_OPEN):
        return None
    listed = [*known, "authorizer.claims.sub", "authorizer.principalId"]
    near = difflib.get_close_matches(name, listed, n=3, cutoff=0.5) or ["requestId", "identity.sourceIp", "authorizer.claims.sub"]
    return f"there is no context.{name}, and nothing stands in its place; write one of {', '.join(f'context.{one}' for one in near)}"


def chosen(name: str) -> str | None:
    """Why a name says what the caller wrote: a header, the path, the domain that he asks; nothing where another one says it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html.

    Args:
        name: Without `context.`.
    """
    if name not in _WRITTEN and not name.startswith(_WRITTEN_BELOW):
        return None
    return (
        f"context.{name} is what the caller writes or chooses, so that anybody would say it for another one; write what the guard tells, such as "
        "context.authorizer.claims.sub or context.identity.cognitoIdentityId"
    )


def withheld(name: str, guards: Collection[str]) -> str | None:
    """Why a route's guard never gives a name; nothing where it does.

    Args:
        name: Without `context.`.
        guards: What guards the route: `iam`, `lambda`, `pool`, `jwt`, and `key` beside them.
    """
    if name.startswith("authorizer.claims."):
        needed, instead = {"pool", "jwt"}, "a CognitoAuthorizer, or a JwtAuthorizer of an HttpGateway"
    elif name.startswith("authorizer."):
        needed, instead = {"lambda"}, "a TokenAuthorizer or RequestAuthorizer"
    elif name in _SIGNED:
        needed, instead = {"iam"}, "an IamAuthorizer"
    elif name in _KEYED:
        needed, instead = {"key"}, "an ApiKeyAuthorizer"
    else:
        return None
    if needed & set(guards):
        return None
    return f"context.{name} is given where the route is guarded by {instead}, and is always empty here; guard it so, or write another name"


def lacking(name: str, api: RestApi) -> str | None:
    """Why an API gives a name to none of its routes; nothing where it does, or where nobody can say.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html.

    Args:
        name: Without `context.`.
        api: The API.
    """
    if name.startswith("identity.clientCert.") and not _may_ask_for_certificates(api):
        needed = "a domain of mutual TLS leads to the API (Domain(..., trust_store=TrustStore(bucket, 'authorities.pem')), default_endpoint=False)"
    elif name in _FIREWALL and not api.of_type("AWS::WAFv2::WebACLAssociation"):
        needed = "a web ACL guards the stage (web_acl=WebAcl())"
    elif name in _WITHIN and not _may_be_private(api):
        needed = "the API answers within VPCs alone (endpoint=EndpointType.PRIVATE)"
    else:
        return None
    return f"context.{name} is given where {needed}, and is always empty here; write so, or another name"


def _may_be_private(api: RestApi) -> bool:
    types = mapping(api.properties.get("EndpointConfiguration")).get("Types")
    return is_made(types) or "PRIVATE" in listing(types)


def _may_ask_for_certificates(api: RestApi) -> bool:
    """Whether a domain does that is mapped to the API, or one of which nobody can say, because the app does not make it."""
    domains = [one for kind in DOMAINS for one in api.of_type(kind)]
    mapped = [one for kind in MAPPINGS for one in api.of_type(kind)]
    return len(mapped) > len(domains) or any(one.get("MutualTlsAuthentication") for one in domains)


def read_in(template: str) -> list[str]:
    """The names that a template, a mapping of an HTTP API or a format of logs reads, without `context.`."""
    found: list[str] = []
    for path, after in _READ.findall(template):
        name = path[1:]
        if after.endswith("("):
            name = name.rpartition(".")[0]
            if name in {"", "authorizer.claims"} or _is_part(name):
                continue
        elif after == "[":
            name = f"{name}.x"
        elif name != "authorizer.claims" and _is_part(name):
            continue
        found.append(name)
    return list(dict.fromkeys(found))


def mapped_in(integration: Mapping[str, Any]) -> list[str]:
    """The names that an integration maps to parameters, each of which a request is to have."""
    found: list[str] = []
    for said in map(text, mapping(integration.get("requestParameters")).values()):
        if said is not None:
            whole = _MAPPED.fullmatch(said)
            found += [whole[1][1:]] if whole else read_in(said)
    return list(dict.fromkeys(found))


def named(api: RestApi) -> Iterator[Finding]:
    """A name of the context is one of AWS's; what is mapped to a parameter is given by the route's guard.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html.
    """
    for operation in api.operations:
        at = operation.at("x-amazon-apigateway-integration")
        yield from _all(at, [*_templates(operation), *mapped_in(operation.integration), *_answered(operation)], REST)
        yield from _empty(at, mapped_in(operation.integration), api, operation)
    for kind, answer in mapping(api.body.get("x-amazon-apigateway-gateway-responses")).items():
        parts = [*mapping(mapping(answer).get("responseTemplates")).values(), *_as_read(mapping(answer).get("responseParameters"))]
        yield from _all(pointer("x-amazon-apigateway-gateway-responses", kind), _names(parts), ANSWERS)
    yield from _judges(api, REST)
    for stage in api.of_type("AWS::ApiGateway::Stage"):
        yield from _all("AccessLogSetting", _names([mapping(stage.get("AccessLogSetting")).get("Format")]), REST_LOGS)


def given(api: RestApi) -> Iterator[Finding]:
    """A template may read what the route's guard does not give, and finds it empty.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html.
    """
    for operation in api.operations:
        at = operation.at("x-amazon-apigateway-integration", "requestTemplates")
        yield from dict.fromkeys(_empty(at, _templates(operation), api, operation, "warning"))


def http_named(api: HttpApi) -> Iterator[Finding]:
    """The same of an HTTP API, and the variables of a path that it maps.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html.
    """
    shared = mapping(mapping(api.body.get("components")).get("x-amazon-apigateway-integrations"))
    for operation in api.operations:
        at = operation.at("x-amazon-apigateway-integration")
        named = text(operation.integration.get("$ref"))
        integration = operation.integration if named is None else mapping(shared.get(named.rpartition("/")[2]))
        answers = [mapping(one) for one in mapping(integration.get("responseParameters")).values()]
        names = mapped_in(integration)
        yield from _all(at, [*names, *_names(value for one in answers for value in one.values())], HTTP)
        yield from _empty(at, names, api, operation)
        for value in map(text, mapping(integration.get("requestParameters")).values()):
            for variable in _PATH_VALUE.findall(value or ""):
                if f"{{{variable}}}" not in operation.path.replace("+}", "}"):
                    yield Finding(at, f"the path has no variable {variable!r}, which $request.path.{variable} maps; write one that it has")
    yield from _judges(api, HTTP)
    for stage in api.of_type("AWS::ApiGatewayV2::Stage"):
        yield from _all("AccessLogSettings", _names([mapping(stage.get("AccessLogSettings")).get("Format")]), HTTP)


def _is_part(name: str) -> bool:
    """Whether a name stands for several others."""
    return any(one.startswith(f"{name}.") for one in (*WEBSOCKET, *HTTP, *_OPEN))


def _all(where: str, names: Iterable[str], known: Collection[str]) -> Iterator[Finding]:
    for name in dict.fromkeys(names):
        if (said := unknown(name, known)) is not None:
            yield Finding(where, said)


def _empty(where: str, names: Iterable[str], api: RestApi, operation: Operation, severity: Severity = "error") -> Iterator[Finding]:
    guards = guards_of(api, operation)
    for name in names:
        if (said := withheld(name, guards) or lacking(name, api)) is not None:
            yield Finding(where, said, severity)


def _names(parts: Iterable[Any]) -> list[str]:
    return [name for part in parts if (said := text(part)) is not None for name in read_in(said)]


def _templates(operation: Operation) -> list[str]:
    return _names(mapping(operation.integration.get("requestTemplates")).values())


def _answered(operation: Operation) -> list[str]:
    answers = [mapping(one) for one in mapping(operation.integration.get("responses")).values()]
    templates = [template for one in answers for template in mapping(one.get("responseTemplates")).values()]
    return _names([*templates, *(value for one in answers for value in _as_read(one.get("responseParameters")))])


def _as_read(parameters: Any) -> list[str]:
    """Mappings of a REST API, as templates write what they read."""
    return [f"${said}" for value in mapping(parameters).values() if (said := text(value)) is not None and _MAPPED.fullmatch(said)]


def _judges(api: RestApi, known: Collection[str]) -> Iterator[Finding]:
    for name, scheme in api.schemes.items():
        source = mapping(mapping(scheme).get("x-amazon-apigateway-authorizer")).get("identitySource")
        said = " ".join(one if one.startswith("$") else f"${one}" for one in re.split(r"[,\s]+", text(source) or ""))
        at, names = pointer("components", "securitySchemes", name), read_in(said)
        yield from _all(at, names, known)
        # Who lacks what an authorizer is asked by is refused before it is asked.
        yield from (Finding(at, told) for one in names if (told := lacking(one, api)) is not None)
