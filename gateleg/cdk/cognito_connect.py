"""Who may connect to a WebSocket API with a token of a Cognito user pool: the declaration, and the function that API Gateway asks.

WebSocket APIs have no authorizer for user pools: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.arguments import check, filled, listing
from gateleg.cdk.authorizers import CLIENT, POOL, one_source
from gateleg.cdk.http_authorizers import is_of_another
from gateleg.cdk.packaging import HandlerCode
from gateleg.cdk.service_function import ServiceFunction
from gateleg.description import App
from gateleg.description.app import Needs
from gateleg.description.names import CONNECT_VARIABLE
from gateleg.errors import AuthorizerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cognito as cognito
    from constructs import Construct

    from gateleg.cdk.function_options import FunctionOptions

_HANDLER = "gateleg.websocket.cognito:authorize"
_PROTOCOL = "header.sec-websocket-protocol"
_SHARED = ("code", "architecture", "runtime", "log_retention", "layers")


@dataclass(frozen=True)
class CognitoConnectAuthorizer:
    """Tokens of Amazon Cognito user pools open a WebSocket; the gateway makes the function that looks at them.

    ID tokens and access tokens, whose signature, issuer, client and time are verified. The token's `sub` is `current_connection.principal` of every
    message, and what else it says `current_connection.claims`. What handlers of the API import brings `pyjwt[crypto]`, which is `gateleg[cognito]`.

    Args:
        user_pools: One or more pools.
        clients: The clients that tokens are for, of each pool one or more.
        scopes: Those of which an access token must hold one, such as `chat/write`; then ID tokens, which hold none, open nothing.
        identity_source: Where the token is: `querystring.token`; `header.Sec-WebSocket-Protocol`, where a page offers it beside the subprotocol that
            is spoken, `new WebSocket(url, ["chat.v1", token])`; or for programs `header.Authorization`.

    Raises:
        AuthorizerError: An argument is not what it must be, or a client is of none of the pools.
    """

    user_pools: Sequence[cognito.IUserPool | cognito.UserPool]
    clients: Sequence[cognito.IUserPoolClient | cognito.UserPoolClient]
    scopes: Sequence[str] = ()
    identity_source: str = "querystring.token"

    def __post_init__(self) -> None:
        check(
            "CognitoConnectAuthorizer",
            AuthorizerError,
            user_pools=(self.user_pools, listing(POOL)),
            clients=(self.clients, listing(CLIENT)),
            scopes=(self.scopes, listing(filled)),
            identity_source=(self.identity_source, one_source),
        )
        if not self.user_pools or not self.clients:
            message = "a CognitoConnectAuthorizer needs a user pool, and the clients that tokens are for; write CognitoConnectAuthorizer([pool], clients=[client])"
            raise AuthorizerError(message, path="CognitoConnectAuthorizer")
        for client in self.clients:
            if all(is_of_another(client, pool) for pool in self.user_pools):
                self._refuse(f"names the client {client.node.path}, which is of another pool; write clients=[pool.add_client(...)]", client)
        for pool in self.user_pools:
            if all(is_of_another(client, pool) for client in self.clients):
                self._refuse(
                    f"names no client of the pool {pool.node.path}, whose tokens open nothing; leave the pool out, or name one", pool
                )

    def check_app(self, app: App) -> None:
        """Check that an app can be connected to.

        Raises:
            AuthorizerError: The token is a subprotocol, and the app speaks none that a browser could be answered with.
        """
        told = (route.operation or {} for route in app.routes if route.key == "$connect")
        if self.identity_source.lower() == _PROTOCOL and not any(operation.get("subprotocols") for operation in told):
            self._refuse(
                f"takes tokens from Sec-WebSocket-Protocol, and {app.name} speaks no subprotocol, so that browsers would close the connection; write "
                "WebSocketResolver(subprotocols=['chat.v1'])",
                app.name,
            )

    def told(self, scope: Construct) -> str:
        """What the function is told, as JSON.

        Args:
            scope: A construct of the stack.
        """
        pools, clients = [pool.user_pool_id for pool in self.user_pools], [client.user_pool_client_id for client in self.clients]
        source = {"scopes": list(self.scopes), "source": self.identity_source}
        return Stack.of(scope).to_json_string({"pools": pools, "clients": clients, **source})

    @staticmethod
    def _refuse(why: str, value: Any) -> None:
        raise AuthorizerError(f"a CognitoConnectAuthorizer {why}", path="CognitoConnectAuthorizer", value=value)


class CognitoConnectFunction(ServiceFunction):
    """The function that API Gateway asks about each connection; made by `WebSocketGateway(authorizer=CognitoConnectAuthorizer(...))`.

    It runs as the app's function does, but outside of its network, since it fetches the pool's public keys. Its code is gateleg's own.

    Args:
        scope: The parent construct.
        id: The construct's id.
        authorizer: Whose tokens open the API.
        entry: The handler string of the app, whose requirements it shares; `None` for no app.
        options: How the app's function runs.

    Raises:
        PackagingError: The requirements do not bring `pyjwt[crypto]`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        authorizer: CognitoConnectAuthorizer,
        entry: str | None,
        options: FunctionOptions,
    ) -> None:
        code = options.get("code", HandlerCode())
        own: FunctionOptions = {
            "code": _beside(code) if entry is None else code.for_handler(entry),
            "environment": {CONNECT_VARIABLE: authorizer.told(scope), "POWERTOOLS_SERVICE_NAME": "connect"},
            "timeout": Duration.seconds(10),
            "description": "asks tokens of Cognito who may connect",
            "described": App(_HANDLER, "function", needs=Needs(distributions=("cryptography", "pyjwt"))),
        }
        shared = cast("FunctionOptions", {name: value for name, value in options.items() if name in _SHARED})
        super().__init__(scope, id, handler="index:authorize", **(shared | own))

    def _shipped(
        self, options: FunctionOptions, needs: Needs, *, architecture: lambda_.Architecture, runtime: lambda_.Runtime
    ) -> tuple[lambda_.Code, list[lambda_.ILayerVersion | lambda_.LayerVersion]]:
        layer = options.get("code", HandlerCode()).layer(self, needs, architecture=architecture, runtime=runtime)
        module, attribute = _HANDLER.split(":")
        return lambda_.Code.from_inline(f"from {module} import {attribute}\n"), [layer, *options.get("layers", ())]


def _beside(code: HandlerCode) -> HandlerCode:
    """The code of an API without an app, whose requirements stand at the root."""
    found = Path(code.root, "requirements.txt")
    return replace(code, requirements=code.requirements or (found if found.is_file() else None))
