"""docs/access.md on the embedded AWS: each route lets in whom it names, and nobody else."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import jwt
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.e2e.examples import deployed
from tests.unit.docs.pages import EXAMPLES, ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from websockets.sync.client import ClientConnection

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e

PASSWORD = "Correct-horse-1"
SHELL = [block.text for block in blocks(ROOT / "docs" / "access.md", "sh")]

WITH_SOCKETS = """from aws_cdk import App, CfnOutput
from aws_cdk.aws_cognito import AuthFlow, UserPool
from page import AccessStack

from gateleg.cdk import CognitoConnectAuthorizer, WebSocketGateway


class WithSocket(AccessStack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        pool = self.node.find_child("People")
        strangers = UserPool(self, "Strangers")
        theirs = strangers.add_client("Web", auth_flows=AuthFlow(user_password=True))
        other = pool.add_client("Other", auth_flows=AuthFlow(user_password=True))
        web, robot = pool.node.find_child("Web"), pool.node.find_child("Robot")
        CfnOutput(self, "StrangersId", value=strangers.user_pool_id)
        CfnOutput(self, "StrangersClientId", value=theirs.user_pool_client_id)
        CfnOutput(self, "OtherClientId", value=other.user_pool_client_id)
        WebSocketGateway(self, "Live", app="live:app", authorizer=CognitoConnectAuthorizer([pool], clients=[web, robot]))
        offered = CognitoConnectAuthorizer([pool], clients=[robot], scopes=["orders/read"], identity_source="header.Sec-WebSocket-Protocol")
        WebSocketGateway(self, "Robots", app="live:speaking", authorizer=offered)


app = App()
WithSocket(app, "Access")
app.synth()
"""
LIVE = """from gateleg.websocket import WebSocketResolver

app = WebSocketResolver()
speaking = WebSocketResolver(subprotocols=["live.v1"])


@speaking.route("who")
@app.route("who")
def who() -> dict[str, str]:
    connection = app.current_connection
    return {"principal": connection.principal, "groups": connection.claims.get("cognito:groups", ""), "use": connection.claims["token_use"]}
"""
FILES = {
    "page.py": (EXAMPLES / "access" / "app.py").read_text(encoding="utf-8"),
    "app.py": WITH_SOCKETS,
    "live.py": LIVE,
    "requirements.txt": (EXAMPLES / "access" / "requirements.txt").read_text(encoding="utf-8") + "pyjwt[crypto]>=2.10\n",
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("access", tmp_path_factory, files=FILES) as up:
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


@pytest.fixture(scope="module")
def robot(aws: LocalAws, outputs: Mapping[str, str]) -> str:
    """The access token of the client that asks for the scope."""
    cognito = aws.client("cognito-idp")
    client = outputs["RobotClientId"]
    described = cognito.describe_user_pool_client(UserPoolId=outputs["PoolId"], ClientId=client)["UserPoolClient"]
    basic = base64.b64encode(f"{client}:{described['ClientSecret']}".encode()).decode()
    asked = {"grant_type": "client_credentials", "scope": "orders/read"}
    granted = httpx.post(f"{aws.endpoint_url}/oauth2/token", data=asked, headers={"authorization": f"Basic {basic}"}, timeout=60)
    assert granted.status_code == 200, granted.text
    return str(granted.json()["access_token"])


def test_a_scope_is_asked_of_the_access_token(aws: LocalAws, tokens: dict[str, str], robot: str) -> None:
    answer = get(aws, "orders/7", authorization=robot)
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


def sign_in(aws: LocalAws, pool: str, client: str, name: str = "bob") -> dict[str, str]:
    """The tokens of somebody who is made to be in a pool, if need be."""
    cognito = aws.client("cognito-idp")
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    signing_in = {"USERNAME": name, "PASSWORD": PASSWORD}
    answer = cognito.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=signing_in)["AuthenticationResult"]
    return {name: token for name, token in answer.items() if name.endswith("Token")}


def url_of(aws: LocalAws, socket: str) -> str:
    [url] = [value for name, value in aws.outputs["Access"].items() if name.startswith(f"{socket}Url")]
    return url


def answered(line: ClientConnection) -> dict[str, str]:
    line.send(json.dumps({"action": "who"}))
    found: dict[str, str] = json.loads(line.recv(timeout=60))["data"]
    return found


def signed(claims: Mapping[str, Any], key: Any, kid: str | None, algorithm: str = "RS256") -> str:
    return jwt.encode(dict(claims), key, algorithm=algorithm, headers={} if kid is None else {"kid": kid})


def hostile(good: str, own_key: rsa.RSAPrivateKey) -> Iterator[str]:
    """Tokens that were never made by the pool, each made of one that was."""
    head, body, signature = good.split(".")
    claims, header = jwt.decode(good, options={"verify_signature": False}), jwt.get_unverified_header(good)
    other = {"id": "access", "access": "id"}[claims["token_use"]]
    theirs, kid = rsa.generate_private_key(public_exponent=65537, key_size=2048), str(header["kid"])

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    for edit in (
        {"sub": "root"},
        {"exp": claims["exp"] + 9_999},
        {"aud": "x", "client_id": "x"},
        {"cognito:groups": ["root"]},
        {"token_use": other},
    ):
        yield f"{head}.{part(claims | edit)}.{signature}"
        yield signed(claims | edit, theirs, kid)
        yield signed(claims | edit, theirs, "a key of theirs")
        yield signed(claims | edit, theirs, None)
        for none in ("none", "None", "NONE"):
            yield f"{part({'alg': none, 'kid': kid})}.{part(claims | edit)}."
    for at in range(0, len(signature) - 8, 16):
        yield f"{head}.{body}.{signature[:at]}{'A' if signature[at] != 'A' else 'B'}{signature[at + 1 :]}"
    past = int(time.time()) - 1
    for edit in (
        {"exp": past},
        {"exp": past - 86_400},
        {"nbf": past + 3_600},
        {"iss": claims["iss"] + "x"},
        {"token_use": "refresh"},
        {"sub": None},
    ):
        yield signed({name: value for name, value in (claims | edit).items() if value is not None}, own_key, kid)
    for edit in ({"aud": "another client", "client_id": "another client"}, {"aud": "", "client_id": ""}):
        yield signed(claims | edit, own_key, kid)
    yield from ("", "token", f"{head}.{body}", f"{good}.{signature}", f"Bearer {good}")


def key_of_pool(aws: LocalAws, token: str) -> rsa.RSAPrivateKey:
    """The key that a pool signed a token with, which nobody but the embedded AWS has."""
    for file in sorted(aws.project.glob("**/cognito-pool-keys/*.pem")):
        key = serialization.load_pem_private_key(file.read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        with contextlib.suppress(jwt.InvalidSignatureError):
            jwt.decode(token, key.public_key(), algorithms=["RS256"], options={"verify_aud": False})
            return key
    pytest.fail("the pool's key is not where it was")


def test_tokens_of_the_pool_and_its_client_open_a_socket_and_no_others_do(
    aws: LocalAws, outputs: Mapping[str, str], tokens: dict[str, str]
) -> None:
    url = url_of(aws, "Live")
    for use, name in (("id", "IdToken"), ("access", "AccessToken")):
        with connect(f"{url}?token={tokens[name]}", open_timeout=60) as line:
            told = jwt.decode(tokens[name], options={"verify_signature": False})
            assert answered(line) == {"principal": told["sub"], "groups": "staff", "use": use}

    foreign = [*sign_in(aws, outputs["StrangersId"], outputs["StrangersClientId"]).values()]
    foreign += [*sign_in(aws, outputs["PoolId"], outputs["OtherClientId"]).values(), tokens["RefreshToken"]]
    made = [one for name in ("IdToken", "AccessToken") for one in hostile(tokens[name], key_of_pool(aws, tokens[name]))]
    assert len(foreign) + len(made) >= 100
    for token in (*foreign, *made):
        with pytest.raises(InvalidStatus) as refused, connect(f"{url}?{urlencode({'token': token})}", open_timeout=60):
            pytest.fail(f"{token} opened a socket")
        assert refused.value.response.status_code in {401, 403}
    with pytest.raises(InvalidStatus), connect(f"{url}?token={made[0]}&token={tokens['IdToken']}"):
        pytest.fail("of two tokens one opened a socket")
    with connect(f"{url}?token={tokens['IdToken']}", open_timeout=60) as line:
        assert answered(line)["use"] == "id", "whoever has one goes on getting in"


def test_a_token_offered_as_a_subprotocol_opens_a_socket_with_the_scope(
    aws: LocalAws, outputs: Mapping[str, str], tokens: dict[str, str], robot: str
) -> None:
    url = url_of(aws, "Robots")

    def offering(*tokens: str) -> contextlib.AbstractContextManager[ClientConnection]:
        return connect(url, open_timeout=60, subprotocols=[Subprotocol(one) for one in ("live.v1", *tokens)])

    with offering(robot) as line:
        assert line.subprotocol == "live.v1"
        assert answered(line) == {"principal": outputs["RobotClientId"], "groups": "", "use": "access"}
    for wrong in ([], [tokens["AccessToken"]], [tokens["IdToken"]], [robot, tokens["IdToken"]], [robot[:-6] + "AAAAAA"]):
        with pytest.raises(InvalidStatus), offering(*wrong):
            pytest.fail("it opened a socket")
