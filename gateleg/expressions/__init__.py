"""Conditions, updates, projections and key conditions in DynamoDB's wire form; pure functions of what `gateleg.model` declares."""

from gateleg.expressions.conditions import condition_text
from gateleg.expressions.placeholders import Placeholders
from gateleg.expressions.projections import projection_params, projection_text
from gateleg.expressions.queries import key_condition_text, query_params, scan_params, types_condition_text
from gateleg.expressions.updates import repeatable, update_text

__all__ = [
    "Placeholders",
    "condition_text",
    "key_condition_text",
    "projection_params",
    "projection_text",
    "query_params",
    "repeatable",
    "scan_params",
    "types_condition_text",
    "update_text",
]
