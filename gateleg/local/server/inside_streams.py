"""What is read of the emulator's streams and event source mappings, as `inside` does it for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.local.server import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Read:
    """Records that were read.

    Attributes:
        records: All of them.
        wanted: Those that the mapping's filters let through.
        end: Where to go on.
    """

    records: Sequence[dict[str, Any]]
    wanted: Sequence[dict[str, Any]]
    end: int


@dataclass(frozen=True)
class Stream:
    """The stream of a mapping, in the scope of its account and region.

    Attributes:
        mapping: The event source mapping.
        table: The table's name.
        function: The record of the function.
    """

    mapping: dict[str, Any]
    table: str
    function: dict[str, Any]

    def read(self, most: int) -> Read:
        """Read on from where all was taken, as far as the records are still there."""
        functions, tables = _functions(), inside.module("services.dynamodb")
        horizon, end = tables.stream_start_position(self.table), tables.stream_end_position(self.table)
        begin = horizon if self.mapping.get("StartingPosition") == "TRIM_HORIZON" else end
        with functions._dynamodb_stream_positions_lock:
            position = max(functions._dynamodb_stream_positions.get(self.mapping["UUID"], begin), horizon)
        records = tables.stream_records_since(self.table, position, most)
        return Read(records, functions._apply_filter_criteria(records, self.mapping), position + len(records))

    def advance(self, position: int) -> None:
        """Note that all before a position is taken."""
        functions = _functions()
        with functions._dynamodb_stream_positions_lock:
            functions._dynamodb_stream_positions[self.mapping["UUID"]] = position

    def run(self, event: dict[str, Any]) -> dict[str, Any]:
        """Call the function."""
        result: dict[str, Any] = _functions()._execute_function(self.function, event)
        self.mapping["LastProcessingResult"] = "PROBLEM: Function call failed" if result.get("error") else "OK"
        return result

    def tell(self, records: Sequence[Any], result: dict[str, Any], reason: str) -> None:
        """Tell the destination for what was given up."""
        _functions()._send_ddb_stream_failure_record(self.mapping, self.function, records, self.mapping["EventSourceArn"], result, reason)


def streams() -> Iterator[Stream]:
    """Return the streams that are to be read, each in the scope of its account and region."""
    functions = _functions()
    for account, region, mapping in functions._iter_all_esms():
        tokens = functions._request_account_id.set(account), functions._request_region.set(region)
        try:
            if (found := _stream(mapping)) is not None:
                yield found
        finally:
            functions._request_account_id.reset(tokens[0])
            functions._request_region.reset(tokens[1])


def _stream(mapping: dict[str, Any]) -> Stream | None:
    functions, arn = _functions(), mapping.get("EventSourceArn", "")
    if not mapping.get("Enabled", True) or ":dynamodb:" not in arn or "/stream/" not in arn:
        return None
    name = arn.split("/stream/")[0].rpartition("/")[2]
    table = inside.module("services.dynamodb")._tables.get(name)
    function, _ = functions._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    if function is None or not table or table.get("LatestStreamArn") != arn:
        return None
    return Stream(mapping, name, function)


def _functions() -> Any:
    return inside.module("services.lambda_svc")
