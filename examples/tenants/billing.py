"""Invoices of many companies in one table, each company with no way to those of another."""

from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from gateleg.model import Attr, Entity, Index, Page, Table, access, attr, index_key, key
from gateleg.rest import claims, handle_errors, uses
from gateleg.store import Store, Tenants

BILLING = Table("billing", partition_key="pk", sort_key="sk", indexes=[Index("by_due", partition_key="gpk", sort_key="due")])


class Invoice(Entity, table=BILLING, tenant="company"):
    """An invoice of a company."""

    company: Attr[str]
    number: Attr[str] = attr(min_length=1)
    due: Attr[str]
    cents: Attr[int] = attr(ge=0)

    key = key("COMPANY#{company}", "INVOICE#{number}")
    due_key = index_key("by_due", "COMPANY#{company}")

    @access(index="by_due")
    def due_until(*, company: str, until: str | None = None) -> None:
        """Find the invoices of a company in the order in which they are due."""


class Caller(BaseModel):
    """What the token says of whoever calls."""

    company: str = Field(alias="custom:company")


class NewInvoice(BaseModel):
    """What is written of an invoice: not whose it is."""

    number: str
    due: str
    cents: int


app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)
tenants = Tenants(BILLING)


def mine() -> tuple[str, Store]:
    """Tell the company of the caller, and the store that reaches its items alone."""
    company = claims(app, Caller).company
    return company, tenants.store(company)


@app.post("/invoices")
@uses(Invoice.create)
def write(invoice: NewInvoice) -> Invoice:
    """Write an invoice of the caller's company."""
    company, store = mine()
    return store.create(Invoice(company=company, **invoice.model_dump()))


@app.get("/invoices")
@uses(Invoice.due_until)
def due(until: Annotated[str | None, Query()] = None, cursor: Annotated[str | None, Query()] = None) -> Page[Invoice]:
    """List the invoices of the caller's company that are due."""
    company, store = mine()
    return store.page(Invoice.due_until(company=company, until=until), limit=20, cursor=cursor)
