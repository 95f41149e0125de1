"""Imports an app by its string, and says clearly what is wrong where that fails."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import warnings
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gateleg import places
from gateleg.describe.failures import import_failure, near
from gateleg.errors import AppNotFoundError, DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import ModuleType

    from gateleg.describe.recording import Recorder
    from gateleg.description.app import Kind
    from gateleg.description.source import FunctionSource

_APP = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True)
class Loaded:
    """What was imported.

    Attributes:
        app: The resolver; the handler itself where there is none.
        kind: What it is.
        handler: What Lambda calls.
    """

    app: Any
    kind: Kind
    handler: Any


@contextmanager
def load(source: FunctionSource, recorder: Recorder | None = None) -> Generator[Loaded]:
    """Import a function as Lambda does, the handler's module first; where it is, in the world that it finds.

    Args:
        source: The function.
        recorder: Notes what is looked at for as long as the context lasts.

    Raises:
        AppNotFoundError: No such module or attribute, no resolver there, or a handler that cannot be called.
        AppImportError: The module raised while it was imported.
        DeclarationError: A handler that fails whenever Lambda calls it.
    """
    _split(source.name)
    recording = nullcontext() if recorder is None else recorder.recording()
    with warnings.catch_warnings(), recording:
        # Told as a RouteError that names both handlers.
        warnings.filterwarnings("ignore", message="A route like this was already registered")
        called = _attribute(source.handler, _resolvers if source.handler == source.app else _nothing)
        if source.handler != source.app:
            _check_handler(source.handler, called)
        if source.app is None:
            yield Loaded(called, "function", called)
            return
        app = called if source.handler == source.app else _attribute(source.app, _resolvers)
        if (kind := kind_of(app)) is None:
            raise AppNotFoundError(_wrong_type(source.app, app), path=source.app, value=app)
        yield Loaded(app, kind, called)


def named(name: str) -> Any:
    """What a module gives a name, such as `lambdas.chat.model:CHAT`; modules are also looked for in the current directory.

    Raises:
        AppNotFoundError: No such module or attribute.
        AppImportError: The module raised while it was imported.
    """
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    return _attribute(name, _nothing)


def _attribute(name: str, instead: Callable[[ModuleType], str]) -> Any:
    """Import the module of a handler string or an app string, and look the attribute up.

    Args:
        name: The string.
        instead: Says what to write where there is no such attribute; near matches are listed where it says nothing.
    """
    module_name, attribute = _split(name)
    value: Any = _import(name, module_name)
    for part in attribute.split("."):
        if not hasattr(value, part):
            module = sys.modules[module_name]
            similar = near(part, [key for key in vars(module) if not key.startswith("_")])
            hint = instead(module) or (f"; near matches: {', '.join(similar)}" if similar else "")
            message = f"{name!r} was not found: {module_name} has no {attribute}{hint}"
            raise AppNotFoundError(message, path=name, value=name)
        value = getattr(value, part)
    return value


def _check_handler(name: str, found: Any) -> None:
    """Refuse what Lambda cannot call."""
    if callable(found) and not isinstance(found, type):
        _check_call(name, found)
        return
    module_name, _, attribute = name.partition(":")
    functions = [
        key
        for key, value in vars(sys.modules[module_name]).items()
        if getattr(value, "__module__", None) == module_name and callable(value)
    ]
    instead = [key for key in near(attribute, functions) if key != attribute]
    hint = f"; {module_name} has {', '.join(instead)}" if instead else ""
    message = f"{name!r} is {_what(found)}, and Lambda calls a function with an event and a context{hint}"
    raise AppNotFoundError(message, path=name, value=found)


def _check_call(name: str, found: Any) -> None:
    """Refuse a function that fails at every call of Lambda's."""
    if inspect.iscoroutinefunction(found):
        message = f"{name!r} is a coroutine, which Lambda does not await; write def {name.rpartition(':')[2]}(event, context), in it asyncio.run(...)"
        raise DeclarationError(message, path=name, value=name, code="declaration.handler", place=places.of_function(found))
    try:
        inspect.signature(found, follow_wrapped=False).bind({}, None)
    except ValueError:  # one that Python cannot look into
        return
    except TypeError:
        message = f"{name!r} cannot be called with an event and a context, as Lambda calls it; write def {name.rpartition(':')[2]}(event, context)"
        raise DeclarationError(message, path=name, value=name, code="declaration.handler", place=places.of_function(found)) from None


