"""gateleg: REST and WebSocket APIs, Powertools handlers and a DynamoDB table from one typed declaration.

Nothing is imported here, so that a handler pays only for what it uses: take names from `gateleg.model`,
`gateleg.store`, `gateleg.rest`, `gateleg.websocket` at run time, `gateleg.cdk` at synth, `gateleg.testing` in tests.
"""
