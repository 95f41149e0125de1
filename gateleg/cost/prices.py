"""The price list of the package: public list prices, with their date and their pages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateError
from gateleg.template.canonical import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REGIONS = ("us-east-1", "eu-west-1")


@dataclass(frozen=True)
class Tier:
    """A price up to a quantity.

    Attributes:
        up_to: The quantity where it ends; `None` where it does not.
        price: Dollars for as many units as the price is for.
    """

    up_to: Decimal | None
    price: Decimal


@dataclass(frozen=True)
class Price:
    """The price of one thing in one region.

    Attributes:
        unit: What is counted: `requests`.
        per: For how many units a tier's price is.
        tiers: From the first unit on.
        page: AWS's page.
        note: What is to be said of the price.
    """

    unit: str
    per: int
    tiers: tuple[Tier, ...]
    page: str
    note: str = ""

    def parts(self, quantity: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
        """What of a quantity falls into which tier: pairs of a quantity and a price. What is above the last tier is in none."""
        begin = Decimal(0)
        for tier in self.tiers:
            end = quantity if tier.up_to is None else min(quantity, tier.up_to)
            if end > begin:
                yield end - begin, tier.price
            begin = max(begin, end)

    def beyond(self, quantity: Decimal) -> Decimal:
        """How much of a quantity the list has no price for."""
        return quantity - sum((part for part, _ in self.parts(quantity)), Decimal(0))


@dataclass(frozen=True)
class PriceList:
    """The prices of a region.

    Attributes:
        region: The region.
        checked: The day when they were last compared, such as `2026-10-04`.
        prices: By what they are called in `prices.toml`.
    """

    region: str
    checked: str
    prices: Mapping[str, Price]


def price_list(region: str) -> PriceList:
    """The prices of a region.

    Raises:
        TemplateError: The package has no prices of it.
    """
    if region not in REGIONS:
        message = (
            f"there are no prices of {region!r}; write {' or '.join(REGIONS)}, which is near enough for most regions of the same continent"
        )
        raise TemplateError(message, path="region", value=region, code="cost.region")
    read = _read()
    prices = {name: _price(mapping(given), region) for name, given in read.items() if region in mapping(given)}
    return PriceList(region, str(read["checked"]), prices)


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(files("gateleg.cost").joinpath("prices.toml").read_text(encoding="utf-8"))


def _price(given: Mapping[str, Any], region: str) -> Price:
    tiers = tuple(Tier(Decimal(tier[0]) if len(tier) > 1 else None, Decimal(tier[-1])) for tier in given[region])
    return Price(given["unit"], given["per"], tiers, given["page"], given.get("notes", {}).get(region, ""))
