"""boto3's client in threads, as many connections as threads."""

from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

from benchmarks.posts_run import CONCURRENCY, URL, run

client = boto3.client("apigatewaymanagementapi", endpoint_url=URL, config=Config(max_pool_connections=CONCURRENCY))


def post_to_all(ids: list, data: bytes) -> int:
    """How many took the message."""
    with ThreadPoolExecutor(CONCURRENCY) as threads:
        return len(list(threads.map(lambda one: client.post_to_connection(ConnectionId=one, Data=data), ids)))


run(post_to_all)
