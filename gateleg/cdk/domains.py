"""A domain of one's own for an API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import ConstructSelector, Mixins, Stack, Token

from gateleg.cdk.arguments import a, check, either, filled, having, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_route53 as route53
    from aws_cdk import aws_s3 as s3
    from constructs import Construct, IConstruct

    from gateleg.description import App

_NAME = re.compile(r"(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
_MAPPING_KEY = re.compile(r"[A-Za-z0-9$_.+!*'()-]+(/[A-Za-z0-9$_.+!*'()-]+)*")


@dataclass(frozen=True)
class TrustStore:
    """The certificates of the authorities whose clients may connect: mutual TLS.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html.

    Args:
        bucket: The bucket, in the API's region, that holds them.
        key: The object with the certificates in PEM, one after the other: `authorities.pem`.
        version: The version of the object. Without one a changed object is not seen before the domain is updated.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    bucket: s3.IBucket | s3.Bucket
    key: str
    version: str | None = None

    def __post_init__(self) -> None:
        check(
            "TrustStore",
            bucket=(self.bucket, having("a Bucket of aws_s3", "bucket_name")),
            key=(self.key, filled),
            version=(self.version, optional(filled)),
        )


@dataclass(frozen=True)
class Domain:
    """A custom domain, with TLS 1.2 at least, and where below it the API is.

    Args:
        name: The domain in lower case, such as `api.example.com`, or a `DomainName` of `aws_apigatewayv2` that several APIs share.
        certificate: The certificate of the domain, in the API's region; none for a `DomainName`, which has one.
        mapping_key: The path below which the API is, such as `v1`; the root unless given. Handlers see it in paths: an app of Powertools
            takes it off by `strip_prefixes=["/v1"]`.
        zone: The Route 53 zone that is given an alias of the domain; none unless given.
        trust_store: Whose clients may connect, for mutual TLS; anybody's unless given. The API's own URL asks for no certificate, so it must be
            off: `default_endpoint=False`.

    Raises:
        DeclarationError: An argument is not what it must be, a domain has no certificate, or a `DomainName` another one.
    """

    name: str | apigatewayv2.IDomainName | apigatewayv2.DomainName
    certificate: acm.ICertificate | acm.Certificate | None = None
    mapping_key: str | None = None
    zone: route53.IHostedZone | route53.HostedZone | None = None
    trust_store: TrustStore | None = None

    def __post_init__(self) -> None:
        check(
            "Domain",
            name=(self.name, either(filled, having("a DomainName of aws_apigatewayv2", "regional_domain_name"))),
            certificate=(self.certificate, optional(having("a certificate of CDK", "certificate_arn"))),
            mapping_key=(self.mapping_key, optional(_mapping_key)),
            zone=(self.zone, optional(having("a hosted zone of CDK", "hosted_zone_id"))),
            trust_store=(self.trust_store, optional(a("a TrustStore, such as TrustStore(bucket, 'authorities.pem')", TrustStore))),
        )
        if self.trust_store is not None and not isinstance(self.name, str):
            message = f"a DomainName has a trust store of its own (mtls=...), and Domain was given {self.trust_store!r} beside {self.name!r}; leave trust_store out"
            raise DeclarationError(message, path="Domain.trust_store", value=self.trust_store)
        if isinstance(self.name, str) == (self.certificate is None):
            instead = "write Domain('api.example.com', certificate)" if isinstance(self.name, str) else "leave certificate out"
            message = f"a domain has one certificate, and Domain was given {self.name!r} with certificate={self.certificate!r}; {instead}"
            raise DeclarationError(message, path="Domain.certificate", value=self.certificate)

        if isinstance(self.name, str) and not (Token.is_unresolved(self.name) or _NAME.fullmatch(self.name)):
            message = (
                f"a domain is a name alone, such as 'api.example.com', without scheme, port and slashes; Domain was given {self.name!r}"
            )
            raise DeclarationError(message, path="Domain.name", value=self.name)
        if isinstance(self.name, str) and not Token.is_unresolved(self.name) and self.name != self.name.lower():
            message = f"API Gateway takes domains in lower case alone, and Domain was given {self.name!r}; write {self.name.lower()!r}, clients find it as they did"
            raise DeclarationError(message, path="Domain.name", value=self.name)
        if self.zone is not None:
            self._check_zone(self.zone)

    def _check_zone(self, zone: route53.IHostedZone | route53.HostedZone) -> None:
        name, above = self.known_name, zone.zone_name
        if Token.is_unresolved(name) or Token.is_unresolved(above):
            return
        above = above.rstrip(".").lower()
        if not f".{name.lower()}".endswith(f".{above}"):
            message = (
                f"the zone {above!r} answers nobody who asks for {name!r}; give Domain the zone that {name!r} is in, or leave zone out"
            )
            raise DeclarationError(message, path="Domain.zone", value=above)

    @property
    def asks_for_certificates(self) -> bool:
        """Whether clients show certificates; of a `DomainName` that is only imported nobody can say."""
        return self.trust_store is not None or getattr(self._made, "mutual_tls_authentication", None) is not None

    @property
    def known_name(self) -> str:
        """The name itself where it is known, and not what CloudFormation makes of it."""
        return self.name if isinstance(self.name, str) else getattr(self._made, "domain_name", self.name.name)

    @property
    def is_made_here(self) -> bool:
        """Whether the app makes the domain, by `aws_apigatewayv2`."""
        return isinstance(self.name, str) or self._made is not None

    @property
    def _made(self) -> Any:
        """The resource of a `DomainName` that is made here."""
        return None if isinstance(self.name, str) else self.name.node.default_child

    @property
    def url(self) -> str:
        """Where the API answers, with a slash at its end."""
        name = self.name if isinstance(self.name, str) else self.name.name
        return f"https://{name}/{f'{self.mapping_key}/' if self.mapping_key else ''}"


