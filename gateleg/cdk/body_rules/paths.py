"""The document, its paths and its methods."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import INTEGRATION, METHODS, Finding, is_made, listing, mapping, pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.body_rules.reading import RestApi

_BESIDE_METHODS = frozenset({"parameters", "summary", "description", "servers", "$ref"})
_LITERAL = re.compile(r"[A-Za-z0-9_.,:-]+")
_VARIABLE = re.compile(r"\{([A-Za-z0-9_.,:-]+)(\+?)\}")
_DOMAINS = ("AWS::ApiGateway::BasePathMapping", "AWS::ApiGateway::BasePathMappingV2", "AWS::ApiGatewayV2::ApiMapping")
_OBJECTS = ("requestBody", "responses", INTEGRATION)


def document(api: RestApi) -> Iterator[Finding]:
    """The body is an OpenAPI 3.0 document; anything else is an `Invalid OpenAPI input`.

    https://github.com/aws/aws-cli/issues/8191; https://github.com/aws/serverless-application-model/issues/3449; smithy-lang/smithy#985.
    """
    version = api.body.get("openapi")
    if not is_made(version) and not re.fullmatch(r"3\.0\.\d+", str(version)):
        yield Finding(pointer("openapi"), f"API Gateway imports OpenAPI 3.0 alone, and this is {version!r}; write 3.0.1")
    info = mapping(api.body.get("info"))
    for name in ("title", "version"):
        if not info.get(name):
            yield Finding(pointer("info"), f"there is no {name}, and API Gateway refuses the document; write one")
    yield from _shapes(api)


def elsewhere(api: RestApi) -> Iterator[Finding]:
    """What is imported from elsewhere is a document that nothing here has read, whichever of the two AWS would take.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html.
    """
    for name in ("BodyS3Location", "CloneFrom"):
        if api.properties.get(name) is not None:
            yield Finding(name, "it stands for another API than the one of Body, which nobody judged; leave it out")


def _shapes(api: RestApi) -> Iterator[Finding]:
    for path, item in api.paths.items():
        if not isinstance(item, dict):
            yield Finding(pointer("paths", path), _shape(item, "an object of methods"))
            continue
        for member, raw in mapping(item).items():
            if member in METHODS and not isinstance(raw, dict):
                yield Finding(pointer("paths", path, member), _shape(raw, "an operation object"))
    for operation in api.operations:
        for name in _OBJECTS:
            if name in operation.raw and not isinstance(operation.raw[name], dict):
                yield Finding(operation.at(name), _shape(operation.raw[name], "an object"))
        for name in ("parameters", "security"):
            given = operation.raw.get(name, [])
            if not isinstance(given, list) or not all(isinstance(part, dict) for part in listing(given)):
                yield Finding(operation.at(name), _shape(given, "a list of objects"))


def _shape(value: Any, wanted: str) -> str:
    return f"API Gateway refuses a document in which {value!r} stands here; write {wanted}"


def siblings(api: RestApi) -> Iterator[Finding]:
    """Below a resource there is one variable: `A sibling ({id}) of this resource already has a variable path part -- only one is allowed`.

    awslabs/aws-apigateway-importer#202; serverless/serverless#3075, #6783; localstack, test_create_proxy_resource_validation.
    """
    named: dict[tuple[str, ...], tuple[str, str]] = {}
    for path in api.paths:
        segments = _segments(path)
        for depth, segment in enumerate(segments):
            if segment.startswith("{"):
                first, by = named.setdefault(tuple(segments[:depth]), (segment, path))
                if first != segment:
                    said = (
                        f"{segment} stands where {by} has {first}, and API Gateway allows one variable in one place; write {first} in both"
                    )
                    yield Finding(pointer("paths", path), said)


def greedy(api: RestApi) -> Iterator[Finding]:
    """A greedy variable ends a path: `Cannot create a child of a resource with a greedy path variable`.

    localstack, test_create_proxy_resource_validation.
    """
    for path in api.paths:
        if any(segment.endswith("+}") for segment in _segments(path)[:-1]):
            yield Finding(pointer("paths", path), "nothing may follow a greedy variable; end the path with it")


def segments(api: RestApi) -> Iterator[Finding]:
    """A segment has letters, digits and `_ - . , :`; a variable is a whole segment.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html.
    """
    for path in api.paths:
        if not path.startswith("/"):
            yield Finding(pointer("paths", path), "a path begins with a slash")
        wrong = [part for part in path.strip("/").split("/") if path != "/" and not (_LITERAL.fullmatch(part) or _VARIABLE.fullmatch(part))]
        for segment in wrong:
            said = f"API Gateway refuses the segment {segment!r}; write letters, digits and _ - . , : or one variable {{name}} that is all of it"
            yield Finding(pointer("paths", path), said)


def slashes(api: RestApi) -> Iterator[Finding]:
    """`/a` and `/a/` are one resource. Read in aws/serverless-application-model, api_generator.py."""
    for path in api.paths:
        if path != "/" and path.endswith("/") and path.rstrip("/") in api.paths:
            yield Finding(pointer("paths", path), f"it is one resource with {path.rstrip('/')}; leave one of them out", "warning")


def reserved(api: RestApi) -> Iterator[Finding]:
    """Behind a custom domain `/ping` and `/sping` are answered by a health check.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html.
    """
    if any(api.of_type(kind) for kind in _DOMAINS):
        for path in api.paths:
            if path.rstrip("/") in {"/ping", "/sping"}:
                yield Finding(
                    pointer("paths", path),
                    "behind the API's domain a health check of AWS answers this path; name it otherwise, such as /health",
                )


def integrations(api: RestApi) -> Iterator[Finding]:
    """Every method has an integration, and there is a method: `No integration defined for method`, `The REST API doesn't contain any methods`.

    hashicorp/terraform-provider-aws#21210; https://github.com/aws/aws-cdk/issues/8347.
    """
    if not api.operations:
        yield Finding(pointer("paths"), "an API without methods is not deployed; give it a route")
    for operation in api.operations:
        if INTEGRATION not in operation.raw:
            yield Finding(operation.at(), f"no deployment is made of a method without an integration; write {INTEGRATION}")


def methods(api: RestApi) -> Iterator[Finding]:
    """Methods are GET, PUT, POST, DELETE, PATCH, OPTIONS, HEAD, and ANY as an extension. localstack, test_put_method_validation."""
    for path, item in api.paths.items():
        for member in mapping(item):
            if member not in METHODS and member not in _BESIDE_METHODS and not member.startswith("x-"):
                said = f"API Gateway has no method {member!r}; write get, put, post, delete, patch, options, head or x-amazon-apigateway-any-method"
                yield Finding(pointer("paths", path, member), said)


def responses(api: RestApi) -> Iterator[Finding]:
    """An operation has responses: `No responses specified for 'POST /x'`, fatal where an import fails on warnings.

    awslabs/aws-apigateway-importer#202; that an empty object counts as none is inferred.
    """
    for operation in api.operations:
        if not operation.raw.get("responses"):
            said = "an operation without responses is warned of at import, and no OpenAPI; write {'200': {'description': ...}}"
            yield Finding(operation.at("responses"), said, "warning" if "responses" in operation.raw else "error")


def codes(api: RestApi) -> Iterator[Finding]:
    """A method response has a status of three digits, so that `default` and `4XX` are none. botocore's model of PutMethodResponse; inferred of the importer."""
    for operation in api.operations:
        for code in mapping(operation.raw.get("responses")):
            if not re.fullmatch(r"[1-5]\d\d", str(code)):
                said = f"API Gateway has no method response {code!r}; write a status such as 200"
                yield Finding(operation.at("responses", code), said, "warning")


