"""Pairs of declarations: what was deployed, and what is declared now."""

from __future__ import annotations

import linecache
import types
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import indent
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnElement, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from gateleg.cdk import Autoscaled, ModelTable, Provisioned, Replication
from gateleg.model import (
    EPOCH,
    EPOCH_MS,
    KEYS_ONLY,
    Attr,
    Entity,
    Index,
    LocalIndex,
    StreamView,
    Table,
    access,
    attr,
    include,
    index_key,
    key,
    ttl,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Build = Callable[[Stack], object]


@dataclass(frozen=True)
class Case:
    """One pair.

    Attributes:
        before: Builds what was deployed.
        after: Builds what is declared now.
        refused: The ids of the changes that are refused, or made in waves; none where the pair is harmless.
        told: The rules of what is told.
    """

    before: Build
    after: Build
    refused: Iterable[str] = ()
    told: Iterable[str] = ()
    source: str = field(default="", compare=False)


TABLE, SECRET = "Table7ABB320E", "TableCursorSecret752A1798"


class Kept:
    """What the cases store: an entity class with these attributes, made anew for each table."""

    def __init__(self, name: str = "Thing", key: tuple[str, str] = ("A#{a}", "B#{b}"), **parts: Any) -> None:
        self.name = name
        self.key = key
        whole: dict[str, Any] = {"a": (str, attr()), "b": (str, attr())} | parts
        self.options: dict[str, Any] = whole.pop("options", {})
        self.parts = {name: part for name, part in whole.items() if part is not None}

    def declare(self, table: Table) -> None:
        annotations: dict[str, Any] = {name: Attr[part[0]] for name, part in self.parts.items() if isinstance(part, tuple)}  # type: ignore[valid-type]
        values: dict[str, Any] = {name: part[1] if isinstance(part, tuple) else part() for name, part in self.parts.items()}
        body: dict[str, Any] = {"__annotations__": annotations, "__module__": __name__, **values, "key": key(*self.key)}
        types.new_class(self.name, (Entity,), {"table": table, **self.options}, lambda space: space.update(body))


def model(*kept: Kept, id: str = "Table", **table: Any) -> Build:  # noqa: A002
    """A stack with a table of a declaration; what the construct takes is given as `construct`."""
    construct: dict[str, Any] = table.pop("construct", {})

    def build(stack: Stack) -> None:
        given: dict[str, Any] = {"partition_key": "pk", "sort_key": "sk", **table}
        declared = Table("things", **given)
        for one in kept or (Kept(),):
            one.declare(declared)
        ModelTable(stack, id, table=declared, **construct)

    return build


def with_ids(build: Build, table_id: str, secret_id: str) -> Build:
    def built(stack: Stack) -> None:
        build(stack)
        table: Any = next(child for child in stack.node.children if isinstance(child, ModelTable))
        for construct, logical_id in ((table.table, table_id), (table.cursor_secret, secret_id)):
            element: CfnElement = construct.node.default_child
            element.override_logical_id(logical_id)

    return built


def both(*builds: Build) -> Build:
    def build(stack: Stack) -> None:
        for one in builds:
            one(stack)

    return build


def plain(**more: Any) -> Build:
    """A table of CDK's own first construct."""
    text = dynamodb.AttributeType.STRING
    given: dict[str, Any] = {"partition_key": dynamodb.Attribute(name="pk", type=text), "removal_policy": RemovalPolicy.RETAIN, **more}
    return lambda stack: dynamodb.Table(stack, "Plain", **given)


def bucket(id: str = "Bucket", **more: Any) -> Build:  # noqa: A002
    return lambda stack: s3.Bucket(stack, id, **more)


def users(**more: Any) -> Build:
    return lambda stack: cognito.UserPool(stack, "Users", **more)


def route(guarded: bool, key_: str = "GET /x") -> Build:  # noqa: FBT001
    def build(stack: Stack) -> None:
        api = apigatewayv2.CfnApi(stack, "Api", name="api", protocol_type="HTTP")
        kind = "AWS_IAM" if guarded else None
        apigatewayv2.CfnRoute(stack, "Route", api_id=api.ref, route_key=key_, authorization_type=kind)

    return build


def nothing(stack: Stack) -> None:
    sqs.Queue(stack, "Queue")


def folded(value: str) -> str:
    return value.casefold()


def pattern(index: str, *, partial: bool = False) -> Callable[[], Any]:
    def by(*, a: str) -> None: ...

    return lambda: access(index=index, partial=partial)(by)


def upgrade(source: str, **names: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """An upgrade that is written so in a module."""
    text = f"def in_cents(values):\n{indent(source, '    ')}\n"
    made: dict[str, Any] = {**names, "__name__": __name__}
    file = f"<upgrade {len(linecache.cache)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), made)  # noqa: S102 (it is read by `inspect` as it would be from a module)
    function: Callable[[dict[str, Any]], dict[str, Any]] = made["in_cents"]
    return function


def upgraded(*upgrades: Callable[[dict[str, Any]], dict[str, Any]]) -> Build:
    return model(Kept(options={"upgrades": list(upgrades)}))


def strict(unknown: str, *more: str, upgrades: Iterable[Any] = (), **table: Any) -> Build:
    """A table of things with some more attributes, and what becomes of stored ones that they do not have."""
    parts: dict[str, Any] = {name: (str, attr(default="")) for name in more}
    return model(Kept(options={"unknown": unknown, "upgrades": list(upgrades)}, **parts), **table)


def times(values: dict[str, Any], factor: int) -> dict[str, Any]:
    return {**values, "c": values.get("c", 0) * factor}


HUNDRED = upgrade("return times(values, 100)", times=times)
BY_C = Index("by_c", partition_key="c")
NAMED = Index("named", partition_key="gpk", sort_key="gsk")


def sharded(shards: int) -> Index:
    return Index("named", partition_key="gpk", sort_key="gsk", sharded=shards)


WITH_C = Kept(c=(str, attr(default="")))
IN_INDEX = Kept(by_name=lambda: index_key("named", "NAME#{a}", "B#{b}"))
ON, OFF = {"deletion_protection": True}, {"deletion_protection": False}

DANGEROUS: dict[str, Case] = {
    "another key": Case(model(), model(partition_key="id"), [f"replaced:{TABLE}", f"stored-key:{TABLE}/Thing"], source="serverless#716"),
    "a sort key more": Case(
        model(Kept(key=("A#{a}", "B#{b}"))),
        model(sort_key="range"),
        [f"replaced:{TABLE}", f"stored-key:{TABLE}/Thing"],
        source="amplify-cli#1651",
    ),
    "a key of another type": Case(
        plain(),
        plain(partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.NUMBER)),
        ["replaced:Plain295EB121"],
        source="ministack#1433",
    ),
    "a local index more": Case(model(), model(indexes=[LocalIndex("late", sort_key="c")]), [f"replaced:{TABLE}"]),
    "a local index less": Case(model(indexes=[LocalIndex("late", sort_key="c")]), model(), [f"replaced:{TABLE}"]),
    "a renamed construct": Case(model(), model(id="Things"), [f"renamed:{TABLE}", f"renamed:{SECRET}"], source="aws-cdk#12343"),
    "a table that leaves": Case(model(), nothing, [f"leaves:{TABLE}", f"leaves:{SECRET}"]),
    "a name that is given later": Case(
        model(), model(construct={"table_name": "things"}), [f"replaced:{TABLE}"], source="anomalyco/guide#161"
    ),
    "a key change of a named table": Case(
        model(construct={"table_name": "things"}),
        model(construct={"table_name": "things"}, partition_key="id"),
        [f"replaced:{TABLE}", f"stored-key:{TABLE}/Thing"],
        source="serverless#716",
    ),
    "three indexes at once": Case(
        model(WITH_C),
        model(WITH_C, indexes=[Index(name, partition_key="c") for name in ("one", "two", "three")]),
        [f"index-count:{TABLE}"],
        source="aws-cdk#14920",
    ),
    "an index that is called otherwise": Case(
        model(WITH_C, indexes=[BY_C]),
        model(WITH_C, indexes=[Index("by_cs", partition_key="c")]),
        [f"index-count:{TABLE}"],
        ["index-gone"],
        source="amplify-cli#8883",
    ),
    "another key of an index": Case(
        model(WITH_C, indexes=[BY_C]),
        model(WITH_C, indexes=[Index("by_c", partition_key="c", sort_key="a")]),
        [f"index-form:{TABLE}"],
        source="amplify-category-api#988",
    ),
    "another projection of an index": Case(
        model(WITH_C, indexes=[BY_C]),
        model(WITH_C, indexes=[Index("by_c", partition_key="c", projection=KEYS_ONLY)]),
        [f"index-form:{TABLE}"],
    ),
    "another TTL attribute": Case(model(ttl="gone"), model(ttl="until"), [f"ttl-switch:{TABLE}"], source="aws-cdk#13106"),
    "no protection": Case(model(), model(construct=OFF), [f"protection:{TABLE}"]),
    "no recovery": Case(model(), model(construct={"point_in_time_recovery": False}), [f"recovery:{TABLE}"]),
    "to be deleted": Case(
        model(construct=OFF),
        model(construct={**OFF, "removal_policy": RemovalPolicy.DESTROY}),
        [f"retention:{TABLE}", f"retention:{SECRET}"],
        source="alchemy#1248, where a policy change is no difference",
    ),
    "another view of the stream": Case(model(stream=StreamView.KEYS_ONLY), model(stream=StreamView.NEW_IMAGE), [f"stream-view:{TABLE}"]),
    "a key template": Case(model(), model(Kept(key=("THING#{a}", "B#{b}"))), [f"stored-key:{TABLE}/Thing"]),
    "a transform in a key": Case(model(), model(Kept(a=(str, attr(save=folded)))), [f"stored-key:{TABLE}/Thing"], ["transform"]),
    "a required attribute": Case(model(), model(Kept(c=(str, attr()))), [f"required:{TABLE}/Thing/c"]),
    "an attribute that is required now": Case(model(WITH_C), model(Kept(c=(str, attr()))), [f"required:{TABLE}/Thing/c"]),
    "another name of an entity": Case(model(), model(Kept("Object")), [f"entity-renamed:{TABLE}/Thing"]),
    "an entity less": Case(model(Kept(), Kept("Other", ("O#{a}", "P#{b}"))), model(), [f"entity-gone:{TABLE}/Other"]),
    "another type attribute": Case(model(), model(type_attribute="kind"), [f"stored-type-mark:{TABLE}"]),
    "a stored name": Case(model(WITH_C), model(Kept(c=(str, attr(default="", stored="cc")))), [f"stored-as:{TABLE}/Thing/c"]),
    "a stored type": Case(model(WITH_C), model(Kept(c=(int, attr(default=0)))), [f"stored-type:{TABLE}/Thing/c"]),
    "another unit of time": Case(
        model(Kept(c=(datetime | None, attr(default=None, stored_as=EPOCH)))),
        model(Kept(c=(datetime | None, attr(default=None, stored_as=EPOCH_MS)))),
        [f"stored-type:{TABLE}/Thing/c"],
    ),
    "another load": Case(
        model(Kept(c=(str, attr(default="", save=folded, load=str.title)))),
        model(Kept(c=(str, attr(default="", save=folded, load=str.upper)))),
        [f"transform:{TABLE}/Thing/c"],
    ),
    "an index of what old items lack": Case(model(), model(IN_INDEX, indexes=[NAMED]), [f"index-backfill:{TABLE}/Thing/named"]),
    "another key in an index": Case(
        model(IN_INDEX, indexes=[NAMED]),
        model(Kept(by_name=lambda: index_key("named", "N#{a}", "B#{b}")), indexes=[NAMED]),
        [f"stored-index-key:{TABLE}/Thing/named"],
    ),
    "fewer shards of an index": Case(
        model(IN_INDEX, indexes=[sharded(8)]), model(IN_INDEX, indexes=[sharded(4)]), [f"shards-fewer:{TABLE}/named"]
    ),
    "no shards of an index any more": Case(
        model(IN_INDEX, indexes=[sharded(8)]), model(IN_INDEX, indexes=[NAMED]), [f"shards-fewer:{TABLE}/named"]
    ),
    "fewer upgrades": Case(
        model(Kept(options={"upgrades": [dict]})), model(Kept(options={"upgrades": []})), [f"schema-version:{TABLE}/Thing"]
    ),
    "an upgrade less at the front": Case(upgraded(dict, HUNDRED), upgraded(HUNDRED), [f"schema-version:{TABLE}/Thing"]),
    "an upgrade in the place of another": Case(upgraded(dict, HUNDRED), upgraded(HUNDRED, dict), [f"upgrades:{TABLE}/Thing"]),
    "an upgrade that does another thing": Case(
        upgraded(HUNDRED), upgraded(upgrade("return times(values, 1000)", times=times)), [f"upgrade-body:{TABLE}/Thing/in_cents"]
    ),
    "an upgrade that does another thing, and one more": Case(
        upgraded(HUNDRED), upgraded(upgrade("return values"), dict), [f"upgrade-body:{TABLE}/Thing/in_cents"]
    ),
    "an upgrade that reads another number": Case(
        upgraded(upgrade("return times(values, RATE)", times=times, RATE=100)),
        upgraded(upgrade("return times(values, RATE)", times=times, RATE=1000)),
        [f"upgrade-body:{TABLE}/Thing/in_cents"],
    ),
    "expiry by a number that is stored already": Case(
        model(Kept(c=(int, attr(default=0)))), model(Kept(c=(int, attr(default=0))), ttl="c"), [f"ttl-stored:{TABLE}/Thing/c"], ["ttl-on"]
    ),
    "no tenant any more": Case(model(Kept(options={"tenant": "a"})), model(), [f"tenant:{TABLE}/Thing"]),
    "another schema attribute": Case(
        upgraded(HUNDRED), model(Kept(options={"upgrades": [HUNDRED]}), schema_attribute="v"), [f"schema-mark:{TABLE}"]
    ),
    "unknown attributes refused that were kept": Case(strict("keep"), strict("refuse"), [f"unknown:{TABLE}/Thing"]),
    "unknown attributes refused that were dropped": Case(strict("drop"), strict("refuse"), [f"unknown:{TABLE}/Thing"]),
    "an attribute less where unknown ones are refused": Case(strict("refuse", "c"), strict("refuse"), [f"attribute-gone:{TABLE}/Thing/c"]),
    "an index less where unknown attributes are refused": Case(
        model(Kept(by_name=IN_INDEX.parts["by_name"], options={"unknown": "refuse"}), indexes=[NAMED]),
        strict("refuse"),
        [f"attribute-gone:{TABLE}/Thing/gpk", f"attribute-gone:{TABLE}/Thing/gsk"],
        ["index-gone"],
    ),
    "a replica less": Case(
        model(construct={"replication": Replication(["eu-west-2"])}),
        model(stream=StreamView.NEW_AND_OLD_IMAGES),
        [f"replica-gone:{TABLE}/eu-west-2"],
    ),
    "two replicas": Case(model(), model(construct={"replication": Replication(["eu-west-2", "eu-west-3"])}), [f"replica-count:{TABLE}"]),
    "strong consistency": Case(
        model(construct={"replication": Replication(["eu-west-2", "eu-west-3"])}),
        model(construct={"replication": Replication(["eu-west-2", "eu-west-3"], consistency="STRONG")}),
        [f"consistency:{TABLE}"],
    ),
    "another type of resource": Case(model(), model(construct={"resource_type": "AWS::DynamoDB::Table"}), [f"type:{TABLE}"]),
    "another key order of an index": Case(
        model(Kept(c=(str, attr(default="")), d=(str, attr(default=""))), indexes=[Index("by_both", partition_key=["c", "d"])]),
        model(Kept(c=(str, attr(default="")), d=(str, attr(default=""))), indexes=[Index("by_both", partition_key=["d", "c"])]),
        [f"index-form:{TABLE}"],
    ),
    "another kind of table": Case(
        plain(),
        with_table_v2 := lambda stack: dynamodb.TableV2(
            stack, "Plain", partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING)
        ),
        ["type:Plain295EB121"],
        source="aws-cdk#22253",
    ),
    "a bucket that is called otherwise": Case(bucket(), bucket(bucket_name="things-1"), ["replaced:Bucket83908E77"]),
    "a renamed bucket": Case(bucket(), bucket("Files"), ["renamed:Bucket83908E77"]),
    "users without protection": Case(users(deletion_protection=True), users(), ["protection:Users0A0EEA89"]),
    "users to be deleted": Case(users(), users(removal_policy=RemovalPolicy.DESTROY), ["retention:Users0A0EEA89"]),
    "a public route": Case(route(guarded=True), route(guarded=False), ["public-route:Api/GET /x"]),
}

