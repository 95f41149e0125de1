"""Quotas: what a template counts against them, and what an account shares among its stacks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.doctor.need import DOCS, Need, When
from gateleg.errors import TemplateMismatchError
from gateleg.template import rest, routed
from gateleg.template.canonical import canonical, listing, mapping
from gateleg.template.function import FUNCTION_TYPE
from gateleg.template.table import TABLE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.template.stack_template import Resource, StackTemplate

_NEAR = 0.8
_REST = DOCS + "apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
_HTTP = DOCS + "apigateway/latest/developerguide/http-api-quotas.html"
_WEBSOCKET = DOCS + "apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html"
_CLOUDFORMATION = DOCS + "AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
_LAMBDA = DOCS + "lambda/latest/dg/gettingstarted-limits.html"
_DYNAMODB = DOCS + "amazondynamodb/latest/developerguide/ServiceQuotas.html"
_CONCURRENCY, _KEPT_FREE = 1000, 100
_POLICY_BYTES = 20_480
_PERMISSION_BYTES = 400
"""About what one permission takes in the policy of a function."""


@dataclass(frozen=True)
class _Quota:
    """What is counted, of what, and how many AWS allows by default."""

    what: str
    of: str
    count: int
    most: int
    page: str
    raised: bool = False
    resource: str = ""

    def need(self) -> Iterator[Need]:
        """The need, where the quota is exceeded or nearly so."""
        if self.count < _NEAR * self.most:
            return
        over = self.count > self.most
        how = "AWS raises it when asked" if self.raised else "AWS does not raise it"
        yield Need(
            "quota-exceeded" if over else "quota-near",
            (When.DEPLOY if self.raised else When.REFUSED) if over else When.LATER,
            f"{self.of} has {self.count} of {self.most} {self.what}",
            f"the quota is {self.most} by default; {how}",
            (self.resource,) if self.resource else (),
            do="ask for more in the Service Quotas console" if self.raised else "divide it",
            page=self.page,
        )


def quotas(template: StackTemplate) -> Iterator[Need]:
    """What the template counts against quotas."""
    for quota in [*_of_stack(template), *_of_functions(template), *_of_tables(template)]:
        yield from quota.need()
    for api in template.of_type(rest.API_TYPE, routed.API_TYPE):
        try:
            counted = list(_of_api(template, api))
        except TemplateMismatchError as error:
            yield _unread(api, error)
        else:
            for quota in counted:
                yield from quota.need()
    yield from _concurrency(template)
    yield from _throttles(template)
    yield from _connections(template)
    yield from _policies_of_logs(template)


def _of_stack(template: StackTemplate) -> Iterator[_Quota]:
    of = f"stack {template.name}"
    size = len(json.dumps(template.json, separators=(",", ":")).encode())
    yield _Quota("bytes of template", of, size, 1_048_576, _CLOUDFORMATION)
    yield _Quota("resources", of, len(template.json["Resources"]), 500, _CLOUDFORMATION)
    yield _Quota("outputs", of, len(mapping(template.json.get("Outputs"))), 200, _CLOUDFORMATION)
    yield _Quota("parameters", of, len(mapping(template.json.get("Parameters"))), 200, _CLOUDFORMATION)


def _of_api(template: StackTemplate, api: Resource) -> Iterator[_Quota]:
    def quota(what: str, count: int, most: int) -> _Quota:
        return _Quota(what, f"API {api}", count, most, page, raised=True, resource=api.logical_id)

    if api.type == rest.API_TYPE:
        page = _REST
        paths = {route.path for route in rest.routes(template, api)}
        resources = {path[:end] for path in paths for end in range(1, len(path) + 1) if end == len(path) or path[end] == "/"}
        policy = len(json.dumps(api.properties["Policy"])) if "Policy" in api.properties else 0
        yield quota("resources (parts of paths)", len(resources | {"/"}), 300)
        yield quota("characters of resource policy", policy, 8192)
    else:
        page = _HTTP if routed.protocol(api) == "HTTP" else _WEBSOCKET
        yield quota("routes", len(list(routed.routes(template, api))), 300)
    read = rest if api.type == rest.API_TYPE else routed
    yield quota("authorizers", sum(one.type != "AWS_IAM" for one in read.authorizers(template, api)), 10)
    stage, key = ("AWS::ApiGateway::Stage", "RestApiId") if read is rest else ("AWS::ApiGatewayV2::Stage", "ApiId")
    yield quota("stages", _stages(template, api, stage, key), 10)


def _unread(api: Resource, error: TemplateMismatchError) -> Need:
    return Need(
        "not-read",
        When.LATER,
        f"API {api} keeps its quotas",
        f"its routes could not be counted: {error.message}",
        (api.logical_id,),
        do="name the folder of the whole assembly, which has the bodies of APIs beside the templates",
        page=_REST,
    )


def _stages(template: StackTemplate, api: Resource, type_: str, key: str) -> int:
    return sum(template.referenced(stage.properties.get(key)) == api for stage in template.of_type(type_))


def _of_functions(template: StackTemplate) -> Iterator[_Quota]:
    named = [template.referenced(one.properties.get("FunctionName")) for one in template.of_type("AWS::Lambda::Permission")]
    for name, count in Counter(found.logical_id for found in named if found is not None).items():
        yield _Quota("bytes of policy (about)", f"function {name}", count * _PERMISSION_BYTES, _POLICY_BYTES, _LAMBDA, resource=name)


def _of_tables(template: StackTemplate) -> Iterator[_Quota]:
    for table in template.of_type(*TABLE_TYPES):
        count = len(listing(table.properties.get("GlobalSecondaryIndexes")))
        yield _Quota("global secondary indexes", f"table {table}", count, 20, _DYNAMODB, raised=True, resource=table.logical_id)


def _concurrency(template: StackTemplate) -> Iterator[Need]:
    functions = template.of_type(FUNCTION_TYPE)
    if not functions:
        return
    given = [one.properties.get("ReservedConcurrentExecutions") for one in functions]
    reserved = sum(int(one) for one in given if isinstance(one, int | float))
    started = sum(_started(template))
    yield Need(
        "concurrency",
        When.DEPLOY if reserved + started > _CONCURRENCY - _KEPT_FREE else When.LAUNCH,
        f"the account may run enough functions at once: {reserved + started + _KEPT_FREE} at the least"
        if reserved + started
        else "the account may run enough functions at once",
        f"all functions of an account and region share {_CONCURRENCY} by default, and new accounts have fewer; {len(functions)} are here, "
        f"which reserve {reserved}{f' and have {started} kept started' if started else ''}, and {_KEPT_FREE} must stay unreserved",
        tuple(one.logical_id for one, number in zip(functions, given, strict=True) if number is not None),
        "aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions",
        "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 3000",
        DOCS + "lambda/latest/dg/lambda-concurrency.html",
    )


def _started(template: StackTemplate) -> Iterator[int]:
    """The environments that aliases of functions without a reservation keep started; the others' are among the reserved."""
    for alias in template.of_type("AWS::Lambda::Alias"):
        function = template.referenced(alias.properties.get("FunctionName"))
        count = mapping(alias.properties.get("ProvisionedConcurrencyConfig")).get("ProvisionedConcurrentExecutions")
        if isinstance(count, int | float) and (function is None or "ReservedConcurrentExecutions" not in function.properties):
            yield int(count)


