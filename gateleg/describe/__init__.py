"""Reads a handler app and says which routes it has, with their schemas, uses and marks.

`python -m gateleg.describe package.module:app` prints the description as JSON; the constructs run exactly that, in a
process of its own, so that synth never imports handler code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.describe.loading import load

if TYPE_CHECKING:
    from gateleg.describe.recording import Recorder
    from gateleg.description import App

__all__ = ["describe"]


def describe(app: str, *, recorder: Recorder | None = None) -> App:
    """Import an app and describe it.

    Args:
        app: The app string, `package.module:attribute`; the current directory is searched first.
        recorder: Notes what is looked at meanwhile.

    Returns:
        The description; the same for the same app.

    Raises:
        AppNotFoundError: No such module or attribute, or no resolver there; near matches are listed.
        AppImportError: The module raised while it was imported.
        RouteError: A duplicate route, or one that API Gateway cannot express.
    """
    with load(app, recorder) as resolver:
        if resolver.kind == "rest":
            from gateleg.describe.rest import describe_rest

            return describe_rest(app, resolver.app)
        from gateleg.describe.websocket import describe_websocket

        return describe_websocket(app, resolver.app)
