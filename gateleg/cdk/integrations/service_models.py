"""The models of AWS's services that boto3 brings, read as data; botocore is not imported."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES = re.compile(rb'"(?:endpointPrefix|signingName)"\s*:\s*"([^"]+)"')
_HEAD = 4_096
"""Within so many bytes a model says of what service it is."""
_BY_ACTION = frozenset({"query", "ec2", "json", "smithy-rpc-v2-cbor"})


@dataclass(frozen=True)
class Input:
    """What an action is sent.

    Attributes:
        members: The names of its members, as they are sent.
        required: Those without which it is refused.
    """

    members: tuple[str, ...]
    required: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """What a model says of a service.

    Attributes:
        protocols: What it is spoken to by: `json`, `query`, `rest-json`.
        is_by_action: Whether it is called by actions, and not by paths.
        inputs: What each action is sent; none of what is called by paths.
        paths: The methods and paths of the operations of what is called by paths: `PUT`, `/{Bucket}/{Key+}`.
        operations: The names of all operations.
    """

    protocols: frozenset[str]
    is_by_action: bool
    inputs: Mapping[str, Input]
    paths: frozenset[tuple[str, str]]
    operations: frozenset[str]


def models_of(service: str) -> Iterator[Model]:
    """The models of the services that are called by a name in URIs of API Gateway, the likeliest first.

    Args:
        service: The name, such as `states`; what is behind a subdomain, as in `a1b2c3-ats.iotdata`, where nothing is called by the whole.
    """
    if (own := _own(service)) is not None:
        yield _model(own)
    found = _models().get(service) or _models().get(service.rpartition(".")[2]) or []
    yield from (_model(path) for path in found if path != own)


@cache
def operations_of(prefix: str) -> frozenset[str]:
    """The names of the operations of all services that IAM knows by a prefix; none where boto3 knows no such service.

    Args:
        prefix: `kinesis`; the name that a service is signed for, that of its endpoint, or that which boto3 has for it.
    """
    found = {path for folder in _folders() if (path := _newest(folder / prefix)) is not None} | {*_models().get(prefix, ())}
    return frozenset(name for path in found for name in _model(path).operations)


def services() -> Mapping[str, set[str]]:
    """By the names in URIs, those that boto3 has for the services."""
    return {name: {path.parent.parent.name for path in paths} for name, paths in _models().items()}


@cache
def regions() -> frozenset[str]:
    """The regions of AWS, of all partitions."""
    files = [file for folder in _folders() if (file := folder / "partitions.json").is_file()]
    partitions: list[Mapping[str, Any]] = [one for file in files for one in json.loads(_bytes(file))["partitions"]]
    return frozenset(region for one in partitions for region in one["regions"])


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
def _model(path: Path) -> Model:
    model: Mapping[str, Any] = json.loads(_bytes(path))
    told = model["metadata"]
    protocols: set[str] = {*told.get("protocols", [told.get("protocol")]), *(["query"] if "awsQueryCompatible" in told else [])}
    operations = frozenset(model["operations"])
    if _BY_ACTION & protocols:
        inputs = {name: _input(operation, model["shapes"]) for name, operation in model["operations"].items()}
        return Model(frozenset(protocols), is_by_action=True, inputs=inputs, paths=frozenset(), operations=operations)
    paths = frozenset((one["http"]["method"], one["http"]["requestUri"].partition("?")[0]) for one in model["operations"].values())
    return Model(frozenset(protocols), is_by_action=False, inputs={}, paths=paths, operations=operations)


def _input(operation: Mapping[str, Any], shapes: Mapping[str, Any]) -> Input:
    shape: Mapping[str, Any] = shapes.get(operation.get("input", {}).get("shape", ""), {})
    sent = {name: str(member.get("locationName", name)) for name, member in shape.get("members", {}).items()}
    return Input(tuple(sent.values()), tuple(sent[name] for name in shape.get("required", ())))
