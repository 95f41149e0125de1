"""CDK's own integrations of REST APIs, rendered into the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.arns import account, execute_api_arn
from gateleg.cdk.integrations.integration import Answered
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from constructs import Construct

_SAID = {
    "cacheKeyParameters": "cache_key_parameters",
    "cacheNamespace": "cache_namespace",
    "contentHandling": "content_handling",
    "requestParameters": "request_parameters",
    "requestTemplates": "request_templates",
    "passthroughBehavior": "passthrough_behavior",
    "connectionType": "connection_type",
    "responseTransferMode": "response_transfer_mode",
}
_PASSED_CREDENTIALS = "arn:aws:iam::*:user/*"


class CdkIntegrations:
    """Binds integrations of CDK to the routes of one REST API.

    Args:
        scope: The gateway.
        api_id: The API's id.
        stage: The stage's name.
    """

    def __init__(self, scope: Construct, api_id: str, stage: str) -> None:
        self._scope = scope
        self._api_id = api_id
        self._stages = [stage]
        self._invoked: list[str] = []

    def bound(self, key: str, integration: apigateway.Integration) -> Answered:
        """The integration object of an integration.

        What CDK makes for it, such as the role of a `StepFunctionsIntegration`, stands below the gateway; a function gets one permission,
        whatever the number of its routes.

        Args:
            key: The route.
            integration: `LambdaIntegration`, `AwsIntegration`, `HttpIntegration`, `MockIntegration`, or one of the user's own.

        Raises:
            DeclarationError: CDK refuses it.
        """
        method = self._method(key)
        try:
            config = integration.bind(method)
        except RuntimeError as error:  # jsii's own
            message = f"{key} is answered by an integration that CDK refuses: {error}"
            raise DeclarationError(message, path=key, value=integration, code="declaration.integration") from error
        self._permit(method)
        options: Any = config.options
        if options is not None and hasattr(options.vpc_link, "vpc"):
            # CDK does not say which load balancer it leads to. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-private-integration.html.
            message = (
                f"{key} is reached through a VpcLink of aws_apigatewayv2, for which a REST API needs the load balancer too, and CDK says none; pass an "
                "integration object with connectionType, connectionId and integrationTarget, the ARN of the load balancer, or a VpcLink of aws_apigateway"
            )
            raise DeclarationError(message, path=key, value=integration, code="declaration.integration")
        found: dict[str, Any] = {"type": config.type.value.lower(), "httpMethod": config.integration_http_method, "uri": config.uri}
        if options is not None:
            found |= {ours: _plain(getattr(options, theirs)) for ours, theirs in _SAID.items()}
            found["credentials"] = _credentials(options)
            found["connectionId"] = options.vpc_link and options.vpc_link.vpc_link_id
            found["timeoutInMillis"] = options.timeout and int(options.timeout.to_milliseconds())
            found["responses"] = {
                response.selection_pattern or "default": _response(response) for response in options.integration_responses or ()
            }
        return Answered({name: value for name, value in found.items() if value})

    def let_call(self, stage: str) -> None:
        """Let one stage more call the functions.

        Args:
            stage: Its name.
        """
        self._stages.append(stage)
        for name in self._invoked:
            self._allow(name, stage)

    def _method(self, key: str) -> apigateway.Method:
        """A method of the key, of an API that stands for ours: methods of ours would be resources beside its body."""
        verb, path = key.split(" ", 1)
        holder = self._scope.node.try_find_child("Bound")
        if holder is None:
            holder = apigateway.RestApi.from_rest_api_attributes(
                self._scope, "Bound", rest_api_id=self._api_id, root_resource_id=self._api_id
            )
        api = cast("apigateway.IRestApi", holder)
        ids = "-".join(part for part in (verb, *path.split("/")) if part)
        resource = apigateway.Resource.from_resource_attributes(self._scope, f"At-{ids}", path=path, resource_id=self._api_id, rest_api=api)
        method = apigateway.Method(self._scope, f"Of-{ids}", http_method=verb, resource=resource)
        method.node.try_remove_child("Resource")
        return method

    def _permit(self, method: apigateway.Method) -> None:
        """Put one permission for each function in the place of those for each method."""
        for child in list(method.node.children):
            if not isinstance(child, lambda_.CfnPermission):
                continue
            method.node.try_remove_child(child.node.id)
            name = child.function_name
            if name not in self._invoked:
                self._invoked.append(name)
                for stage in self._stages:
                    self._allow(name, stage)

    def _allow(self, name: str, stage: str) -> None:
        of_stage = "" if stage == self._stages[0] else f"-{stage}"
        lambda_.CfnPermission(
            self._scope,
            f"InvokeBound{self._invoked.index(name) + 1}{of_stage}",
            action="lambda:InvokeFunction",
            function_name=name,
            principal="apigateway.amazonaws.com",
            source_account=account(),
            source_arn=execute_api_arn(self._api_id, f"{stage}/*/*"),
        )


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return list(cast("list[str]", value))
    return (
        dict(value) if hasattr(value, "keys") else value.value.lower() if value.__class__.__name__ == "PassthroughBehavior" else value.value
    )


def _credentials(options: Any) -> Any:
    if options.credentials_role is not None:
        return options.credentials_role.role_arn
    return _PASSED_CREDENTIALS if options.credentials_passthrough else None


def _response(response: apigateway.IntegrationResponse) -> dict[str, Any]:
    found = {
        "statusCode": response.status_code,
        "responseParameters": dict(response.response_parameters or {}),
        "responseTemplates": dict(response.response_templates or {}),
        "contentHandling": response.content_handling and response.content_handling.value,
    }
    return {name: value for name, value in found.items() if value}
