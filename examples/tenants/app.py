"""A table of many companies, and an API whose function reaches the items of one at a time."""

from aws_cdk import App, Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from gateleg.cdk import CognitoAuthorizer, ModelTable, RestGateway


class BillingStack(Stack):
    """The table, whoever signs in, and the API."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        table = ModelTable(self, "Table", table="billing:BILLING", preset="sandbox")
        people = cognito.UserPool(self, "People", custom_attributes={"company": cognito.StringAttribute(mutable=False)})
        self.rest = RestGateway(self, "Rest", apps=["billing:app"], tables=[table], authorizers={"people": CognitoAuthorizer([people])})


if __name__ == "__main__":
    app = App()
    BillingStack(app, "Billing")
    app.synth()
