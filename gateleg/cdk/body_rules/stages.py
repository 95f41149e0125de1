"""Stages, usage plans and keys.

CFN is the property's page in https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import INTEGRATION, Finding, guards_of, is_made, listing, mapping, text, variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.body_rules.reading import Operation, RestApi

_STAGE, _PLAN, _KEY = "AWS::ApiGateway::Stage", "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::ApiKey"
_SETTINGS = frozenset(
    {
        *("CacheDataEncrypted", "CacheTtlInSeconds", "CachingEnabled", "DataTraceEnabled", "LoggingLevel", "MetricsEnabled"),
        *("ThrottlingBurstLimit", "ThrottlingRateLimit"),
    }
)
_CACHE_SIZES = frozenset({"0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"})
_MAX_TTL = 3600
_FORMAT_BYTES = 3072
_VARIABLES, _VARIABLE_NAME, _VARIABLE_VALUE = 100, 64, 512
_METHOD_THROTTLES = 20
_VALUE = re.compile(r"[A-Za-z0-9\-._~:/?#&=,]+")


def method_settings(api: RestApi) -> Iterator[Finding]:
    """Settings are for `/~1a~1{id}`, a path as JSON pointers write it, or `/*`; a wrong key is ignored, as is an entry that sets nothing.

    CFN; https://github.com/aws/aws-cdk/issues/15036; hashicorp/terraform-provider-aws#9738, #15855; cfn-lint E3723, W3705.
    """
    for entry in _settings(api):
        path, method = entry.get("ResourcePath"), entry.get("HttpMethod")
        if isinstance(path, str) and path not in {"/*", "/"}:
            plain = path.removeprefix("/").replace("~1", "/").replace("~0", "~")
            if not path.startswith("/~1") or "/" in path[1:]:
                yield Finding(_where(path, method), f"API Gateway ignores settings for {path!r}; write /{_escaped(path)}")
            elif plain not in api.paths or not _has(api, plain, method):
                yield Finding(
                    _where(path, method), f"the API has no {method} {plain}, so that the settings are for nothing; write a route of it"
                )
        if not _SETTINGS & entry.keys():
            yield Finding(_where(path, method), "an entry that sets nothing is dropped; set something, or leave it out")


def plan_throttles(api: RestApi) -> Iterator[Finding]:
    """A plan throttles `/a/{id}/GET`, written plainly: 20 methods of a stage, unless raised.

    cloudtools/troposphere#1624; localstack, test_usage_plan_crud;
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html.
    """
    for plan in api.of_type(_PLAN):
        for stage in listing(plan.get("ApiStages")):
            throttled = mapping(mapping(stage).get("Throttle"))
            for key in throttled:
                path, _, method = key.rpartition("/")
                if (path or "/") not in api.paths or not _has(api, path or "/", method):
                    yield Finding(f"throttle {key}", f"the API has no {method} {path or '/'}; write a route of it, /path/{{id}}/GET")
            if len(throttled) > _METHOD_THROTTLES:
                said = f"a plan throttles {len(throttled)} methods, and the quota is {_METHOD_THROTTLES} a stage unless raised"
                yield Finding("UsagePlan", said, "warning")


def plans(api: RestApi) -> Iterator[Finding]:
    """A plan holds for requests with a key alone.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html.
    """
    keyed = any(_is_key(api, name) for operation in api.operations for name in _asked(operation.raw))
    if api.of_type(_PLAN) and api.operations and not keyed:
        yield Finding(
            "UsagePlan", "no route asks for an API key, so that the plan throttles nobody; ask for one by an ApiKeyAuthorizer", "warning"
        )


def unplanned(api: RestApi) -> Iterator[Finding]:
    """A request needs a key of a usage plan that holds the stage, without which it is answered 403.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-setup-api-key-with-console.html.
    """
    keyed = [operation for operation in api.operations if any(_is_key(api, name) for name in _asked(operation.raw))]
    if keyed and api.of_type(_STAGE) and not api.of_type(_PLAN):
        said = f"no usage plan holds the stage, so that every request to {keyed[0].at()} is answered 403; write usage_plans={{'partners': UsagePlan(['acme'])}}"
        yield Finding("UsagePlan", said, "warning")


def values(api: RestApi) -> Iterator[Finding]:
    """A key whose value stands in the template is known to whoever may read that.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html (best practices).
    """
    for key in api.of_type(_KEY):
        if isinstance(key.get("Value"), str):
            yield Finding("ApiKey", "the value of a key stands in the template; leave it out, and API Gateway makes one")


def widened(api: RestApi) -> Iterator[Finding]:
    """An entry of settings that does not throttle lifts the stage's throttle to the account's. https://github.com/aws/aws-cdk/issues/21358."""
    for stage in api.of_type(_STAGE):
        entries = [mapping(entry) for entry in listing(stage.get("MethodSettings"))]
        limited = any("ThrottlingRateLimit" in entry for entry in entries if entry.get("ResourcePath") == "/*")
        for entry in entries if limited else []:
            if entry.get("ResourcePath") != "/*" and not {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= entry.keys():
                where = _where(entry.get("ResourcePath"), entry.get("HttpMethod"))
                yield Finding(
                    where, "these settings lift the stage's throttle for the method; write ThrottlingRateLimit and ThrottlingBurstLimit too"
                )


def access_logs(api: RestApi) -> Iterator[Finding]:
    """An access log is one line of at most 3 KB with the request's id; a Firehose stream is named `amazon-apigateway-*`.

    CFN; https://github.com/aws/aws-cdk/pull/22591; https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html.
    """
    for stage in api.of_type(_STAGE):
        given = mapping(stage.get("AccessLogSetting"))
        if (said := text(given.get("Format"))) is not None:
            if not re.search(r"\$context\.(?:requestId|extendedRequestId)\b", said):
                yield Finding(
                    "AccessLogSetting", "API Gateway refuses a format without $context.requestId or $context.extendedRequestId; add one"
                )
            if "\n" in said.strip():
                yield Finding("AccessLogSetting", "API Gateway refuses a format of several lines; write it as one")
            if len(said.encode()) > _FORMAT_BYTES:
                yield Finding(
                    "AccessLogSetting", f"the format has {len(said.encode()):,} bytes, and API Gateway takes {_FORMAT_BYTES:,}; log less"
                )
        stream = re.search(r":firehose:.*:deliverystream/(.*)", text(given.get("DestinationArn")) or "")
        if stream and not stream[1].startswith(("amazon-apigateway-", "${}")):
            yield Finding("AccessLogSetting", f"API Gateway refuses the stream {stream[1]!r}; name it amazon-apigateway-…")


def caches(api: RestApi) -> Iterator[Finding]:
    """A cache needs a cluster, of eight sizes, and keeps answers for 0 to 3600 seconds. CFN; botocore's model of CreateStage."""
    for stage in api.of_type(_STAGE):
        if (size := stage.get("CacheClusterSize")) is not None and not is_made(size) and str(size) not in _CACHE_SIZES:
            yield Finding("CacheClusterSize", f"there is no cache of {size} GB; write one of {', '.join(sorted(_CACHE_SIZES, key=float))}")
        for entry in map(mapping, listing(stage.get("MethodSettings"))):
            where = _where(entry.get("ResourcePath"), entry.get("HttpMethod"))
            if entry.get("CachingEnabled") is True and stage.get("CacheClusterEnabled", False) is False:
                yield Finding(where, "nothing is cached without a cluster; write CacheClusterEnabled: true")
            if isinstance(ttl := entry.get("CacheTtlInSeconds"), (int, float)) and not 0 <= ttl <= _MAX_TTL:
                yield Finding(where, f"an answer is cached for 0 to {_MAX_TTL} seconds, not {ttl}")


def shared_answers(api: RestApi) -> Iterator[Finding]:
    """A cached answer is given to all whose requests have the same keys: where there are none, to every caller, whatever the path says.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html.
    """
    for operation in api.operations:
        differ = guards_of(api, operation) or variables(operation.path)
        if differ and "cacheKeyParameters" not in operation.integration and _is_cached(api, operation):
            said = (
                "a stage caches its answers, and no key tells callers or paths apart: one is given what was answered to another; write "
                f"cache=Cache({{'GET {operation.path}': CachedRoute()}}), or leave CachingEnabled out"
            )
            yield Finding(operation.at(INTEGRATION, "cacheKeyParameters"), said)


def _is_cached(api: RestApi, operation: Operation) -> bool:
    """Whether a stage caches answers to GET, by what it says of the method, or of all."""
    for stage in api.of_type(_STAGE) if operation.member in {"get", "x-amazon-apigateway-any-method"} else ():
        said: dict[str, bool | None] = {"*": False, "own": None}
        for entry in map(mapping, listing(stage.get("MethodSettings"))):
            path = "/" + str(entry.get("ResourcePath")).replace("~1", "/").strip("/")
            if str(entry.get("HttpMethod")) in {"GET", "*"} and path in {operation.path, "/*"} and "CachingEnabled" in entry:
                said["*" if path == "/*" else "own"] = entry["CachingEnabled"] is True
        if said["*"] if said["own"] is None else said["own"]:
            return True
    return False


def names(api: RestApi) -> Iterator[Finding]:
    """A stage is named `[A-Za-z0-9_-]{1,128}`; it has 100 variables of certain characters; a key has 20 to 128 characters.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html; CFN; localstack, test_create_api_key.
    """
    for stage in api.of_type(_STAGE):
        if isinstance(name := stage.get("StageName"), str) and not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", name):
            yield Finding("StageName", f"API Gateway refuses the stage {name!r}; write 1 to 128 letters, digits, _ and -")
        variables = mapping(stage.get("Variables"))
        if len(variables) > _VARIABLES:
            yield Finding("Variables", f"a stage has at most {_VARIABLES} variables, not {len(variables)}")
        for name, value in variables.items():
            if len(name) > _VARIABLE_NAME or not re.fullmatch(r"[A-Za-z0-9_]+", name):
                yield Finding(f"Variables.{name}", f"a variable is named with at most {_VARIABLE_NAME} letters, digits and _")
            if isinstance(value, str) and not (_VALUE.fullmatch(value) and len(value) <= _VARIABLE_VALUE):
                yield Finding(
                    f"Variables.{name}",
                    f"API Gateway refuses the value {value!r}; write at most {_VARIABLE_VALUE} of A-Z a-z 0-9 - . _ ~ : / ? # & = ,",
                )
    for key in api.of_type(_KEY):
        if isinstance(value := key.get("Value"), str) and not 20 <= len(value) <= 128:  # noqa: PLR2004 (as documented)
            yield Finding("ApiKey", f"a key has 20 to 128 characters, not {len(value)}; leave it out, and API Gateway makes one")


def _settings(api: RestApi) -> list[Mapping[str, Any]]:
    return [mapping(entry) for stage in api.of_type(_STAGE) for entry in listing(stage.get("MethodSettings"))]


def _asked(operation: Mapping[str, Any]) -> list[str]:
    return [name for one in listing(operation.get("security")) for name in mapping(one)]


def _is_key(api: RestApi, name: str) -> bool:
    return str(mapping(api.schemes.get(name)).get("name")).lower() == "x-api-key"


def _has(api: RestApi, path: str, method: Any) -> bool:
    item = mapping(api.paths.get(path))
    return method == "*" or not isinstance(method, str) or method.lower() in item or "x-amazon-apigateway-any-method" in item


def _escaped(path: str) -> str:
    plain = "/" + path.removeprefix("/").replace("~1", "/").strip("/")
    return plain.replace("~", "~0").replace("/", "~1")


def _where(path: Any, method: Any) -> str:
    return f"MethodSettings of {method} {path}"
