"""The `IRestApi` behind a `RestGateway`: one resource with one OpenAPI body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from aws_cdk import Lazy, Stack
from aws_cdk import aws_apigateway as apigateway

from gateleg.cdk.digests import rendered_digest
from gateleg.cdk.produced import Produced
from gateleg.errors import RouteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import aws_iam as iam
    from constructs import Construct


class _HashesOverrides(Protocol):
    def __call__(self, data: Any) -> None: ...


class BodyResource(apigateway.CfnRestApi):
    """The `AWS::ApiGateway::RestApi`; whatever a user overrides on it makes a new deployment too."""

    hashed: _HashesOverrides | None = None

    def add_override(self, path: str, value: Any) -> None:
        """Override a property, as `CfnResource.add_override` does.

        Args:
            path: Dotted path.
            value: What is put there.
        """
        super().add_override(path, value)
        if self.hashed is not None:
            self.hashed({path: value})

    def add_property_override(self, property_path: str, value: Any) -> None:
        """Override a property, as `CfnResource.add_property_override` does.

        Args:
            property_path: Dotted path below `Properties`.
            value: What is put there.
        """
        self.add_override(f"Properties.{property_path}", value)

    def add_deletion_override(self, path: str) -> None:
        """Remove a part, as `CfnResource.add_deletion_override` does.

        Args:
            path: Dotted path.
        """
        super().add_deletion_override(path)
        if self.hashed is not None:
            self.hashed({path: "deleted"})


class BodyRestApi(apigateway.RestApiBase):
    """A REST API that is rendered whole from one OpenAPI body.

    It is an `IRestApi`: metrics, usage plans, domain names, base path mappings and `arn_for_execute_api` work on it. What
    would add a part beside the body is refused, because an import overwrites it.

    Args:
        scope: The parent construct.
        id: The construct's id.
        body: Makes the OpenAPI document.
        policy: The resource policy; none unless given.
        **props: Further properties of `CfnRestApi`.

    Attributes:
        resource: The `AWS::ApiGateway::RestApi`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        body: Callable[[], dict[str, Any]],
        policy: iam.PolicyDocument | None = None,
        **props: Any,
    ) -> None:
        super().__init__(scope, id)
        self._policy = policy
        self._props = props
        self._body = body
        self.resource = BodyResource(self, "Resource", body=Lazy.any(Produced(body)), policy=policy, **props)

    def hashed_into(self, deployment: apigateway.Deployment) -> None:
        """Let the deployment's logical id change with everything that is rendered.

        Args:
            deployment: The deployment.
        """
        stack = Stack.of(self)
        deployment.add_to_logical_id(Lazy.string(Produced(lambda: rendered_digest(stack, self._body()))))
        deployment.add_to_logical_id({"policy": self._policy, **self._props})
        self.resource.hashed = deployment.add_to_logical_id

    @property
    def rest_api_id(self) -> str:
        """The API's id."""
        return self.resource.ref

    @property
    def rest_api_root_resource_id(self) -> str:
        """The id of the resource `/`."""
        return self.resource.attr_root_resource_id

    @property
    def root(self) -> NoReturn:
        """Refused: there are no resources to add methods to.

        Raises:
            RouteError: Always; it names the alternative.
        """
        raise self._refusal(
            "root.add_resource() and root.add_method()", 'routes={"GET /path": function} or RestGateway.add_route("GET /path", function)'
        )

    def add_gateway_response(self, id: str, **options: Any) -> NoReturn:  # noqa: A002 (the parameter's name in CDK)
        """Refused: gateway responses stand in the body.

        Raises:
            RouteError: Always; it names the alternative.
        """
        del id, options
        raise self._refusal("add_gateway_response()", "gateway_responses={...} on the RestGateway, or override RestGateway._render_body()")

    def add_to_resource_policy(self, statement: iam.PolicyStatement) -> NoReturn:
        """Refused: the policy is given as a whole.

        Raises:
            RouteError: Always; it names the alternative.
        """
        del statement
        raise self._refusal("add_to_resource_policy()", "policy=PolicyDocument(...) on the RestGateway")

    def _refusal(self, what: str, instead: str) -> RouteError:
        message = f"{what} would add a part beside the OpenAPI body of {self.node.path}, and the next import would drop it; write {instead}"
        return RouteError(message, path=self.node.path)
