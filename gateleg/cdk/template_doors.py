"""What calls functions for whoever asks, as templates have it: the doors beside the gateways' own routes, whichever construct made them.

A door passes on what it is sent, so that an app takes it for a request, or for a message. What wraps it in an event of its own reaches no route,
as queues, topics, buses, streams, triggers of Cognito, VPC Lattice, AppSync and Lambda@Edge do, unless something takes it out again.
Follows https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import listing, mapping
from gateleg.cdk.template_carriers import Carriers
from gateleg.cdk.template_channels import open_channels
from gateleg.cdk.template_routes import APIS, OpenRoute, is_closed, open_routes, variables, with_variables
from gateleg.cdk.template_signers import signed
from gateleg.cdk.template_sockets import socket_apis
from gateleg.cdk.written_templates import Place, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.written_templates import Templates

_LIMITS = ("PrincipalOrgID", "SourceAccount")
_ANY_SOURCE = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:\*:.*", re.DOTALL)
_TOKEN = re.compile(r"\$\{[^{}]*\}")
_BODY = re.compile(r"\$input\.body|\$input\.json\(\W*\$\W*\)")
_EVERYTHING = re.compile(r"\s*SELECT\s+(?:VALUE\b|(?:(?!\bFROM\b).)*(?:\*|\bhttpMethod\b|\brequestContext\b))", re.IGNORECASE | re.DOTALL)
_ARGUMENTS = re.compile(r"payload\W{1,4}\s*\$?(?:util\.toJson\()?\$?(?:ctx|context)\.arg(?:s|uments)\b")
_STORED_CODE = ("CodeS3Location", "RequestMappingTemplateS3Location")
_INLINE = "write the code inline (Code.from_inline), where it is read"
_PASSING_ON = {"apigateway.amazonaws.com": "APIs", "iot.amazonaws.com": "rules of IoT"}
"""By its name as a principal, what of a service gives a function what it is sent by whoever has one."""
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
    carriers = Carriers(templates)
    yield from _routes(templates, carriers)
    yield from _unread(templates)
    yield from _sockets(templates, carriers)
    yield from _devices(templates, carriers)
    yield from _posted(templates, carriers)
    yield from _resolved(templates)
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
            elif principal in {"*", *_PASSING_ON} and not _is_limited(templates, name, given):
                who = "anybody" if principal == "*" else f"the {_PASSING_ON[principal]} of every account"
                yield Door(place, function, f"lets {who} invoke it", "name a principal, or a SourceArn, SourceAccount or PrincipalOrgID")


def _invokes(action: str) -> bool:
    return action == "*" or action.lower().startswith(("lambda:invoke", "lambda:*"))


def _is_limited(templates: Templates, name: str, permission: Mapping[str, Any]) -> bool:
    """Whether callers must be of an account, an organization, or come by a source that is one account's."""
    if any(limit in permission for limit in _LIMITS):
        return True
    source = permission.get("SourceArn")
    return source is not None and _ANY_SOURCE.fullmatch(_TOKEN.sub("x", templates.read(name, source))) is None


def _routes(templates: Templates, carriers: Carriers) -> Iterator[Door]:
    for route in open_routes(templates):
        # What the gateways' own routes call is judged route by route.
        uri = templates.read(route.template, route.uri)
        for function in () if route.is_own else templates.functions(with_variables(templates, route, uri)):
            yield Door(route.place, function, f"lets anybody call {route.key}", _GUARD)
        yield from _sent(templates, carriers, route, f"lets anybody call {route.key}", "give the route an authorizer")


def _sent(templates: Templates, carriers: Carriers, route: OpenRoute, how: str, instead: str) -> Iterator[Door]:
    """Where what a route sends comes to in the end, and what it has signed."""
    called = templates.read(route.template, {**route.called, "uri": route.uri})
    for way, function in carriers.led(called):
        by = ", then by ".join(templates.called(*place) for place in way if place[0])  # a bus that no template makes stands in none
        yield Door(route.place, function, f"{how}, which passes on what it is sent by {by}", instead, is_inferred=True)
    for function in signed(templates, called):
        yield Door(route.place, function, f"{how}, which signs for whoever asks", instead, is_inferred=True)


