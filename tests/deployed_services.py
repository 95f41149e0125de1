"""The reference services on an embedded AWS, and who calls them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gateleg.local.hotswap import Hotswap
from gateleg.store import Store
from lambdas.dashboard.model import JOBS, Job

if TYPE_CHECKING:
    from collections.abc import Generator

    from gateleg.local import LocalAws

PASSWORD = "Correct-horse-1"
PATIENCE = 60


def deploy_anew(aws: LocalAws) -> str:
    """Give every function its code again, which ends the processes that answer and work now; the names of all, with spaces between."""
    swap = Hotswap(aws.synthesized, aws.project, aws.target, made_at=aws.synthesized_at)
    given = swap._give(swap._functions.items())  # pyright: ignore[reportPrivateUsage] (what `apply` does with files that changed)
    return " ".join(swapped.name for swapped in given)


class Signed(httpx.Auth):
    """Signs requests to API Gateway as the account's root, whom IAM refuses nothing."""

    requires_request_body = True

    def __init__(self, aws: LocalAws) -> None:
        target = aws.target
        self._auth: Any = SigV4Auth(Credentials(target.account, target.secret), "execute-api", target.region)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        signed = AWSRequest(request.method, str(request.url), data=request.content)
        self._auth.add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request


@dataclass(frozen=True)
class DeployedServices:
    """Where each service is; `of("shop")` is named as `SERVICE=` names it."""

    aws: LocalAws

    def url(self, service: str, kind: str = "rest") -> str:
        """The stage of a service's API."""
        [found] = [one.url for one in self.aws.endpoints if one.kind == kind and one.name.startswith(f"{service.title()}.")]
        return found

    def table(self, service: str) -> str:
        """The table's physical name."""
        names: list[str] = self.aws.client("dynamodb").list_tables()["TableNames"]
        [found] = [name for name in names if name.startswith(f"{service.title()}-")]
        return found

    def jobs(self) -> Counter[str]:
        """How many jobs of the dashboard have each status, counted in its table, which other files of tests fill too."""
        store = Store(JOBS, table_name=self.table("dashboard"), client=self.aws.client("dynamodb"))
        return Counter(job.status for job in store.query(Job.latest()))

    def anyone(self, service: str) -> httpx.Client:
        """A client without any identity."""
        return httpx.Client(base_url=self.url(service), timeout=PATIENCE)

    def signed(self, service: str) -> httpx.Client:
        """A client that signs what it asks."""
        return httpx.Client(base_url=self.url(service), auth=Signed(self.aws), timeout=PATIENCE)

    def person(self, service: str, name: str) -> str:
        """The token of somebody who is made to be in the service's user pool."""
        outputs, cognito = self.aws.outputs[service.title()], self.aws.client("cognito-idp")
        cognito.admin_create_user(UserPoolId=outputs["PoolId"], Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=outputs["PoolId"], Username=name, Password=PASSWORD, Permanent=True)
        signing_in = {"USERNAME": name, "PASSWORD": PASSWORD}
        answer = cognito.initiate_auth(ClientId=outputs["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=signing_in)
        return str(answer["AuthenticationResult"]["IdToken"])