def operation_ids(api: RestApi) -> Iterator[Finding]:
    """An operation id names one operation. OpenAPI 3.0.1; localstack, test_import_rest_api_with_integer_http_status_code for what becomes of it."""
    counted = Counter(str(operation.raw["operationId"]) for operation in api.operations if "operationId" in operation.raw)
    for operation in api.operations:
        if counted[name := str(operation.raw.get("operationId"))] > 1:
            yield Finding(
                operation.at("operationId"), f"the operation id {name!r} stands {counted[name]} times; give each its own", "warning"
            )


def base_path(api: RestApi) -> Iterator[Finding]:
    """A base path is ignored unless the import is told otherwise.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html.
    """
    if mapping(api.properties.get("Parameters")).get("basepath") in ["prepend", "split"]:
        return
    for number, server in enumerate(listing(api.body.get("servers"))):
        url = mapping(server).get("url")
        if isinstance(url, str) and re.sub(r"^(?:[a-z]+:)?//[^/]*", "", url).strip("/"):
            said = f"API Gateway ignores the base path of {url!r}; write it before each path, or Parameters={{'basepath': 'prepend'}}"
            yield Finding(pointer("servers", number), said)


def title(api: RestApi) -> Iterator[Finding]:
    """The title renames the API. localstack, test_put_rest_api_mode_binary_media_types; its order against `Name` is inferred."""
    name, said = api.properties.get("Name"), mapping(api.body.get("info")).get("title")
    if isinstance(name, str) and isinstance(said, str) and name != said:
        yield Finding(pointer("info", "title"), f"the API is named {name!r} and its title {said!r} renames it; write one name", "warning")


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]
