"""The names that handlers, constructs and the local run agree on."""

from __future__ import annotations

import re

CORS_VARIABLE = "GATELEG_CORS"
"""The arguments of Powertools' `CORSConfig` as JSON, where the gateway was given `cors=`."""

SOCKET_VARIABLE = "GATELEG_WEBSOCKET_ENDPOINT"
"""The URL of the management API of a WebSocket stage, for functions that send to its connections."""

CONNECT_VARIABLE = "GATELEG_CONNECT_TOKENS"
"""Whose tokens of Cognito open a WebSocket, as JSON, for the function that is asked: `pools`, `clients`, `scopes` and `source`."""

REFERENCE_SOCKET_VARIABLE = "GATELEG_REFERENCE_SOCKET"
"""The URL of the WebSocket API that a reference tells of, for the function that serves it."""

WORKERS_VARIABLE = "GATELEG_BROADCAST_QUEUE"
"""The URL of the queue of those who send messages to topics with many WebSocket connections."""

EVENTS_VARIABLE = "GATELEG_EVENTS_ENDPOINT"
"""The URL of the Event API of AppSync that sends messages of topics which are its channels."""

EVENTS_NAMESPACE = "topics"
"""The namespace of the channels of topics in an Event API."""

POSTS_VARIABLE = "GATELEG_POSTS"
"""The dimension `Api` of the metrics of posts to WebSocket connections, where they are counted."""

POSTS_NAMESPACE, POSTS_METRICS = "gateleg", ("Posts", "GoneConnections", "FailedPosts")
"""Their namespace and their names: all posts, those that met a closed connection, and those that failed otherwise."""

SWEEP_SOURCE = "gateleg.sweep"
"""The `source` of the event by which a schedule has a WebSocket's registry swept; its `endpoint` is the URL of the management API."""

TOKEN_ENTITY = "ConnectToken"  # noqa: S105 (the name of an entity)
"""The entity of connect tokens and of channel tokens."""

REGISTRY_ENTITY = "SocketConnection"
"""The entity of open connections, whose table is the registry's."""

TENANT_ROLE_VARIABLE = "GATELEG_TENANT_ROLE"
"""The ARN of the role that a function takes on for one tenant."""

TENANT_TAG = "tenant"
"""The tag by which a session of that role says whose items it reaches."""

TENANT = "{tenant}"
"""Stands in what a use says of leading keys for the tenant itself."""

DAX_VARIABLE = "GATELEG_DAX_ENDPOINT"
"""The discovery endpoint of the DAX cluster by which a function reaches its tables."""

APP_METADATA = "gateleg:app"
"""Of a function in a template, the app or handler as the construct was given it."""

NO_APP_METADATA = "gateleg:calls-no-app"
"""Of a function in a template, why it answers with none of the apps that its modules import."""

ROUTES_FILE = "gateleg_routes.json"
"""Beside the code of a function of several apps: their handlers, and which of them answers a route."""

PUBLIC_EXTENSION = "x-gateleg-public"
"""In an OpenAPI operation: why the route needs no authorizer."""


def table_variable(table: str) -> str:
    """The environment variable that holds the physical name of the table declared as `table`: `GATELEG_TABLE_CHAT`."""
    return f"GATELEG_TABLE_{_shout(table)}"


def cursor_secret_variable(table: str) -> str:
    """The environment variable that holds the ARN of the secret that signs the table's cursors: `GATELEG_CURSOR_SECRET_CHAT`."""
    return f"GATELEG_CURSOR_SECRET_{_shout(table)}"


def _shout(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())
