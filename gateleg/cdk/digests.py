"""Names for deployments: hashes of all that an API renders, blind to the numbers that CDK gives its tokens."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aws_cdk import Stack

_TOKEN = re.compile(r"\$\{Token\[[^\]]+\]\}")


def rendered_digest(stack: Stack, rendered: Any) -> str:
    """A hash of what is rendered, as it will stand in the template.

    Tokens are resolved one by one, so that a large document does not travel to the CDK only to be hashed.

    Args:
        stack: The stack that holds it.
        rendered: Plain data, with tokens as CDK encodes them in strings, or as objects.
    """

    def resolved(token: Any) -> Any:
        return stack.resolve(token)

    text = json.dumps(rendered, sort_keys=True, default=resolved)
    text = _TOKEN.sub(lambda token: json.dumps(resolved(token[0]), sort_keys=True), text)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
