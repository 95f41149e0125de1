"""examples/http on the embedded AWS, asked by real HTTP clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.e2e.examples import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e

PAGE = "https://shop.example.com"
PARTNER = {"X-Partner-Key": "paint-and-more"}
EXTENDED = """
from app import OrdersStack
from aws_cdk import App, CfnOutput
from aws_cdk.aws_iam import User
from aws_cdk.aws_lambda import Code, Function, Runtime

from gateleg.cdk import Cors, DirectRoute, HttpGateway, IamAuthorizer

TELL = "def handler(event, _): return {'stage': event['requestContext']['stage'], 'variables': event.get('stageVariables')}"


class Extended(OrdersStack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        self.named = HttpGateway(
            self,
            "Named",
            apps=["orders:app"],
            authorizers={name: IamAuthorizer() for name in ("aws", "people", "partners")},
            cors=Cors(["https://shop.example.com"]),
            stage_name="v1",
            variables={"shop": "main"},
        )
        self.named.grant_invoke(User(self, "Both", user_name="both"), "GET /report")
        beta = self.named.add_stage("beta", variables={"shop": "trial"})
        tell = Function(self, "Tell", handler="index.handler", code=Code.from_inline(TELL), runtime=Runtime.PYTHON_3_13)
        self.named.add_route("GET /stage", DirectRoute(tell, public="a stage says its name"))
        CfnOutput(self, "BetaUrl", value=beta.url)
        self.http.grant_invoke(User(self, "Granted", user_name="granted"), "GET /report")


app = App()
Extended(app, "Orders")
app.synth()
"""
"""The example's stack with one API more, which has two stages with names."""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("http", tmp_path_factory, extended=EXTENDED) as up:
        yield up


def url(aws: LocalAws, gateway: str) -> str:
    [found] = [value for name, value in aws.outputs["Orders"].items() if name.startswith(f"{gateway}Url")]
    return found


@pytest.fixture(scope="module")
def http(aws: LocalAws) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url(aws, "Orders"), timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def named(aws: LocalAws) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url(aws, "Named"), timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def beta(aws: LocalAws) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url(aws, "Beta"), timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def token(aws: LocalAws) -> str:
    """The access token of somebody who signed in."""
    pool, client = (aws.outputs["Orders"][name] for name in ("PoolId", "ClientId"))
    cognito = aws.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ann", Password="Secret-pass-1", Permanent=True)
    asked = {"USERNAME": "ann", "PASSWORD": "Secret-pass-1"}
    answer = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=asked)
    found: str = answer["AuthenticationResult"]["AccessToken"]
    return found


def test_a_public_route_reads_payload_2(http: httpx.Client) -> None:
    assert http.get("paints").json() == ["red", "green"]
    assert http.get("paints", params={"shade": "blue"}).json() == ["blue"]


def test_a_rest_app_reads_payload_1(http: httpx.Client) -> None:
    assert http.get("rooms/a%20b").json()["room"] == "a b"
    assert http.get("rooms/x").json() == {"room": "x", "path": "/rooms/x"}


@pytest.mark.parametrize("path", ["orders/7", "mine"])
def test_a_token_of_the_pool_opens_the_route_and_nothing_else_does(http: httpx.Client, token: str, path: str) -> None:
    assert http.get(path).status_code == 401
    broken = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    assert http.get(path, headers={"Authorization": f"Bearer {broken}"}).status_code == 401
    answer = http.get(path, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, "ann" in answer.json().values()) == (200, True)


def test_the_judge_lets_partners_in(http: httpx.Client) -> None:
    order = {"paint": "red", "tins": 2}
    assert http.post("orders", json=order).status_code == 401
    assert http.post("orders", json=order, headers={"X-Partner-Key": "wrong"}).status_code == 403
    answer = http.post("orders", json=order, headers=PARTNER)
    assert (answer.status_code, answer.json()) == (200, {"paint": "red", "by": "Paint & More"})


def test_the_handler_checks_what_the_gateway_does_not(http: httpx.Client) -> None:
    answer = http.post("orders", json={"paint": "r"}, headers=PARTNER)
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "paint"])


def signed(aws: LocalAws, http: httpx.Client, credentials: Credentials) -> httpx.Response:
    request = AWSRequest("GET", f"{http.base_url}report")
    SigV4Auth(credentials, "execute-api", aws.state.region).add_auth(request)
    return http.get("report", headers=dict(request.headers))


