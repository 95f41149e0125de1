"""Any service of AWS, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Aws, Token

from gateleg.cdk.arguments import TEXT, check, filled, listing, mapping, number, optional
from gateleg.cdk.integrations.answers import JSON, mapped
from gateleg.cdk.integrations.answers import TEXT as BINARY_AS_TEXT
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.placeholders import TOKEN
from gateleg.cdk.integrations.service_actions import unknown_action
from gateleg.cdk.integrations.service_calls import lacking_leave, wrong_members, wrong_path
from gateleg.cdk.integrations.service_models import regions
from gateleg.cdk.integrations.service_names import NEWER, near, unknown_call
from gateleg.cdk.validation import Checks
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from gateleg.cdk.integrations.integration import Place

_STATUSES = (200, 299)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_WIDE = re.compile(r"(.*:)?[*?:/]*")
_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_IN_PATH = "integration.request.path."
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")


def model_class(value: Any) -> str | None:
    """The rule for models of bodies."""
    from pydantic import BaseModel

    return None if isinstance(value, type) and issubclass(value, BaseModel) else "a pydantic model, such as Order"


@dataclass(frozen=True)
class AwsService(Integration):
    r"""Any service of AWS, by name: `AwsService("kinesis", action="PutRecord", allow={stream.stream_arn: ["kinesis:PutRecord"]}, template=...)`.

    What the template puts in is escaped by whoever writes it: in JSON `"$util.escapeJavaScript($input.params('room')).replaceAll("\\'","'")"`.
    A request whose content type is not JSON is answered 415. Errors of the service are answered as handlers answer them.

    Args:
        service: Its name in URIs of API Gateway: `kinesis`, `dynamodb`, `events`, `states`; the first part of its endpoint's name.
        allow: By the ARN of a resource, the IAM actions on it that the role of the integration may do.
        action: The service's action; this or `path`.
        path: The path of the request, such as `{bucket}/{key}`, whose variables `parameters` fill.
        template: The mapping template of the request; nothing is sent unless given.
        body: A pydantic model that API Gateway checks requests by.
        parameters: What else is mapped to the request: `{"integration.request.header.X-Amz-Target": "'AWSEvents.PutEvents'"}`.
        query: The names of query parameters without which a request is refused.
        answer: The mapping template of the answer; what the service answers unless given.
        status: The status of an answer.
        method: The method that the service is called by.
        region: Where the service is called; in the API's own region unless given.

    Raises:
        DeclarationError: An argument is not what it must be, boto3 knows no such service, action, method or path, the action takes no such member or
            lacks one that it needs, a variable of the path is not filled, a
            resource is or made of wildcards or no ARN, an action has a wildcard or is one of no service, the action itself is not allowed, the region is not one of AWS's, or there is no action and no path, or both.
    """

    service: str
    allow: Mapping[str, list[str]]
    action: str | None = None
    path: str | None = None
    template: str | None = None
    body: type[BaseModel] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    query: tuple[str, ...] = ()
    answer: str = "$input.body"
    status: int = 200
    method: str = "POST"
    region: str | None = None

    def __post_init__(self) -> None:
        check(
            "AwsService",
            service=(self.service, filled),
            allow=(self.allow, mapping(_actions)),
            action=(self.action, optional(filled)),
            path=(self.path, optional(filled)),
            template=(self.template, optional(TEXT)),
            body=(self.body, optional(model_class)),
            parameters=(self.parameters, mapping(filled)),
            query=(self.query, _names),
            answer=(self.answer, TEXT),
            status=(self.status, number(*_STATUSES, int)),
            method=(self.method, _method),
            region=(self.region, optional(_region)),
        )
        if (self.action is None) is (self.path is None):
            message = f"AwsService({self.service!r}) takes an action or a path; write action='PutRecord', or path='bucket/key'"
            raise DeclarationError(message, path="AwsService.action", value=self.action)
        if not Token.is_unresolved(self.service) and (said := unknown_call(self.service, self.action)) is not None:
            raise DeclarationError(f"AwsService({self.service!r}): {said}", path="AwsService.service", value=self.action or self.service)
        self._check_path()
        if wide := [part for arn, actions in self.allow.items() for part in (*filter(_WIDE.fullmatch, [arn]), *filter(_is_wide, actions))]:
            message = f"AwsService({self.service!r}) allows {wide[0]!r}; name the actions and the resource: allow={{stream.stream_arn: ['kinesis:PutRecord']}}"
            raise DeclarationError(message, path="AwsService.allow", value=wide[0])
        if not self.allow:
            message = (
                f"AwsService({self.service!r}) allows nothing; write allow={{resource_arn: ['{self.service}:{self.action or 'Action'}']}}"
            )
            raise DeclarationError(message, path="AwsService.allow", value=self.allow)

        if wrong := [arn for arn in self.allow if not (Token.is_unresolved(arn) or _ARN.fullmatch(arn))]:
            message = f"AwsService({self.service!r}) allows actions on {wrong[0]!r}, which is not an ARN; write allow={{stream.stream_arn: [...]}}"
            raise DeclarationError(message, path="AwsService.allow", value=wrong[0])
        self._check_call()
        self._check_leave()

    def _check_path(self) -> None:
        """Refuse a path whose variables nothing fills, which would be sent as they are, and parameters for variables that it has not."""
        named = set(_VARIABLE.findall(TOKEN.sub("", self.path or "")))
        filled_in = {name.removeprefix(_IN_PATH) for name in self.parameters if name.startswith(_IN_PATH)}
        if open_ := sorted(named - filled_in):
            message = f"AwsService(path={self.path!r}) has the variable {open_[0]!r}, which no parameter fills; write parameters={{'{_IN_PATH}{open_[0]}': 'method.request.path.{open_[0]}'}}"
            raise DeclarationError(message, path="AwsService.parameters", value=open_[0])
        if spare := sorted(filled_in - named):
            message = f"AwsService(parameters=...) fills {spare[0]!r}, and the path is {self.path!r}; write {{{spare[0]}}} in path=, or leave the parameter out"
            raise DeclarationError(message, path="AwsService.path", value=spare[0])

    def _check_call(self) -> None:
        """Refuse what the service does not take, as far as the models of boto3 say."""
        if Token.is_unresolved(self.service):
            return
        if self.action is not None:
            said, path = wrong_members(self.service, self.action, self.template, self.parameters), "AwsService.template"
        else:
            said, path = wrong_path(self.service, self.method, TOKEN.sub("{}", self.path or "")), "AwsService.path"
        if said is not None:
            raise DeclarationError(f"AwsService({self.service!r}): {said}", path=path, value=self.template or self.path)

    def _check_leave(self) -> None:
        """Refuse a role that may not do what is called, and a region that AWS has not."""
        allowed = [one for actions in self.allow.values() for one in actions]
        known = self.action is not None and not any(map(Token.is_unresolved, (self.service, *allowed)))
        if known and (needed := lacking_leave(self.service, str(self.action), allowed)) is not None:
            message = f"AwsService({self.service!r}) calls {self.action}, for which its role has no leave: every call would be refused; write {needed!r} in allow="
            raise DeclarationError(message, path="AwsService.allow", value=allowed)
        for action in allowed:
            if not Token.is_unresolved(action) and (said := unknown_action(action)) is not None:
                raise DeclarationError(f"AwsService(allow=...) has {action!r}, and {said}", path="AwsService.allow", value=action)
        if self.region is not None and not Token.is_unresolved(self.region) and regions() and self.region not in regions():
            message = f"AwsService(region={self.region!r}) is no region of AWS; write one of {near(self.region, regions())}{NEWER}"
            raise DeclarationError(message, path="AwsService.region", value=self.region)

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        role = place.roles.of(f"{self.service.title()}{self.action or self.method.title()}", "", self.allow)
        integration = service_integration(
            f"{self.service}:{f'action/{self.action}' if self.action else f'path/{self.path}'}",
            role,
            self.template or "",
            parameters=self.parameters,
            method=self.method,
            region=self.region or Aws.REGION,
        )
        integration["responses"] = mapped(self.answer, status=self.status)
        return Answered(integration, checks=Checks(place.model(self.body), self.query))


def _is_wide(action: str) -> bool:
    return "*" in action or "?" in action


def _actions(value: Any) -> str | None:
    """The rule for IAM actions; those with wildcards are told apart, for a message of their own."""
    wanted = "a list of IAM actions, such as ['kinesis:PutRecord']"
    if not isinstance(value, (list, tuple)) or not value or listing(filled)(value) is not None:
        return wanted
    fits = all(_is_wide(one) or _ACTION.fullmatch(one) or Token.is_unresolved(one) for one in cast("list[str]", value))
    return None if fits else wanted


def _names(value: Any) -> str | None:
    fits = isinstance(value, tuple) and listing(filled)(value) is None
    return None if fits else "a tuple of names"


def _region(value: Any) -> str | None:
    fits = isinstance(value, str) and (Token.is_unresolved(value) or _REGION.fullmatch(value))
    return None if fits else "a region, such as 'eu-west-1'"


def _method(value: Any) -> str | None:
    return None if value in METHODS else f"one of {', '.join(METHODS)}"


def service_integration(
    call: str, role: str, template: str, *, parameters: Mapping[str, str] | None = None, method: str = "POST", region: str = Aws.REGION
) -> dict[str, Any]:
    """An integration object that calls a service of AWS with JSON that a template makes.

    Args:
        call: What is called: `sqs:path/account/queue`, `states:action/StartExecution`.
        role: The role that calls.
        template: The mapping template of requests in JSON; no other is taken.
        parameters: What is mapped besides.
        method: The method that the service is called by.
        region: The region of the service.
    """
    found: dict[str, Any] = {
        "type": "aws",
        "httpMethod": method,
        "uri": f"arn:{Aws.PARTITION}:apigateway:{region}:{call}",
        "credentials": role,
        # What no template reads is refused: it would pass to the service as it is, with the rights of the role.
        "passthroughBehavior": "never",
        "contentHandling": BINARY_AS_TEXT,
        "requestTemplates": {JSON: template},
    }
    return found | ({"requestParameters": dict(parameters)} if parameters else {})
