"""examples/tenants on the embedded AWS, IAM enforced: a function that is at fault, too, reaches the items of one tenant alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.examples import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e

EXTENDED = """
import pathlib

source = pathlib.Path("billing.py").read_text()
pathlib.Path("billing.py").write_text(source + '''

from botocore.exceptions import ClientError
from gateleg.errors import AccessDeniedError
from gateleg.rest import across_tenants


def asked(company: str, what: str, store: Store) -> object:
    try:
        return asking(company, what, store)
    except AccessDeniedError as error:
        return ["denied", error.aws_code]


def asking(company: str, what: str, store: Store) -> object:
    match what:
        case "get":
            return store.get(Invoice.key(company=company, number="1"))
        case "query":
            return [one.number for one in store.query(Invoice.due_until(company=company))]
        case "create":
            return store.create(Invoice(company=company, number="9", due="2030", cents=1))
        case "delete":
            return store.delete(Invoice.key(company=company, number="7"))
        case "batch":
            keys = [Invoice.key(company=one, number="1") for one in (company, "acme")]
            return [one.company for one in store.batch_get(keys)]
        case "transact":
            with store.transact() as transaction:
                transaction.put(Invoice(company="acme", number="8", due="2031", cents=1))
                transaction.put(Invoice(company=company, number="8", due="2031", cents=1))
            return "done"
        case _:
            return [one.number for one in store.scan(Invoice)]


@app.get("/any/<company>/<what>")
@uses(Invoice.get, Invoice.due_until, Invoice.create, Invoice.put, Invoice.delete, Invoice.batch_get)
def any_of_them(company: str, what: str) -> object:
    return asked(company, what, mine()[1])


@app.get("/own/<company>/<what>")
def own_rights(company: str, what: str) -> object:
    return asked(company, what, Store(BILLING))


@app.get("/untagged")
def untagged() -> object:
    import os

    from gateleg.store import clients

    try:
        return clients.sts().assume_role(RoleArn=os.environ["GATELEG_TENANT_ROLE"], RoleSessionName="untagged")["AssumedRoleUser"]
    except ClientError as error:
        return [error.response["Error"]["Code"]]


@app.get("/all")
@uses(across_tenants(Invoice.scan, why="a test counts all"))
def everything() -> object:
    return sorted(f"{one.company} {one.number}" for one in Store(BILLING).scan(Invoice))
''')
import app
from aws_cdk import App

made = App()
app.BillingStack(made, "Billing")
made.synth()
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("tenants", tmp_path_factory, extended=EXTENDED) as up:
        yield up


DENIED = (200, ["denied", "AccessDeniedException"])


class Api:
    """The function, called as API Gateway calls it: with the claims of a token that its authorizer took."""

    def __init__(self, aws: LocalAws) -> None:
        self._lambda = aws.client("lambda")
        [self._function] = [one["FunctionName"] for one in self._lambda.list_functions()["Functions"] if "Rest" in one["FunctionName"]]

    def ask(self, company: str | None, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        event = {
            "httpMethod": method,
            "path": path,
            "resource": path,
            "headers": {"Content-Type": "application/json"},
            "queryStringParameters": None,
            "body": None if body is None else json.dumps(body),
            "requestContext": {"stage": "", "authorizer": {"claims": {} if company is None else {"sub": "1", "custom:company": company}}},
        }
        answer = self._lambda.invoke(FunctionName=self._function, Payload=json.dumps(event))
        told = json.loads(answer["Payload"].read())
        assert "statusCode" in told, told
        return told["statusCode"], json.loads(told["body"])


@pytest.fixture(scope="module")
def api(aws: LocalAws) -> Api:
    api = Api(aws)
    for company in ("acme", "brown"):
        for number in "123":
            status, told = api.ask(company, "POST", "/invoices", {"number": number, "due": f"202{number}", "cents": 5})
            assert status == 200, told
    return api


def test_each_company_finds_its_own(api: Api) -> None:
    for company in ("acme", "brown"):
        status, page = api.ask(company, "GET", "/invoices")
        assert (status, [(one["company"], one["number"]) for one in page["items"]]) == (200, [(company, number) for number in "123"])


@pytest.mark.parametrize("what", ["get", "query", "create", "delete", "batch", "transact"])
def test_a_handler_that_asks_for_another_company_is_refused_and_for_its_own_is_not(api: Api, what: str) -> None:
    if what != "transact":
        status, told = api.ask("acme", "GET", f"/any/acme/{what}")
        assert (status, "denied" in str(told)) == (200, False)
    assert api.ask("acme", "GET", f"/any/brown/{what}") == DENIED
    # One whose name begins like it is another.
    assert api.ask("acme", "GET", f"/any/acme2/{what}") == DENIED


@pytest.mark.parametrize("what", ["get", "query", "create", "delete", "batch", "transact"])
def test_the_function_itself_reaches_nobodys_items(api: Api, what: str) -> None:
    assert api.ask("acme", "GET", f"/own/brown/{what}") == DENIED


def test_a_session_of_one_company_scans_nothing_and_one_of_none_is_not_given(api: Api) -> None:
    assert api.ask("acme", "GET", "/any/acme/scan") == DENIED
    assert api.ask("acme", "GET", "/untagged") == (200, ["AccessDenied"])


def test_what_is_declared_across_companies_is_granted_to_the_function_itself(api: Api) -> None:
    status, told = api.ask("acme", "GET", "/all")
    assert (status, set(told) >= {f"{company} {number}" for company in ("acme", "brown") for number in "123"}) == (200, True)
    assert not [one for one in told if one in {"brown 8", "brown 9", "acme2 9", "acme 8"}]


@pytest.mark.parametrize("company", [None, "", "*", "ac?e", "brown#", "a/b"])
def test_a_token_that_names_no_company_reaches_nothing(api: Api, company: str | None) -> None:
    assert api.ask(company, "GET", "/invoices")[0] in {401, 403, 422}
