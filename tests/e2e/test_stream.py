"""examples/stream on the embedded AWS, IAM enforced: good changes take effect once and in order, whatever is poisoned or comes again."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.local.functions import chosen_functions, log_lines
from tests.e2e.examples import deployed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("stream", tmp_path_factory) as up:
        yield up


class Shop:
    """The table, written as another program would."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.dynamodb = aws.client("dynamodb")
        [self.table] = [name for name in self.dynamodb.list_tables()["TableNames"] if name.startswith("Shop")]

    def stock(self, paint: str, tins: int) -> None:
        self.put(f"PAINT#{paint}", "STOCK", _type="Stock", paint=paint, tins=tins, sold=0)

    def order(self, number: str, paint: str, tins: int, status: str = "open") -> None:
        self.put(f"ORDER#{number}", "ORDER", _type="Order", order_id=number, paint=paint, tins=tins, status=status)

    def forget(self, number: str) -> None:
        self.dynamodb.delete_item(TableName=self.table, Key={"pk": {"S": f"ORDER#{number}"}, "sk": {"S": "ORDER"}})

    def left(self, paint: str) -> tuple[int, int]:
        item = self.dynamodb.get_item(TableName=self.table, Key={"pk": {"S": f"PAINT#{paint}"}, "sk": {"S": "STOCK"}}, ConsistentRead=True)
        return int(item["Item"]["tins"]["N"]), int(item["Item"]["sold"]["N"])

    def letters(self) -> list[dict[str, Any]]:
        sqs = self.aws.client("sqs")
        [queue] = [url for url in sqs.list_queues()["QueueUrls"] if "DeadLetters" in url]
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    def put(self, pk: str, sk: str, **values: Any) -> None:
        wired = {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in values.items()}
        self.dynamodb.put_item(TableName=self.table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **wired})


@pytest.fixture(scope="module")
def shop(aws: LocalAws) -> Shop:
    return Shop(aws)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.1)


def logged(aws: LocalAws) -> str:
    return "\n".join(line.text for line in log_lines(aws.target, chosen_functions(aws.target, "orders")))


def test_each_change_takes_effect_where_its_conditions_hold(shop: Shop) -> None:
    shop.stock("red", 100)
    shop.order("r1", "red", 3)
    shop.order("r1", "red", 3, "paid")
    shop.order("r1", "red", 3, "sent")
    shop.order("r2", "red", 5)
    shop.forget("r2")
    shop.forget("r1")
    shop.order("r3", "red", 1)
    until(lambda: shop.left("red")[0] == 96)
    assert shop.left("red") == (96, 3)


def test_poison_ends_in_the_dead_letters_and_takes_nothing_along(shop: Shop, aws: LocalAws) -> None:
    known = len(shop.letters())
    shop.stock("blue", 1_000)
    for number in range(20):
        # Of a paint without a stock, and of one that is no order.
        shop.order(f"b{number}", "unknown" if number == 7 else "blue", 1)
    shop.put("ORDER#bad", "ORDER", _type="Order", order_id="bad", paint="blue", tins="many")
    shop.order("last", "blue", 1)
    until(lambda: shop.left("blue")[0] == 980)
    until(lambda: len(shop.letters()) == known + 2)
    told = shop.letters()[known:]
    assert {letter["requestContext"]["condition"] for letter in told} == {"RetryAttemptsExhausted"}
    assert [letter["DDBStreamBatchInfo"]["batchSize"] for letter in told] == [1, 1]
    assert {"ItemNotFoundError", "StoredItemInvalidError"} <= set(logged(aws).replace(":", " ").replace('"', " ").split())
    time.sleep(1)
    assert shop.left("blue") == (980, 0)


def test_records_that_come_again_take_effect_once(shop: Shop, aws: LocalAws) -> None:
    shop.stock("green", 10)
    shop.order("g1", "green", 4)
    until(lambda: shop.left("green")[0] == 6)
    streams = aws.client("dynamodbstreams")
    arn = shop.dynamodb.describe_table(TableName=shop.table)["Table"]["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = json.loads(json.dumps(streams.get_records(ShardIterator=iterator)["Records"], default=lambda moment: moment.timestamp()))
    again = [one for one in records if "green" in json.dumps(one) and '"Order"' in json.dumps(one)]
    assert again
    [function] = [one.name for one in chosen_functions(aws.target, "orders")]
    for _ in range(3):
        answer = aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"Records": again}))
        assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
    assert shop.left("green") == (6, 0)
