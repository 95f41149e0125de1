"""What calls functions for whoever asks, as templates have it: the doors beside the gateways' own routes, whichever construct made them.

A door passes on what it is sent, so that an app takes it for a request, or for a message. What wraps it in an event of its own reaches no route:
queues, topics, buses, streams, triggers of Cognito, VPC Lattice, AppSync, Lambda@Edge.
Follows https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.policies import lets_everybody_in, policies
from gateleg.cdk.body_rules.reading import INTEGRATION, STAGES, RestApi, is_made, listing, mapping, stage_values
from gateleg.cdk.template_sockets import is_open, socket_apis
from gateleg.cdk.written_templates import Place, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.written_templates import Templates

_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_LIMITS = ("PrincipalOrgID", "SourceAccount")
_ANY_SOURCE = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:\*:.*", re.DOTALL)
_TOKEN = re.compile(r"\$\{[^{}]*\}")
_STARTS = re.compile(r":states:action/Start(?:Sync)?Execution$")
_STARTS_HTTP = ("StepFunctions-StartSyncExecution", "StepFunctions-StartExecution")
_GUARD = "give the route an authorizer, or put it into a gateway"
_REASON = "or say why it is so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::door', reason='...'))"


@dataclass(frozen=True)
class Door:
    """A way to a function that asks nobody who they are.

    Attributes:
        place: The resource that opens it.
        function: The function.
        how: What lets in, as a sentence goes on: `is a function URL that asks for no signature`.
        instead: What to write instead.
        is_inferred: Whether only what stands before it, or behind it, decides that a request comes through.
        for_sockets: Whether it passes on messages of WebSockets, and no requests.
    """

    place: Place
    function: Place
    how: str
    instead: str
    is_inferred: bool = False
    for_sockets: bool = False


Guarded = Callable[[], Mapping[Place, str]]
"""Tells the functions of apps that ask who calls, each with a route that is guarded; asked only where there is a door."""


def open_doors(templates: Templates, requests: Guarded, messages: Guarded) -> Iterator[Violation]:
    """What lets anybody call a function whose app asks who calls.

    Args:
        templates: The templates.
        requests: What guards its routes.
        messages: What guards its connections.
    """
    if not (found := list(_doors(templates))):
        return
    sockets = messages()
    every = {**sockets, **requests()}
    for door in found:
        asking = sockets if door.for_sockets else every
        if door.function in asking:
            name, logical_id = door.place
            said = (
                f"{templates.called(name, logical_id)} {door.how}, and leads to {templates.called(*door.function)}, whose app guards "
                f"{asking[door.function]}; {door.instead}, {_REASON}"
            )
            yield Violation("door", name, logical_id, said, "warning" if door.is_inferred else "error")


def _doors(templates: Templates) -> Iterator[Door]:
    urls = list(_urls(templates))
    yield from urls
    yield from _permissions(templates, {door.function for door in urls})
    yield from _routes(templates)
    yield from _unread(templates)
    yield from _sockets(templates)
    yield from _balanced(templates)


def _urls(templates: Templates) -> Iterator[Door]:
    for name, logical_id, url in templates.each("AWS::Lambda::Url"):
        if url.get("AuthType") != "AWS_IAM":
            for function in templates.functions(templates.read(name, url.get("TargetFunctionArn"))):
                yield Door(
                    (name, logical_id),
                    function,
                    "is a function URL that asks for no signature",
                    "write auth_type=FunctionUrlAuthType.AWS_IAM",
                )


def _permissions(templates: Templates, with_url: set[Place]) -> Iterator[Door]:
    for name, logical_id, given in templates.each("AWS::Lambda::Permission"):
        principal, action = templates.read(name, given.get("Principal")), templates.read(name, given.get("Action"))
        of_url = given.get("FunctionUrlAuthType") is not None or given.get("InvokedViaFunctionUrl") is True
        for function in templates.functions(templates.read(name, given.get("FunctionName"))) if _invokes(action) else ():
            if of_url and function in with_url:  # the other half of a function URL, which is told by itself
                continue
            place = name, logical_id
            if principal == "cloudfront.amazonaws.com":
                instead = "let viewers be asked at the distribution"
                yield Door(place, function, "lets a CloudFront distribution sign for whoever asks it", instead, is_inferred=True)
            elif principal in {"*", "apigateway.amazonaws.com"} and not _is_limited(templates, name, given):
                who = "anybody" if principal == "*" else "the APIs of every account"
                yield Door(place, function, f"lets {who} invoke it", "name a principal, or a SourceArn, SourceAccount or PrincipalOrgID")


def _invokes(action: str) -> bool:
    return action == "*" or action.lower().startswith(("lambda:invoke", "lambda:*"))


def _is_limited(templates: Templates, name: str, permission: Mapping[str, Any]) -> bool:
    """Whether callers must be of an account, an organization, or come by a source that is one account's."""
    if any(limit in permission for limit in _LIMITS):
        return True
    source = permission.get("SourceArn")
    return source is not None and _ANY_SOURCE.fullmatch(_TOKEN.sub("x", templates.read(name, source))) is None