HARMLESS: dict[str, Case] = {
    "an upgrade more": Case(upgraded(HUNDRED), upgraded(HUNDRED, dict)),
    "an upgrade that is written in other lines": Case(
        upgraded(HUNDRED), upgraded(upgrade('"""Euros."""\n# Never floats.\nreturn times(\n    values,\n    100,\n)', times=times))
    ),
    "expiry by a text that is stored already, which DynamoDB does not read": Case(model(WITH_C), model(WITH_C, ttl="c"), told=["ttl-on"]),
    "expiry by a new attribute": Case(model(), model(Kept(until=(datetime | None, ttl())), ttl="until"), told=["ttl-on"]),
    "a tenant": Case(model(), model(Kept(options={"tenant": "a"}))),
    "another schema attribute of what has no upgrades": Case(model(), model(schema_attribute="v")),
    "unknown attributes refused from the beginning": Case(strict("refuse", "c"), strict("refuse", "c")),
    "unknown attributes dropped that were refused": Case(strict("refuse"), strict("drop")),
    "unknown attributes kept that were dropped": Case(strict("drop"), strict("keep")),
    "unknown attributes dropped that were kept": Case(strict("keep"), strict("drop"), told=["unknown"]),
    "unknown attributes refused once an upgrade has taken them away": Case(strict("keep"), strict("refuse", upgrades=[dict])),
    "an attribute less that an upgrade takes away": Case(
        strict("refuse", "c"), strict("refuse", upgrades=[HUNDRED]), told=["attribute-gone"]
    ),
    "an entity out of an index that stays, where unknown attributes are refused": Case(
        model(Kept(by_name=IN_INDEX.parts["by_name"], options={"unknown": "refuse"}), indexes=[NAMED]), strict("refuse", indexes=[NAMED])
    ),
    "an index that is sharded from now on": Case(
        model(IN_INDEX, indexes=[NAMED]), model(IN_INDEX, indexes=[sharded(4)]), told=["shards-more"]
    ),
    "more shards of an index": Case(model(IN_INDEX, indexes=[sharded(4)]), model(IN_INDEX, indexes=[sharded(8)]), told=["shards-more"]),
    "a sharded index less": Case(model(IN_INDEX, indexes=[sharded(4)]), model(), told=["index-gone"]),
    "nothing": Case(model(), model()),
    "an index of what is stored already": Case(model(WITH_C), model(WITH_C, indexes=[BY_C])),
    "an index less": Case(model(WITH_C, indexes=[BY_C]), model(WITH_C), told=["index-gone"]),
    "another order": Case(
        model(WITH_C, indexes=[BY_C, Index("by_a", partition_key="a", projection=include("b", "c"))]),
        model(WITH_C, indexes=[Index("by_a", partition_key="a", projection=include("c", "b")), BY_C]),
    ),
    "a second table": Case(model(), both(model(), plain())),
    "an attribute with a default": Case(model(), model(WITH_C)),
    "an attribute that may be absent": Case(model(), model(Kept(c=(str | None, attr(default=None))))),
    "an attribute that may be absent now": Case(model(Kept(c=(str, attr()))), model(WITH_C)),
    "a required attribute with an upgrade": Case(model(), model(Kept(c=(str, attr()), options={"upgrades": [dict]}))),
    "another type with an upgrade": Case(model(WITH_C), model(Kept(c=(int, attr(default=0)), options={"upgrades": [dict]}))),
    "a wider type": Case(model(WITH_C), model(Kept(c=(str | int, attr(default=""))))),
    "an attribute less": Case(model(WITH_C), model(), told=["attribute-gone"]),
    "another name in Python": Case(model(WITH_C), model(Kept(d=(str, attr(default="", stored="c"))))),
    "another name in Python of what a key is made of": Case(
        model(Kept(key=("A#{a}", "B#{b}"))), model(Kept(key=("A#{first}", "B#{b}"), a=None, first=(str, attr(stored="a"))))
    ),
    "an entity more": Case(model(), model(Kept(), Kept("Other", ("O#{a}", "P#{b}")))),
    "an entity of another name that carries the old one": Case(model(), model(Kept("Object", options={"name": "Thing"}))),
    "a transform that is not read back": Case(model(WITH_C), model(Kept(c=(str, attr(default="", save=folded)))), told=["transform"]),
    "a stream": Case(model(), model(stream=StreamView.NEW_IMAGE)),
    "no stream": Case(model(stream=StreamView.NEW_IMAGE), model(), told=["stream-off"]),
    "expiry": Case(model(), model(ttl="until"), told=["ttl-on"]),
    "no expiry": Case(model(ttl="until"), model(), told=["ttl-off"]),
    "protection": Case(model(construct=OFF), model()),
    "recovery": Case(model(construct={"point_in_time_recovery": False}), model()),
    "insights": Case(model(), model(construct={"contributor_insights": True})),
    "to be retained": Case(model(construct={**OFF, "removal_policy": RemovalPolicy.DESTROY}), model(construct=OFF)),
    "another construct that keeps its logical id": Case(model(), with_ids(model(id="Things"), TABLE, SECRET)),
    "provisioned": Case(model(), model(construct={"billing": Provisioned(reads=5, writes=Autoscaled(5, 50))}), told=["billing"]),
    "a replica": Case(model(), model(construct={"replication": Replication(["eu-west-2"])})),
    "a shorter recovery": Case(model(), model(construct={"recovery_period": Duration.days(7)}), told=["recovery"]),
    "keys of several attributes": Case(
        model(Kept(c=(str, attr(default="")), d=(str, attr(default="")))),
        model(
            Kept(c=(str, attr(default="")), d=(str, attr(default=""))),
            indexes=[Index("by_both", partition_key=["c", "d"], sort_key=["a", "b"])],
        ),
    ),
    "a bucket's lifecycle": Case(bucket(), bucket(versioned=True)),
    "a queue that leaves": Case(both(nothing, model()), model(), told=["leaves"]),
    "a guarded route": Case(route(guarded=False), route(guarded=True)),
    "a new route that anybody may call": Case(nothing, both(nothing, route(guarded=False)), told=["public-route"]),
}
