"""User pools that guard what the gateways made, as templates have them: scopes that no token holds, and pools in which everybody signs up.

Follows https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html and
https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import RestApi, is_made, listing, mapping
from gateleg.cdk.written_templates import Place, Violation
from gateleg.description.names import CONNECT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateleg.cdk.written_templates import Templates

_POOL = "AWS::Cognito::UserPool"
_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_ITS_OWN = frozenset({"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"})
"""The scopes that Cognito has itself."""
_WHY = "or say why it is so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::{}', reason='...'))"


@dataclass(frozen=True)
class _Guarded:
    """What tokens of user pools open.

    Attributes:
        place: The API, or the function that judges for it.
        key: `GET /rooms`.
        pools: What names the pools, each as `Templates.read` reads it.
        scopes: Those of which a token must hold one; none where any token will do.
    """

    place: Place
    key: str
    pools: Sequence[str]
    scopes: Sequence[str]


def scopes(templates: Templates) -> Iterator[Violation]:
    """A scope is one of Cognito's own, or one that a resource server of the pool offers; no token holds another.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html. What a trigger puts into tokens, and
    what pools that no template makes have, nobody can say: of the latter a warning tells.
    """
    for place, scope, keys, guarded in _asked(templates):
        pools = [_made(templates, one) for one in guarded.pools]
        offered = {each for pool in pools for each in (_offered(templates, pool) if pool else ())}
        if scope in offered | _ITS_OWN or any(pool and _adds(templates, pool) for pool in pools) or any("${" in one for one in offered):
            continue
        called, where = templates.called(*place), ", ".join(keys)
        if None in pools:
            said = (
                f"{where} of {called} asks for the scope {scope!r}, and no template of the app makes the user pool, so that nobody knows whether it has "
                f"that; look it up there, and say so: {_WHY.format('scope').partition(': ')[2]}"
            )
            yield Violation("scope", *place, said, "warning")
            continue
        names = ", ".join(templates.called(*pool) for pool in pools if pool)
        said = (
            f"{where} of {called} asks for the scope {scope!r}, which no resource server of {names} offers: no token holds it, and everybody is refused; "
            f"{_instead(scope, offered)}, {_WHY.format('scope')}"
        )
        yield Violation("scope", *place, said)


def sign_ups(templates: Templates) -> Iterator[Violation]:
    """Where everybody signs up, everybody may call: no trigger judges who comes, and the route asks for no scope.

    https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html.
    """
    opened = dict[Place, list[str]]()
    for guarded in _guarded(templates):
        for pool in (_made(templates, one) for one in guarded.pools):
            if pool is not None and not guarded.scopes and _is_for_everybody(templates, pool):
                opened.setdefault(pool, []).append(f"{guarded.key} of {templates.called(*guarded.place)}")
    for pool, keys in opened.items():
        more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
        said = (
            f"{templates.called(*pool)} is a user pool in which everybody may sign up, and all that guards {keys[0]}{more}: whoever likes may call; write "
            "self_sign_up_enabled=False, a trigger that judges who comes, lambda_triggers=UserPoolTriggers(pre_sign_up=function), or a scope in the "
            f"route's security, {_WHY.format('sign_up')}"
        )
        yield Violation("sign_up", *pool, said, "warning")


def _asked(templates: Templates) -> Iterator[tuple[Place, str, list[str], _Guarded]]:
    """The scopes that are asked for, each once for an API and its pools, with the routes that do."""
    found = dict[tuple[Place, str, tuple[str, ...]], tuple[list[str], _Guarded]]()
    for guarded in _guarded(templates):
        for scope in guarded.scopes:
            found.setdefault((guarded.place, scope, tuple(guarded.pools)), ([], guarded))[0].append(guarded.key)
    yield from ((place, scope, keys, guarded) for (place, scope, _), (keys, guarded) in found.items())


def _guarded(templates: Templates) -> Iterator[_Guarded]:
    for name, logical_id, properties in templates.each(*_APIS):
        if templates.read(name, {"Ref": logical_id}) in templates.apis:
            api = RestApi(properties)
            for operation in api.operations:
                for asked, wanted in (
                    (asked, wanted) for one in listing(operation.raw.get("security")) for asked, wanted in mapping(one).items()
                ):
                    if pools := _named_by(templates, name, mapping(mapping(api.schemes.get(asked)).get("x-amazon-apigateway-authorizer"))):
                        method = "ANY" if operation.member.startswith("x-") else operation.member.upper()
                        given = [one for one in listing(wanted) if isinstance(one, str)]
                        yield _Guarded((name, logical_id), f"{method} {operation.path}", pools, given)
    for name, logical_id, function in templates.each("AWS::Lambda::Function"):
        variables = mapping(mapping(function.get("Environment")).get("Variables"))
        if CONNECT_VARIABLE in variables:
            told = json.loads(templates.read(name, variables[CONNECT_VARIABLE]))
            yield _Guarded((name, logical_id), "$connect", told["pools"], told["scopes"])


def _named_by(templates: Templates, name: str, authorizer: Mapping[str, Any]) -> list[str]:
    """What names the pools of an authorizer; none of one that asks others."""
    if authorizer.get("type") == "cognito_user_pools":
        return [templates.read(name, one) for one in listing(authorizer.get("providerARNs"))]
    issuer = templates.read(name, mapping(authorizer.get("jwtConfiguration")).get("issuer", ""))
    return [issuer] if "://cognito-idp." in issuer else []


def _made(templates: Templates, text: str) -> Place | None:
    """The pool that a text names; `None` where no template makes it."""
    found = [(name, pool) for name, pool in templates.named(text) if templates.resources(name)[pool].get("Type") == _POOL]
    return found[0] if found else None


def _offered(templates: Templates, pool: Place) -> Iterator[str]:
    """The scopes of the resource servers of a pool, as tokens hold them; `${` is in one that CloudFormation makes."""
    for name, _, server in templates.each("AWS::Cognito::UserPoolResourceServer"):
        if _made(templates, templates.read(name, server.get("UserPoolId"))) == pool:
            identifier = templates.read(name, server.get("Identifier"))
            yield from ["${"] if is_made(server.get("Scopes")) else ()
            for scope in map(mapping, listing(server.get("Scopes"))):
                yield f"{identifier}/{templates.read(name, scope.get('ScopeName'))}"


def _properties(templates: Templates, pool: Place) -> Mapping[str, Any]:
    name, logical_id = pool
    return mapping(templates.resources(name)[logical_id].get("Properties"))


def _adds(templates: Templates, pool: Place) -> bool:
    """Whether a trigger may put scopes into access tokens.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html: versions 2 and 3 of its event do.
    """
    triggers = _properties(templates, pool).get("LambdaConfig")
    return is_made(triggers) or "PreTokenGenerationConfig" in mapping(triggers)


def _is_for_everybody(templates: Templates, pool: Place) -> bool:
    """Whether people sign themselves up, and nothing judges them."""
    given = _properties(templates, pool)
    triggers, config = given.get("LambdaConfig"), given.get("AdminCreateUserConfig")
    said = mapping(config).get("AllowAdminCreateUserOnly", False)
    return not (is_made(config) or is_made(triggers)) and said in (False, "false") and "PreSignUp" not in mapping(triggers)


def _instead(scope: str, offered: set[str]) -> str:
    near = difflib.get_close_matches(scope, sorted(offered), n=3, cutoff=0.6)
    server, _, name = scope.rpartition("/")
    add = (
        f"add it, pool.add_resource_server('{server or scope}', identifier='{server or scope}', "
        f"scopes=[ResourceServerScope(scope_name='{name}', scope_description='...')])"
    )
    return f"write one of {', '.join(map(repr, near))}" if near else add if server else f"write it as tokens have it, 'identifier/{name}'"
