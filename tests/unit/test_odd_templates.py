"""Whatever stands in a template, the commands that tell of templates answer, or refuse it in words."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cost.bill import bill
from gateleg.cost.load import Load
from gateleg.diagram.difference import difference
from gateleg.diagram.flows import flows
from gateleg.diagram.mermaid import mermaid
from gateleg.diagram.svg import svg
from gateleg.doctor.examination import examined
from gateleg.errors import GatelegError
from gateleg.template.canonical import is_list, is_object
from gateleg.template.read import ReadTemplate
from tests.unit.diagram.samples import api, function, operation, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE: dict[str, Any] = {
    "Parameters": {"P": {"Type": "String"}},
    "Outputs": {"O": {"Value": "x", "Export": {"Name": "n"}}},
    "Resources": {
        **api(_a={"get": operation("F", public="for everyone"), "post": operation("F")}),
        **function("F", {"Table": ["dynamodb:Query"], "Table/index/by_author": ["dynamodb:Query"]}),
        **table("by_author"),
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "CacheClusterEnabled": True,
                "CacheClusterSize": "0.5",
                "MethodSettings": [{"LoggingLevel": "ERROR", "ThrottlingRateLimit": 5}],
                "AccessLogSetting": {"DestinationArn": {"Fn::GetAtt": ["Logs", "Arn"]}},
            },
        },
        "Logs": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {"RetentionInDays": 30, "LogGroupName": "n"}},
        "Rule": {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [{"Arn": {"Ref": "F"}}]}},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 60, "Metrics": [{"MetricStat": {}}]}},
        "Zone": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneId": "Z"}},
    },
}
ODD: tuple[Any, ...] = (
    *(None, True, -1, 7, "", "text", "512", [], {}, [{}], ["a"]),
    *({"Ref": "P"}, {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}, {"Fn::Join": ["", ["a", {"Ref": "P"}]]}, {"Fn::Join": None}),
    *({"Fn::Select": ["x", ["a"]]}, {"Fn::Sub": ["${P}"]}, {"Fn::GetAtt": "F"}, {"Fn::ImportValue": "v"}),
)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = node if is_object(node) else range(len(node)) if is_list(node) else ()
    for key in keys:
        yield node, key
        yield from places(node[key])


@pytest.mark.parametrize("seed", range(6))
def test_an_odd_template_is_told_of_or_refused(seed: int) -> None:
    chance, told = random.Random(seed), 0  # noqa: S311  # the same odd templates in each run
    whole = ReadTemplate.from_json(SAMPLE)
    for _ in range(60):
        odd = json.loads(json.dumps(SAMPLE))
        for _ in range(chance.choice((1, 1, 3))):
            holder, key = chance.choice(list(places(odd)))
            holder[key] = chance.choice(ODD)
        try:
            read = ReadTemplate.from_json(odd)
            changed = difference(flows([whole]), flows([read]))
            assert svg(changed)
            assert mermaid(changed)
            assert bill([read], Load(transfer_gb=None))
            examined([read], region="eu-west-1")
            told += 1
        except GatelegError:
            continue
    assert told > 30, "nearly all are refused, so that little is tried"
