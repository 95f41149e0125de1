"""What an account needs, read from templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateleg import cli
from gateleg.doctor.examination import examined, region_of
from gateleg.doctor.need import Need, When
from gateleg.template.read import ReadTemplate
from tests.unit.docs.commands import problems

if TYPE_CHECKING:
    from pathlib import Path

QUEUE = {"Queue": {"Type": "AWS::SQS::Queue"}}
ARN = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"


def of(resources: dict[str, Any], **more: Any) -> list[Need]:
    return examined([ReadTemplate.from_json({"Resources": resources, **more})])


def one(type_: str, **properties: Any) -> dict[str, Any]:
    return {"It": {"Type": type_, "Properties": properties}}


def stage(type_: str, key: str, api: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"Api": api, "Stage": {"Type": type_, "Properties": {key: {"Ref": "Api"}, **properties}}}


def rest(**properties: Any) -> dict[str, Any]:
    return stage(
        "AWS::ApiGateway::Stage", "RestApiId", {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"paths": {}}}}, **properties
    )


def v2(protocol: str, **properties: Any) -> dict[str, Any]:
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": protocol}}
    return stage("AWS::ApiGatewayV2::Stage", "ApiId", api, **properties)


def zones(zone: object) -> list[dict[str, Any]]:
    return [{"DomainName": "a.example", "HostedZoneId": zone}]


def statement(action: str) -> dict[str, Any]:
    return {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}]}}


BOOTSTRAP = {
    "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version"}},
    "Rules": {"CheckBootstrapVersion": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2", "3", "4", "5"], 0]}]}}]}},
}
NEEDED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("bootstrap", QUEUE, BOOTSTRAP),
    ("cloudwatch-role", rest(AccessLogSetting={}), {}),
    ("cloudwatch-role", rest(MethodSettings=[{"LoggingLevel": "ERROR"}]), {}),
    ("cloudwatch-role", v2("WEBSOCKET", AccessLogSettings={}), {}),
    ("parameter-exists", QUEUE, {"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a/b"}}}),
    ("parameter-exists", one("AWS::SQS::Queue", QueueName="{{resolve:ssm:/a/b:1}}"), {}),
    ("parameter-given", QUEUE, {"Parameters": {"P": {"Type": "String"}}}),
    ("secret-exists", one("AWS::SNS::Topic", DisplayName="{{resolve:secretsmanager:shop/key:SecretString:a}}"), {}),
    ("exports", QUEUE, {"Outputs": {"O": {"Value": "x", "Export": {"Name": "shop-queue"}}}}),
    ("certificate-validation", one("AWS::CertificateManager::Certificate", DomainName="a.example"), {}),
    ("certificate-validation", one("AWS::CertificateManager::Certificate", DomainName="a.example", ValidationMethod="DNS"), {}),
    ("zone-exists", one("AWS::CertificateManager::Certificate", ValidationMethod="DNS", DomainValidationOptions=zones("Z1")), {}),
    ("zone-exists", one("AWS::Route53::RecordSet", HostedZoneId="Z1"), {}),
    ("domain-free", one("AWS::ApiGateway::DomainName", DomainName="a.example"), {}),
    ("certificate-exists", one("AWS::ApiGateway::DomainName", CertificateArn=ARN), {}),
    ("certificate-exists", one("AWS::ApiGatewayV2::DomainName", DomainNameConfigurations=[{"CertificateArn": ARN}]), {}),
    ("subscription-confirmed", one("AWS::SNS::Subscription", Protocol="email", Endpoint="a@a.example"), {}),
    ("subscription-confirmed", one("AWS::SNS::Subscription", Protocol="https", Endpoint="https://a.example"), {}),
    ("sms-sandbox", one("AWS::SNS::Subscription", Protocol="sms", Endpoint="+49"), {}),
    ("sms-sandbox", one("AWS::Cognito::UserPool", SmsConfiguration={}), {}),
    ("mail-sandbox", one("AWS::IAM::Policy", **statement("ses:SendEmail")), {}),
    ("mail-sandbox", one("AWS::SES::EmailIdentity", EmailIdentity="a.example"), {}),
    ("pool-mail", one("AWS::Cognito::UserPool"), {}),
    ("acl-region", one("AWS::WAFv2::WebACL", Scope="CLOUDFRONT"), {}),
    ("name-free", one("AWS::DynamoDB::Table", TableName="shop"), {}),
    ("name-free", one("AWS::S3::Bucket", BucketName="shop"), {}),
    ("left-behind", {"T": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"}}, {}),
    ("concurrency", one("AWS::Lambda::Function"), {}),
    ("throttle", rest(), {}),
    ("connections", v2("WEBSOCKET"), {}),
    ("log-policies", one("AWS::Logs::ResourcePolicy"), {}),
    ("not-read", one("AWS::ApiGateway::RestApi", BodyS3Location={"Bucket": "b", "Key": "k"}), {}),
]
NOT_NEEDED: list[tuple[str, dict[str, Any]]] = [
    ("cloudwatch-role", rest()),
    ("cloudwatch-role", rest(MethodSettings=[{"LoggingLevel": "OFF"}])),
    ("cloudwatch-role", rest(AccessLogSetting={}) | one("AWS::ApiGateway::Account")),
    ("cloudwatch-role", v2("HTTP", AccessLogSettings={})),
    ("secret-exists", one("AWS::SNS::Topic", DisplayName={"Fn::Sub": "{{resolve:secretsmanager:${Made}:SecretString:a}}"})),
    (
        "certificate-validation",
        one("AWS::CertificateManager::Certificate", ValidationMethod="DNS", DomainValidationOptions=zones({"Ref": "Z"})),
    ),
    ("zone-exists", one("AWS::Route53::RecordSet", HostedZoneId={"Ref": "Zone"})),
    ("certificate-exists", one("AWS::ApiGateway::DomainName", CertificateArn={"Ref": "Certificate"})),
    ("subscription-confirmed", one("AWS::SNS::Subscription", Protocol="sqs")),
    ("mail-sandbox", one("AWS::IAM::Policy", **statement("sns:Publish"))),
    ("pool-mail", one("AWS::Cognito::UserPool", EmailConfiguration={"EmailSendingAccount": "DEVELOPER"})),
    ("acl-region", one("AWS::WAFv2::WebACL", Scope="REGIONAL")),
    ("name-free", one("AWS::DynamoDB::Table")),
    ("left-behind", {"T": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Delete"}}),
    ("left-behind", {"T": {"Type": "AWS::ApiGateway::Deployment", "DeletionPolicy": "Retain"}}),
    ("connections", v2("HTTP")),
]


@pytest.mark.parametrize(("need", "resources", "more"), NEEDED)
def test_what_is_needed_is_told_with_what_can_be_done(need: str, resources: dict[str, Any], more: dict[str, Any]) -> None:
    [found] = [found for found in of(resources, **more) if found.id == need]

    assert found.page.startswith("https://docs.aws.amazon.com/")
    assert found.title
    assert found.reason
    assert found.do
    told = [found.check, *([found.do] if found.do.startswith(("aws ", "cdk ")) else [])]
    assert [problem for command in told for problem in problems(command)] == []


@pytest.mark.parametrize(("need", "resources"), NOT_NEEDED)
def test_what_is_not_needed_is_not_told(need: str, resources: dict[str, Any]) -> None:
    assert need not in {found.id for found in of(resources)}


def test_the_limit_of_a_websocket_stage_is_told_beside_the_account_s() -> None:
    [need] = [need for need in of(v2("WEBSOCKET", DefaultRouteSettings={"ThrottlingRateLimit": 100})) if need.id == "connections"]
    assert "the lowest limit of a stage here is 100 connections and messages a second" in need.reason
    assert "throttling_rate_limit" in need.do


def test_the_bootstrap_version_is_what_the_template_asks_for() -> None:
    [need] = of(QUEUE, **BOOTSTRAP)
    assert "version 6 or newer" in need.title
    assert "/cdk-bootstrap/hnb659fds/version" in need.check


def test_one_thing_is_told_once_with_all_that_need_it() -> None:
    records = {name: {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneId": "Z1"}} for name in "AB"}
    [need] = of(records)
    assert need.resources == ("A", "B")


def test_a_kept_table_with_a_name_cannot_be_deployed_twice() -> None:
    table = {"T": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": {"TableName": "shop"}}}
    [need] = [need for need in of(table) if need.id == "name-free"]
    assert "cannot be deployed a second time" in need.reason


def _http(routes: int) -> dict[str, Any]:
    api: dict[str, Any] = {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP"}}}
    route = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "GET /"}}
    return api | {f"R{number}": route for number in range(routes)}


@pytest.mark.parametrize(
    ("routes", "told"),
    [(239, None), (240, ("quota-near", When.LATER)), (300, ("quota-near", When.LATER)), (301, ("quota-exceeded", When.DEPLOY))],
)
def test_routes_are_counted(routes: int, told: tuple[str, When] | None) -> None:
    found = [(need.id, need.when) for need in of(_http(routes)) if "routes" in need.title]
    assert found == ([] if told is None else [told])


@pytest.mark.parametrize(
    ("paths", "counted"),
    [(["/"], 1), (["/a/b", "/a/c"], 4), (["/a"], 2), (["/{x}/b", "/{x}"], 3)],
)
def test_the_resources_of_a_rest_api_are_the_parts_of_its_paths(paths: list[str], counted: int) -> None:
    many = [f"/p{number}" for number in range(300 - counted)]
    body: dict[str, Any] = {"paths": {path: {"get": {}} for path in [*paths, *many]}}
    exactly = of(one("AWS::ApiGateway::RestApi", Body=body))
    assert any(need.title.startswith("API It has 300 of 300 resources (parts of paths)") for need in exactly), [
        need.title for need in exactly
    ]


def test_more_resources_than_a_stack_may_have_are_refused() -> None:
    found = of({f"Q{number}": {"Type": "AWS::SQS::Queue"} for number in range(501)})
    assert [(need.id, need.when) for need in found] == [("quota-exceeded", When.REFUSED)]


def test_reserved_concurrency_is_summed() -> None:
    functions = {f"F{n}": {"Type": "AWS::Lambda::Function", "Properties": {"ReservedConcurrentExecutions": 451}} for n in range(2)}
    [need] = of(functions)
    assert need.when is When.DEPLOY
    assert "1002 at the least" in need.title


def test_what_aliases_keep_started_is_counted_where_it_is_not_reserved() -> None:
    started = {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 30}}
    resources: dict[str, Any] = {
        "Free": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "Reserved": {"Type": "AWS::Lambda::Function", "Properties": {"ReservedConcurrentExecutions": 40}},
        **{
            f"{name}Live": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": name}, **started}}
            for name in ("Free", "Reserved")
        },
    }
    [need] = [one for one in of(resources) if one.id == "concurrency"]
    assert "170 at the least" in need.title
    assert "reserve 40 and have 30 kept started" in need.reason


def test_what_a_region_lacks_and_what_must_be_turned_on_is_told() -> None:
    template = ReadTemplate.from_json({"Resources": one("AWS::Lambda::Function")})

    def told(region: str) -> set[str]:
        return {need.id for need in examined([template], region=region)} & {"service-in-region", "region-enabled"}

    assert told("eu-west-1") == set()
    assert told("af-south-1") == {"region-enabled"}
    assert told("xx-nowhere-1") == {"service-in-region"}


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    properties = {"templateFile": "Shop.template.json"}
    artifact = {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-south-1", "properties": properties}
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": {"Shop": artifact}}), encoding="utf-8")
    (tmp_path / "Shop.template.json").write_text(json.dumps({"Resources": QUEUE}), encoding="utf-8")
    return tmp_path


def test_the_region_is_what_the_assembly_says(assembly: Path) -> None:
    template = ReadTemplate.from_file(assembly / "Shop.template.json")
    assert region_of(template) == "eu-south-1"
    assert {need.id for need in examined([template])} == {"region-enabled"}


def test_the_command_tells_people_and_programs(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", str(assembly)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("before deploying:\n  [region-enabled]")

    assert cli.main(["doctor", str(assembly), "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert (read["version"], [(need["id"], need["when"]) for need in read["needs"]]) == (1, [("region-enabled", "deploy")])


def test_the_command_fails_where_aws_would_refuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "big.json"
    file.write_text(json.dumps({"Resources": {f"Q{number}": {"Type": "AWS::SQS::Queue"} for number in range(501)}}), encoding="utf-8")
    assert cli.main(["doctor", str(file)]) == 1
    assert capsys.readouterr().out.startswith("AWS would refuse this template:")
