"""Resource policies of REST APIs: who may come at all, before any authorizer is asked.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Token
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam

from gateleg.cdk.arguments import a, check, either, having, listing
from gateleg.cdk.body_rules.policies import shut_out
from gateleg.cdk.body_rules.policy_reach import is_about_calls
from gateleg.cdk.body_rules.policy_words import plain
from gateleg.errors import AuthorizerError, DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2

    from gateleg.cdk.body_rules.policy_reach import Request

_EVERYTHING = "execute-api:/*"
"""Every stage, method and path of the API that the policy is on."""
_ADDRESSES = ("NotIpAddress", "aws:SourceIp")
_WITHIN = [ipaddress.ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
"""The addresses of networks of one's own: RFC 1918 and RFC 4193."""
_ENDPOINT_ID = re.compile(r"vpce-[0-9a-f]{8,17}")


def _configuration(value: Any) -> str | None:
    fits = isinstance(value, apigateway.EndpointConfiguration) and bool(value.types)
    return None if fits else "an EndpointConfiguration that names a type"


ENDPOINT = either(a("an EndpointType of aws_apigateway", apigateway.EndpointType), _configuration)
"""The rule for the argument `endpoint`."""


def is_private(endpoint: apigateway.EndpointType | apigateway.EndpointConfiguration) -> bool:
    """Whether an API with this endpoint answers within VPCs alone."""
    types = [endpoint] if isinstance(endpoint, apigateway.EndpointType) else endpoint.types
    return apigateway.EndpointType.PRIVATE in types


def check_reachable(policy: iam.PolicyDocument | None, endpoint: apigateway.EndpointType | apigateway.EndpointConfiguration) -> None:
    """Refuse a policy that denies everybody: a request has no public address within VPCs, and no VPC endpoint outside.

    Args:
        policy: The resource policy.
        endpoint: Where the API answers.

    Raises:
        DeclarationError: Nobody could call.
    """
    if policy is None or policy.is_empty:
        return
    statements = [one for one in policy.to_json()["Statement"] if is_about_calls(one)]
    if not any(one["Effect"] == "Allow" for one in statements):
        message = "policy denies everybody: it allows nothing, and who is not allowed is denied; write allow_only(addresses=['203.0.113.0/24']), or leave policy out"
        raise DeclarationError(message, path="RestGateway.policy", value=None)
    missing, why, instead = (
        ({"aws:SourceIp"}, "a private API sees no public addresses", "allow_only(vpc_endpoints=[endpoint])")
        if is_private(endpoint)
        else (
            {"aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp"},
            "requests come through VPC endpoints to a private API alone",
            "endpoint=EndpointType.PRIVATE, or allow_only(addresses=['203.0.113.0/24'])",
        )
    )
    for statement in statements:
        # What a negated condition asks for and a request has not holds: with nothing beside it the statement denies every request.
        asked = [(plain(operator), key) for operator, keys in statement.get("Condition", {}).items() for key in keys]
        if _is_for_all(statement) and asked and all("Not" in operator and key in missing for operator, key in asked):
            message = f"policy denies everybody: it asks for {asked[0][1]}, and {why}; write {instead}"
            raise DeclarationError(message, path="RestGateway.policy", value=asked[0][1])
        if not is_private(endpoint) and _is_for_all(statement) and asked == [_ADDRESSES] and (ranges := _private_alone(statement)):
            message = (
                f"policy denies everybody: it lets in {', '.join(ranges)}, and a request to an API that is not private comes from a public address; write the public "
                "addresses, such as allow_only(addresses=['203.0.113.0/24']), or endpoint=EndpointType.PRIVATE with allow_only(vpc_endpoints=[endpoint])"
            )
            raise DeclarationError(message, path="RestGateway.policy", value=ranges)


def check_signed(policy: Mapping[str, Any], requests: Iterable[Request], stage: str) -> None:
    """Refuse what a policy of identities shuts, or does not guard, because nobody signs there.

    Args:
        policy: The policy document, resolved.
        requests: What the API is asked.
        stage: The name of its stage.

    Raises:
        AuthorizerError: Something is so.
    """
    for request in requests:
        if (said := shut_out(policy, request, [stage])) is not None:
            preflight = "leave cors out" if request.method == "OPTIONS" and not request.guards else "guard it by an IamAuthorizer"
            message = f"{request.key}: {said}; {preflight}, or let the policy name places: allow_only(addresses=['203.0.113.0/24'])"
            raise AuthorizerError(message, path=request.key, value=request.key)


def _is_for_all(statement: Mapping[str, Any]) -> bool:
    return statement["Effect"] == "Deny" and statement.get("Principal") in ("*", {"AWS": "*"})


