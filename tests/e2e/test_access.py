"""docs/access.md on the embedded AWS: each route lets in whom it names, and nobody else."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.e2e.examples import deployed
from tests.unit.docs.pages import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e

PASSWORD = "Correct-horse-1"
SHELL = [block.text for block in blocks(ROOT / "docs" / "access.md", "sh")]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("access", tmp_path_factory) as up:
        yield up


@pytest.fixture(scope="module")
def outputs(aws: LocalAws) -> Mapping[str, str]:
    return aws.outputs["Access"]


@pytest.fixture(scope="module")
def tokens(aws: LocalAws, outputs: Mapping[str, str]) -> dict[str, str]:
    """The tokens of a person of the pool."""
    cognito = aws.client("cognito-idp")
    pool = outputs["PoolId"]
    cognito.admin_create_user(UserPoolId=pool, Username="bob", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="bob", Password=PASSWORD, Permanent=True)
    cognito.create_group(UserPoolId=pool, GroupName="staff")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="bob", GroupName="staff")
    signing_in = {"USERNAME": "bob", "PASSWORD": PASSWORD}
    answer = cognito.initiate_auth(ClientId=outputs["WebClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=signing_in)
    found: dict[str, str] = answer["AuthenticationResult"]
    return found


def get(aws: LocalAws, path: str, **headers: str) -> httpx.Response:
    return httpx.get(
        aws.endpoint("rest").url + path, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=60
    )


def test_a_person_is_told_by_the_claims_of_the_id_token(aws: LocalAws, tokens: dict[str, str]) -> None:
    answer = get(aws, "profile", authorization=tokens["IdToken"])
    assert (answer.status_code, answer.json()) == (200, {"name": "bob", "groups": ["staff"]})
    assert get(aws, "profile").status_code == get(aws, "profile", authorization=tokens["IdToken"][:-4] + "AAAA").status_code == 401


def test_a_token_without_what_the_model_asks_for_is_forbidden(aws: LocalAws, tokens: dict[str, str]) -> None:
    """An access token of the pool is let in by the gateway, and calls the name otherwise."""
    assert get(aws, "profile", authorization=tokens["AccessToken"]).status_code == 403


def test_a_scope_is_asked_of_the_access_token(aws: LocalAws, outputs: Mapping[str, str], tokens: dict[str, str]) -> None:
    cognito = aws.client("cognito-idp")
    client = outputs["RobotClientId"]
    described = cognito.describe_user_pool_client(UserPoolId=outputs["PoolId"], ClientId=client)["UserPoolClient"]
    basic = base64.b64encode(f"{client}:{described['ClientSecret']}".encode()).decode()
    asked = {"grant_type": "client_credentials", "scope": "orders/read"}
    granted = httpx.post(f"{aws.endpoint_url}/oauth2/token", data=asked, headers={"authorization": f"Basic {basic}"}, timeout=60)
    assert granted.status_code == 200, granted.text

    answer = get(aws, "orders/7", authorization=granted.json()["access_token"])
    assert (answer.status_code, answer.json()) == (200, {"id": "7"})
    assert get(aws, "orders/7", authorization=tokens["AccessToken"]).status_code in {401, 403}
    assert get(aws, "orders/7", authorization=tokens["IdToken"]).status_code in {401, 403}


def test_a_partner_has_a_key_that_no_template_holds(aws: LocalAws, outputs: Mapping[str, str]) -> None:
    value = aws.client("apigateway").get_api_key(apiKey=outputs["KeyId"], includeValue=True)["value"]
    assert get(aws, "prices", x_api_key=value).json() == {"tea": 3}
    assert get(aws, "prices").status_code == get(aws, "prices", x_api_key="k" * 40).status_code == 403


def shell(aws: LocalAws, *blocks: str) -> str:
    """What the blocks print, run in the project's folder by somebody without credentials of their own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    script = "set -e\n" + "\necho\n".join(blocks)
    return subprocess.run(["bash", "-c", script], cwd=aws.project, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_the_page_can_be_followed(aws: LocalAws) -> None:
    profile, prices, me = [json.loads(line) for line in shell(aws, *SHELL).splitlines() if line.startswith("{")]
    assert (profile["name"], prices) == ("ann", {"tea": 3})
    assert ":" in me["identity"]
    assert get(aws, "me").status_code == 403


def test_a_person_s_credentials_may_call_no_other_route_and_no_other_service(
    aws: LocalAws, outputs: Mapping[str, str], tokens: dict[str, str]
) -> None:
    cognito = aws.client("cognito-identity")
    logins = {f"cognito-idp.{cognito.meta.region_name}.amazonaws.com/{outputs['PoolId']}": tokens["IdToken"]}
    identity = cognito.get_id(IdentityPoolId=outputs["IdentityPoolId"], Logins=logins)["IdentityId"]
    assert cognito.get_id(IdentityPoolId=outputs["IdentityPoolId"], Logins=logins)["IdentityId"] == identity, "a person keeps one identity"
    given = cognito.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    signer = Credentials(given["AccessKeyId"], given["SecretKey"], given["SessionToken"])

    def status(method: str, path: str) -> int:
        request = AWSRequest(method, aws.endpoint("rest").url + path)
        SigV4Auth(signer, "execute-api", cognito.meta.region_name).add_auth(request)
        return httpx.request(method, str(request.url), headers=dict(request.headers), timeout=60).status_code

    assert status("GET", "me") == 200
    assert status("GET", "stock") == 403, "IAM guards it, and nobody granted it"


def test_anyone_may_ask_for_the_health(aws: LocalAws) -> None:
    assert get(aws, "health").json() == {"status": "ok"}
