"""Resource policies that break the rules about them, and policies that are near to it and hold, by the rule's id."""

from __future__ import annotations

from typing import Any

from tests.unit.cdk.rule_edits import BODY, STAGES, Edit

UNSIGNED = {"Null": {"aws:PrincipalArn": "true"}}
OF_OTHERS = {"StringNotEquals": {"aws:PrincipalAccount": ["123456789012"]}}
THEIRS = {"AWS": "arn:aws:iam::123456789012:root"}


def allows(resource: Any = "execute-api:/*", who: Any = "*", **said: Any) -> dict[str, Any]:
    """A statement of a resource policy."""
    return {"Effect": "Allow", "Principal": who, "Action": "execute-api:Invoke", "Resource": resource} | said


def denies(resource: Any = "execute-api:/*", **said: Any) -> dict[str, Any]:
    return allows(resource, Effect="Deny", **said)


def but(effect: str, what: str, left_out: Any, **said: Any) -> dict[str, Any]:
    """A statement about everything but something: `NotResource`, `NotAction`, `NotPrincipal`."""
    whole = allows(Effect=effect, **said)
    del whole[what.removeprefix("Not")]
    return whole | {what: left_out}


def policy(*statements: dict[str, Any]) -> Edit:
    return {("Policy",): {"Version": "2012-10-17", "Statement": [*statements]}}


def asks(operator: str, key: str, value: Any) -> Edit:
    """A policy that denies whoever a condition holds of."""
    return policy(allows(), denies(Condition={operator: {key: value}}))


