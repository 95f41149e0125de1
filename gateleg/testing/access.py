"""Who may call the routes of one REST or HTTP API: what a test asserts of it, and what a snapshot holds of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateMismatchError
from gateleg.template import find, policies, rest, routed
from gateleg.template.arns import split_arn
from gateleg.template.canonical import canonical, listing, mapping
from gateleg.template.routes import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.template.routes import RouteView
    from gateleg.template.stack_template import Resource, StackTemplate

_INVOKE = "execute-api:Invoke"
_PREFIX = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}"
_OPEN = "anyone, without a reason"
_PREFLIGHT = "preflights"
_REST_STAGE, _HTTP_STAGE = "AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"


@dataclass(frozen=True)
class UsagePlanView:
    """A usage plan that holds a stage of the API.

    Attributes:
        name: Its name; the logical id where it has none.
        rate_limit: Requests a second of each key; `None` where only the stage limits.
        burst_limit: Requests at once.
        quota: Requests in a period, such as `(10000, "MONTH")`; `None` where there is no quota.
        throttles: By route key, rate and burst of single routes.
        keys: The logical ids of the keys, or what else the template says of them.
    """

    name: str
    rate_limit: float | None
    burst_limit: int | None
    quota: tuple[int, str] | None
    throttles: Mapping[str, tuple[float, int]] = field(hash=False)
    keys: tuple[str, ...]


@dataclass(frozen=True)
class WebAclView:
    """The web ACL that is bound to a stage of the API.

    Attributes:
        arn: Its ARN in canonical text.
        rules: The names of its rules, in their order; none of one that stands outside the template.
        default: What happens to a request that no rule speaks of: `Allow` or `Block`; `None` of one outside the template.
        logged: Whether its requests are logged.
        redacted: The headers that its logs do not show, in lower case.
        counted: The names of the rules that count requests and block none.
        rate_limit: How many requests an address, or whatever else its first rule of rates goes by, may send in the time of that rule; `None` where
            there is no such rule, or one for a part of the requests.
    """

    arn: str
    rules: tuple[str, ...]
    default: str | None
    logged: bool
    redacted: frozenset[str]
    counted: frozenset[str] = frozenset()
    rate_limit: int | None = None


@dataclass(frozen=True)
class AccessView:
    """Who may call the routes of one API, from `TemplateView.access()`.

    Attributes:
        view: The template.
        api: The API.
    """

    view: StackTemplate = field(repr=False, compare=False)
    api: Resource

    @property
    def routes(self) -> dict[str, str]:
        """By route key, who may call, in one line each, for a snapshot that a route which opens does not fit.

        `people [orders/read]` names the authorizer and the scopes, `key + people` a key besides; then `anyone: WHY`, and `preflights` for what
        answers them. `anyone, without a reason` is what no route of gateleg's own can be.
        """
        return {route.key: _told(route) for route in self._routes()}

    @property
    def public(self) -> dict[str, str]:
        """By route key, why anyone may call; empty text where there is no reason. Preflights, which answer nothing else, are left out."""
        return {route.key: route.public_reason or "" for route in self._routes() if route.is_public}

    @property
    def endpoint(self) -> str:
        """Where the API answers: `REGIONAL`, `EDGE` or `PRIVATE`, as far as the template says so; an HTTP API answers in its region."""
        if self.api.type != rest.API_TYPE:
            return "REGIONAL"
        given = mapping(self.api.properties.get("EndpointConfiguration")).get("Types")
        return canonical(next(iter(listing(given)), "EDGE"), self.view.bindings)

    @property
    def default_endpoint(self) -> bool:
        """Whether the API answers at its own URL, beside whatever domains it has; a domain that asks for certificates guards only what comes by it."""
        if self.api.type == rest.API_TYPE:
            return self.api.properties.get("DisableExecuteApiEndpoint") not in (True, "true")
        said = [self.api.properties, *map(_endpoint_of, listing(mapping(self.api.properties.get("Body")).get("servers")))]
        return not any(
            one.get(name) in (True, "true") for one in said for name in ("DisableExecuteApiEndpoint", "disableExecuteApiEndpoint")
        )

    @property
    def comes_from(self) -> dict[str, frozenset[str]]:
        """The places of which a request must come from one, as the denials of the resource policy say; empty where it may come from anywhere.

        By `aws:SourceIp` the addresses, by `aws:SourceVpce` the VPC endpoints, by another key of its conditions what stands there.
        """
        found: dict[str, frozenset[str]] = {}
        for statement in map(mapping, listing(mapping(self.api.properties.get("Policy")).get("Statement"))):
            if statement.get("Effect") != "Deny" or not _is_whole(statement):
                continue
            for operator in ("NotIpAddress", "StringNotEquals"):
                for key, values in mapping(mapping(statement.get("Condition")).get(operator)).items():
                    found[key] = frozenset(canonical(value, self.view.bindings) for value in listing(values))
        return found

    @property
    def usage_plans(self) -> dict[str, UsagePlanView]:
        """The usage plans that hold a stage of the API, by name."""
        found: dict[str, UsagePlanView] = {}
        for plan in self.view.of_type("AWS::ApiGateway::UsagePlan"):
            for stage in map(mapping, listing(plan.properties.get("ApiStages"))):
                if canonical(stage.get("ApiId"), self.view.bindings) == f"${{{self.api.logical_id}}}":
                    read = _plan(plan, stage)
                    found[read.name] = read
        return found

    @property
    def web_acl(self) -> WebAclView | None:
        """The web ACL that is bound to a stage of the API; `None` where there is none."""
        stages = [stage.logical_id for stage in self._stages()]
        for bound in self.view.of_type("AWS::WAFv2::WebACLAssociation"):
            target = bound.text("ResourceArn")
            if any(target.endswith((f"${{{stage}}}", f"${{{stage}.Arn}}")) for stage in stages):
                return _web_acl(self.view, bound)
        return None

    def callers(self, key: str) -> frozenset[str]:
        """The roles of this template whose policies let them call a route that IAM guards, by their construct paths without the stack's.

        Args:
            key: The route's key, such as `GET /me`.

        Raises:
            TemplateMismatchError: There is no such route, or IAM does not guard it.
        """
        __tracebackhide__ = True
        routes = {route.key: route for route in self._routes()}
        route = find.named("route", key, routes, where=self.view.where)
        if route.authorizer_type != "AWS_IAM":
            message = f"{key} is for {_told(route)}, and IAM policies decide nothing there; ask `routes`, or of a route that IAM guards"
            raise TemplateMismatchError(message, path=key, code="template.not_signed")
        target = _Invocation(
            self.view, tuple(f"{self._stage_name(stage)}/{route.method}{route.path}" for stage in self._stages()), self.api
        )
        roles = self.view.of_type("AWS::IAM::Role")
        return frozenset(self._named(role) for role in roles if policies.may(policies.statements_of(role), _INVOKE, target, self.view))

    @property
    def grants(self) -> dict[str, frozenset[str]]:
        """By construct path without the stack's, what each role of this template may invoke: `live/GET/me`, or a pattern that is wider, as written."""
        found: dict[str, frozenset[str]] = {}
        for role in self.view.of_type("AWS::IAM::Role"):
            allowed = [one for one in policies.statements_of(role) if one.effect == "Allow" and one.names_action(_INVOKE)]
            if patterns := {self._short(pattern) for one in allowed for pattern in one.resource_patterns if self._means(pattern)}:
                found[self._named(role)] = frozenset(patterns)
        return found

    def _means(self, pattern: str) -> bool:
        """Whether a pattern may speak of this API: by its id, or by a wildcard in its place."""
        api = split_arn(pattern)[-1].split("/", 1)[0]
        return api == f"${{{self.api.logical_id}}}" or any(sign in api for sign in "*?")

    def _short(self, pattern: str) -> str:
        return pattern.removeprefix(f"{_PREFIX}:${{{self.api.logical_id}}}/")

    def _named(self, role: Resource) -> str:
        return role.path.removeprefix(f"{self.view.name}/")

    def _routes(self) -> tuple[RouteView, ...]:
        found = rest.routes(self.view, self.api) if self.api.type == rest.API_TYPE else routed.routes(self.view, self.api)
        return in_order(found)

    def _stages(self) -> list[Resource]:
        named = {_REST_STAGE: "RestApiId", _HTTP_STAGE: "ApiId"}
        return [stage for stage in self.view.of_type(*named) if stage.text(named[stage.type]) == f"${{{self.api.logical_id}}}"]

    def _stage_name(self, stage: Resource) -> str:
        return canonical(stage.properties.get("StageName", "*"), self.view.bindings)