def _routes(templates: Templates) -> Iterator[Door]:
    parts = ("DefinitionString", "Definition", "DefinitionSubstitutions")
    machines = {
        (name, found): templates.functions(templates.read(name, [given.get(part) for part in parts]))
        for name, found, given in templates.each("AWS::StepFunctions::StateMachine")
    }
    for route in _open_routes(templates):
        uri = templates.read(route.template, route.uri)
        # What the gateways' own routes call is judged route by route.
        for function in () if route.is_own else templates.functions(_with_variables(templates, route, uri)):
            yield Door(route.place, function, f"lets anybody call {route.key}", _GUARD)
        if machines and (_STARTS.search(uri) or route.called.get("subtype") in _STARTS_HTTP):
            for machine in templates.named(templates.read(route.template, route.called)):
                for function in machines.get(machine, ()):
                    how = f"lets anybody call {route.key}, which starts {templates.called(*machine)} with what it is sent"
                    yield Door(route.place, function, how, "give the route an authorizer", is_inferred=True)


@dataclass(frozen=True)
class _Route:
    """A route that answers anybody: the resource, its API, its key, what it calls and in which template that stands; whether it is a gateway's own."""

    place: Place
    api: str
    key: str
    template: str
    uri: Any
    called: Mapping[str, Any]
    is_own: bool = False


def _open_routes(templates: Templates) -> Iterator[_Route]:
    apis = {templates.read(name, {"Ref": found}): (name, found, api) for name, found, api in templates.each(*_APIS) if not _is_closed(api)}
    for ref, (name, found, api) in apis.items():
        for key, called in _of_body(api):
            yield _Route((name, found), ref, key, name, called.get("uri"), called, ref in templates.apis)
        if "Target" in api:
            yield _Route((name, found), ref, "$default", name, api["Target"], {})
    for name, found, method in templates.each("AWS::ApiGateway::Method"):
        if (ref := templates.read(name, method.get("RestApiId"))) in apis and is_open(method) and method.get("ApiKeyRequired") is not True:
            integration = mapping(method.get("Integration"))
            yield _Route((name, found), ref, f"its {method.get('HttpMethod')}", name, integration.get("Uri"), integration)
    for name, found, route in templates.each("AWS::ApiGatewayV2::Route"):
        if (ref := templates.read(name, route.get("ApiId"))) in apis and is_open(route):
            for where, target in templates.named(templates.read(name, route.get("Target"))):
                given = templates.resources(where)[target].get("Properties", {})
                called = {**given, "subtype": given.get("IntegrationSubtype")}
                yield _Route((name, found), ref, str(route.get("RouteKey")), where, given.get("IntegrationUri"), called)


