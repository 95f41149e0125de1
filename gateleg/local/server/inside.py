"""What is read of the emulator's own parts, in one place: it is pinned exactly, and tests hold what each of these brings about."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateleg.local.server.request import Request


def module(name: str) -> Any:
    """Return a module of the emulator, which has no types.

    Args:
        name: Its name below `ministack`.
    """
    return importlib.import_module(f"ministack.{name}")


def function_named(name: str, region: str) -> dict[str, Any] | None:
    """Return the record of a function by its physical name: its `config` and its `code_zip`."""
    records: dict[tuple[str, str, str], dict[str, Any]] = module("services.lambda_svc")._functions._data
    return next((record for (_, where, found), record in records.items() if (found, where) == (name, region)), None)


def identity_pool_of(identity: str) -> dict[str, Any] | None:
    """Return the record of the Cognito identity pool that an identity is of."""
    pools: Iterable[tuple[str, dict[str, Any]]] = module("services.cognito")._identity_pools.items()
    return next((pool for _, pool in pools if identity in pool.get("_identities", {})), None)


def groups_of(user_pool: str) -> dict[str, Any]:
    """Return the records of a user pool's groups by their names; none where there is no such pool."""
    pool: dict[str, Any] | None = module("services.cognito")._user_pools.get(user_pool)
    return {} if pool is None else pool["_groups"]


def claims_of(token: Any) -> dict[str, Any]:
    """Return what a token says, whoever signed it."""
    claims: dict[str, Any] = module("services.cognito")._token_claims(token)
    return claims


def refused_by_cognito(code: str, message: str) -> Any:
    """Return the answer with which Cognito refuses."""
    return module("services.cognito").error_response_json(code, message, 400)


def partition_key_of(table: str, index: str | None) -> str | None:
    """Return the attribute that is the partition key of a table of the caller's, by its name or ARN, or of an index; `None` where there is none."""
    record: dict[str, Any] = module("services.dynamodb")._tables.get(table.rpartition("/")[2]) or {}
    indexes: list[dict[str, Any]] = [*(record.get("GlobalSecondaryIndexes") or ()), *(record.get("LocalSecondaryIndexes") or ())]
    keyed = [record] if index is None else [one for one in indexes if one["IndexName"] == index]
    keys: Iterable[dict[str, str]] = keyed[0].get("KeySchema", ()) if keyed else ()
    return next((key["AttributeName"] for key in keys if key["KeyType"] == "HASH"), None)


def executed(function: dict[str, Any], event: Any) -> dict[str, Any]:
    """Run a function as every caller does: with its concurrency counted and its logs kept."""
    done: dict[str, Any] = module("services.lambda_svc")._execute_function(function, event)
    return done


def credentials_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment variables with a function's credentials: a session of its role where IAM is enforced."""
    variables: dict[str, str] = module("core.lambda_runtime").execution_credentials(dict(config))
    return variables


def trace_id(config: Mapping[str, Any]) -> str | None:
    """Return the X-Ray trace header of this invocation, if its function is traced."""
    header: str | None = module("services.lambda_svc")._xray_trace_id_for_invocation(dict(config))
    return header


def layer_archive(attached: Any) -> bytes | None:
    """Return the archive of a layer version, as it is attached to a function."""
    archive: bytes | None = module("services.lambda_svc")._resolve_layer_zip(attached)
    return archive


def websocket_routes(api: str) -> Iterable[Mapping[str, Any]]:
    """Return the routes of a WebSocket API."""
    routes: Mapping[str, Mapping[str, Any]] = module("services.apigateway")._routes.get(api, {})
    return routes.values()


