"""Reads a handler app and says which routes it has, with their schemas, uses and marks.

`python -m gateleg.describe package.module:app` prints the description as JSON. The constructs have functions described by
`gateleg.describe.server`, in a process each, so that synth never imports handler code.
"""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from gateleg.describe.environment import world_of
from gateleg.describe.handlers import declared
from gateleg.describe.loading import load
from gateleg.describe.needs import needs_of
from gateleg.describe.variables import noted_reads
from gateleg.description import App, Route
from gateleg.description.marks import authorizes
from gateleg.description.source import FunctionSource

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from gateleg.describe.loading import Loaded
    from gateleg.describe.recording import Recorder

__all__ = ["describe"]


def describe(function: str | FunctionSource, *, home: str | None = None, recorder: Recorder | None = None) -> App:
    """Import an app or a handler as Lambda would, and describe it.

    It sees Lambda's variables and its own, and nothing else of this process's environment.

    Args:
        function: The function, or the app string of one in the current directory that has no variables of its own.
        home: An empty folder for it; a temporary one unless given.
        recorder: Notes what is looked at meanwhile; without one, data files are not among what the handler needs.

    Returns:
        The description; the same for the same function.

    Raises:
        AppNotFoundError: No such module or attribute, or no resolver there; near matches are listed.
        AppImportError: The module raised while it was imported.
        RouteError: A duplicate route, or one that API Gateway cannot express.
        AuthorizerError: Nobody can say what a `@public` opens.
        UsesError: A `@uses` stands where it does not reach the route.
        DeclarationError: The app does what must not be deployed, or the handler answers with another one.
    """
    source = function if isinstance(function, FunctionSource) else FunctionSource(function)
    with _folder(home) as found, world_of(source, found), noted_reads() as read, load(source, recorder) as loaded:
        described = _described(source, loaded)
        if loaded.kind == "table":
            return described
        opened = recorder.opened() if recorder is not None else set[str]()
        needs = needs_of(source.root, source.handler.partition(":")[0], read & source.environment.keys(), opened)
        return replace(described, needs=needs, beside=_beside(source, loaded, needs.files))


def _described(source: FunctionSource, loaded: Loaded) -> App:
    if source.app is not None and source.handler != source.app:
        from gateleg.describe.called import check_calls

        check_calls(loaded.handler, loaded.app, source.handler, source.app)
    if loaded.kind in {"rest", "http"}:
        from gateleg.describe.rest import describe_rest

        return replace(describe_rest(source.name, loaded.app, loaded.handler), kind=loaded.kind)
    if loaded.kind == "websocket":
        from gateleg.describe.websocket import describe_websocket

        return describe_websocket(source.name, loaded.app)
    if loaded.kind == "stream":
        from gateleg.describe.stream import describe_stream

        return describe_stream(source.name, loaded.app)
    if loaded.kind == "table":
        return App(name=source.name, kind="table", table=loaded.app.shape())
    from gateleg.describe.called import described, resolvers_in

    said = declared([loaded.app])
    routes = (Route(source.handler, source.handler, **said),) if said["uses"] else ()
    apps = tuple(described(resolver, source.handler) for resolver in resolvers_in(loaded.app, source.handler))
    place, audience = authorizes(loaded.app)
    return App(name=source.name, kind=loaded.kind, routes=routes, apps=apps, authorizes=place, audience=audience)


def _beside(source: FunctionSource, loaded: Loaded, files: Iterable[str]) -> tuple[App, ...]:
    if loaded.kind != "function":
        return ()
    from gateleg.describe.alive import apps_beside
    from gateleg.describe.called import resolvers_in

    return apps_beside(resolvers_in(loaded.app, source.handler), source.handler, source.root, files)


def _folder(home: str | None) -> AbstractContextManager[str]:
    return tempfile.TemporaryDirectory(prefix="gateleg-home-") if home is None else nullcontext(home)