def check_prefixes(domain: Domain, apps: Iterable[App]) -> None:
    """Refuse apps that would find no route, because their paths begin with the mapping key.

    Args:
        domain: The domain.
        apps: The apps behind it.

    Raises:
        DeclarationError: An app does not take the key off.
    """
    prefix = f"/{domain.mapping_key}"
    for app in apps if domain.mapping_key else ():
        if prefix not in app.prefixes and None not in app.prefixes:  # a pattern may match it
            message = (
                f"{app.name} stands below mapping_key={domain.mapping_key!r} of its domain, where paths begin with {prefix!r}, and finds no route for them; write "
                f"strip_prefixes=[{prefix!r}] in its resolver, or leave mapping_key out"
            )
            raise DeclarationError(message, path="Domain.mapping_key", value=domain.mapping_key)


def check_neighbours(scope: Construct, domain: Domain, *, socket: bool = False) -> None:
    """Refuse a domain of which the stack has another one, a path that is taken, an API of the other kind, and a certificate of another region.

    WebSocket APIs share no domain with others: https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-mappings.html.

    Args:
        scope: The gateway.
        domain: The domain.
        socket: Whether it is one of a WebSocket API.

    Raises:
        DeclarationError: AWS would refuse the second.
    """
    stack = Stack.of(scope)
    _check_regions(stack, domain)
    written = domain.name if isinstance(domain.name, str) else domain.name.name
    name: Any = stack.resolve(written)
    for made in _resources(stack, "AWS::ApiGatewayV2::DomainName") if isinstance(domain.name, str) else ():
        if Stack.of(made).node.path == stack.node.path and stack.resolve(made.domain_name) == name:
            message = (
                f"the stack makes the domain {domain.name!r} already, at {made.node.path}; make one DomainName of aws_apigatewayv2 and write "
                "Domain(domain_name, mapping_key='v1') for each"
            )
            raise DeclarationError(message, path="Domain.name", value=domain.name)
    for mapped in _resources(scope.node.root, "AWS::ApiGatewayV2::ApiMapping"):
        # A token is the same text wherever the domain is named; what it resolves to is a name within its stack.
        same = mapped.domain_name == written or (
            Stack.of(mapped).node.path == stack.node.path and stack.resolve(mapped.domain_name) == name
        )
        if same and _is_socket(scope, mapped.api_id) is (not socket):
            ours, theirs = ("a WebSocket API", "a REST or HTTP API") if socket else ("a REST or HTTP API", "a WebSocket API")
            message = f"{mapped.node.path} maps {domain.known_name} to {theirs}, and {ours} shares no domain with one; give it a Domain of its own"
            raise DeclarationError(message, path="Domain.name", value=domain.known_name)
        if same and (mapped.api_mapping_key or None) == domain.mapping_key:
            message = f"{mapped.node.path} is at {domain.known_name}/{domain.mapping_key or ''} already; write another mapping_key, such as Domain(domain_name, mapping_key='v2')"
            raise DeclarationError(message, path="Domain.mapping_key", value=domain.mapping_key)


