"""The resources of a WebSocket API's routes: routes, integrations, the authorizer, and the deployment that takes them together."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from aws_cdk import aws_apigatewayv2 as apigatewayv2

from gateleg.cdk.acknowledgements import CONTROL_TOWER, acknowledge
from gateleg.cdk.arns import invocation_arn
from gateleg.cdk.authorizers import RequestAuthorizer
from gateleg.cdk.functions import FunctionLike, as_function
from gateleg.cdk.rendered import name_by_content
from gateleg.cdk.route_keys import AUTHORIZER, CONNECT
from gateleg.cdk.sharing import claim_tokens
from gateleg.description.names import PUBLIC_EXTENSION

if TYPE_CHECKING:
    from aws_cdk import CfnResource
    from constructs import Construct

    from gateleg.cdk.permissions import Permissions
    from gateleg.cdk.plan import PlannedRoute
    from gateleg.cdk.route_keys import ConnectAuthorizer

_LATER_REASON = "API Gateway asks the authorizer once, when the connection opens with $connect; other routes cannot have one."
_UNGUARDED = f"{CONTROL_TOWER}api_gw_v2_authorization_type_configured_check"


class SocketRoutes:
    """What a WebSocket API consists of beside its stage.

    Args:
        gateway: What the resources belong to.
        api: The API.
        stage: The name of the stage.
        permissions: What the API may invoke.
        authorizer: Who may connect.
        with_keys: Whether `$connect` asks for an API key.

    Attributes:
        deployment: The deployment, a new one with whatever is rendered otherwise.
    """

    def __init__(
        self,
        gateway: Construct,
        api: apigatewayv2.WebSocketApi,
        stage: str,
        *,
        permissions: Permissions,
        authorizer: ConnectAuthorizer | None,
        with_keys: bool,
    ) -> None:
        self._gateway, self._api, self._stage = gateway, api, stage
        self._permissions, self._with_keys = permissions, with_keys
        self._parts: dict[str, CfnResource] = {}
        self._integrations: dict[str, apigatewayv2.CfnIntegration] = {}
        self._authorizer = self._define_authorizer(authorizer) if isinstance(authorizer, RequestAuthorizer) else None
        self.deployment: apigatewayv2.CfnDeployment = apigatewayv2.CfnDeployment(gateway, "Deployment", api_id=api.api_id)
        name_by_content(
            self.deployment,
            lambda: [cast("CfnResource", api.node.default_child), *(self._parts[name] for name in sorted(self._parts))],
        )

    def add(self, route: PlannedRoute, function: FunctionLike) -> None:
        """Make the resources of a route, unless they are there.

        Args:
            route: The route.
            function: What answers it.
        """
        if (id_ := _route_id(route.key)) in self._parts:
            return
        custom = self._authorizer if route.access.asks else None
        resource = apigatewayv2.CfnRoute(
            self._gateway,
            id_,
            api_id=self._api.api_id,
            route_key=route.key,
            authorization_type="NONE" if not route.access.asks else "CUSTOM" if custom is not None else "AWS_IAM",
            authorizer_id=None if custom is None else custom.ref,
            target=f"integrations/{self._integration(function).ref}",
            api_key_required=True if route.key == CONNECT and self._with_keys else None,
        )
        if route.access.public is not None:
            resource.add_metadata(PUBLIC_EXTENSION, route.access.public)
            acknowledge(resource, f"Anyone may connect: {route.access.public}", "AwsSolutions-APIG4", _UNGUARDED)
        elif route.key != CONNECT:
            acknowledge(resource, _LATER_REASON, "AwsSolutions-APIG4", _UNGUARDED)
        self.deployment.add_resource_dependency(resource)
        self._parts[id_] = resource

    def _integration(self, function: FunctionLike) -> apigatewayv2.CfnIntegration:
        l2 = as_function(function)
        path = l2.node.path
        if path not in self._integrations:
            name = f"Integration-{self._permissions.allow(function, f'{self._stage}/*')}"
            integration = apigatewayv2.CfnIntegration(
                self._gateway,
                name,
                api_id=self._api.api_id,
                integration_type="AWS_PROXY",
                integration_uri=invocation_arn(l2.function_arn),
            )
            self._integrations[path] = integration
            self._parts[name] = integration
        return self._integrations[path]

    def _define_authorizer(self, authorizer: RequestAuthorizer) -> apigatewayv2.CfnAuthorizer:
        claim_tokens(self._gateway, authorizer.function)
        self._permissions.allow(authorizer.function, "authorizers/*")
        resource = apigatewayv2.CfnAuthorizer(
            self._gateway,
            "Authorizer",
            api_id=self._api.api_id,
            name=AUTHORIZER,
            authorizer_type="REQUEST",
            authorizer_uri=invocation_arn(as_function(authorizer.function).function_arn),
            identity_source=authorizer.sources("route"),
        )
        self._parts["Authorizer"] = resource
        return resource


def _route_id(key: str) -> str:
    """The construct id of a route: its key, and where that has a slash, which ids cannot have, a hash beside what is left."""
    return f"Route{key}" if "/" not in key else f"Route{key.replace('/', '-')}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
