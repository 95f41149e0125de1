"""An API whose document came first."""

from aws_cdk import App, Stack
from constructs import Construct

from gateleg.cdk import Contract, IamAuthorizer, RestGateway


class RoomsStack(Stack):
    """The API of `openapi.json`."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.rest = RestGateway(self, "Rest", apps=["rooms:app"], authorizers={"aws": IamAuthorizer()}, contract=Contract("openapi.json"))


if __name__ == "__main__":
    app = App()
    RoomsStack(app, "Rooms")
    app.synth()
