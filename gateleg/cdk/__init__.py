"""The constructs: a table, functions, a REST and a WebSocket API from their declarations.

    from gateleg.cdk import ModelTable, RestGateway, WebSocketGateway

The only package of gateleg that imports `aws_cdk`.
"""

from gateleg.cdk.account import ApiGatewayAccount
from gateleg.cdk.apps import DirectRoute, RestApp
from gateleg.cdk.authorizers import ApiKeyAuthorizer, CognitoAuthorizer, IamAuthorizer, RequestAuthorizer, TokenAuthorizer
from gateleg.cdk.cors import Cors
from gateleg.cdk.describing import describe_ahead
from gateleg.cdk.model_table import ModelTable
from gateleg.cdk.packaging import HandlerCode
from gateleg.cdk.rest_gateway import RestGateway
from gateleg.cdk.service_function import FunctionOptions, ServiceFunction
from gateleg.cdk.websocket_gateway import WebSocketGateway

__all__ = [
    "ApiGatewayAccount",
    "ApiKeyAuthorizer",
    "CognitoAuthorizer",
    "Cors",
    "DirectRoute",
    "FunctionOptions",
    "HandlerCode",
    "IamAuthorizer",
    "ModelTable",
    "RequestAuthorizer",
    "RestApp",
    "RestGateway",
    "ServiceFunction",
    "TokenAuthorizer",
    "WebSocketGateway",
    "describe_ahead",
]