@dataclass(frozen=True)
class _Invocation:
    """Requests to a route as the target of a policy."""

    owner: StackTemplate
    parts: tuple[str, ...]
    api: Resource
    service: str = "execute-api"

    def arns(self, view: StackTemplate) -> tuple[str, ...]:
        """See `gateleg.template.table.PolicyTarget`."""
        del view
        return tuple(f"{_PREFIX}:${{{self.api.logical_id}}}/{part}" for part in self.parts)

    def spelled_out(self, pattern: str, view: StackTemplate) -> str:
        """See `gateleg.template.table.PolicyTarget`."""
        del view
        return pattern


def _endpoint_of(server: object) -> Mapping[str, Any]:
    return mapping(mapping(server).get("x-amazon-apigateway-endpoint-configuration"))


def _is_whole(statement: Mapping[str, Any]) -> bool:
    """Whether a statement of a resource policy is for everybody and for the whole API."""
    principal = statement.get("Principal")
    everybody = principal == "*" or listing(mapping(principal).get("AWS")) == ["*"]
    return everybody and bool({"execute-api:/*", "*"} & {str(one) for one in listing(statement.get("Resource"))})


def _told(route: RouteView) -> str:
    if route.authorizer is None and not route.api_key:
        if route.is_preflight:
            return _PREFLIGHT
        return f"anyone: {route.public_reason}" if route.public_reason else _OPEN
    scopes = f" [{' '.join(sorted(route.scopes))}]" if route.scopes else ""
    asked = ["key"] if route.api_key else []
    return " + ".join([*asked, *([f"{route.authorizer}{scopes}"] if route.authorizer else [])])