POLICIES_BROKEN: dict[str, list[Edit]] = {
    "T13": [
        policy(allows(who=THEIRS)),
        policy(allows(), denies(Condition={"StringNotEquals": {"aws:PrincipalAccount": ["123456789012"]}})),
        policy(allows(), denies(Principal={"AWS": "*"}, Condition={"Null": {"aws:principalarn": "true"}})),
        policy(allows(), {"Effect": "Deny", "NotPrincipal": THEIRS, "Action": "execute-api:*", "Resource": "*"}),
        policy(allows(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        policy(allows(Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
        policy(allows("execute-api:/*/*/a/*")),
        policy(allows("execute-api:/live/*/b", THEIRS), allows("execute-api:/live/???T/a/7")),
        policy(allows("execute-api:/live/POST/*"), allows("execute-api:/live/OPTIONS/*", THEIRS)),
        policy(allows(["execute-api:/live/POST/b", "execute-api:/live/OPTIONS/b"]), allows("execute-api:/live/POST/a/*", THEIRS)),
        policy(allows()) | {(*BODY, "x-amazon-apigateway-policy"): {"Statement": allows(who=THEIRS)}},
        policy(allows(), but("Deny", "NotResource", "execute-api:/live/GET/a/*", Condition=UNSIGNED)),
        policy(allows(), but("Deny", "NotResource", "execute-api:/prod/*", Condition=UNSIGNED)),
        policy(but("Allow", "NotResource", "execute-api:/live/POST/*")),
        policy(but("Allow", "NotResource", ["execute-api:/live/GET/a/*", "execute-api:/*/POST/b"])),
        policy(but("Allow", "NotAction", "execute-api:Invoke")),
        policy(but("Allow", "NotAction", ["execute-api:I*", "execute-api:ManageConnections"])),
        policy(allows(), but("Deny", "NotAction", "execute-api:ManageConnections", Condition=UNSIGNED)),
        policy(allows(), denies(Action="execute-api:Inv?ke", Condition=UNSIGNED)),
        policy(but("Allow", "NotPrincipal", THEIRS)),
        policy(allows("execute-api:/live/POST/a/*"), but("Allow", "NotPrincipal", THEIRS)),
        policy(but("Allow", "NotPrincipal", "*")),
    ],
    "T14": [
        policy(allows(), denies("execute-api:/live/GET/c")),
        policy(allows("execute-api:/prod/*")),
        policy(allows(), denies(["execute-api:/*", "arn:aws:execute-api:eu-west-1:123456789012:abc/live/DELETE/a/7"])),
        policy(allows(), denies("execute-api:/live/GET/a/7/more")),
        policy(but("Allow", "NotResource", "execute-api:/live/GET/c")),
        policy(allows(), but("Deny", "NotResource", ["execute-api:/*", "execute-api:/prod/*"])),
        policy(
            allows(),
            denies({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":execute-api:eu-west-1:1:", {"Ref": "Api"}, "/live/PUT/b"]]}),
        ),
    ],
    "T15": [
        policy(allows()),
        policy(allows(who={"AWS": ["*"]})),
        policy(allows("execute-api:/live/GET/a/7")),
        policy(allows(), denies(Condition={"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}})),
        policy(allows(Condition={"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}})),
        policy(allows(Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}})),
        policy(allows(Condition={"StringEquals": {"aws:PrincipalOrgID": ["o-1", "*"]}})),
        policy(allows(Condition={"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}})),
        policy(allows(Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})),
        policy(allows(Condition={"StringEquals": {"aws:username": "ann"}})),
        policy(allows(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        policy(allows(Condition={"Null": {"aws:PrincipalArn": "false"}})),
        policy(allows(Condition={"Null": {"aws:PrincipalTag/team": "true"}})),
        policy(allows(Condition={"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}})),
        policy(but("Allow", "NotPrincipal", THEIRS)),
        policy(but("Allow", "NotResource", "execute-api:/live/POST/*")),
        policy(allows(), denies("execute-api:/live/POST/*", Condition=OF_OTHERS)),
        policy(allows(), denies(Condition=OF_OTHERS | {"Bool": {"aws:SecureTransport": "false"}})),
        policy(allows(), denies(Principal=THEIRS, Condition=OF_OTHERS)),
        policy(allows(who=THEIRS)) | {(*BODY, "x-amazon-apigateway-policy"): {"Statement": allows()}},
    ],
    "T16": [
        asks("NotIpAdress", "aws:SourceIp", "203.0.113.0/24"),
        asks("notIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        asks("ForAnyValues:StringLike", "aws:PrincipalOrgPaths", "o-1/*"),
        asks("StringEquals", "aws:SourceIp", ["203.0.113.0/24"]),
        asks("StringNotLikeIfExists", "AWS:sourceip", "203.0.113.*"),
        asks("NotIpAddress", "aws:SourceVpce", "vpce-1"),
        asks("NumericLessThan", "aws:SecureTransport", "1"),
        asks("StringEquals", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
        asks("DateLessThan", "aws:MultiFactorAuthAge", "3600"),
        asks("Bool", "aws:PrincipalTag/team", "true"),
        asks("IpAddress", "execute-api:viaDomainArn", "10.0.0.1"),
        asks("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", "203.0.113.300"]),
        policy(allows()) | {(*BODY, "x-amazon-apigateway-policy"): {"Statement": denies(Condition={"Strings": {"aws:SourceVpc": "v"}})}},
    ],
    "T17": [
        asks("NotIpAddress", "aws:SourceIpp", "203.0.113.0/24"),
        asks("StringEquals", "SourceVpce", "vpce-1"),
        asks("StringEquals", "aws:PrincipalTags/team", "a"),
        asks("StringEquals", "aws:RequestedRegion", "eu-west-1"),
        asks("StringEquals", "execute-api:viaDomain", "arn"),
        asks("Null", "aws:PrincipalArns", "true"),
        asks("StringEquals", "aws:PrincipalTag", "a"),
        asks("StringEquals", "aws:PrincipalTag/", "a"),
        asks("StringNotEquals", "PrincipalTag/team", "a"),
    ],
    "T18": [
        policy(allows(), denies(Action="execute-api:invok")),
        policy(allows(), denies(Action=["execute-api:Invoke", "execute-api:Invokes"])),
        policy(allows(), denies(Action="lambda:InvokeFunction")),
        policy(allows(), but("Deny", "NotAction", "execute-api:Invok")),
    ],
}

POLICIES_HELD: dict[str, list[Edit]] = {
    "T13": [
        policy(allows(), denies(Condition={"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}})),
        policy(allows("execute-api:/live/GET/a/*", THEIRS), allows("execute-api:/live/POST/*"), allows("execute-api:/live/OPTIONS/*")),
        policy(allows(), denies("execute-api:/live/GET/a/*", Condition={"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}})),
        policy(allows(), denies(Condition={"StringEquals": {"aws:PrincipalAccount": "123456789012"}})),
        policy(allows(Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}})),
        policy(allows(["execute-api:/live/POST/b", "execute-api:/live/OPTIONS/b"])),
        policy(allows(Condition={"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}})),
        policy(allows(), denies(Action="execute-api:ManageConnections", Condition={"Null": {"aws:PrincipalArn": "true"}})),
        policy(allows(), denies("execute-api:/live/POST/a/7", Condition=UNSIGNED)),
        policy(allows(), but("Deny", "NotResource", "execute-api:/live/*", Condition=UNSIGNED)),
        policy(but("Allow", "NotResource", "execute-api:/live/DELETE/*")),
        policy(but("Allow", "NotAction", "execute-api:ManageConnections")),
        policy(allows(), but("Deny", "NotAction", ["s3:*", "execute-api:Invoke"], Condition=UNSIGNED)),
        policy(allows(), but("Deny", "NotPrincipal", {"AWS": ["*"]})),
    ],
    "T14": [
        policy(allows()),
        policy(allows("*")),
        policy(allows(), denies("execute-api:/live/GET/a/7")),
        policy(allows(), denies("execute-api:/l?ve/*/b")),
        policy(but("Allow", "NotResource", "execute-api:/live/GET/a/*")),
        policy(allows(), denies("arn:aws:execute-api:eu-west-1:123456789012:abc/*/POST/*")),
        policy(allows(), denies({"Fn::Sub": "arn:${AWS::Partition}:execute-api:eu-west-1:1:${Api}/${Stage}/POST/b"})),
        policy(allows(), denies("execute-api:/prod/*")) | {(*STAGES, "StageName"): {"Ref": "Stage"}},
    ],
    "T15": [
        policy(allows(who=THEIRS), allows(Condition=UNSIGNED)),
        policy(allows(who={"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}})),
        policy(allows("execute-api:/live/POST/*"), allows("execute-api:/live/OPTIONS/*")),
        policy(but("Allow", "NotResource", "execute-api:/live/GET/*")),
        policy(allows(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        policy(allows(Condition={"ArnLike": {"AWS:principalarn": "arn:aws:iam::123456789012:role/*"}})),
        policy(allows(Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}})),
        policy(allows(), denies(Condition=OF_OTHERS)),
        policy(allows(), but("Deny", "NotPrincipal", THEIRS)),
        policy(denies(Condition={"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}})),
        policy(allows(Action="execute-api:ManageConnections")),
        policy(allows(who={"Service": "events.amazonaws.com"})),
    ],
    "T16": [
        asks("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", "203.0.113.7", "2001:db8::/32", {"Ref": "Office"}]),
        asks("IpAddressIfExists", "aws:VpcSourceIp", "10.0.0.0/8"),
        asks("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", "o-1/*"),
        asks("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/*"),
        asks("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
        asks("NumericGreaterThan", "aws:EpochTime", "1767225600"),
        asks("Bool", "aws:SecureTransport", "false"),
        asks("StringEquals", "aws:MultiFactorAuthPresent", "false"),
        asks("Null", "aws:SourceIp", "true"),
        asks("StringNotEquals", "aws:ResourceAccount", "123456789012"),
    ],
    "T17": [
        asks("NotIpAddress", "AWS:SOURCEIP", "203.0.113.0/24"),
        asks("StringEquals", "aws:PrincipalTag/team", "a"),
        asks("StringNotEquals", "execute-api:viaDomainArn", "arn"),
        asks("StringLike", "aws:Referer", "https://*"),
        asks("StringEquals", "aws:userid", "AROA:ann"),
    ],
    "T18": [
        policy(allows(Action="execute-api:*"), denies(Action=["EXECUTE-API:invoke", "execute-api:InvalidateCache"])),
        policy(allows(Action="*"), denies(Action="execute-api:Inv?ke")),
        policy(allows(), but("Deny", "NotAction", "execute-api:ManageConnections")),
    ],
}
