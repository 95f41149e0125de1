"""The orders of a shop: what is stored, and what is sent on."""

from typing import Literal

from pydantic import BaseModel, Field

from gateleg.model import Attr, Entity, Table, access, attr, key

SHOP = Table("shop", partition_key="pk", sort_key="sk")


class Order(Entity, table=SHOP):
    """An order of a customer."""

    customer: Attr[str]
    order_id: Attr[str]
    paint: Attr[Literal["red", "green"]]
    tins: Attr[int] = attr(default=1, ge=1)
    note: Attr[str | None] = attr(default=None)

    key = key("CUSTOMER#{customer}", "ORDER#{order_id}")

    @access
    def of_customer(*, customer: str, prefix: str | None = None) -> None:
        """The orders of a customer, all or those whose ids begin so."""


class Placed(BaseModel):
    """What is told of a new order."""

    order_id: str = Field(min_length=1)
    tins: int = Field(ge=1)