def _throttles(template: StackTemplate) -> Iterator[Need]:
    apis = template.of_type(rest.API_TYPE, routed.API_TYPE)
    if apis:
        rates = [
            rate for stage in template.of_type("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage") for rate in _rates(stage.properties)
        ]
        told = f"; the highest limit of a stage here is {max(rates):g} a second" if rates else "; no stage here limits itself"
        yield Need(
            "throttle",
            When.LAUNCH,
            "the account may answer enough requests a second",
            f"all APIs of an account and region, and what is posted to WebSocket connections, share 10000 a second by default, in some regions 2500{told}",
            tuple(api.logical_id for api in apis),
            "aws apigateway get-account --query throttleSettings",
            "ask for more in the Service Quotas console, API Gateway, Throttle rate",
            DOCS + "apigateway/latest/developerguide/limits.html",
        )


def _rates(given: Any) -> Iterator[float]:
    settings = [mapping(given.get("DefaultRouteSettings")), *map(mapping, listing(given.get("MethodSettings")))]
    yield from (float(one["ThrottlingRateLimit"]) for one in settings if isinstance(one.get("ThrottlingRateLimit"), int | float))


def _connections(template: StackTemplate) -> Iterator[Need]:
    sockets = [api for api in template.of_type(routed.API_TYPE) if routed.protocol(api) == "WEBSOCKET"]
    if sockets:
        stages = [
            one
            for one in template.of_type("AWS::ApiGatewayV2::Stage")
            if one.properties.get("ApiId") in [{"Ref": api.logical_id} for api in sockets]
        ]
        rates = [rate for stage in stages for rate in _rates(stage.properties)]
        told = f"; the lowest limit of a stage here is {min(rates):g} connections and messages a second" if rates else ""
        yield Need(
            "connections",
            When.LAUNCH,
            "enough clients may connect at once",
            "all WebSocket APIs of an account and region share 500 new connections a second by default: clients that all come back after a "
            f"deployment or an outage wait in a queue of their own making{told}; a connection ends after two hours, and after ten minutes of silence",
            tuple(canonical(api.logical_id) for api in sockets),
            do="let clients come back at random moments, raise throttling_rate_limit of WebSocketGateway to what the account may take, and ask for more in the Service Quotas console, API Gateway, WebSocket new connections",
            page=_WEBSOCKET,
        )


def _policies_of_logs(template: StackTemplate) -> Iterator[Need]:
    if policies := template.of_type("AWS::Logs::ResourcePolicy"):
        yield Need(
            "log-policies",
            When.DEPLOY,
            f"the region has room for {len(policies)} more resource policies of CloudWatch Logs",
            "an account has ten in a region, and AWS does not raise that; each stack that lets a service write to its log groups may take one",
            tuple(one.logical_id for one in policies),
            "aws logs describe-resource-policies --query resourcePolicies[].policyName",
            "aws logs delete-resource-policy --policy-name NAME",
            DOCS + "AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html",
        )
