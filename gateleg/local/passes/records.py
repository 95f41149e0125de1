"""A record of a hosted zone that stands elsewhere cannot be made here, and nobody here asks the zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.local.template import resources

if TYPE_CHECKING:
    from gateleg.local.template import Json, Target


def leave_out_foreign_records(template: Json, target: Target) -> Json:
    """Drop the Route 53 records of zones that are not made by templates: their ids are texts."""
    del target
    foreign = {
        name for name, record in resources(template, "AWS::Route53::RecordSet") if isinstance(record["Properties"].get("HostedZoneId"), str)
    }
    kept = {name: resource for name, resource in template.get("Resources", {}).items() if name not in foreign}
    return {**template, "Resources": kept} if foreign else template