def _unread(templates: Templates) -> Iterator[Door]:
    """APIs that anybody may call, and of which no template says what they call: one that may invoke a function may do it for whoever asks."""
    unread: dict[Place, str] = {
        (name, found): "has its routes in S3, where nobody reads who may call them"
        for name, found, api in templates.each(*APIS)
        if "BodyS3Location" in api and not is_closed(api)
    }
    for route in open_routes(templates):
        named = {} if route.is_own else variables(templates, route, templates.read(route.template, route.uri))
        for api in () if all(named.values()) else templates.named(route.api):
            unread[api] = f"lets anybody call {route.key}, which names what it calls by a stage variable that no stage of the app sets"
    for name, _, given in templates.each("AWS::Lambda::Permission") if unread else ():
        for api in templates.named(templates.read(name, given.get("SourceArn"))):
            for function in templates.functions(templates.read(name, given.get("FunctionName"))) if api in unread else ():
                yield Door(api, function, f"{unread[api]}, and may invoke a function", _GUARD, is_inferred=True)


def _sockets(templates: Templates, carriers: Carriers) -> Iterator[Door]:
    """WebSocket APIs to which anybody may connect; a gateway's own too, for the app of another one. Paths lead nobody through them."""
    how, instead = "lets anybody connect", "give its $connect an authorizer"
    giving = f"{how}, and gives what is sent as the event"
    for api in socket_apis(templates):
        whole = set[Place]()
        for name, given in api.called if api.is_open else ():
            if _gives_bodies(templates, name, given):
                for function in templates.functions(templates.read(name, given.get("IntegrationUri"))).keys() - whole:
                    whole.add(function)
                    yield Door(api.place, function, giving, f"write an AWS_PROXY integration, or {instead}")
            yield from _sent(templates, carriers, OpenRoute(api.place, "", "", name, given.get("IntegrationUri"), given), how, instead)
        for function in sorted(api.functions - whole) if api.is_open else ():
            yield Door(api.place, function, how, instead, for_sockets=True)


def _gives_bodies(templates: Templates, name: str, integration: Mapping[str, Any]) -> bool:
    """Whether an integration of a WebSocket API gives a message as it is, which it does without a template too.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html.
    """
    made = [templates.read(name, one) for one in mapping(integration.get("RequestTemplates")).values()]
    return integration.get("IntegrationType") == "AWS" and (not made or any(map(_BODY.search, made)))


def _devices(templates: Templates, carriers: Carriers) -> Iterator[Door]:
    """Rules of IoT that give on what devices publish.

    https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-select.html.
    """
    instead = "select what the function needs by name, not *"
    for name, found, rule in templates.each("AWS::IoT::TopicRule"):
        payload = mapping(rule.get("TopicRulePayload"))
        if _EVERYTHING.match(templates.read(name, payload.get("Sql"))):
            actions = templates.read(name, payload.get("Actions"))
            how = "gives on what devices publish"
            for function in templates.functions(actions):
                yield Door((name, found), function, how, instead, is_inferred=True)
            for _, function in carriers.led(actions, names_only=True):
                yield Door((name, found), function, how, instead, is_inferred=True)


def _posted(templates: Templates, carriers: Carriers) -> Iterator[Door]:
    for place, channel in open_channels(templates):
        for _, function in carriers.led(channel, names_only=True):
            how, instead = "lets anybody send what is given on as it is", "name who may send in the policy"
            yield Door(place, function, how, instead, is_inferred=True)


def _resolved(templates: Templates) -> Iterator[Door]:
    """Resolvers of AppSync that give their function the arguments alone, and not the context that these are a part of, or of which nobody can say.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-lambda.html.
    """
    sources = [(name, found, given) for name, found, given in templates.each("AWS::AppSync::DataSource")]
    for name, found, resolver in templates.each("AWS::AppSync::Resolver", "AWS::AppSync::FunctionConfiguration"):
        gives = any(_ARGUMENTS.search(templates.read(name, resolver.get(part, ""))) for part in ("RequestMappingTemplate", "Code"))
        if not gives and not any(part in resolver for part in _STORED_CODE):
            continue
        how = "gives the arguments of callers as the event" if gives else "has its code in S3, where nobody reads what it gives"
        api, source = templates.read(name, resolver.get("ApiId")), templates.read(name, resolver.get("DataSourceName"))
        for where, one, given in sources:
            by_name = (api, source) == (templates.read(where, given.get("ApiId")), templates.read(where, given.get("Name")))
            called = templates.read(where, given.get("LambdaConfig")) if by_name or (where, one) in templates.named(source) else ""
            for function in templates.functions(called):
                instead = "give the arguments below a member of the payload"
                yield Door((name, found), function, how, instead if gives else _INLINE, is_inferred=True)


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
        if (is_internal := open_to.get((name, logical_id))) is not None:
            where = "in a VPC " if is_internal else ""
            for function in templates.functions(templates.read(name, group.get("Targets"))):
                how = f"is a target of a load balancer {where}that asks nobody"
                instead = "let its listener authenticate (ListenerAction.authenticate_oidc) whoever comes"
                yield Door((name, logical_id), function, how, instead, is_inferred=is_internal)


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
