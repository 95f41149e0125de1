"""What an integration is: it renders itself into the API's body, with the role that it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Aws

from gateleg.cdk.integrations.models import strict_model
from gateleg.cdk.validation import Checks
from gateleg.errors import DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import IResource
    from pydantic import BaseModel

    from gateleg.cdk.integrations.roles import Roles
    from gateleg.cdk.model_table import ModelTable
    from gateleg.cdk.schemas import Models


_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True)
class Answered:
    """An integration as the body of an API holds it.

    Attributes:
        integration: The `x-amazon-apigateway-integration` object.
        operation: What is told of the route: `summary`, `parameters`, `responses`.
        checks: What the gateway checks of a request before it calls.
        given: What it reads of the request's context, which the route must give: `authorizer.claims.sub`.
    """

    integration: Mapping[str, Any]
    operation: dict[str, Any] = field(default_factory=dict[str, Any])
    checks: Checks = field(default_factory=Checks)
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where an integration stands: one route of one API.

    Attributes:
        key: The route, `GET /orders/{order_id}`.
        roles: The roles of the API's integrations.
        models: The models of the API.
        tables: The tables that the gateway was given.
    """

    key: str
    roles: Roles
    models: Models
    tables: Sequence[ModelTable] = ()

    @property
    def variables(self) -> list[str]:
        """The variables of the path."""
        return re.findall(r"\{([^}+]+)\+?\}", self.key)

    def model(self, model: type[BaseModel] | None) -> str | None:
        """The name of the API's model of a request body, if there is one."""
        if model is None:
            return None
        self.require_body(model.__name__)
        return strict_model(self.models, model.model_json_schema(), model.__name__)

    def require_body(self, what: str) -> None:
        """Refuse a route whose requests need have no body: nothing would be sent, which services take for a fault.

        Args:
            what: What the body is to be.
        """
        if self.key.partition(" ")[0] not in _WITH_BODY:
            raise self.refused(f"reads a body, {what}, which its method does not have; write POST, PUT or PATCH")

    def refused(self, problem: str, value: Any = None) -> DeclarationError:
        """The error that says why this route cannot have the integration."""
        return DeclarationError(f"{self.key} {problem}", path=self.key, value=value, code="declaration.integration")

    def queries(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the parameters that the path does not have, which are asked of the query string."""
        return tuple(dict.fromkeys(name for name in names if name not in self.variables))

    def region(self, resource: IResource) -> str:
        """The region of a resource; that of the stack where it is no other."""
        return self.roles.elsewhere(resource)[0] or Aws.REGION

    def is_foreign(self, resource: IResource) -> bool:
        """Whether a resource is of another account or region, where its name alone says something else."""
        return any(self.roles.elsewhere(resource))

    def http_region(self, resource: IResource) -> dict[str, str]:
        """The region as integrations of HTTP APIs take it, for a resource of another region."""
        region = self.roles.elsewhere(resource)[0]
        return {"Region": region} if region else {}

    def require_every_variable(self, names: Sequence[str], user: str) -> None:
        """Refuse a path with a variable that nothing reads: requests would differ in it and be answered alike."""
        if unread := [name for name in self.variables if name not in names]:
            message = f"{self.key} has the variable {unread[0]!r}, which {user} does not read; leave it out of the path, or use it"
            raise RouteError(message, path=self.key, value=unread[0])


class Integration:
    """What answers a route in a function's place."""

    def rest(self, place: Place) -> Answered:
        """Render for a REST API.

        Args:
            place: The route.

        Raises:
            DeclarationError: The route cannot have it.
        """
        raise place.refused(f"is answered by {type(self).__name__}, which a REST API does not have; use HttpGateway")

    def http(self, place: Place) -> Mapping[str, Any]:
        """Render for an HTTP API.

        Args:
            place: The route.

        Raises:
            DeclarationError: HTTP APIs do not have it.
        """
        raise place.refused(f"is answered by {type(self).__name__}, which HTTP APIs do not have; use RestGateway, or a function")
