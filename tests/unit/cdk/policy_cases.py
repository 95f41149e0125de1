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
}
