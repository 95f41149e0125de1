"""AWS's HTTP APIs without one of botocore's clients: where they are, who asks, signatures, connections, and many requests at once.

What the data layer's direct transport and the broadcasts of a WebSocket API both stand on. docs/adr/0005-direct-transport.md and
docs/adr/0017-one-sender.md say why, and what it measures. botocore is asked for credentials and regions where the environment does not say
them all, and imported no earlier.
"""
