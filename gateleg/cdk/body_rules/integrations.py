"""What operations call.

X is https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html; localstack's tests were recorded on AWS.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import INTEGRATION, MADE, Finding, is_made, listing, mapping, pointer, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.body_rules.reading import Operation, RestApi

_MIN_TIMEOUT, _MAX_TIMEOUT, _RAISED_TIMEOUT, _STREAM_TIMEOUT = 50, 29_000, 300_000, 900_000
_TEMPLATE_BYTES = 300_000
_ARN = re.compile(r"arn:[^:]*:apigateway:[^:]*:[^:]+:", re.DOTALL)
_HEADER = "method.response.header."
_PASSTHROUGH = ("when_no_match", "when_no_templates", "never")
_RESPONSES = "x-amazon-apigateway-gateway-responses"
_RESPONSE_TYPES = frozenset(
    {
        *("DEFAULT_4XX", "DEFAULT_5XX", "RESOURCE_NOT_FOUND", "UNAUTHORIZED", "INVALID_API_KEY", "ACCESS_DENIED", "AUTHORIZER_FAILURE"),
        *("AUTHORIZER_CONFIGURATION_ERROR", "INVALID_SIGNATURE", "EXPIRED_TOKEN", "MISSING_AUTHENTICATION_TOKEN", "INTEGRATION_FAILURE"),
        *("INTEGRATION_TIMEOUT", "API_CONFIGURATION_ERROR", "UNSUPPORTED_MEDIA_TYPE", "BAD_REQUEST_PARAMETERS", "BAD_REQUEST_BODY"),
        *("REQUEST_TOO_LARGE", "THROTTLED", "QUOTA_EXCEEDED", "WAF_FILTERED"),
    }
)

_MEMBERS = (
    *("$ref", "cacheKeyParameters", "cacheNamespace", "connectionId", "connectionType", "contentHandling", "credentials", "httpMethod"),
    *("integrationSubtype", "integrationTarget", "passthroughBehavior", "payloadFormatVersion", "requestParameters", "requestTemplates"),
    *("responseParameters", "responses", "responseTransferMode", "timeoutInMillis", "tlsConfig", "type", "uri"),
)


def lambda_method(api: RestApi) -> Iterator[Finding]:
    """A function is invoked by POST, whatever the method of the request; else `Unable to determine service/operation name to be authorized`.

    X; https://github.com/aws/serverless-application-model/issues/430.
    """
    for operation in api.operations:
        method = operation.integration.get("httpMethod")
        if operation.service == "lambda" and isinstance(method, str) and method != "POST":
            yield Finding(
                _at(operation, "httpMethod"), f"functions are invoked by POST, and {method} fails at the first request; write POST"
            )


def method(api: RestApi) -> Iterator[Finding]:
    """A method is told unless nothing is called: `Enumeration value for HttpMethod must be non-empty`. localstack, test_put_integration_validation."""
    for operation in api.operations:
        if operation.kind not in {"", "mock"} and not operation.integration.get("httpMethod"):
            yield Finding(_at(operation), "API Gateway refuses an integration without httpMethod; write it, POST for a function")


def uri(api: RestApi) -> Iterator[Finding]:
    """A URI is of the kind's form: `Invalid HTTP endpoint specified for URI`, `AWS ARN for integration must contain path or action`.

    localstack, test_put_integration_validation.
    """
    for operation in api.operations:
        given = operation.integration.get("uri")
        said = text(given) or ""
        if operation.kind not in {"aws", "aws_proxy", "http", "http_proxy"} or (is_made(given) and (not said or said.startswith(MADE))):
            continue
        if operation.kind.startswith("http") and not said.startswith(("http://", "https://", "${stageVariables.")):
            yield Finding(_at(operation, "uri"), f"API Gateway refuses {said!r} as an endpoint; write https://…")
        if operation.kind.startswith("aws") and not (_ARN.match(said) and operation.service):
            form = "arn:aws:apigateway:REGION:SERVICE:path/… or :action/…"
            yield Finding(_at(operation, "uri"), f"API Gateway refuses {said!r} as the ARN of an integration; write {form}")


def proxied(api: RestApi) -> Iterator[Finding]:
    """Of AWS's services only Lambda and Firehose are proxied: `Integrations of type 'AWS_PROXY' currently only supports Lambda function and ..`.

    localstack, test_put_integration_dynamodb_proxy_validation.
    """
    for operation in api.operations:
        if operation.kind == "aws_proxy" and operation.service not in {"lambda", "firehose", None} and MADE not in str(operation.service):
            yield Finding(
                _at(operation, "type"), f"API Gateway proxies Lambda and Firehose, not {operation.service}; write aws, with templates"
            )


def timeout(api: RestApi) -> Iterator[Finding]:
    """An integration has 50 to 29,000 milliseconds; a Regional or private API more once the quota is raised.

    https://aws.amazon.com/about-aws/whats-new/2024/06/amazon-api-gateway-integration-timeout-limit-29-seconds/; hashicorp/terraform-provider-aws#37859.
    """
    for operation in api.operations:
        given = operation.integration.get("timeoutInMillis")
        if not isinstance(given, (int, float)) or operation.integration.get("responseTransferMode") == "STREAM":
            continue
        if given < _MIN_TIMEOUT or given > _RAISED_TIMEOUT or (given > _MAX_TIMEOUT and "EDGE" in api.endpoint_types):
            yield Finding(
                _at(operation, "timeoutInMillis"), f"API Gateway refuses a timeout of {given} ms; write {_MIN_TIMEOUT} to {_MAX_TIMEOUT}"
            )
        elif given > _MAX_TIMEOUT:
            said = f"{given} ms are above the quota of {_MAX_TIMEOUT}, and refused until it is raised, which may lower the account's rate of requests"
            yield Finding(_at(operation, "timeoutInMillis"), said, "warning")


def streamed(api: RestApi) -> Iterator[Finding]:
    """Only proxies stream, for at most 15 minutes, a function by an action of its own; nothing of a stream is cached or compressed.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html.
    """
    for operation in api.operations:
        if operation.integration.get("responseTransferMode") != "STREAM":
            continue
        if operation.kind and not operation.is_proxy:
            yield Finding(
                _at(operation, "responseTransferMode"),
                f"an integration of type {operation.kind} does not stream; write aws_proxy or http_proxy",
            )
        if api.properties.get("MinimumCompressionSize") is not None:
            said = "API Gateway does not compress what streams; leave minimum_compression_size out, or responseTransferMode"
            yield Finding(_at(operation, "responseTransferMode"), said)
        if _is_cached(api, operation):
            yield Finding(
                _at(operation, "responseTransferMode"), "API Gateway does not cache what streams; leave the route out of the cache"
            )
        given = operation.integration.get("timeoutInMillis")
        if isinstance(given, (int, float)) and not _MIN_TIMEOUT <= given <= _STREAM_TIMEOUT:
            yield Finding(_at(operation, "timeoutInMillis"), f"a stream lasts at most {_STREAM_TIMEOUT} ms, not {given}")
        uri = text(operation.integration.get("uri"))
        if (
            operation.service == "lambda"
            and uri is not None
            and not re.search(r"2021-11-15/.*response-streaming-invocations", uri, re.DOTALL)
        ):
            yield Finding(
                _at(operation, "uri"),
                "a function streams by another action; write lambda:path/2021-11-15/functions/ARN/response-streaming-invocations",
            )


def mapped_headers(api: RestApi) -> Iterator[Finding]:
    """A header that an answer is mapped to, and its status, are declared: `Invalid mapping expression parameter specified: method.response.header.X`.

    awslabs/aws-apigateway-importer#209; awslabs/aws-solutions-constructs#1130; of the status alone it is inferred.
    """
    for operation in api.operations:
        for pattern, answer in mapping(operation.integration.get("responses")).items():
            status = str(mapping(answer).get("statusCode", "200"))
            declared = mapping(mapping(operation.raw.get("responses")).get(status))
            if status not in mapping(operation.raw.get("responses")) and not is_made(mapping(answer).get("statusCode")):
                yield Finding(
                    _at(operation, "responses", pattern),
                    f"the status {status} is not among the operation's responses; declare it",
                    "warning",
                )
            headers = {name.lower() for name in mapping(declared.get("headers"))}
            for name in mapping(mapping(answer).get("responseParameters")):
                header = name.removeprefix(_HEADER)
                if name.startswith(_HEADER) and header.lower() not in headers:
                    said = f"the header {header} is mapped and not declared, which API Gateway refuses; declare it in responses.{status}.headers"
                    yield Finding(_at(operation, "responses", pattern), said)


def default_answer(api: RestApi) -> Iterator[Finding]:
    """Where answers are mapped, one of the patterns takes the rest; else 500, `No match for output mapping and no default output mapping configured`.

    serverless/serverless#4705.
    """
    for operation in api.operations:
        if (
            operation.kind in {"aws", "http", "mock"}
            and not {"default", ".*", ".+"} & mapping(operation.integration.get("responses")).keys()
        ):
            said = "an answer that no pattern takes becomes a 500; write responses: {'default': {'statusCode': '200'}}"
            yield Finding(_at(operation, "responses"), said)


def patterns(api: RestApi) -> Iterator[Finding]:
    """A pattern of answers is matched with the status, and for a function with its `errorMessage`.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration-responses.html.
    """
    for operation in api.operations:
        for pattern in mapping(operation.integration.get("responses")):
            if operation.kind == "aws" and operation.service == "lambda" and re.fullmatch(r"[1-5]\d\d", str(pattern)):
                said = f"{pattern!r} is compared with what the function raised, never with a status; write a pattern of errorMessage"
                yield Finding(_at(operation, "responses", pattern), said)


def mock_status(api: RestApi) -> Iterator[Finding]:
    """The request template of a mock says its status. https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html."""
    for operation in api.operations:
        templates = mapping(operation.integration.get("requestTemplates"))
        known = [said for said in map(text, templates.values()) if said is not None]
        if operation.kind == "mock" and len(known) == len(templates) and not any("statusCode" in said for said in known):
            said = "a mock answers 500 without a status in its request template; write requestTemplates: {'application/json': '{\"statusCode\":200}'}"
            yield Finding(_at(operation, "requestTemplates"), said)


def binary_mocks(api: RestApi) -> Iterator[Finding]:
    """Where requests are binary a mock converts them: else 500, `Unable to transform request`, on preflights.

    aws/chalice#1310; serverless/serverless#7505, #10254, #11010; clebert/aws-simple#167.
    """
    binary = {
        *map(str, listing(api.properties.get("BinaryMediaTypes"))),
        *map(str, listing(api.body.get("x-amazon-apigateway-binary-media-types"))),
    }
    for operation in api.operations:
        taken = {"*/*", "*~1*", *mapping(operation.integration.get("requestTemplates"))} & binary
        if operation.kind == "mock" and taken and operation.integration.get("contentHandling") != "CONVERT_TO_TEXT":
            said = f"a mock cannot read a body that is bytes ({min(taken)}) and answers 500; write contentHandling: CONVERT_TO_TEXT"
            yield Finding(_at(operation), said)


def passthrough(api: RestApi) -> Iterator[Finding]:
    """A body without a template passes as `passthroughBehavior` says; `never` without templates is 415 for everybody.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html.
    """
    for operation in api.operations:
        said = operation.integration.get("passthroughBehavior")
        if isinstance(said, str) and said.lower() not in _PASSTHROUGH:
            yield Finding(_at(operation, "passthroughBehavior"), f"there is no behavior {said!r}; write {', '.join(_PASSTHROUGH)}")
        elif (
            isinstance(said, str)
            and said.lower() == "never"
            and not operation.is_proxy
            and not operation.integration.get("requestTemplates")
        ):
            yield Finding(
                _at(operation, "passthroughBehavior"), "every request is answered by 415; write requestTemplates for what is taken"
            )


def templates(api: RestApi) -> Iterator[Finding]:
    """A mapping template has at most 300 KB. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html."""
    for operation in api.operations:
        places: list[tuple[tuple[str, ...], Any]] = [(("requestTemplates",), operation.integration.get("requestTemplates"))]
        for pattern, answer in mapping(operation.integration.get("responses")).items():
            places.append((("responses", pattern, "responseTemplates"), mapping(answer).get("responseTemplates")))
        for at, given in places:
            for media, template in mapping(given).items():
                if (size := len((text(template) or "").encode())) > _TEMPLATE_BYTES:
                    yield Finding(
                        _at(operation, *at, media),
                        f"the template has {size:,} bytes, and API Gateway takes {_TEMPLATE_BYTES:,}; let a function do it",
                    )


def referred(api: RestApi) -> Iterator[Finding]:
    """A REST API's integration is written out; references are of HTTP APIs.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integrations.html.
    """
    for operation in api.operations:
        if "$ref" in operation.integration:
            yield Finding(_at(operation), "a REST API does not follow references to integrations; write the integration itself here")


def gateway_responses(api: RestApi) -> Iterator[Finding]:
    """Gateway responses are of 21 types; their templates know variables and no directives; REQUEST_TOO_LARGE is not customized.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html; localstack, test_gateway_response_validation.
    """
    for name, answer in mapping(api.body.get(_RESPONSES)).items():
        if name not in _RESPONSE_TYPES:
            yield Finding(
                pointer(_RESPONSES, name), f"there is no gateway response {name!r}; write one of {', '.join(sorted(_RESPONSE_TYPES))}"
            )
        if name == "REQUEST_TOO_LARGE":
            yield Finding(
                pointer(_RESPONSES, name), "API Gateway answers 413 in its own way; leave it out, DEFAULT_4XX holds for the others"
            )
        for media, template in mapping(mapping(answer).get("responseTemplates")).items():
            if re.search(r"#(?:set|if|foreach|else|end)\b", text(template) or ""):
                said = "templates of gateway responses know no directives, callers would read them; write variables such as $context.requestId alone"
                yield Finding(pointer(_RESPONSES, name, "responseTemplates", media), said)


def members(api: RestApi) -> Iterator[Finding]:
    """What the importer does not know of an integration it drops without a word.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html.
    """
    for operation in api.operations:
        for name in operation.integration:
            if name not in _MEMBERS and not name.startswith("x-"):
                near = difflib.get_close_matches(name, _MEMBERS, n=1, cutoff=0.75)
                said = f"an integration has no {name!r}, and the importer drops it; {f'write {near[0]}' if near else 'leave it out'}"
                yield Finding(_at(operation, name), said, "error" if near else "warning")


def _at(operation: Operation, *parts: str | int) -> str:
    return operation.at(INTEGRATION, *parts)


def _is_cached(api: RestApi, operation: Operation) -> bool:
    """Whether a stage has settings that cache the operation."""
    method = "ANY" if operation.member.startswith("x-") else operation.member.upper()
    entries = [mapping(entry) for stage in api.of_type("AWS::ApiGateway::Stage") for entry in listing(stage.get("MethodSettings"))]
    return any(
        entry.get("CachingEnabled") is True
        and entry.get("HttpMethod") in {method, "*"}
        and "/" + str(entry.get("ResourcePath")).replace("~1", "/").strip("/") in {operation.path, "/*"}
        for entry in entries
    )