def _plan(plan: Resource, stage: Mapping[str, Any]) -> UsagePlanView:
    throttle, quota = mapping(plan.properties.get("Throttle")), mapping(plan.properties.get("Quota"))
    joined = plan.view.of_type("AWS::ApiGateway::UsagePlanKey")
    keys = [key.text("KeyId").strip("${}") for key in joined if key.text("UsagePlanId") == f"${{{plan.logical_id}}}"]
    return UsagePlanView(
        canonical(plan.properties.get("UsagePlanName", plan.logical_id), plan.view.bindings),
        throttle.get("RateLimit"),
        throttle.get("BurstLimit"),
        (quota["Limit"], quota["Period"]) if quota else None,
        {_key(path): (one.get("RateLimit"), one.get("BurstLimit")) for path, one in mapping(stage.get("Throttle")).items()},
        tuple(keys),
    )


def _key(throttled: str) -> str:
    """`/a/{id}/GET` as a route's key."""
    path, _, method = throttled.rpartition("/")
    return f"{method} {path or '/'}"


def _web_acl(view: StackTemplate, bound: Resource) -> WebAclView:
    arn = bound.text("WebACLArn")
    acl = view.referenced(bound.properties.get("WebACLArn"))
    rules = [] if acl is None else sorted(map(mapping, listing(acl.properties.get("Rules"))), key=lambda rule: rule.get("Priority", 0))
    logged = [one for one in view.of_type("AWS::WAFv2::LoggingConfiguration") if one.text("ResourceArn") == arn]
    fields = [mapping(given) for one in logged for given in listing(one.properties.get("RedactedFields"))]
    return WebAclView(
        arn,
        tuple(str(rule.get("Name")) for rule in rules),
        None if acl is None else next(iter(mapping(acl.properties.get("DefaultAction"))), None),
        logged=bool(logged),
        redacted=frozenset(str(mapping(given["SingleHeader"]).get("Name")).lower() for given in fields if "SingleHeader" in given),
        counted=frozenset(
            str(rule.get("Name")) for rule in rules if "Count" in {*mapping(rule.get("OverrideAction")), *mapping(rule.get("Action"))}
        ),
        rate_limit=_rate_limit(rules),
    )


def _rate_limit(rules: Iterable[Mapping[str, Any]]) -> int | None:
    rates = (mapping(mapping(rule.get("Statement")).get("RateBasedStatement")) for rule in rules)
    first: Mapping[str, Any] = next(filter(None, rates), dict[str, Any]())
    return None if "ScopeDownStatement" in first else first.get("Limit")
