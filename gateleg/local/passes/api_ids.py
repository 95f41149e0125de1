"""The emulator gives every new API another id; the same API of the same project keeps its address, on whatever run."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from gateleg.local.template import replace_resources, resources

if TYPE_CHECKING:
    from gateleg.local.template import Json

_TAG: Final = "ms-custom-id"
_LENGTH: Final = 10


def pin_api_ids(template: Json, name: str) -> Json:
    """Give each API an id made of its stack and its logical id, by the tag that the emulator reads.

    Args:
        template: A template.
        name: What tells it from the other templates of the app, such as its file's name.
    """
    changed: Json = {}
    for api, resource in resources(template, "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        properties = resource.get("Properties", {})
        # Another protocol is another API on AWS too.
        seed = (name, api, resource["Type"], properties.get("ProtocolType", ""))
        pinned = sha256("\0".join(map(str, seed)).encode()).hexdigest()[:_LENGTH]
        changed[api] = {**resource, "Properties": {**properties, "Tags": _tagged(properties.get("Tags"), pinned, resource["Type"])}}
    return replace_resources(template, changed) if changed else template


def _tagged(tags: Json | list[Json] | None, pinned: str, kind: str) -> Json | list[Json]:
    if kind == "AWS::ApiGatewayV2::Api":
        return {**(tags if isinstance(tags, dict) else {}), _TAG: pinned}
    return [*(tags if isinstance(tags, list) else []), {"Key": _TAG, "Value": pinned}]
