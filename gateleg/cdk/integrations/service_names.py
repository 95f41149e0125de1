"""The services of AWS and their actions, as the models say that boto3 brings; they are read as data, and botocore is not imported.

API Gateway calls a service by the first part of its endpoint's name:
https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html.
"""

from __future__ import annotations

import difflib
import gzip
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_NAMES = re.compile(rb'"(?:endpointPrefix|signingName)"\s*:\s*"([^"]+)"')
_HEAD = 4_096
"""Within so many bytes a model says of what service it is."""
_NEWER = ", or upgrade boto3 where AWS has it since"
_BY_ACTION = frozenset({"query", "ec2", "json", "smithy-rpc-v2-cbor"})


def unknown_call(service: str, action: str | None) -> str | None:
    """What is wrong with the name of a service, or of its action; nothing where AWS has it.

    Args:
        service: As URIs of API Gateway name it: `states`, or `runtime.sagemaker` with a subdomain.
        action: The action; nothing where it is called by a path.
    """
    if (own := _own(service)) is not None and (action is None or action in _actions(own)):
        return None
    models = _models()
    found = models.get(service) or models.get(service.rpartition(".")[2])
    if found is None:
        meant = [name for name, paths in models.items() if service in {path.parent.parent.name for path in paths}]
        return f"there is no service {service!r} in URIs of API Gateway; write one of {_near(service, models, meant)}{_NEWER}"
    actions = frozenset[str]().union(*(_actions(path) for path in found))
    if action is None or action in actions:
        return None
    if not actions:
        return f"{service} is called by paths, and has no actions; write path= with the method of the request"
    return f"{service} has no action {action!r}; write one of {_near(action, actions)}{_NEWER}"


def _folders() -> list[Path]:
    spec = find_spec("botocore")
    return [Path(place, "data") for place in (spec and spec.submodule_search_locations) or ()]


def _newest(folder: Path) -> Path | None:
    return max(folder.glob("*/service-2.json*"), default=None)


def _own(service: str) -> Path | None:
    """The model of a service whose folder is called as its endpoint is, which spares a look into all others."""
    paths = [path for folder in _folders() if (path := _newest(folder / service)) is not None]
    return next((path for path in paths if service.encode() in _NAMES.findall(_bytes(path, _HEAD))), None)


@cache
def _models() -> Mapping[str, list[Path]]:
    """The newest model of each service that boto3 knows, by the prefix of its endpoint and the name that it is signed for."""
    found: dict[str, list[Path]] = {}
    for service in (each for folder in _folders() for each in folder.iterdir()):
        if (path := _newest(service)) is not None:
            for name in dict.fromkeys(_NAMES.findall(_bytes(path, _HEAD))):
                found.setdefault(name.decode(), []).append(path)
    return found


def _bytes(path: Path, size: int = -1) -> bytes:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        return stream.read(size)


@cache
def _actions(path: Path) -> frozenset[str]:
    """The actions of a service; none where it is called by paths."""
    model: Mapping[str, Any] = json.loads(_bytes(path))
    told = model["metadata"]
    by_action = _BY_ACTION.intersection(told.get("protocols", [told.get("protocol")]))
    return frozenset(model["operations"]) if by_action else frozenset()


def _near(name: str, known: Collection[str], own: Iterable[str] = ()) -> str:
    near = [*own, *difflib.get_close_matches(name, known, n=3, cutoff=0.4)] or sorted(known)[:3]
    return ", ".join(map(repr, dict.fromkeys(near)))
