"""Roles that anybody may take on, as templates have them, and what they may call of what the gateways guard.

A guest of an identity pool signs like everybody else: leave for its role opens a route that IAM guards.
Follows https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.policy_reach import ANY_SEGMENT, asked, is_about, meets, pieces, request_of, texts
from gateleg.cdk.body_rules.reading import RestApi, listing, mapping
from gateleg.cdk.written_templates import Place, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateleg.cdk.written_templates import Templates

_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
_AMR = "cognito-identity.amazonaws.com:amr"
_TOKEN = re.compile(r"\$\{[^{}]*\}")
_ALL_FUNCTIONS = re.compile(r"\*|arn:[^/]*:function:\*")
_ACCOUNT = re.compile(r"arn:.*:iam::.*:root|\$\{AWS::AccountId\}|\d{12}|\*")
"""A principal that leaves it to the policies of an account."""
_INSTEAD = (
    "give leave to a role that asks who it is (the identity pool's authenticated_role), make the route public with its reason (@public('why')), or say "
    "why it is so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::door', reason='...'))"
)


def open_roles(templates: Templates, guarded: Callable[[], Mapping[Place, str]]) -> Iterator[Violation]:
    """What lets anybody call by a role that anybody may take on: guests of an identity pool, every identity of AWS.

    https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html.

    Args:
        templates: The templates.
        guarded: Tells the functions whose apps ask who calls, each with a route that is guarded; asked only where such a role may call one.
    """
    who = {
        (name, found): told
        for name, found, role in templates.each("AWS::IAM::Role")
        if (told := _taken_by(templates, name, mapping(role.get("AssumeRolePolicyDocument")))) is not None
    }
    documents = list(_documents(templates)) if who else []
    who |= _taken_then(templates, who, documents)
    for role, name, document in documents:
        if (told := who.get(role)) is not None:
            for opened in dict.fromkeys(_opened(templates, name, document, guarded)):
                said = f"{templates.called(*role)} is a role that {told} may take on, and {opened}: it is open to anybody; {_INSTEAD}"
                yield Violation("door", *role, said)


def _taken_by(templates: Templates, name: str, trust: Mapping[str, Any]) -> str | None:
    """Who takes on a role without saying who that is; `None` where nobody does."""
    for statement in map(mapping, _listed(trust.get("Statement"))):
        principal, condition = statement.get("Principal"), mapping(statement.get("Condition"))
        federated = texts(mapping(principal).get("Federated"))
        if statement.get("Effect") != "Allow":
            continue
        if (principal == "*" or "*" in texts(mapping(principal).get("AWS"))) and not condition:
            return "every identity of AWS"
        if "cognito-identity.amazonaws.com" in federated:
            kinds = [value for keys in condition.values() for key, value in mapping(keys).items() if key.lower() == _AMR]
            if not kinds or "unauthenticated" in templates.read(name, kinds):
                return "a guest of an identity pool"
        elif federated and not condition and is_about(statement, "sts:AssumeRoleWithWebIdentity"):
            return "whoever has a token of its provider"
    return None


def _taken_then(
    templates: Templates, who: Mapping[Place, str], documents: Sequence[tuple[Place, str, Mapping[str, Any]]]
) -> dict[Place, str]:
    """The roles that are taken on by those that anybody may take on, however many there are between.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html (role chaining): both the policy of the one and the trust of
    the other allow it.
    """
    found, waiting = dict[Place, str](), list(who.items())
    while waiting:
        taker, told = waiting.pop()
        for name, statement in ((name, one) for role, name, document in documents if role == taker for one in _allowed(document)):
            named = templates.read(name, statement.get("Resource", "*")) if is_about(statement, "sts:AssumeRole") else ""
            for place in _trusting(templates, taker):
                if place not in {*who, *found} and (place in templates.named(named) or named == "*"):
                    found[place] = f"{told}, by {templates.called(*taker)},"
                    waiting.append((place, found[place]))
    return found


def _allowed(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (one for one in map(mapping, _listed(document.get("Statement"))) if one.get("Effect") == "Allow")


def _trusting(templates: Templates, taker: Place) -> Iterator[Place]:
    """The roles that trust one, or all of its account."""
    for name, found, role in templates.each("AWS::IAM::Role"):
        for statement in _allowed(mapping(role.get("AssumeRolePolicyDocument"))):
            trusted = [templates.read(name, one) for one in _listed(mapping(statement.get("Principal")).get("AWS"))]
            if any(taker in templates.named(one) or _ACCOUNT.fullmatch(one) for one in trusted):
                yield name, found


def _documents(templates: Templates) -> Iterator[tuple[Place, str, Mapping[str, Any]]]:
    """The policies of roles, each with the template that it stands in."""
    for name, found, role in templates.each("AWS::IAM::Role"):
        yield from (((name, found), name, mapping(mapping(one).get("PolicyDocument"))) for one in listing(role.get("Policies")))
        for where, managed in templates.named(templates.read(name, role.get("ManagedPolicyArns"))):
            yield (name, found), where, mapping(templates.resources(where)[managed].get("Properties", {}).get("PolicyDocument"))
    for name, _, given in templates.each(*_POLICIES):
        for holder in templates.named(templates.read(name, [given.get("Roles"), given.get("RoleName")])):
            yield holder, name, mapping(given.get("PolicyDocument"))


def _opened(templates: Templates, name: str, document: Mapping[str, Any], guarded: Callable[[], Mapping[Place, str]]) -> Iterator[str]:
    for statement in map(mapping, _listed(document.get("Statement"))):
        resources = [templates.read(name, one) for one in _listed(statement.get("Resource", "*"))]
        if statement.get("Effect") != "Allow":
            continue
        if is_about(statement, "execute-api:Invoke"):
            for resource in resources:
                yield from (f"it may call {key} of {gateway}, which IAM guards" for gateway, key in _signed(templates, resource))
        if is_about(statement, "lambda:InvokeFunction"):
            yield from _functions(templates, resources, guarded)


def _functions(templates: Templates, resources: list[str], guarded: Callable[[], Mapping[Place, str]]) -> Iterator[str]:
    for resource in resources:
        every = _ALL_FUNCTIONS.fullmatch(_TOKEN.sub("x", resource)) is not None
        named = templates.functions(resource)
        for function, route in guarded().items() if every or named else ():
            if every or function in named:
                yield f"it may invoke {templates.called(*function)}, whose app guards {route}"


def _signed(templates: Templates, resource: str) -> Iterator[tuple[str, str]]:
    """The routes of gateways that IAM guards and a resource of a policy names."""
    api = "*" if resource == "*" else resource.partition("/")[0].rpartition(":")[2]
    pattern = asked(_TOKEN.sub("*", resource))
    for name, found, given in templates.each(*_APIS):
        ref = templates.read(name, {"Ref": found})
        if (gateway := templates.apis.get(ref)) is not None and api in {"*", ref}:
            written = RestApi(given)
            for operation in written.operations:
                request = request_of(written, operation)
                if "iam" in request.guards and meets(pattern, pieces(ANY_SEGMENT, request)):
                    yield gateway, request.key
            for where, _, route in templates.each("AWS::ApiGatewayV2::Route"):
                if route.get("AuthorizationType") == "AWS_IAM" and templates.read(where, route.get("ApiId")) == ref:
                    yield gateway, str(route.get("RouteKey"))


def _listed(value: Any) -> list[Any]:
    return listing(value) or ([] if value is None else [value])
