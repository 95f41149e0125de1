"""The calls of services that HTTP APIs have by name (subtypes), made with the rights of the integration's role.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html and the reference of subtypes beside it.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from gateleg.local.server import direct, inside
from gateleg.local.server.velocity import Input, TemplateFailedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateleg.local.template import Json

_URI: Final = re.compile(r"(?P<subtype>[A-Za-z]+-[A-Za-z]+) (?P<role>.*)", re.DOTALL)
"""What the adapted template says in place of a URI: the emulator keeps neither subtypes nor credentials."""
_MAPPED: Final = re.compile(r"\$\{([^}]*)\}|\$((?:request|context|stageVariables)\.\S+)")
_SERVICES: Final = {"EventBridge": "events", "SQS": "sqs", "Kinesis": "kinesis", "StepFunctions": "states"}
_BY_FORMS: Final = frozenset({"sqs"})
"""Services that an HTTP API speaks to by forms, and that answer in XML."""
_FLAT: Final = re.compile(r"^(\w+)s\.(\d+)(\.key|\.value)?")
_FAILED: Final = (500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}')
_BODY: Final = "request.body"


@dataclass(frozen=True)
class Asked:
    """A request, as parameters of integrations are mapped from it.

    Attributes:
        body: Its body.
        headers: Its headers by their names in lower case.
        query: All values of each parameter of the query.
        variables: The variables of the path.
        context: `$context`, by names with dots.
        stage_variables: The stage's variables.
    """

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, list[str]]
    variables: Mapping[str, str]
    context: Json
    stage_variables: Json

    def value(self, mapping: str) -> str | None:
        """What a parameter is, `None` where the request does not have it.

        Args:
            mapping: A text, or what it is mapped from: `$request.body.room`, `rooms/${request.path.room}`.
        """
        match = _MAPPED.fullmatch(mapping)
        if match:
            return self._one(match[1] or match[2])
        return _MAPPED.sub(lambda found: self._one(found[1] or found[2]) or "", mapping)

    def _one(self, name: str) -> str | None:
        if name != _BODY and not name.startswith((f"{_BODY}.", f"{_BODY}[")):
            places = {"request_headers": self.headers, "request_query": self.query, "path_params": self.variables}
            return inside.mapped(f"${name}", **places, context_vars=self.context, stage_vars=self.stage_variables)
        text = self.body.decode(errors="replace")
        if name == _BODY:
            return text
        try:
            found = Input(text).path(f"${name.removeprefix(_BODY)}")
        except TemplateFailedError:
            return None
        return found if found is None or isinstance(found, str) else json.dumps(found)


def called(subtype: str, mappings: Mapping[str, str], asked: Asked, region: str) -> direct.Called | None:
    """The call that a request becomes; `None` where no such service is called here.

    Args:
        subtype: `SQS-SendMessage`.
        mappings: What the call's parameters are mapped from.
        asked: The request.
        region: The region of the API.
    """
    from botocore.serialize import create_serializer

    service, action = subtype.split("-")
    name = _SERVICES.get(service)
    if name is None:
        return None
    model = direct.service_model(name)
    operation = model.operation_model(action)
    values = {target: value for target, source in mappings.items() if (value := asked.value(str(source))) is not None}
    region = values.pop("Region", region)
    if service == "EventBridge":
        given: Json = {"Entries": [_typed(operation.input_shape.members["Entries"].member, values)]}
    else:
        given = _typed(operation.input_shape, values)
    protocol = "query" if name in _BY_FORMS else str(model.metadata["protocol"])
    made: Json = create_serializer(protocol, include_validation=False).serialize_to_request(given, operation)
    content: bytes = _form(made["body"]) if protocol == "query" else made["body"]
    return direct.Called(name, region, "POST", "/", {key: str(value) for key, value in made["headers"].items()}, content)


def _form(fields: Mapping[str, str]) -> bytes:
    """A form of SQS, whose lists and maps are flat, which botocore no longer knows: `MessageAttribute.1.Name`, `AttributeName.1`."""
    names = {None: "", ".key": ".Name", ".value": ".Value"}
    flat = {_FLAT.sub(lambda found: f"{found[1]}.{found[2]}{names[found[3]]}", name): value for name, value in fields.items()}
    return urlencode(flat).encode()


def _typed(shape: Any, values: Mapping[str, str]) -> Json:
    """Texts as what the service takes: numbers, lists and maps are JSON. Step Functions begins its names in lower case."""
    members = {member.lower(): member for member in shape.members}
    found = {members.get(name.lower(), name): value for name, value in values.items()}
    plain = {"string", "blob", "timestamp"}
    return {
        name: value if name not in shape.members or shape.members[name].type_name in plain else _read(value)
        for name, value in found.items()
    }


def _read(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def calling_services(port: int, functions: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return what answers for integrations of type AWS_PROXY.

    Args:
        port: The port of the embedded AWS.
        functions: What answers where a function is called.
    """

    async def invoke(  # noqa: PLR0917 (the emulator's own signature)
        integration: Json,
        api: str,
        stage: str,
        path: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, list[str]] | None,
        route_key: str = "$default",
        variables: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Any:
        match = _URI.fullmatch(str(integration.get("integrationUri", "")))
        if match is None:
            return await functions(integration, api, stage, path, method, headers, body, query, route_key, variables, **more)
        context: Json = {
            "apiId": api,
            "httpMethod": method,
            "path": path,
            "routeKey": route_key,
            "stage": stage,
            "authorizer.jwt.claims": more.get("authorizer_claims") or {},
            "authorizer.lambda": more.get("authorizer_lambda_context") or {},
        }
        asked = Asked(body or b"", headers, query or {}, variables or {}, context, inside.stage_variables(api, stage))
        region = str(more.get("owner_region") or "")
        call = called(match["subtype"], integration.get("requestParameters") or {}, asked, region)
        if call is None:
            return _FAILED
        credentials = direct.credentials_of(match["role"], call.region, str(more.get("owner_account_id")), api)
        status, found, answer = await asyncio.to_thread(direct.signed, call, credentials, port)
        return status, {"Content-Type": found.get("content-type", "application/json")}, answer

    return invoke
