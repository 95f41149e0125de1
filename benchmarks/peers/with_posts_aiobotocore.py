"""aiobotocore, as many tasks as connections."""

import asyncio

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

from benchmarks.posts_run import CONCURRENCY, URL, run

loop = asyncio.new_event_loop()
config = AioConfig(max_pool_connections=CONCURRENCY)
client = loop.run_until_complete(get_session().create_client("apigatewaymanagementapi", endpoint_url=URL, config=config).__aenter__())


def post_to_all(ids: list, data: bytes) -> int:
    """How many took the message."""

    async def post_each() -> int:
        turns = asyncio.Semaphore(CONCURRENCY)

        async def post(connection_id: str) -> None:
            async with turns:
                await client.post_to_connection(ConnectionId=connection_id, Data=data)

        await asyncio.gather(*map(post, ids))
        return len(ids)

    return loop.run_until_complete(post_each())


run(post_to_all)
loop.run_until_complete(client.__aexit__(None, None, None))
