"""The shop backend: a table, a REST API, and the pool of its customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Acknowledgment, CfnOutput, Stack, Validations
from aws_cdk.aws_cognito import AuthFlow, PasswordPolicy, UserPool

from gateleg.cdk import CognitoAuthorizer, IamAuthorizer, ModelTable, NoWebAcl, RestApp, RestGateway
from lambdas.shop.model import SHOP

if TYPE_CHECKING:
    from constructs import Construct


class ShopStack(Stack):
    """Everything the shop needs.

    Attributes:
        table: The table with its indexes.
        customers: The user pool in which customers sign themselves up.
        rest: The REST API; who works in the office is granted its routes with `rest.grant_invoke(role, "PUT /products/{sku}")`.
    """

    def __init__(self, scope: Construct, construct_id: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.table = ModelTable(self, "Table", table=SHOP)
        policy = PasswordPolicy(min_length=12, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True)
        self.customers = UserPool(self, "Customers", self_sign_up_enabled=True, password_policy=policy)
        reasons = {
            "AwsSolutions-COG2": "Customers of a shop sign in with a password; a second factor is theirs to choose.",
            "AwsSolutions-COG8": "A demonstration: the plus plan costs by the person.",
            "gateleg::sign_up": "Whoever likes may buy; the office's routes are guarded by IAM.",
        }
        Validations.of(self.customers).acknowledge(*(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items()))
        client = self.customers.add_client("Web", auth_flows=AuthFlow(user_password=True), disable_o_auth=True)
        self.rest = RestGateway(
            self,
            "Rest",
            apps=[RestApp("lambdas.shop.rest:app", handler="lambdas.shop.rest:handler")],
            tables=[self.table],
            authorizers={"customers": CognitoAuthorizer([self.customers]), "office": IamAuthorizer()},
            default_authorizer="customers",
            web_acl=NoWebAcl("A demonstration: the stage throttles, and a web ACL costs by the month."),
        )
        self.rest.add_reference("/docs", public="the reference holds no data")
        CfnOutput(self, "PoolId", value=self.customers.user_pool_id)
        CfnOutput(self, "ClientId", value=client.user_pool_client_id)