def admits(api: str, stage: str, headers: Mapping[str, str]) -> bool:
    """Return whether a client of a WebSocket API may connect as far as its API key goes: where `$connect` asks for one, one of a plan of this stage.

    Args:
        api: The API.
        stage: Its stage.
        headers: Those of the handshake.
    """
    stores: Iterable[tuple[Any, Mapping[str, Mapping[str, Any]]]] = module("services.apigateway")._routes._data.items()
    opening = [
        route for (_, _, found), routes in stores if found == api for route in routes.values() if route.get("routeKey") == "$connect"
    ]
    if not any(route.get("apiKeyRequired") for route in opening):
        return True
    refused, _ = module("services.apigateway_v1")._check_api_key({"apiKeyRequired": True}, api, stage, headers)
    return refused is None


def stage_variables(api: str, stage: str) -> dict[str, Any]:
    """Return the variables of a stage of an HTTP API, in the scope of its request."""
    variables: dict[str, Any] = module("services.apigateway")._get_stage_variables(api, stage)
    return variables


def cors_of(api: str) -> dict[str, Any] | None:
    """Return the cross-origin access of an HTTP API, in the scope of its request."""
    found: dict[str, Any] | None = module("services.apigateway")._apis.get(api, {}).get("corsConfiguration")
    return found


def mapped(source: str, **places: Mapping[str, Any]) -> str | None:
    """Return what an HTTP API maps from a place in a request, such as `$request.header.x-who`."""
    found: str | None = module("services.apigateway")._resolve_mapping_value(source, **places)
    return found


def is_text(content_type: str | None) -> bool:
    """Return whether an HTTP API hands a body of this type on as text."""
    return bool(module("services.apigateway")._v2_request_body_is_text(content_type))


def claims_as_text(claims: Mapping[str, Any]) -> dict[str, str]:
    """Return a token's claims as events have them."""
    told = module("services.apigateway")._jwt_claim_to_string
    return {name: told(value) for name, value in claims.items()}


async def executed_at(uri: str, account: str, region: str, event: Any) -> dict[str, Any] | None:
    """Run the function of an integration; `None` where there is none."""
    gateway, functions = module("services.apigateway"), module("services.lambda_svc")
    reference = gateway._extract_lambda_ref_from_integration_uri(uri)
    data, config, _ = functions._get_func_record_for_ref_in_scope(reference, account_id=account, region=region)
    if data is None or config is None:
        return None
    record = functions._execution_record_for_config(data, config)
    done: dict[str, Any] = await gateway.run_reentrant(
        functions._execute_function_with_config_scope, record, event, thread_name="ministack-apigw-invoke"
    )
    return done


def has_stage(api: str, stage: str) -> bool:
    """Return whether an API of the second version has a stage."""
    stores: Iterable[Mapping[str, Any]] = [
        stages for (_, _, found), stages in module("services.apigateway")._stages._data.items() if found == api
    ]
    return any(stage in stages or "$default" in stages for stages in stores)


def states() -> dict[str, Callable[[], Any]]:
    """Return what gives the state of each service that was used."""
    found: dict[str, Callable[[], Any]] = module("app")._build_persistence_save_dict()
    return found


def save(names: Iterable[str], found: Mapping[str, Callable[[], Any]]) -> None:
    """Write the states of some services, each file in one step."""
    module("core.persistence").save_all({name: found[name] for name in names})


def access_key(request: Request) -> str:
    """Return the access key that a request names, as the emulator reads it; empty if it names none."""
    key: str = module("core.router").extract_access_key_id(request.headers, request.parameters)
    return key


def is_root(key: str) -> bool:
    """Return whether the emulator takes an access key for the root's."""
    found: bool = module("core.iam_evaluator").is_root_access_key(key)
    return found


def secret_of(key: str) -> str:
    """Return the secret of a user's or role's access key; empty for an unknown one."""
    return str(getattr(module("core.iam_evaluator").resolve_credential(key), "secret_access_key", ""))


def service_of(request: Request) -> str:
    """Return the service that a request goes to, as the emulator reads it."""
    service: str = module("core.router").detect_service(request.method, request.path, request.headers, request.parameters)
    return service
