"""The state machine of an export: it begins one, waits until it is written, and fails where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_BUSY = [
    {
        "ErrorEquals": ["DynamoDb.LimitExceededException", "DynamoDb.ExportConflictException"],
        "IntervalSeconds": 60,
        "MaxAttempts": 5,
        "BackoffRate": 2,
    }
]
_GIVEN = "$exists($states.input.{0}) ? $states.input.{0} : {1}"
_STARTED = "$states.context.Execution.StartTime"


@dataclass(frozen=True)
class ExportStates:
    """The states, in JSONata.

    Args:
        calls: What the ARNs of calls of DynamoDB begin with: `arn:aws:states:::aws-sdk:dynamodb:`.
        table_name: The table.
        arguments: What every export is asked for.
        period: For how many seconds an incremental export tells the changes; `None` for one of the whole table.
        view: What an incremental export holds of each change.
        wait: For how many seconds to wait before each look.
    """

    calls: str
    table_name: str
    arguments: Mapping[str, Any]
    period: int | None = None
    view: str = "NEW_AND_OLD_IMAGES"
    wait: int = 60

    def definition(self) -> dict[str, Any]:
        """The state machine in Amazon States Language."""
        begin = self._of_the_whole() if self.period is None else self._of_changes(self.period)
        return {"QueryLanguage": "JSONata", "StartAt": next(iter(begin)), "States": {**begin, **self._watched()}}

    def _of_the_whole(self) -> dict[str, Any]:
        """A time that is not given is left out: DynamoDB then takes its own present."""
        time = _jsonata("$states.input.time")
        return {
            "Of a given time?": _choice("$exists($states.input.time)", "Export of a time", "Export"),
            "Export of a time": self._export(ExportType="FULL_EXPORT", ExportTime=time),
            "Export": self._export(ExportType="FULL_EXPORT"),
        }

    def _of_changes(self, period: int) -> dict[str, Any]:
        """The changes of a period, or all that there is where the period begins before the first second that can be restored."""
        end = _GIVEN.format("to", _STARTED)
        begin = _GIVEN.format("from", f"$fromMillis($toMillis({end}) - {period * 1000})")
        earliest = "$states.result.ContinuousBackupsDescription.PointInTimeRecoveryDescription.EarliestRestorableDateTime"
        changes = {"ExportFromTime": _jsonata("$begin"), "ExportToTime": _jsonata("$end"), "ExportViewType": self.view}
        return {
            "Period": {"Type": "Pass", "Assign": {"begin": _jsonata(begin), "end": _jsonata(end)}, "Next": "First second"},
            "First second": {
                "Type": "Task",
                "Resource": f"{self.calls}describeContinuousBackups",
                "Arguments": {"TableName": self.table_name},
                "Assign": {"earliest": _jsonata(earliest)},
                "Next": "All of the period?",
            },
            "All of the period?": _choice("$toMillis($earliest) <= $toMillis($begin)", "Export changes", "Export"),
            "Export changes": self._export(ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification=changes),
            "Export": self._export(ExportType="FULL_EXPORT"),
        }

    def _export(self, **given: Any) -> dict[str, Any]:
        return {
            "Type": "Task",
            "Resource": f"{self.calls}exportTableToPointInTime",
            # An execution that is tried again asks for the same export, and gets the one that it began.
            "Arguments": {**self.arguments, "ClientToken": _jsonata("$states.context.Execution.Name"), **given},
            "Assign": {"arn": _jsonata("$states.result.ExportDescription.ExportArn")},
            "Retry": _BUSY,
            "Next": "Wait",
        }

    def _watched(self) -> dict[str, Any]:
        description = "$states.result.ExportDescription"
        return {
            "Wait": {"Type": "Wait", "Seconds": self.wait, "Next": "Look"},
            "Look": {
                "Type": "Task",
                "Resource": f"{self.calls}describeExport",
                "Arguments": {"ExportArn": _jsonata("$arn")},
                "Output": _jsonata(description),
                "Next": "Written?",
            },
            "Written?": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": _jsonata("$states.input.ExportStatus = 'COMPLETED'"), "Next": "Written"},
                    {"Condition": _jsonata("$states.input.ExportStatus = 'IN_PROGRESS'"), "Next": "Wait"},
                ],
                "Default": "Failed",
            },
            "Written": {"Type": "Succeed"},
            "Failed": {
                "Type": "Fail",
                "Error": _jsonata("$exists($states.input.FailureCode) ? $states.input.FailureCode : 'ExportFailed'"),
                "Cause": _jsonata("$exists($states.input.FailureMessage) ? $states.input.FailureMessage : $string($states.input)"),
            },
        }


def _jsonata(text: str) -> str:
    return f"{{% {text} %}}"


def _choice(condition: str, then: str, otherwise: str) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{"Condition": _jsonata(condition), "Next": then}], "Default": otherwise}
