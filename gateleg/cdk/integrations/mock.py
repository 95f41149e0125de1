"""Answers that API Gateway gives by itself."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import TEXT, check, mapping, number, writable
from gateleg.cdk.integrations.answers import JSON
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.vtl import MARKS, literal
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.cdk.integrations.integration import Place

_STATUSES = (200, 599)
_BODILESS = frozenset({204, 205, 304})
_NAME = re.compile(r"[A-Za-z0-9!#$%&*+.^_`|~-]+")
_LIST = re.compile(r"#\{Token\[")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True)
class Mock(Integration):
    """An answer that is always the same: `Mock({"status": "ok"})`, `Mock(status=410)`.

    Args:
        body: What is answered: a text as it is, anything else as JSON; nothing unless given.
        status: The status.
        headers: Headers of the answer.

    Raises:
        DeclarationError: An argument is not what it must be, the body is no JSON, or the status has none.
    """

    body: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        check("Mock", body=(self.body, _json), status=(self.status, number(*_STATUSES, int)), headers=(self.headers, mapping(TEXT)))
        if wrong := [name for name, value in self.headers.items() if "'" in value]:
            message = f"Mock has the header {wrong[0]!r} with an apostrophe, which no mapping of API Gateway can hold; leave it out"
            raise DeclarationError(message, path="Mock.headers", value=self.headers[wrong[0]])
        if wrong := [name for name, value in self.headers.items() if not _NAME.fullmatch(name) or _CONTROL.search(value)]:
            message = f"Mock has the header {wrong[0]!r}: {self.headers[wrong[0]]!r}; write a name of letters, digits and -, and a value of one line"
            raise DeclarationError(message, path="Mock.headers", value=self.headers[wrong[0]])
        if self.status in _BODILESS and self.body != "":
            message = f"Mock has a body and the status {self.status}, whose answers have none; leave the body out, or write status=200"
            raise DeclarationError(message, path="Mock.body", value=self.body)

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        del place
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        answer: dict[str, Any] = {"statusCode": str(self.status), "responseTemplates": {JSON: _template(text)}}
        if self.headers:
            answer["responseParameters"] = {f"method.response.header.{name}": f"'{value}'" for name, value in self.headers.items()}
        return Answered(
            {
                "type": "mock",
                # Any status that the request template says: the default takes all of them.
                "requestTemplates": {JSON: json.dumps({"statusCode": self.status})},
                "passthroughBehavior": "when_no_templates",
                "contentHandling": "CONVERT_TO_TEXT",
                "responses": {"default": answer},
            }
        )


def _template(text: str) -> str:
    escaped = literal(text)
    return escaped if escaped == text else MARKS + escaped


def _json(value: Any) -> str | None:
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return "a text, or what JSON can hold"
    if _LIST.search(text):
        return "a text, or what JSON can hold, which a list that CDK does not know yet is not; write Fn.join(',', the_list)"
    return None if writable(value) else "what a template can hold, without control characters and lone surrogates"