def _private_alone(statement: Mapping[str, Any]) -> list[str]:
    """The ranges that are not denied, where none holds an address that requests come from.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html: `aws:SourceIp` is the public address.
    """
    operator, key = _ADDRESSES
    given = statement["Condition"][operator][key]
    ranges = [given] if isinstance(given, str) else cast("list[str]", given)
    return ranges if all(map(_is_within, ranges)) else []


def _is_within(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return any(network.version == one.version and network.subnet_of(one) for one in _WITHIN)  # type: ignore[arg-type]  # of one version


def _cidr(value: Any) -> str | None:
    try:
        fits = isinstance(value, str) and (Token.is_unresolved(value) or ipaddress.ip_network(value).prefixlen > 0)
    except ValueError:
        fits = False
    return None if fits else "an address or a range of them that is not all there are, such as '203.0.113.0/24'"


def _account(value: Any) -> str | None:
    fits = isinstance(value, str) and (Token.is_unresolved(value) or re.fullmatch(r"\d{12}", value))
    return None if fits else "an account's number, such as '123456789012'"


def _endpoint_id(value: Any) -> str | None:
    fits = isinstance(value, str) and (Token.is_unresolved(value) or _ENDPOINT_ID.fullmatch(value))
    return None if fits else "the id of a VPC endpoint, such as 'vpce-0123456789abcdef0'"


def allow_only(
    *,
    addresses: Sequence[str] = (),
    vpc_endpoints: Sequence[str | ec2.IVpcEndpoint] = (),
    accounts: Sequence[str] = (),
) -> iam.PolicyDocument:
    """A resource policy that refuses whoever does not come from one of the places, as one of the accounts; for `RestGateway(policy=...)`.

    Authorizers are asked as well, and where IAM guards, identities of the API's own account need leave by its policies. With `accounts` only requests that are signed by an identity of theirs are let in, of the API's own account
    too only where it is named: a gateway refuses them beside routes that IAM does not guard, where nobody signs, and beside `cors`, whose
    preflights nobody signs.

    Args:
        addresses: Public addresses and ranges; a private API sees none.
        vpc_endpoints: Endpoints of `execute-api`, as constructs of CDK or by their ids.
        accounts: Numbers of accounts whose identities may call.

    Raises:
        DeclarationError: An argument is not what it must be, or there is none, which would let everybody in.
    """
    check(
        "allow_only",
        addresses=(addresses, listing(_cidr)),
        vpc_endpoints=(vpc_endpoints, listing(either(_endpoint_id, having("a VPC endpoint of CDK", "vpc_endpoint_id")))),
        accounts=(accounts, listing(_account)),
    )
    if not (addresses or vpc_endpoints or accounts):
        message = "allow_only() lets everybody in; write allow_only(addresses=['203.0.113.0/24']), or leave policy out"
        raise DeclarationError(message, path="allow_only")
    conditions: dict[str, Any] = {}
    if addresses:
        conditions["NotIpAddress"] = {"aws:SourceIp": list(addresses)}
    if vpc_endpoints:
        ids = [given if isinstance(given, str) else given.vpc_endpoint_id for given in vpc_endpoints]
        conditions["StringNotEquals"] = {"aws:SourceVpce": ids}
    statements = _of_accounts(accounts) if accounts else _of_anybody()
    if conditions:
        # Conditions of one statement hold together: who comes from none of the places is denied, whatever else allows.
        statements.append(_statement(iam.Effect.DENY, [iam.AnyPrincipal()], conditions))
    return iam.PolicyDocument(statements=statements)


def _of_accounts(accounts: Sequence[str]) -> list[iam.PolicyStatement]:
    # Without the denial, whom IAM lets in within the API's own account needs no leave of this policy.
    others = {"StringNotEquals": {"aws:PrincipalAccount": list(accounts)}}
    allowed: list[Any] = [iam.AccountPrincipal(account) for account in accounts]
    return [_statement(iam.Effect.ALLOW, allowed), _statement(iam.Effect.DENY, [iam.AnyPrincipal()], others)]


def _of_anybody() -> list[iam.PolicyStatement]:
    """Leave for whoever does not sign, and for whom IAM lets in within the API's own account: leave for all that sign would be asked for in its place.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html: leave for an account leaves it to its policies.
    """
    unsigned = {"Null": {"aws:PrincipalArn": "true"}}
    return [_statement(iam.Effect.ALLOW, [iam.AccountRootPrincipal()]), _statement(iam.Effect.ALLOW, [iam.AnyPrincipal()], unsigned)]


def _statement(effect: iam.Effect, principals: list[Any], conditions: dict[str, Any] | None = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        effect=effect, principals=principals, actions=["execute-api:Invoke"], resources=[_EVERYTHING], conditions=conditions
    )
