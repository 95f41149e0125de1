"""What templates cost under loads."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from gateleg import cli
from gateleg.cost.bill import Bill, bill
from gateleg.cost.capacity import units
from gateleg.cost.load import load, load_of
from gateleg.cost.meters import METERS
from gateleg.cost.prices import REGIONS, price_list
from gateleg.errors import TemplateError
from gateleg.template.read import ReadTemplate

if TYPE_CHECKING:
    from pathlib import Path

Resources = dict[str, Any]


def one(type_: str, name: str = "It", **properties: Any) -> Resources:
    return {name: {"Type": type_, "Properties": properties}}


def billed(resources: Resources, **said: Any) -> Bill:
    return bill([ReadTemplate.from_json({"Resources": resources})], load_of(said))


def amounts(made: Bill) -> dict[str, Decimal]:
    return {line.item: line.amount for line in made.lines}


REST = one("AWS::ApiGateway::RestApi")
HTTP = one("AWS::ApiGatewayV2::Api", ProtocolType="HTTP")
SOCKET = one("AWS::ApiGatewayV2::Api", ProtocolType="WEBSOCKET")


def test_calls_are_billed_by_tier() -> None:
    made = billed(REST, apis={"It": {"requests": 400_000_000}})
    assert [(line.quantity, line.price) for line in made.lines] == [
        (Decimal(333_000_000), Decimal("3.50")),
        (Decimal(67_000_000), Decimal("2.80")),
    ]
    assert made.total == Decimal("1353.10")  # 333 at 3.50 and 67 at 2.80


@pytest.mark.parametrize(
    ("resources", "said", "total"),
    [
        (HTTP, {"apis": {"It": {"requests": 2_000_000}}}, "2.00"),
        (HTTP, {"region": "eu-west-1", "apis": {"It": {"requests": 2_000_000}}}, "2.22"),
        (SOCKET, {"apis": {"It": {"messages": 3_000_000, "connection_minutes": 8_000_000}}}, "5.00"),
        (one("AWS::Lambda::Function", MemorySize=512), {"functions": {"It": {"invocations": 1_000_000, "duration_ms": 100}}}, "1.03"),
        (
            one("AWS::Lambda::Function", MemorySize=512, Architectures=["arm64"]),
            {"functions": {"It": {"invocations": 1_000_000, "duration_ms": 100}}},
            "0.87",
        ),
        (one("AWS::SecretsManager::Secret"), {"secrets": {"It": {"calls": 20_000}}}, "0.50"),
        (one("AWS::KMS::Key"), {"keys": {"It": {"calls": 100_000}}}, "1.30"),
        (one("AWS::WAFv2::WebACL", Rules=[{}, {}, {}]), {"web_acls": {"It": {"requests": 5_000_000}}}, "11.00"),
        (one("AWS::SQS::Queue"), {"queues": {"It": {"requests": 10_000_000}}}, "4.00"),
        (one("AWS::SQS::Queue", FifoQueue=True), {"queues": {"It": {"requests": 10_000_000}}}, "5.00"),
        (one("AWS::SNS::Topic"), {"topics": {"It": {"requests": 2_000_000}}}, "1.00"),
        (one("AWS::Events::EventBus"), {"buses": {"It": {"events": 2_000_000}}}, "2.00"),
        # 400 messages a month to 10,000 subscribers: 400 and 4,000,000 operations; 1,000 of them connected all of 30 days: 43,200,000 minutes: 4.00 and 3.46
        (one("AWS::AppSync::Api"), {"event_apis": {"It": {"operations": 4_000_400, "connection_minutes": 43_200_000}}}, "7.46"),
        (one("AWS::ApiGateway::Stage", CacheClusterEnabled=True, CacheClusterSize="6.1"), {}, "146.00"),
        (one("AWS::CloudWatch::Alarm"), {}, "0.10"),
        (one("AWS::CloudWatch::Alarm", Metrics=[{"MetricStat": {}}, {"MetricStat": {}}, {"Expression": "a+b"}]), {}, "0.20"),
        (one("AWS::CloudWatch::Dashboard"), {}, "3.00"),
        (one("AWS::DynamoDB::Table"), {"tables": {"It": {"storage_gb": 10}}}, "2.50"),
        (
            one("AWS::DynamoDB::Table", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}),
            {"tables": {"It": {"storage_gb": 10}}},
            "4.50",
        ),
        (one("AWS::IAM::Role"), {"transfer_gb": 100}, "9.00"),
    ],
)
def test_what_is_billed(resources: Resources, said: dict[str, Any], total: str) -> None:
    assert billed(resources, **said).total == Decimal(total)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"operation": "get", "item_kb": 1}, "0.5"),
        ({"operation": "get", "item_kb": 1, "consistent": True}, "1"),
        ({"operation": "get", "item_kb": 4.5, "consistent": True}, "2"),
        ({"operation": "get", "item_kb": 1, "transactional": True}, "2"),
        ({"operation": "get", "item_kb": 1, "items": 10}, "5"),  # each is rounded up
        ({"operation": "query", "item_kb": 1, "items": 10}, "1.5"),  # their sum is
        ({"operation": "query", "item_kb": 0.1, "items": 0}, "0.5"),  # nothing found is not nothing read
        ({"operation": "scan", "item_kb": 1, "items": 8, "consistent": True}, "2"),
        ({"operation": "put", "item_kb": 0.2}, "1"),
        ({"operation": "put", "item_kb": 1.2}, "2"),
        ({"operation": "put", "item_kb": 1.2, "transactional": True}, "4"),
        ({"operation": "update", "item_kb": 0.2, "indexes": 2}, "3"),
        ({"operation": "delete", "item_kb": 3}, "3"),
    ],
)
def test_request_units_are_counted_as_dynamodb_counts(pattern: dict[str, Any], expected: str) -> None:
    read = json.loads(json.dumps({"count": 1, **pattern}), parse_float=Decimal)
    given = load_of({"tables": {"T": {"patterns": {"p": read}}}})
    assert units(given.sections["tables"]["T"]["patterns"]["p"]) == Decimal(expected)


def test_patterns_make_the_capacity_of_a_table() -> None:
    patterns = {
        "write": {"operation": "put", "count": 1_000_000, "item_kb": 1, "indexes": 1},
        "read": {"operation": "get", "count": 4_000_000, "item_kb": 1},
    }
    made = billed(
        one("AWS::DynamoDB::Table", BillingMode="PAY_PER_REQUEST", GlobalSecondaryIndexes=[{"IndexName": "a"}]),
        tables={"It": {"patterns": patterns}},
    )
    assert amounts(made) == {"dynamodb_writes": Decimal("1.25"), "dynamodb_reads": Decimal("0.25")}
    assert made.lacking == ("tables.It.storage_gb", "transfer_gb")


def test_logs_are_billed_when_they_come_and_as_long_as_they_are_kept() -> None:
    resources = one("AWS::Lambda::Function", LoggingConfig={"LogGroup": {"Ref": "Logs"}}) | one(
        "AWS::Logs::LogGroup", "Logs", RetentionInDays=90
    )
    made = billed(resources, functions={"It": {"invocations": 1024 * 1024, "log_kb": 2}})
    assert (amounts(made)["logs_ingested"], amounts(made)["logs_kept"]) == (Decimal("1.00"), Decimal("0.18"))


@pytest.mark.parametrize("arn", [{"Fn::GetAtt": ["Logs", "Arn"]}, {"Fn::Sub": "arn:aws:logs:x:1:log-group:${Logs}"}])
def test_access_logs_are_billed_where_a_stage_writes_them(arn: dict[str, Any]) -> None:
    stage = one("AWS::ApiGateway::Stage", "Stage", RestApiId={"Ref": "It"}, AccessLogSetting={"DestinationArn": arn})
    group = one("AWS::Logs::LogGroup", "Logs", RetentionInDays=90)
    said = {"It": {"requests": 1024 * 1024, "access_log_kb": 1}}
    assert amounts(billed(REST | stage | group, apis=said))["logs_kept"] == Decimal("0.09")
    assert "logs_kept" not in amounts(billed(REST, apis=said))


def test_what_the_load_does_not_say_is_told_by_the_keys_to_write() -> None:
    lacking = billed(one("AWS::Lambda::Function") | SOCKET | one("AWS::SecretsManager::Secret", "A-b")).lacking
    assert lacking == ("apis.It.messages", "apis.It.connection_minutes", "secrets.A-b.calls", "transfer_gb")
    for path in lacking[:-1]:
        section, name, key = path.split(".")
        assert path not in billed(SOCKET | one("AWS::SecretsManager::Secret", "A-b"), **{section: {name: {key: 1}}}).lacking


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        (one("AWS::Cognito::UserPool"), "It: AWS::Cognito::UserPool"),
        (one("AWS::Nobody::Knows"), "It: AWS::Nobody::Knows"),
        (one("AWS::ApiGateway::VpcLink"), "It: AWS::ApiGateway::VpcLink"),
        (one("AWS::DynamoDB::Table"), "It: provisioned capacity; reads and writes are counted as if it were on demand"),
        (one("AWS::Lambda::Function", TracingConfig={"Mode": "Active"}), "It: traces of X-Ray"),
        (one("AWS::Lambda::Function", MemorySize={"Ref": "P"}), "It: memory that the deployment decides; it is counted as 128 MB"),
        (one("AWS::Lambda::Function", EphemeralStorage={"Size": 1024}), "It: ephemeral storage above 512 MB"),
        (one("AWS::CloudWatch::Alarm", Period=10), "It: an alarm of high resolution; it is counted as one of a minute"),
        (one("AWS::DynamoDB::GlobalTable", Replicas=[{}, {}]), "It: replicas in other regions"),
        (
            one("AWS::Logs::LogGroup", LogGroupClass="INFREQUENT_ACCESS"),
            "It: the class INFREQUENT_ACCESS; its logs are counted at the price of the standard class",
        ),
        (one("AWS::Lambda::Alias", ProvisionedConcurrencyConfig={}), "It: provisioned concurrency"),
        (
            one("AWS::Lambda::Function", Environment={"Variables": {"GATELEG_POSTS": "Chat/Socket"}}),
            "It: three custom metrics of posts to WebSocket connections, for each API",
        ),
        (one("AWS::Lambda::Function", SnapStart={"ApplyOn": "PublishedVersions"}), "It: snapshots of SnapStart, and starts from them"),
        (
            one("AWS::ApiGatewayV2::Stage", DefaultRouteSettings={"LoggingLevel": "ERROR"}),
            "It: what API Gateway itself logs of errors or requests",
        ),
    ],
)
def test_what_has_no_price_is_told_and_never_nothing(resources: Resources, told: str) -> None:
    assert told in billed(resources).not_priced


def test_what_a_region_has_no_price_of_is_told() -> None:
    made = billed(one("AWS::WAFv2::WebACL", Rules=[{}]), region="eu-west-1", web_acls={"It": {"requests": 1}})
    assert made.lines == ()
    assert [told.partition(",")[0] for told in made.not_priced] == ["It: web acls", "It: web acl rules", "It: web acl requests"]


def test_what_is_above_the_tiers_is_told() -> None:
    made = billed(SOCKET, region="eu-west-1", apis={"It": {"messages": 1_500_000_000}})
    assert made.total == Decimal("1140.00")
    assert made.not_priced == ("It: 500,000,000 messages above the tiers of the list",)
    assert "taken from a public note" in made.notes[0]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"regions": "x"}, "the load has no 'regions'; it has region, transfer_gb, apis"),
        ({"apis": {"It": {"request": 1}}}, "apis.It has no 'request'; it has requests, messages"),
        ({"apis": {"It": {"requests": -1}}}, "apis.It.requests is -1; write a number that is not negative"),
        ({"apis": {"It": {"requests": True}}}, "apis.It.requests is True"),
        ({"apis": {"It": {"requests": "many"}}}, "apis.It.requests is 'many'"),
        ({"apis": {"It": {"requests": Decimal("NaN")}}}, "apis.It.requests is"),
        ({"apis": 3}, "apis is 3; write a table with names"),
        ({"region": 3}, "region is 3"),
        ({"region": "mars-1"}, "there are no prices of 'mars-1'; write us-east-1 or eu-west-1"),
        ({"apis": {"Other": {"requests": 1}}}, "apis.Other is not in the template; there is: It"),
        ({"functions": {"It": {"invocations": 1}}}, "functions.It is not in the template; there is: nothing"),
        ({"tables": {"It": {"patterns": {"p": {"operation": "put"}}}}}, "tables.It.patterns.p has no count and no item_kb"),
        (
            {"tables": {"It": {"patterns": {"p": {"operation": "read"}}}}},
            "tables.It.patterns.p.operation is 'read'; write get, query, scan",
        ),
        ({"tables": {"It": {"patterns": {"p": {"consistent": 1}}}}}, "tables.It.patterns.p.consistent is 1; write true or false"),
    ],
)
def test_what_a_load_may_not_say_is_refused(said: dict[str, Any], told: str) -> None:
    with pytest.raises(TemplateError) as raised:
        billed(REST, **said)
    assert raised.value.message.startswith(told)


INDEXED = one("AWS::DynamoDB::GlobalTable", GlobalSecondaryIndexes=[{"IndexName": "a"}], LocalSecondaryIndexes=[{"IndexName": "b"}])
SLOW = one("AWS::Lambda::Function", Timeout=29)


def pattern(operation: str, **said: Any) -> dict[str, Any]:
    return {"tables": {"It": {"patterns": {"p": {"operation": operation, "count": 1, "item_kb": 1, **said}}}}}


@pytest.mark.parametrize(
    ("resources", "said", "told", "instead"),
    [
        (SOCKET, {"apis": {"It": {"requests": 1}}}, "apis.It is a WebSocket API and has no 'requests'", {"apis": {"It": {"messages": 1}}}),
        (
            REST,
            {"apis": {"It": {"messages": 1}}},
            "apis.It is a REST API and has no 'messages'; it has requests",
            {"apis": {"It": {"requests": 1}}},
        ),
        (HTTP, {"apis": {"It": {"connection_minutes": 1}}}, "apis.It is an HTTP API and has no", {"apis": {"It": {"access_log_kb": 1}}}),
        (HTTP, {"apis": {"It": {"received": 1}}}, "apis.It is an HTTP API and has no", {"apis": {"It": {"requests": 1}}}),
        (
            SLOW,
            {"functions": {"It": {"duration_ms": 29_001}}},
            "functions.It.duration_ms is 29001, and the function is ended after 29 s; write 29000",
            {"functions": {"It": {"duration_ms": 29_000}}},
        ),
        (
            one("AWS::Lambda::Function"),
            {"functions": {"It": {"duration_ms": 3_001}}},
            "functions.It.duration_ms is 3001, and the function is ended after 3 s",
            {"functions": {"It": {"duration_ms": 3_000}}},
        ),
        (INDEXED, pattern("put", indexes=3), "tables.It.patterns.p.indexes is 3, and the table has 2", pattern("put", indexes=2)),
        (INDEXED, pattern("get", item_kb=401), "tables.It.patterns.p.item_kb is 401, and an item has 400 KB", pattern("get", item_kb=400)),
        (INDEXED, pattern("get", indexes=1), "tables.It.patterns.p has 'indexes', which a get has not", pattern("get")),
        (INDEXED, pattern("put", consistent=True), "tables.It.patterns.p has 'consistent', which a put has not", pattern("put")),
        (INDEXED, pattern("query", transactional=True), "tables.It.patterns.p is a query, which no", pattern("get", transactional=True)),
    ],
)
def test_what_cannot_be_of_a_resource_is_refused_and_what_is_written_instead_is_taken(
    resources: Resources, said: dict[str, Any], told: str, instead: dict[str, Any]
) -> None:
    with pytest.raises(TemplateError) as raised:
        billed(resources, **said)
    assert (raised.value.message[: len(told)], raised.value.code) == (told, "cost.load")
    assert billed(resources, **instead)


def test_a_name_of_two_is_refused() -> None:
    named = {"Environment": {"Variables": {"POWERTOOLS_SERVICE_NAME": "shop"}}}
    two = one("AWS::Lambda::Function", "A", **named) | one("AWS::Lambda::Function", "B", **named)
    with pytest.raises(TemplateError, match=r"functions\.shop is the name of 2; write a logical id"):
        billed(two, functions={"shop": {"invocations": 1}})
    assert billed(two, functions={"A": {"invocations": 1_000_000}}).total == Decimal("0.20")


@pytest.mark.parametrize(("name", "text"), [("l.toml", "transfer_gb = 1.5"), ("l.json", '{"transfer_gb": 1.5}')])
def test_a_load_is_toml_or_json(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert load(tmp_path / name).transfer_gb == Decimal("1.5")


@pytest.mark.parametrize(
    ("name", "text", "told"), [("l.toml", "a b", "is no TOML"), ("l.json", "a", "is no JSON"), ("l.toml", None, "cannot be read")]
)
def test_a_file_that_is_no_load_is_refused(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError, match=told):
        load(tmp_path / name)


def test_every_meter_has_a_price_and_every_price_a_page_and_a_rising_end() -> None:
    for region in REGIONS:
        for name, price in price_list(region).prices.items():
            assert price.page.startswith("https://aws.amazon.com/"), name
            ends = [tier.up_to for tier in price.tiers if tier.up_to is not None]
            assert ends == sorted(ends), name
            assert [tier.price for tier in price.tiers] == sorted((tier.price for tier in price.tiers), reverse=True), name
    assert set(price_list("eu-west-1").prices) < set(price_list("us-east-1").prices)
    assert len(METERS) > 10


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "it.json"
    file.write_text(json.dumps({"Resources": REST | one("AWS::Nobody::Knows", "Odd")}), encoding="utf-8")
    (tmp_path / "load.toml").write_text("[apis.It]\nrequests = 1_000_000\n", encoding="utf-8")
    return file


def test_the_command_explains_each_line(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cost", str(template), "--load", str(template.with_name("load.toml"))]) == 0
    told = capsys.readouterr().out
    assert "3.5000  It  1,000,000 requests at $3.50 per 1,000,000 (each call)" in told
    assert "3.50  in all" in told
    assert "  Odd: AWS::Nobody::Knows" in told


def test_the_command_tells_programs(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cost", str(template), "--load", str(template.with_name("load.toml")), "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert (read["version"], read["total"], read["region"], read["not_priced"]) == (1, "3.50", "us-east-1", ["Odd: AWS::Nobody::Knows"])
    assert Decimal(read["lines"][0]["amount"]) == Decimal("3.50")
