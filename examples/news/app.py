"""A table, a WebSocket API, and the Event API that sends what it broadcasts."""

from aws_cdk import App, Stack
from constructs import Construct

from gateleg.cdk import Events, ModelTable, ServiceFunction, WebSocketGateway


class NewsStack(Stack):
    """News, and whoever reads them."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.table = ModelTable(self, "Table", table="news:NEWS", preset="sandbox")
        self.events = Events(ServiceFunction(self, "Asked", handler="news:authorize", tables=[self.table]))
        self.socket = WebSocketGateway(self, "Socket", app="news:socket", tables=[self.table], events=self.events)


if __name__ == "__main__":
    app = App()
    NewsStack(app, "News")
    app.synth()