def test_a_signed_request_is_told_from_an_unsigned_one(aws: LocalAws, http: httpx.Client) -> None:
    assert http.get("report").status_code == 403
    answer = signed(aws, http, Credentials(aws.state.account, aws.state.secret))
    assert (answer.status_code, answer.json()) == (200, {"asked by": "arn:aws:iam::000000000000:root"})


def test_who_signs_needs_leave_for_the_route(aws: LocalAws, http: httpx.Client) -> None:
    iam, api = aws.client("iam"), str(http.base_url).rstrip("/").rpartition("/")[2]
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    assert signed(aws, http, credentials).status_code == 403
    arn = f"arn:aws:execute-api:{aws.state.region}:{aws.state.account}:{api}/$default/GET/report"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="reader", PolicyName="report", PolicyDocument=document)
    assert signed(aws, http, credentials).json() == {"asked by": "arn:aws:iam::000000000000:user/reader"}


def test_leave_that_the_stack_grants_is_enough(aws: LocalAws, http: httpx.Client) -> None:
    key = aws.client("iam").create_access_key(UserName="granted")["AccessKey"]
    answer = signed(aws, http, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    assert answer.json() == {"asked by": "arn:aws:iam::000000000000:user/granted"}


def test_a_preflight_is_answered_by_the_gateway(http: httpx.Client) -> None:
    answer = http.options("orders", headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_a_page_may_read_the_answers_of_handlers(http: httpx.Client) -> None:
    assert http.get("paints", headers={"Origin": PAGE}).headers["access-control-allow-origin"] == PAGE


def test_what_no_route_takes_is_not_found(http: httpx.Client) -> None:
    answer = http.get("nowhere")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_a_path_with_a_slash_at_its_end_is_another_one(http: httpx.Client, named: httpx.Client) -> None:
    for client in (http, named):
        assert client.get("paints").status_code == 200
        assert (client.get("paints/").status_code, client.get("orders/1/").status_code) == (404, 404)


def test_a_named_stage_is_the_first_segment_and_no_part_of_the_route(named: httpx.Client) -> None:
    assert str(named.base_url).endswith("/v1/")
    assert named.get("paints", params={"shade": ["a", "b"]}).json() == ["a", "b"]
    assert named.get("report").status_code == 403
    assert named.options("orders", headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"}).status_code == 204


def test_under_another_stage_nothing_is_found(named: httpx.Client) -> None:
    assert named.get(str(named.base_url).replace("/v1/", "/v2/") + "paints").status_code == 404
    assert named.get(str(named.base_url).replace("/v1/", "/") + "paints").status_code == 404


def test_stages_of_one_api_answer_by_the_same_routes_and_each_by_its_own_variables(named: httpx.Client, beta: httpx.Client) -> None:
    assert (str(named.base_url).rpartition("/v1/")[0], str(beta.base_url)[-6:]) == (str(beta.base_url).rpartition("/beta/")[0], "/beta/")
    for client, stage, shop in ((named, "v1", "main"), (beta, "beta", "trial")):
        assert client.get("stage").json() == {"stage": stage, "variables": {"shop": shop}}
        assert client.get("paints").json() == ["red", "green"]
        assert client.get("nowhere").status_code == 404


def test_every_stage_asks_who_calls(aws: LocalAws, named: httpx.Client, beta: httpx.Client) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="nobody")
    stranger, granted = (iam.create_access_key(UserName=name)["AccessKey"] for name in ("nobody", "both"))
    for client in (named, beta):
        assert client.get("report").status_code == 403
        assert signed(aws, client, Credentials(stranger["AccessKeyId"], stranger["SecretAccessKey"])).status_code == 403
        answer = signed(aws, client, Credentials(granted["AccessKeyId"], granted["SecretAccessKey"]))
        assert answer.json() == {"asked by": "arn:aws:iam::000000000000:user/both"}


def test_leave_for_one_stage_is_none_for_another(aws: LocalAws, named: httpx.Client, beta: httpx.Client) -> None:
    iam, api = aws.client("iam"), str(beta.base_url).rstrip("/").split("/")[-2]
    iam.create_user(UserName="tester")
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    arn = f"arn:aws:execute-api:{aws.state.region}:{aws.state.account}:{api}/beta/GET/report"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="tester", PolicyName="report", PolicyDocument=document)
    statuses = [signed(aws, client, Credentials(key["AccessKeyId"], key["SecretAccessKey"])).status_code for client in (beta, named)]
    assert statuses == [200, 403]


def test_pages_may_ask_every_stage(beta: httpx.Client) -> None:
    answer = beta.options("orders", headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, PAGE)