def _is_socket(scope: Construct, api_id: str) -> bool | None:
    """Whether an API is a WebSocket API; `None` where the app does not make it."""
    apis = (*_resources(scope.node.root, "AWS::ApiGatewayV2::Api"), *_resources(scope.node.root, "AWS::ApiGateway::RestApi"))
    return next((getattr(api, "protocol_type", None) == "WEBSOCKET" for api in apis if api.ref == api_id), None)


def _check_regions(stack: Stack, domain: Domain) -> None:
    """Refuse what a regional domain cannot reach: its certificate and trust store are in its own region.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-regional-api-custom-domain-create.html.
    """
    given: dict[str, Any] = {
        "certificate": domain.certificate,
        "trust_store": None if domain.trust_store is None else domain.trust_store.bucket,
    }
    for name, one in given.items():
        arn = getattr(one, "certificate_arn", None)
        # What is imported by its ARN is of the stack for CDK.
        theirs = arn.split(":")[3] if arn and not Token.is_unresolved(arn) else None if one is None else one.env.region
        if theirs is not None and theirs != stack.region and not (Token.is_unresolved(theirs) or Token.is_unresolved(stack.region)):
            message = f"Domain({name}=...) is in {theirs}, and the domain in {stack.region}; give it one of {stack.region}"
            raise DeclarationError(message, path=f"Domain.{name}", value=theirs)


def _resources(scope: IConstruct, kind: str) -> list[Any]:
    return Mixins.of(scope, ConstructSelector.resources_of_type(kind)).selected_constructs


def domain_of(scope: Construct, domain: Domain, *, socket: bool = False) -> Any:
    """The `DomainName` of a domain, made where it is not there yet, with the alias that is asked for.

    Args:
        scope: The gateway.
        domain: The domain.
        socket: Whether it is one of a WebSocket API.
    """
    from aws_cdk import aws_apigatewayv2 as apigatewayv2

    check_neighbours(scope, domain, socket=socket)
    name: Any = domain.name
    if isinstance(name, str):
        certificate: Any = domain.certificate
        policy = apigatewayv2.SecurityPolicy.TLS_1_2
        trusted: Any = domain.trust_store
        mtls = None if trusted is None else apigatewayv2.MTLSConfig(bucket=trusted.bucket, key=trusted.key, version=trusted.version)
        name = apigatewayv2.DomainName(scope, "Domain", domain_name=name, certificate=certificate, security_policy=policy, mtls=mtls)
    if domain.zone is not None:
        from aws_cdk import aws_route53 as route53
        from aws_cdk import aws_route53_targets as targets

        alias: Any = targets.ApiGatewayv2DomainProperties(name.regional_domain_name, name.regional_hosted_zone_id)
        zone: Any = domain.zone
        if not _is_aliased(scope, zone.hosted_zone_id, {f"{name.name}.", f"{domain.known_name}."}, name.regional_domain_name):
            route53.ARecord(scope, "Alias", zone=zone, record_name=f"{name.name}.", target=route53.RecordTarget.from_alias(alias))
    return name


def _is_aliased(scope: Construct, zone_id: str, names: set[str], target: str) -> bool:
    """Whether a zone has the alias of a domain already, which a gateway gave it that shares the domain; Route 53 takes no second one.

    Raises:
        DeclarationError: The zone has a record of the name that leads elsewhere.
    """
    for record in _resources(scope.node.root, "AWS::Route53::RecordSet"):
        if record.hosted_zone_id == zone_id and record.name in names and record.type == "A":
            if getattr(record.alias_target, "dns_name", None) != target:
                message = (
                    f"{record.node.path} is a record of the domain's name in the zone, and leads elsewhere; leave zone out, or that record"
                )
                raise DeclarationError(message, path="Domain.zone", value=record.node.path)
            return True
    return False


def map_domain(scope: Construct, domain: Domain, api_id: str, stage_name: str) -> None:
    """Let a domain lead to a stage of a REST API.

    Args:
        scope: What the domain, its mapping and its alias belong to.
        domain: The domain.
        api_id: The API's id.
        stage_name: The stage.
    """
    from aws_cdk import aws_apigatewayv2 as apigatewayv2

    # What CDK has for REST APIs takes no path of several segments, and no domain that HTTP APIs share.
    name = domain_of(scope, domain).name
    apigatewayv2.CfnApiMapping(scope, "Mapping", api_id=api_id, domain_name=name, stage=stage_name, api_mapping_key=domain.mapping_key)


def _mapping_key(value: Any) -> str | None:
    fits = isinstance(value, str) and _MAPPING_KEY.fullmatch(value)
    return None if fits else "a path without slashes at its ends, such as 'v1' or 'orders/v1'"