def _of_body(api: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operation in RestApi(api).operations:
        listed = any(map(mapping, listing(operation.raw.get("security"))))
        if not listed and mapping(operation.raw.get("x-amazon-apigateway-auth")).get("type", "NONE") == "NONE":
            method = "ANY" if operation.member.startswith("x-") else operation.member.upper()
            integration = operation.raw.get(INTEGRATION)
            yield f"{method} {operation.path}", {**mapping(integration), "subtype": mapping(integration).get("integrationSubtype")}


def _variables(templates: Templates, route: _Route, uri: str) -> dict[str, list[str]]:
    """By the stage variables in what a route calls, their values, each as `read` reads it."""
    if "stageVariables." not in uri:
        return {}
    every = ((name, stage) for name, _, stage in templates.each(*STAGES))
    own = [(name, stage) for name, stage in every if templates.read(name, stage.get("RestApiId", stage.get("ApiId"))) == route.api]
    found = [(name, stage_values(uri, [stage])) for name, stage in own]
    return {
        variable: [templates.read(name, value) for name, values in found for value in values[variable]]
        for variable in stage_values(uri, [])
    }


def _with_variables(templates: Templates, route: _Route, uri: str) -> str:
    """What a route calls, with the values that stages give the variables in it."""
    values = [value for each in _variables(templates, route, uri).values() for value in each]
    return " ".join([uri, *(f":{value}" for value in values)])


def _unread(templates: Templates) -> Iterator[Door]:
    """APIs that anybody may call, and of which no template says what they call: one that may invoke a function may do it for whoever asks."""
    unread: dict[Place, str] = {
        (name, found): "has its routes in S3, where nobody reads who may call them"
        for name, found, api in templates.each(*_APIS)
        if "BodyS3Location" in api and not _is_closed(api)
    }
    for route in _open_routes(templates):
        named = {} if route.is_own else _variables(templates, route, templates.read(route.template, route.uri))
        for api in () if all(named.values()) else templates.named(route.api):
            unread[api] = f"lets anybody call {route.key}, which names what it calls by a stage variable that no stage of the app sets"
    for name, _, given in templates.each("AWS::Lambda::Permission") if unread else ():
        for api in templates.named(templates.read(name, given.get("SourceArn"))):
            for function in templates.functions(templates.read(name, given.get("FunctionName"))) if api in unread else ():
                yield Door(api, function, f"{unread[api]}, and may invoke a function", _GUARD, is_inferred=True)


def _sockets(templates: Templates) -> Iterator[Door]:
    """WebSocket APIs to which anybody may connect; a gateway's own too, for the app of another one. Paths lead nobody through them."""
    for api in socket_apis(templates):
        for function in sorted(api.functions) if api.is_open else ():
            yield Door(api.place, function, "lets anybody connect", "give its $connect an authorizer", for_sockets=True)


def _is_closed(api: Mapping[str, Any]) -> bool:
    """Whether an API has a policy that says who may call, or one that CloudFormation makes, answers in a VPC alone, or sends events of WebSockets."""
    private = "PRIVATE" in listing(mapping(api.get("EndpointConfiguration")).get("Types"))
    told = is_made(api.get("Policy")) or any(not lets_everybody_in(policy) for _, policy in policies(RestApi(api)))
    return told or private or api.get("ProtocolType") == "WEBSOCKET"


def _balanced(templates: Templates) -> Iterator[Door]:
    """Load balancers that ask nobody to sign in before they call; what is in a VPC alone is reached from there."""
    listeners = {
        (name, found): _is_internal(templates, name, given.get("LoadBalancerArn"))
        for name, found, given in templates.each("AWS::ElasticLoadBalancingV2::Listener")
    }
    open_to = dict[Place, bool]()
    for name, found, given in templates.each("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"):
        own = [(name, found), *templates.named(templates.read(name, given.get("ListenerArn")))]
        internal = any(listeners.get(place, False) for place in own)
        for place in _forwarded(templates, name, given):
            open_to[place] = internal and open_to.get(place, True)
    for name, logical_id, group in templates.each("AWS::ElasticLoadBalancingV2::TargetGroup"):
        if (internal := open_to.get((name, logical_id))) is not None:
            where = "in a VPC " if internal else ""
            for function in templates.functions(templates.read(name, group.get("Targets"))):
                how = f"is a target of a load balancer {where}that asks nobody"
                instead = "let its listener authenticate (ListenerAction.authenticate_oidc) whoever comes"
                yield Door((name, logical_id), function, how, instead, is_inferred=internal)


def _is_internal(templates: Templates, name: str, balancer: Any) -> bool:
    named = templates.named(templates.read(name, balancer))
    return any(templates.resources(where)[found].get("Properties", {}).get("Scheme") == "internal" for where, found in named)


def _forwarded(templates: Templates, name: str, listener: Mapping[str, Any]) -> Iterator[Place]:
    actions = [mapping(one) for part in ("DefaultActions", "Actions") for one in listing(listener.get(part))]
    if not any(map(_authenticates, actions)):
        yield from templates.named(templates.read(name, actions))


def _authenticates(action: Mapping[str, Any]) -> bool:
    """Whether an action lets nobody by who has not signed in.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html.
    """
    configured = (mapping(action.get(f"Authenticate{kind}Config")).get("OnUnauthenticatedRequest") for kind in ("Oidc", "Cognito"))
    return str(action.get("Type")).startswith(("authenticate-", "jwt-")) and "allow" not in configured
