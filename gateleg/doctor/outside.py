"""What must be there outside the template, or be done by a person: certificates, zones, domains, subscriptions, senders, regions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.doctor.need import DOCS, Need, When
from gateleg.template.canonical import listing, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.template.stack_template import Resource, StackTemplate

_DOMAINS = ("AWS::ApiGateway::DomainName", "AWS::ApiGatewayV2::DomainName", "AWS::ApiGateway::DomainNameV2")
_ARN = re.compile(r"arn:[\w-]+:acm:(?P<region>[\w-]+):")
_CONFIRMED = {
    "email": "sns-email-notifications.html",
    "email-json": "sns-email-notifications.html",
    "http": "sns-http-https-endpoint-as-subscriber.html",
}
_CONFIRMED["https"] = _CONFIRMED["http"]
_SENDS = re.compile(r'"ses:(?:Send\w*|\*)"')


def outside(template: StackTemplate) -> Iterator[Need]:
    """What must be there or be done outside the template."""
    for certificate in template.of_type("AWS::CertificateManager::Certificate"):
        yield from _certificate(certificate)
    for domain in template.of_type(*_DOMAINS):
        yield from _domain(domain)
    for record in template.of_type("AWS::Route53::RecordSet"):
        yield from _zone(record.logical_id, record.properties.get("HostedZoneId"))
    for subscription in template.of_type("AWS::SNS::Subscription"):
        yield from _subscription(subscription)
    yield from _mail(template)
    for pool in template.of_type("AWS::Cognito::UserPool"):
        yield from _pool(pool)
    for acl in template.of_type("AWS::WAFv2::WebACL"):
        yield from _acl(acl)


def _certificate(certificate: Resource) -> Iterator[Need]:
    given = certificate.properties
    zones = {
        zone for one in map(mapping, listing(given.get("DomainValidationOptions"))) if isinstance(zone := one.get("HostedZoneId"), str)
    }
    for zone in sorted(zones):
        yield from _zone(certificate.logical_id, zone)
    if given.get("ValidationMethod") != "DNS" or not any(
        "HostedZoneId" in mapping(one) for one in listing(given.get("DomainValidationOptions"))
    ):
        yield Need(
            "certificate-validation",
            When.DEPLOY,
            f"somebody proves that {given.get('DomainName')} is yours while the stack is deployed",
            "the certificate is validated by a record or an e-mail that this template does not make, and the stack waits for it, up to three days",
            (certificate.logical_id,),
            "aws acm list-certificates --query CertificateSummaryList[].DomainName",
            "make the record that the certificate's page in the console shows, or answer the e-mail",
            DOCS + "acm/latest/userguide/domain-ownership-validation.html",
        )


def _zone(logical_id: str, zone: object) -> Iterator[Need]:
    if isinstance(zone, str):
        yield Need(
            "zone-exists",
            When.DEPLOY,
            f"the account has the hosted zone {zone}, and the domain's registrar names its servers",
            "records are made in it, and a certificate that it proves waits until the world sees them",
            (logical_id,),
            f"aws route53 get-hosted-zone --id {zone}",
            "make the zone, or take the id of the one that is there",
            DOCS + "Route53/latest/DeveloperGuide/hosted-zones-working-with.html",
        )


def _domain(domain: Resource) -> Iterator[Need]:
    given = domain.properties
    configured = [given, *map(mapping, listing(given.get("DomainNameConfigurations")))]
    for one in configured:
        for key in ("CertificateArn", "RegionalCertificateArn", "OwnershipVerificationCertificateArn"):
            yield from _arn(domain, one.get(key))
    name = given.get("DomainName")
    if isinstance(name, str):
        yield Need(
            "domain-free",
            When.DEPLOY,
            f"no other API of the region is called {name}",
            "a domain name stands once in a region, whatever account has it",
            (domain.logical_id,),
            "aws apigateway get-domain-names --query items[].domainName",
            "delete the other domain name, or choose another",
            DOCS + "apigateway/latest/developerguide/how-to-custom-domains.html",
        )


def _arn(domain: Resource, arn: Any) -> Iterator[Need]:
    found = _ARN.match(arn) if isinstance(arn, str) else None
    if found is not None:
        yield Need(
            "certificate-exists",
            When.DEPLOY,
            f"the certificate {arn} is issued",
            f"a domain name takes it; one of a regional API stands in the API's own region, one of an edge-optimized API in us-east-1, this one in "
            f"{found['region']}",
            (domain.logical_id,),
            f"aws acm describe-certificate --certificate-arn {arn} --query Certificate.Status",
            "request or import it in that region",
            DOCS + "apigateway/latest/developerguide/how-to-specify-certificate-for-custom-domain-name.html",
        )


def _subscription(subscription: Resource) -> Iterator[Need]:
    protocol = subscription.properties.get("Protocol")
    if protocol in _CONFIRMED:
        yield Need(
            "subscription-confirmed",
            When.LAUNCH,
            f"somebody confirms the subscription of {subscription.properties.get('Endpoint')}",
            f"a topic sends nothing by {protocol} before the other side has said yes to the message that it gets after the deployment",
            (subscription.logical_id,),
            "aws sns list-subscriptions --query Subscriptions[].SubscriptionArn",
            "follow the address in that message",
            DOCS + "sns/latest/dg/" + _CONFIRMED[str(protocol)],
        )
    elif protocol == "sms":
        yield _sandbox(subscription.logical_id)


def _sandbox(logical_id: str) -> Need:
    return Need(
        "sms-sandbox",
        When.LAUNCH,
        "the account may send text messages to everybody",
        "a new account sends them to verified numbers alone, and in some countries needs a registered sender",
        (logical_id,),
        "aws sns get-sms-sandbox-account-status",
        "leave the sandbox in the console of SNS",
        DOCS + "sns/latest/dg/sns-sms-sandbox-moving-to-production.html",
    )


def _mail(template: StackTemplate) -> Iterator[Need]:
    identities = [one.logical_id for one in template.of_type("AWS::SES::EmailIdentity")]
    policies = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role")
    allowed = [one.logical_id for one in template.of_type(*policies) if _SENDS.search(_json(one.properties))]
    if identities or allowed:
        yield Need(
            "mail-sandbox",
            When.LAUNCH,
            "the account may send mail to everybody, from senders that are verified",
            "a new account is in the sandbox of SES: it sends to verified addresses alone, 200 a day",
            (*identities, *allowed),
            "aws sesv2 get-account --query ProductionAccessEnabled",
            "verify the senders, and ask for production access in the console of SES",
            DOCS + "ses/latest/dg/request-production-access.html",
        )


def _pool(pool: Resource) -> Iterator[Need]:
    mail = mapping(pool.properties.get("EmailConfiguration"))
    if mail.get("EmailSendingAccount", "COGNITO_DEFAULT") == "COGNITO_DEFAULT":
        yield Need(
            "pool-mail",
            When.LAUNCH,
            "the user pool sends its mail by SES",
            "by itself Cognito sends 50 mails a day, for all that sign up, verify and forget",
            (pool.logical_id,),
            do="name a verified sender of SES in the pool: UserPoolEmail.with_ses(...)",
            page=DOCS + "cognito/latest/developerguide/user-pool-email.html",
        )
    if "SmsConfiguration" in pool.properties:
        yield _sandbox(pool.logical_id)


def _acl(acl: Resource) -> Iterator[Need]:
    if acl.properties.get("Scope") == "CLOUDFRONT":
        yield Need(
            "acl-region",
            When.DEPLOY,
            "the stack is deployed to us-east-1",
            "web ACLs of CloudFront are made there alone",
            (acl.logical_id,),
            do="give the stack env=Environment(region='us-east-1')",
            page=DOCS + "waf/latest/developerguide/how-aws-waf-works-resources.html",
        )


def _json(value: Any) -> str:
    import json

    return json.dumps(value)
