"""Does CloudFormation have a resource type? Read from the text of the installed CDK, without importing it."""

from __future__ import annotations

import functools
import importlib.util
import re
from pathlib import Path

from gateleg.errors import TemplateMismatchError

_TYPE = re.compile(r"(?P<vendor>[A-Za-z0-9]+)::(?P<service>[A-Za-z0-9]+)::[A-Za-z0-9]+(::MODULE)?|Custom::[\w@-]+")
_OTHER_MODULES = {"CDK": None, "CloudFormation": "", "Serverless": "aws_sam"}


def check_type_exists(name: str) -> None:
    """Refuse the name of a type that does not exist, so that a misspelt one is not counted as zero.

    Raises:
        TemplateMismatchError: It is not a type.
    """
    __tracebackhide__ = True
    form = _TYPE.fullmatch(str(name))
    if form is None or (form["vendor"] == "AWS" and not _in_the_cdk(name, form["service"])):
        message = f"{name!r} is not a type of resource that CloudFormation has; write one such as 'AWS::Lambda::Function'"
        raise TemplateMismatchError(message, value=name, code="template.unknown_type")


@functools.cache
def _in_the_cdk(name: str, service: str) -> bool:
    spec = importlib.util.find_spec("aws_cdk")
    module = _OTHER_MODULES.get(service, f"aws_{service.lower()}")
    if spec is None or spec.origin is None or module is None:
        return True
    text = Path(spec.origin).parent / module / "__init__.py"
    return text.is_file() and re.search(rf"\b{re.escape(name)}\b", text.read_text(encoding="utf-8")) is not None
