"""What an action of a service is sent, and by which method and path another service is called, held against the models that boto3 brings.

https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateleg.cdk.integrations.service_models import models_of
from gateleg.cdk.integrations.service_names import NEWER, near
from gateleg.cdk.integrations.template_members import Members, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateleg.cdk.integrations.service_models import Model

_QUERY = "integration.request.querystring."
_VARIABLE = re.compile(r"\{[^{}]*\}")
_NAMED_ALIKE = frozenset({"sqs", "sns", "kinesis", "firehose", "events", "states"})
"""Services whose actions IAM calls by their own names."""
_BATCHED = frozenset({"sqs", "sns"})
"""Those of them whose batches need leave for the single action."""
_NOT_MEMBERS = ("Action", "Version")
"""What every request by the query protocol has."""


def wrong_members(service: str, action: str, template: str | None, parameters: Mapping[str, str]) -> str | None:
    """What is wrong with the members that an action is sent; nothing where they are right, or nobody can say.

    Services that are spoken to in JSON read a template's object, those of the query protocol a query too: `integration.request.querystring.Message`.

    Args:
        service: As URIs of API Gateway name it.
        action: The action.
        template: The mapping template; `None` where nothing is sent.
        parameters: What is mapped to the request.
    """
    model = next((one for one in models_of(service) if action in one.inputs), None)
    if model is None or not model.protocols & {"json", "query"}:
        return None
    sent = _sent(model, template or "", parameters)
    known = model.inputs[action]
    if unknown := [name for name in sent.names if name not in known.members]:
        instead = f"write one of {near(unknown[0], known.members)}{NEWER}" if known.members else "leave it out"
        return f"{action} takes no {unknown[0]!r}; {instead}"
    if (missing := [name for name in known.required if name not in sent.names]) and sent.are_all:
        shown = ", ".join(f'"{name}": ...' for name in missing)
        return f"{action} needs {' and '.join(map(repr, missing))}, which it is not sent; write template='{{{shown}}}' with what is meant"
    return None


def lacking_leave(service: str, action: str, allowed: Iterable[str]) -> str | None:
    """The IAM action that a call needs and is not allowed; nothing where it is, or where IAM's names are not those of the service's actions.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.

    Args:
        service: As URIs of API Gateway name it.
        action: The action.
        allowed: The IAM actions that are allowed.
    """
    if service not in _NAMED_ALIKE:
        return None
    needed = f"{service}:{action.removesuffix('Batch') if service in _BATCHED else action}"
    return None if needed.lower() in {one.lower() for one in allowed} else needed


def wrong_path(service: str, method: str, path: str) -> str | None:
    """What is wrong with the method or the path that a service is called by; nothing where it has such an operation, or is called by actions.

    Args:
        service: As URIs of API Gateway name it; with a subdomain it may say what paths do otherwise, as buckets do.
        method: The method.
        path: The path, with variables in braces.
    """
    models = list(models_of(service))
    operations = {operation for one in models for operation in one.paths}
    if not operations or any(one.is_by_action for one in models):
        return None
    fitting = [(verb, uri) for verb, uri in operations if _fits(uri, path)]
    if any(verb == method for verb, _ in fitting):
        return None
    if fitting:
        verbs = sorted({verb for verb, _ in fitting})
        return f"{path} is called by {' or '.join(verbs)}, and not by {method}; write method={verbs[0]!r}"
    paths = {uri.lstrip("/") for verb, uri in operations if verb == method} or {uri.lstrip("/") for _, uri in operations}
    return f"{service} has no path {path!r}; write one like {near(path, paths)}{NEWER}"


def _sent(model: Model, template: str, parameters: Mapping[str, str]) -> Members:
    queried = [name.removeprefix(_QUERY).partition(".")[0] for name in parameters if name.startswith(_QUERY)]
    queried = [name for name in queried if name not in _NOT_MEMBERS] if "query" in model.protocols else []
    if "query" in model.protocols and "{" not in template and template.strip():  # a form, of whose parts nothing is said
        return Members(tuple(queried), are_all=False)
    read = members(template)
    return Members((*read.names, *queried), read.are_all)


def _fits(uri: str, path: str) -> bool:
    """Whether an operation's URI, such as `/{Bucket}/{Key+}`, has a path of its kind."""
    return _fit(uri.strip("/").split("/"), path.partition("?")[0].strip("/").split("/"))


def _fit(wanted: list[str], given: list[str]) -> bool:
    if not wanted or not given:
        return not wanted and not given
    first, *rest = wanted
    if first.endswith("+}"):
        return not rest or any(_fit(rest, given[count:]) for count in range(1, len(given) + 1))
    return _is_like(first, given[0]) and _fit(rest, given[1:])


def _is_like(wanted: str, given: str) -> bool:
    return bool(_VARIABLE.search(wanted) or _VARIABLE.search(given)) or wanted == given
