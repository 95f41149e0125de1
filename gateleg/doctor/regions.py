"""Whether a stack's region has the services that it uses, as far as the installed botocore knows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gateleg.doctor.need import DOCS, Need, When

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.template.stack_template import StackTemplate

# What botocore calls the service of the middle part of a type.
_SERVICES = {
    "ApiGateway": "apigateway",
    "ApiGatewayV2": "apigatewayv2",
    "Cognito": "cognito-idp",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "KMS": "kms",
    "Lambda": "lambda",
    "Logs": "logs",
    "SecretsManager": "secretsmanager",
    "SES": "sesv2",
    "SNS": "sns",
    "SQS": "sqs",
    "StepFunctions": "stepfunctions",
    "WAFv2": "wafv2",
}
# Regions that an account must turn on first: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
_OPT_IN = frozenset(
    {
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6"),
        *("ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1"),
        "mx-central-1",
    }
)


def regions(template: StackTemplate, region: str | None) -> Iterator[Need]:
    """What a region lacks; nothing where the template does not say its region."""
    if region is None:
        return
    if region in _OPT_IN:
        yield Need(
            "region-enabled",
            When.DEPLOY,
            f"the account has turned on {region}",
            "it is a region that accounts do not have by default",
            check=f"aws account get-region-opt-status --region-name {region}",
            do=f"aws account enable-region --region-name {region}",
            page=DOCS + "accounts/latest/reference/manage-acct-regions.html",
        )
    used = {resource.type.split("::")[1] for resource in template.of_type() if resource.type.startswith("AWS::")}
    for part in sorted(used & _SERVICES.keys()):
        if region not in _available(_SERVICES[part]):
            yield Need(
                "service-in-region",
                When.DEPLOY,
                f"{region} has {part}",
                "the installed botocore knows no endpoint of it there; it may be older than the region",
                tuple(one.logical_id for one in template.of_type() if one.type.startswith(f"AWS::{part}::")),
                do="choose another region, or look at the table of AWS",
                page=DOCS + "general/latest/gr/aws-service-information.html",
            )


@cache
def _available(service: str) -> frozenset[str]:
    from botocore.session import Session

    session = Session()
    return frozenset(name for partition in session.get_available_partitions() for name in session.get_available_regions(service, partition))
