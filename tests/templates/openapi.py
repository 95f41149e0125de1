"""Whether a body is OpenAPI 3.0.1, by a validator that is not ours."""

from __future__ import annotations

from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from gateleg.cdk.body_rules.reading import is_made

ANY = "x-amazon-apigateway-any-method"


def faults(body: dict[str, Any]) -> list[str]:
    """What the validator says of a body, in which three things are AWS's own: values that CloudFormation makes, `{proxy+}`, and the operation of any method."""
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in OpenAPIV30SpecValidator(plain(body)).iter_errors()]


def plain(value: Any) -> Any:
    """The body in OpenAPI's own terms; nothing that is judged is left out."""
    if is_made(value):
        return "made by CloudFormation"
    if value.__class__ is dict:
        return {("trace" if name == ANY else name.replace("+}", "}")): plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if value.__class__ is list else value
