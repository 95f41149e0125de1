"""A table, a WebSocket API, and what sends the changes of the one to the connections of the other."""

from aws_cdk import App, Stack
from constructs import Construct

from gateleg.cdk import ModelTable, WebSocketGateway, Workers


class LiveStack(Stack):
    """Scores, and whoever watches them."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.table = ModelTable(self, "Table", table="board:GAMES", preset="sandbox")
        self.socket = WebSocketGateway(self, "Socket", app="board:socket", tables=[self.table], workers=Workers(concurrency=20))
        self.consumer = self.table.on_change("board:changes")
        self.socket.add_publisher(self.consumer.function)


if __name__ == "__main__":
    app = App()
    LiveStack(app, "Live")
    app.synth()
