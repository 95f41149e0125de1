"""A domain of one's own for an API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import check, either, filled, having, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_route53 as route53
    from constructs import Construct


@dataclass(frozen=True)
class Domain:
    """A custom domain, with TLS 1.2 at least, and where below it the API is.

    Args:
        name: The domain, such as `api.example.com`, or a `DomainName` of `aws_apigatewayv2` that several APIs share.
        certificate: The certificate of the domain, in the API's region; none for a `DomainName`, which has one.
        mapping_key: The path below which the API is, such as `v1`; the root unless given. Handlers see it in paths: an app of Powertools
            takes it off by `strip_prefixes=["/v1"]`.
        zone: The Route 53 zone that is given an alias of the domain; none unless given.

    Raises:
        DeclarationError: A domain has no certificate, or a `DomainName` another one.
    """

    name: str | apigatewayv2.IDomainName | apigatewayv2.DomainName
    certificate: acm.ICertificate | acm.Certificate | None = None
    mapping_key: str | None = None
    zone: route53.IHostedZone | route53.HostedZone | None = None

    def __post_init__(self) -> None:
        check(
            "Domain",
            name=(self.name, either(filled, having("a DomainName of aws_apigatewayv2", "regional_domain_name"))),
            certificate=(self.certificate, optional(having("a certificate of CDK", "certificate_arn"))),
            mapping_key=(self.mapping_key, optional(filled)),
            zone=(self.zone, optional(having("a hosted zone of CDK", "hosted_zone_id"))),
        )
        if isinstance(self.name, str) == (self.certificate is None):
            instead = "write Domain('api.example.com', certificate)" if isinstance(self.name, str) else "leave certificate out"
            message = f"a domain has one certificate, and Domain was given {self.name!r} with certificate={self.certificate!r}; {instead}"
            raise DeclarationError(message, path="Domain.certificate", value=self.certificate)


def domain_of(scope: Construct, domain: Domain) -> Any:
    """The `DomainName` of a domain, made where it is not there yet, with the alias that is asked for.

    Args:
        scope: The gateway.
        domain: The domain.
    """
    from aws_cdk import aws_apigatewayv2 as apigatewayv2

    name: Any = domain.name
    if isinstance(name, str):
        certificate: Any = domain.certificate
        policy = apigatewayv2.SecurityPolicy.TLS_1_2
        name = apigatewayv2.DomainName(scope, "Domain", domain_name=name, certificate=certificate, security_policy=policy)
    if domain.zone is not None:
        from aws_cdk import aws_route53 as route53
        from aws_cdk import aws_route53_targets as targets

        alias: Any = targets.ApiGatewayv2DomainProperties(name.regional_domain_name, name.regional_hosted_zone_id)
        zone: Any = domain.zone
        route53.ARecord(scope, "Alias", zone=zone, record_name=f"{name.name}.", target=route53.RecordTarget.from_alias(alias))
    return name
