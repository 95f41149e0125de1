"""What of the emulator is replaced, because it is looser than AWS, or wrong.

The emulator is pinned exactly, and each replacement is held by a test of what it brings about. They are:

- Python functions run with their asset, their layers and what Lambda brings, and no more; their logs are whole.
- A route of a WebSocket API calls its function as every other caller does, so that its logs are kept and calls run side by side.
- The answer of a failed or malformed invocation is API Gateway's own, not the error's text.
- Events have the parts of the request context that AWS sends, and every value of a header; those of REST APIs have the path as it was sent.
- The management API of connections answers in the names that its clients read.
- Mock integrations render their templates, and those of services and servers theirs: services are called with the rights of the integration's role.
- An identity pool that maps roles by tokens gives a person the role of their group.
- Functions that read streams go on behind what they took; what fails is halved, tried again as often as it may be, and told to the dead letters.
- What comes over the loopback, which nobody can listen to, counts as sent over TLS: policies that refuse the rest let it through.
- Policies may ask for the leading keys of a request to DynamoDB, and name tags of the session that sends it.
- HTTP APIs send events of both payload versions, with the stage in paths, answer preflights as AWS does, and call the servers and services that they name;
  a slash at the end of a path stays.
- Templates make Event APIs of AppSync, to which roles publish by their policies.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gateleg.local.server import (
    answers,
    direct,
    event_apis,
    events,
    http_apis,
    http_servers,
    http_services,
    identities,
    inside,
    leading_keys,
    streams,
)
from gateleg.local.server.mocks import mock_answer
from gateleg.local.server.pool import FunctionPool

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from gateleg.local.server.settings import Settings


@contextmanager
def mended(settings: Settings) -> Generator[FunctionPool]:
    """Replace the parts, until the process ends; afterwards no function runs any more.

    Args:
        settings: The run.
    """
    lambda_svc, lambda_runtime = inside.module("services.lambda_svc"), inside.module("core.lambda_runtime")
    evaluator, app = inside.module("core.iam_evaluator"), inside.module("app")
    app.pin_request_origin = _sent_over_tls(evaluator.pin_request_origin)
    actions = inside.module("core.iam_actions")
    actions.extract_iam_action = event_apis.action_of(_batches_as_one(actions.extract_iam_action))
    actions.extract_resource_arn = event_apis.resource_of(actions.extract_resource_arn)
    actions.dynamodb_service_context = leading_keys.with_leading_keys(actions.dynamodb_service_context)
    evaluator._resolve_condition_key = identities.nameless(evaluator._resolve_condition_key)
    evaluator._conditions_met = leading_keys.substituting(evaluator._conditions_met, evaluator._resolve_condition_key)
    cognito = inside.module("services.cognito")
    cognito._get_credentials_for_identity = identities.giving_roles(cognito._get_credentials_for_identity)
    apigateway_v1, apigateway = inside.module("services.apigateway_v1"), inside.module("services.apigateway")
    functions = FunctionPool(settings)
    lambda_svc._execute_function_warm = _python_in(functions, lambda_svc._execute_function_warm)
    lambda_runtime.get_or_create_worker = _Dispatched
    lambda_svc._poll_dynamodb_streams = streams.reading_streams()
    lambda_svc._match_esm_filter = streams.matching_absent(lambda_svc._match_esm_filter)
    lambda_svc.lambda_execute_result_to_api_proxy_response = answers.of_any_api
    apigateway_v1._lambda_proxy_response = answers.of_rest_api
    apigateway_v1._build_lambda_event_v1 = events.completing_rest(apigateway_v1._build_lambda_event_v1)
    apigateway_v1.handle_execute = events.keeping_paths(apigateway_v1.handle_execute)
    apigateway_v1._match_resource_tree = events.decoding_variables(apigateway_v1._match_resource_tree)
    apigateway_v1._match_greedy_fallback = events.decoding_variables(apigateway_v1._match_greedy_fallback)
    apigateway._ws_request_context = events.completing_websocket(apigateway._ws_request_context)
    apigateway.handle_connections_api = answers.completing_connections(apigateway.handle_connections_api)
    apigateway_v1._invoke_mock_v1 = mock_answer
    services = direct.calling_services(settings.port, apigateway_v1._invoke_lambda_custom_v1)
    apigateway_v1._invoke_lambda_custom_v1 = apigateway_v1._invoke_sqs_v1 = services
    apigateway_v1._invoke_http_proxy_v1 = direct.calling_servers()
    apigateway._invoke_lambda_proxy = http_services.calling_services(settings.port, http_apis.call_function)
    apigateway._apply_request_parameter_mappings = http_servers.noting_variables(apigateway._apply_request_parameter_mappings)
    apigateway._invoke_http_proxy = http_servers.calling_servers()
    apigateway._cors_preflight_response = http_apis.answering_preflights(apigateway._cors_response_headers)
    appsync, appsync_events = inside.module("services.appsync"), inside.module("services.appsync_events")
    event_apis.provision()
    appsync.handle_request = event_apis.publishing(appsync.handle_request)
    appsync_events._authorize_event_op = event_apis.by_role(appsync_events._authorize_event_op)
    application = inside.module("app")
    application._resolve_stage_and_path = http_apis.keeping_slashes(application._resolve_stage_and_path)
    try:
        yield functions
    finally:
        functions.close()


def _python_in(functions: FunctionPool, otherwise: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def execute(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        config = function.get("config") or function
        if not function.get("code_zip") or not str(config.get("Runtime", "")).startswith("python"):
            return otherwise(function, event, request_id)
        return functions.invoke({**function, "config": config}, event, request_id)

    return execute


def _batches_as_one(original: Callable[..., str | None]) -> Callable[..., str | None]:
    """Batches of SQS need the permission of one: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html."""

    def action(service: str, *request: Any) -> str | None:
        found = original(service, *request)
        return found.removesuffix("Batch") if found is not None and service == "sqs" else found

    return action


def _sent_over_tls(pin: Callable[..., None]) -> Callable[..., None]:
    def pin_request_origin(source_ip: str, secure_transport: bool) -> None:  # noqa: FBT001 (the emulator's own parameters)
        del secure_transport
        pin(source_ip, secure_transport=True)

    return pin_request_origin


class _Dispatched:
    """Stands where the emulator would give a WebSocket route a worker of its own, past its dispatcher and its logs."""

    def __init__(self, name: str, config: dict[str, Any], code: bytes, qualifier: str = "$LATEST") -> None:
        del name, qualifier
        self._function = {"config": config, "code_zip": code}

    def invoke(self, event: dict[str, Any], request_id: str) -> dict[str, Any]:
        """Run the function and return what the route answers to the client."""
        done = inside.executed(self._function, event)
        return {"status": "ok", "result": answers.of_websocket(done, event["requestContext"], request_id)}
