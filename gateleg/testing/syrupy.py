"""The snapshot serializer for syrupy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from gateleg.template.canonical import mapping
from gateleg.testing.snapshot import normalized

if TYPE_CHECKING:
    from syrupy.types import SerializedData

_JSON = (dict, list, tuple, str, int, float, type(None))


class TemplateSnapshotExtension(SingleFileSnapshotExtension):
    """One JSON file per snapshot; templates are normalized (see `gateleg.testing.snapshot`), all else is written as it is."""

    _write_mode = WriteMode.TEXT
    file_extension = "json"

    def serialize(self, data: Any, **_: Any) -> SerializedData:
        """The text of a template, in any form that `normalized` takes, or of any other JSON value.

        Raises:
            TemplateMismatchError: It is neither.
        """
        __tracebackhide__ = True
        if "Resources" in mapping(data) or not isinstance(data, _JSON):
            data = normalized(data)
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
