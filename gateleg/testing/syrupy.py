"""The snapshot serializer for syrupy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from gateleg.testing.canonical import mapping
from gateleg.testing.snapshot import normalized
from gateleg.testing.view import TemplateView

if TYPE_CHECKING:
    from syrupy.types import SerializedData


class TemplateSnapshotExtension(SingleFileSnapshotExtension):
    """One JSON file per snapshot; templates are normalized (see `gateleg.testing.snapshot`), all else is written as it is."""

    _write_mode = WriteMode.TEXT
    file_extension = "json"

    def serialize(self, data: Any, **_: Any) -> SerializedData:
        """The text of a `TemplateView`, of a template's JSON, or of any other JSON value."""
        if isinstance(data, TemplateView):
            data = data.normalized()
        elif "Resources" in mapping(data):
            data = normalized(mapping(data))
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
