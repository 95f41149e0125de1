"""The bill of a template under a load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from gateleg.cost.meter import Meter, Said
from gateleg.cost.meters import METERS, unpriced
from gateleg.cost.possible import check_possible
from gateleg.cost.prices import Price, PriceList, price_list
from gateleg.errors import TemplateError
from gateleg.template.function import FunctionView
from gateleg.template.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateleg.cost.load import Load
    from gateleg.template.stack_template import Resource, StackTemplate

_CENT = Decimal("0.01")
# Types, and beginnings of types, that AWS does not bill, or bills by what is counted elsewhere.
_FREE = (
    "AWS::ApiGateway::",
    "AWS::ApiGatewayV2::",
    "AWS::CDK::Metadata",
    "AWS::CertificateManager::Certificate",
    "AWS::CodeDeploy::",  # of Lambda, as all that is shifted here
    "AWS::Cognito::IdentityPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolDomain",
    "AWS::Cognito::UserPoolResourceServer",
    "AWS::Events::Rule",
    "AWS::IAM::",
    "AWS::KMS::Alias",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Logs::QueryDefinition",
    "AWS::Logs::ResourcePolicy",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation",
)
_BILLED_NEVERTHELESS = ("AWS::ApiGateway::VpcLink", "AWS::ApiGatewayV2::VpcLink", "AWS::ApiGateway::DomainNameAccessAssociation")


@dataclass(frozen=True)
class Line:
    """One line of a bill.

    Attributes:
        resource: What the resource is called.
        item: What is billed, by the name of its price.
        quantity: How much of it.
        unit: What is counted.
        price: Dollars, for as many units as `per` says; where there are tiers, one line each.
        per: For how many units the price is.
        amount: Dollars, not rounded.
        why: What the quantity is made of.
        page: AWS's page with the price.
    """

    resource: str
    item: str
    quantity: Decimal
    unit: str
    price: Decimal
    per: int
    amount: Decimal
    why: str
    page: str


@dataclass(frozen=True)
class Bill:
    """The bill of a month.

    Attributes:
        region: The region of the prices.
        checked: Their date.
        lines: What is billed.
        lacking: What the load says nothing of, by the keys to write.
        not_priced: What is billed too, and is not in the total.
        notes: What is to be said of the prices.
    """

    region: str
    checked: str
    lines: tuple[Line, ...]
    lacking: tuple[str, ...]
    not_priced: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        """Dollars, to the cent; the sum is rounded, and not what is summed."""
        return sum((line.amount for line in self.lines), Decimal(0)).quantize(_CENT, ROUND_HALF_UP)


def bill(templates: Sequence[StackTemplate], load: Load) -> Bill:
    """What templates cost in a month under a load.

    Raises:
        TemplateError: The load names what the templates have not, says of it what cannot be, or names a region without prices.
    """
    known = Known(tuple(templates))
    prices = price_list(load.region)
    said = _said(known, load)
    meters = [meter for resource in known.of_type() for meter in _meters(known, resource, said)]
    if load.transfer_gb is not None:
        meters.append(Meter("the internet", "transfer_out", load.transfer_gb, "what leaves for the internet"))
    counted = [meter for meter in meters if meter.quantity]
    return Bill(
        prices.region,
        prices.checked,
        tuple(line for meter in counted for line in _lines(meter, prices)),
        tuple(dict.fromkeys([*_lacking(meters), *(["transfer_gb"] if load.transfer_gb is None else [])])),
        tuple(dict.fromkeys([*_without_price(counted, prices), *_not_priced(known)])),
        tuple(
            dict.fromkeys(f"{found.unit}: {found.note}" for meter in counted if (found := prices.prices.get(meter.price)) and found.note)
        ),
    )


def _lacking(meters: Iterable[Meter]) -> Iterator[str]:
    for meter in meters:
        if meter.quantity is None:
            yield from meter.why.split(", ")


def _said(known: Known, load: Load) -> Mapping[tuple[str, Resource], Said]:
    """What the load says, by section and resource."""
    found: dict[tuple[str, Resource], Said] = {}
    for section, entries in load.sections.items():
        there = [resource for resource in known.of_type() if METERS.get(resource.type, ("",))[0] == section]
        for name, given in entries.items():
            fitting = [resource for resource in there if name in _names(known, resource)]
            if len(fitting) != 1:
                listed = ", ".join(_name(known, resource) for resource in there) or "nothing"
                told = "is not in the template" if not fitting else f"is the name of {len(fitting)}; write a logical id"
                message = f"{section}.{name} {told}; there is: {listed}"
                raise TemplateError(message, path=f"{section}.{name}", value=name, code="cost.unknown_resource")
            check_possible(f"{section}.{_key(name)}", fitting[0], given)
            found[section, fitting[0]] = Said(f"{section}.{_key(name)}", given)
    return found


def _names(known: Known, resource: Resource) -> set[str]:
    service = resource.service if isinstance(resource, FunctionView) else None
    return {resource.logical_id, known.name(resource), *([service] if service else [])}


def _name(known: Known, resource: Resource) -> str:
    return (resource.service if isinstance(resource, FunctionView) else None) or known.name(resource)


def _meters(known: Known, resource: Resource, said: Mapping[tuple[str, Resource], Said]) -> Iterator[Meter]:
    if resource.type in METERS:
        section, counted = METERS[resource.type]
        name = _name(known, resource)
        yield from counted(name, resource, said.get((section, resource)) or Said(f"{section}.{_key(name)}", {}))


def _key(name: str) -> str:
    """A name as TOML has it in a path."""
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else f'"{name}"'


def _lines(meter: Meter, prices: PriceList) -> Iterator[Line]:
    price = prices.prices.get(meter.price)
    if price is not None and meter.quantity is not None:
        for quantity, dollars in price.parts(meter.quantity):
            amount = quantity * dollars / price.per
            yield Line(meter.resource, meter.price, quantity, price.unit, dollars, price.per, amount, meter.why, price.page)


def _without_price(meters: Iterable[Meter], prices: PriceList) -> Iterator[str]:
    for meter in meters:
        price: Price | None = prices.prices.get(meter.price)
        if price is None:
            yield f"{meter.resource}: {meter.price.replace('_', ' ')}, of which the list has no price in {prices.region}"
        elif meter.quantity is not None and (beyond := price.beyond(meter.quantity)):
            yield f"{meter.resource}: {beyond:,f} {price.unit} above the tiers of the list"


def _not_priced(known: Known) -> Iterator[str]:
    for resource in known.of_type():
        yield from (f"{_name(known, resource)}: {part}" for part in unpriced(resource))
        if resource.type in METERS:
            continue
        if resource.type.startswith(_BILLED_NEVERTHELESS) or not resource.type.startswith(_FREE):
            yield f"{known.name(resource)}: {resource.type}"
