"""boto3's client, one message after the other."""

import boto3

from benchmarks.posts_run import IDS, URL, run

client = boto3.client("apigatewaymanagementapi", endpoint_url=URL)


def post_to_all(ids: list, data: bytes) -> int:
    """How many took the message."""
    for connection_id in ids:
        client.post_to_connection(ConnectionId=connection_id, Data=data)
    return len(ids)


run(post_to_all, ids=IDS[:300])
