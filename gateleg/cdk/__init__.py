"""The constructs: a table, functions, a REST, an HTTP and a WebSocket API from their declarations.

    from gateleg.cdk import HttpGateway, ModelTable, RestGateway, WebSocketGateway

The only package of gateleg that imports `aws_cdk`. Names are loaded when they are first asked for, because each module of
`aws_cdk` takes its time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gateleg.parts import require

if TYPE_CHECKING:
    from gateleg.cdk.account import ApiGatewayAccount
    from gateleg.cdk.apps import DirectRoute, RestApp
    from gateleg.cdk.authorizers import (
        ApiKeyAuthorizer,
        CognitoAuthorizer,
        IamAuthorizer,
        JwtAuthorizer,
        RequestAuthorizer,
        TokenAuthorizer,
    )
    from gateleg.cdk.change_guard import acknowledge_change, guard_changes
    from gateleg.cdk.cognito_connect import CognitoConnectAuthorizer
    from gateleg.cdk.contract import Contract
    from gateleg.cdk.cors import Cors
    from gateleg.cdk.describing import describe_ahead
    from gateleg.cdk.domains import Domain, TrustStore
    from gateleg.cdk.event_channels import EventChannels, Events
    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.cdk.guards.policies import allow_only
    from gateleg.cdk.guards.usage_plans import Quota, UsagePlan
    from gateleg.cdk.guards.web_acls import NoWebAcl, WebAcl
    from gateleg.cdk.http_arguments import Throttle
    from gateleg.cdk.http_gateway import HttpGateway
    from gateleg.cdk.management.caching import Cache, CachedRoute
    from gateleg.cdk.management.canaries import Canary
    from gateleg.cdk.management.compliance import Compliance
    from gateleg.cdk.management.encryption import encrypt
    from gateleg.cdk.management.gateway_responses import GatewayResponse
    from gateleg.cdk.management.stages import StageOptions
    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.monitoring.monitoring import Monitoring
    from gateleg.cdk.monitoring.thresholds import Thresholds
    from gateleg.cdk.packaging import HandlerCode
    from gateleg.cdk.releases import Release
    from gateleg.cdk.rest_gateway import RestGateway
    from gateleg.cdk.service_function import ServiceFunction
    from gateleg.cdk.socket_stages import ExecutionLogs
    from gateleg.cdk.tables.account_replica import AccountReplica
    from gateleg.cdk.tables.backups import TableBackups
    from gateleg.cdk.tables.billing import Autoscaled, OnDemand, Provisioned, WarmThroughput
    from gateleg.cdk.tables.changes import KinesisStream
    from gateleg.cdk.tables.consumer import ChangeConsumer
    from gateleg.cdk.tables.dax import DaxCluster
    from gateleg.cdk.tables.delivery import Delivery
    from gateleg.cdk.tables.exports import TableExport
    from gateleg.cdk.tables.imports import S3Import
    from gateleg.cdk.tables.replication import Replica, Replication
    from gateleg.cdk.websocket_gateway import WebSocketGateway
    from gateleg.cdk.workers import BroadcastQueue, Workers

__all__ = [
    "AccountReplica",
    "ApiGatewayAccount",
    "ApiKeyAuthorizer",
    "Autoscaled",
    "BroadcastQueue",
    "Cache",
    "CachedRoute",
    "Canary",
    "ChangeConsumer",
    "CognitoAuthorizer",
    "CognitoConnectAuthorizer",
    "Compliance",
    "Contract",
    "Cors",
    "DaxCluster",
    "Delivery",
    "DirectRoute",
    "Domain",
    "EventChannels",
    "Events",
    "ExecutionLogs",
    "FunctionOptions",
    "GatewayResponse",
    "HandlerCode",
    "HttpGateway",
    "IamAuthorizer",
    "JwtAuthorizer",
    "KinesisStream",
    "ModelTable",
    "Monitoring",
    "NoWebAcl",
    "OnDemand",
    "Provisioned",
    "Quota",
    "Release",
    "Replica",
    "Replication",
    "RequestAuthorizer",
    "RestApp",
    "RestGateway",
    "S3Import",
    "ServiceFunction",
    "StageOptions",
    "TableBackups",
    "TableExport",
    "Thresholds",
    "Throttle",
    "TokenAuthorizer",
    "TrustStore",
    "UsagePlan",
    "WarmThroughput",
    "WebAcl",
    "WebSocketGateway",
    "Workers",
    "acknowledge_change",
    "allow_only",
    "describe_ahead",
    "encrypt",
    "guard_changes",
]

require("cdk", __name__, "aws_cdk", "constructs")

_HOMES = {
    "ApiGatewayAccount": "account",
    "DirectRoute": "apps",
    "RestApp": "apps",
    "ApiKeyAuthorizer": "authorizers",
    "CognitoAuthorizer": "authorizers",
    "CognitoConnectAuthorizer": "cognito_connect",
    "IamAuthorizer": "authorizers",
    "JwtAuthorizer": "authorizers",
    "RequestAuthorizer": "authorizers",
    "TokenAuthorizer": "authorizers",
    "acknowledge_change": "change_guard",
    "guard_changes": "change_guard",
    "Contract": "contract",
    "Cors": "cors",
    "describe_ahead": "describing",
    "Domain": "domains",
    "allow_only": "guards.policies",
    "Quota": "guards.usage_plans",
    "UsagePlan": "guards.usage_plans",
    "NoWebAcl": "guards.web_acls",
    "WebAcl": "guards.web_acls",
    "TrustStore": "domains",
    "Cache": "management.caching",
    "CachedRoute": "management.caching",
    "Canary": "management.canaries",
    "Compliance": "management.compliance",
    "encrypt": "management.encryption",
    "GatewayResponse": "management.gateway_responses",
    "StageOptions": "management.stages",
    "HttpGateway": "http_gateway",
    "ExecutionLogs": "socket_stages",
    "Throttle": "http_arguments",
    "ModelTable": "model_table",
    "Monitoring": "monitoring.monitoring",
    "Thresholds": "monitoring.thresholds",
    "HandlerCode": "packaging",
    "RestGateway": "rest_gateway",
    "FunctionOptions": "function_options",
    "ServiceFunction": "service_function",
    "Autoscaled": "tables.billing",
    "OnDemand": "tables.billing",
    "Provisioned": "tables.billing",
    "WarmThroughput": "tables.billing",
    "KinesisStream": "tables.changes",
    "Release": "releases",
    "Replica": "tables.replication",
    "Replication": "tables.replication",
    "S3Import": "tables.imports",
    "TableBackups": "tables.backups",
    "TableExport": "tables.exports",
    "AccountReplica": "tables.account_replica",
    "ChangeConsumer": "tables.consumer",
    "DaxCluster": "tables.dax",
    "Delivery": "tables.delivery",
    "WebSocketGateway": "websocket_gateway",
    "BroadcastQueue": "workers",
    "Workers": "workers",
    "EventChannels": "event_channels",
    "Events": "event_channels",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