def _split(app: str) -> tuple[str, str]:
    module, _, attribute = app.partition(":")
    if not _APP.fullmatch(app) or module.endswith(".py"):
        dotted = re.sub(r"\.py$", "", module).strip("./\\").replace("/", ".").replace("\\", ".")
        advice = f"{dotted or 'package.module'}:{attribute if attribute.isidentifier() else 'app'}"
        raise AppNotFoundError(f"{app!r} is not an app string; write package.module:attribute, such as {advice!r}", path=app, value=app)
    return module, attribute


def _import(app: str, name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise _module_missing(app, name, error.name) from None
        raise import_failure(app, error) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 (the app's own code may raise anything, and may exit)
        raise import_failure(app, error) from None


def _module_missing(app: str, name: str, missing: str) -> AppNotFoundError:
    parent, _, last = missing.rpartition(".")
    siblings = near(last, _modules_in(parent))
    found = f"; {parent or 'the current directory'} has {', '.join(siblings)}" if siblings else ""
    what = name if missing == name else f"{name}: {missing}"
    hint = found or f"; the search began in {Path.cwd()}"
    return AppNotFoundError(f"{app!r} was not found: there is no module {what}{hint}", path=app, value=app)


def _modules_in(package: str) -> list[str]:
    """Modules and packages, also those without an `__init__.py`."""
    folders: list[str] = list(getattr(sys.modules.get(package), "__path__", [Path.cwd()]))
    entries = [entry for folder in folders if Path(folder).is_dir() for entry in Path(folder).iterdir()]
    return sorted(
        {entry.stem for entry in entries if entry.stem.isidentifier() and (entry.suffix == ".py" or entry.is_dir())} - {"__init__"}
    )


def kind_of(value: Any) -> Literal["rest", "http", "websocket", "stream", "table"] | None:
    """What a resolver or a table is; `None` for anything else."""
    # The module that made the object is loaded; looking it up there spares an import of the other kind.
    websocket = sys.modules.get("gateleg.websocket.resolver")
    if websocket is not None and isinstance(value, websocket.WebSocketResolver):
        return "websocket"
    stream = sys.modules.get("gateleg.stream.resolver")
    if stream is not None and isinstance(value, stream.StreamResolver):
        return "stream"
    model = sys.modules.get("gateleg.model.table")
    if model is not None and isinstance(value, model.Table):
        return "table"
    powertools = sys.modules.get("aws_lambda_powertools.event_handler.api_gateway")
    if powertools is None or not isinstance(value, powertools.ApiGatewayResolver):
        return None
    from gateleg.rest.powertools import gateway_of

    return gateway_of(value)


def _wrong_type(app: str, value: Any) -> str:
    module = sys.modules[app.partition(":")[0]]
    return f"{app!r} is {_what(value)}; name an APIGatewayRestResolver, an APIGatewayHttpResolver, a WebSocketResolver, a StreamResolver or a Table{_resolvers(module)}"


def _what(value: Any) -> str:
    named = value.__name__ if callable(value) and hasattr(value, "__name__") else ""
    return f"{named} (a {'class' if isinstance(value, type) else 'function'})" if named else f"of type {type(value).__name__}"


def _resolvers(module: ModuleType) -> str:
    found = [f"{module.__name__}:{key}" for key, value in vars(module).items() if kind_of(value)]
    return f"; write {' or '.join(map(repr, found))}" if found else ""


def _nothing(_module: ModuleType) -> str:
    return ""
