"""Executions of state machines of Step Functions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack, Token

from gateleg.cdk.arguments import FLAG, check, having, optional
from gateleg.cdk.integrations.answers import internal, mapped
from gateleg.cdk.integrations.aws_service import model_class, service_integration
from gateleg.cdk.integrations.integration import Answered, Integration
from gateleg.cdk.integrations.vtl import BODY, as_json, json_text
from gateleg.cdk.validation import Checks
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_stepfunctions as stepfunctions
    from pydantic import BaseModel

    from gateleg.cdk.integrations.integration import Place

_STARTED = "{\"id\":${input.json('$.executionArn')}}"
# A synchronous execution that failed is answered 200 too.
_DONE = f"#set($answer = $input.path('$'))#if($answer.status == 'SUCCEEDED')${{answer.output}}#else{internal()}#end"


@dataclass(frozen=True)
class StepFunctionsStart(Integration):
    """Starts an execution with the body of a request as its input: `StepFunctionsStart(machine, input=Order)`.

    It answers 202 with the ARN of the execution; where it waits (`sync=True`), 200 with the output of the execution, and 500 where that failed.

    Args:
        machine: The state machine.
        input: A pydantic model that API Gateway checks bodies by; any JSON unless given.
        sync: Whether to wait for the output, as an express workflow can in 29 seconds.

    Raises:
        DeclarationError: An argument is not what it must be, or a standard workflow is to be waited for.
    """

    machine: stepfunctions.IStateMachine | stepfunctions.StateMachine
    input: type[BaseModel] | None = None
    sync: bool = False

    def __post_init__(self) -> None:
        check(
            "StepFunctionsStart",
            machine=(self.machine, having("a StateMachine", "state_machine_arn")),
            input=(self.input, optional(model_class)),
            sync=(self.sync, FLAG),
        )
        kind = getattr(self.machine, "state_machine_type", None)
        if self.sync and kind is not None and kind.name != "EXPRESS":
            message = f"StepFunctionsStart: {self.machine.node.path} is a standard workflow, and express ones alone can be waited for; leave sync out"
            raise DeclarationError(message, path="StepFunctionsStart.sync", value=self.sync)

    def rest(self, place: Place) -> Answered:
        """As in the base."""
        place.require_every_variable([], "StepFunctionsStart")
        place.require_body("the input of an execution")
        integration = service_integration(
            f"states:action/{self._action}",
            self._role(place),
            as_json({"stateMachineArn": json.dumps(self.machine.state_machine_arn), "input": json_text(BODY)}),
            region=place.region(self.machine),
        )
        integration["responses"] = mapped(_DONE if self.sync else _STARTED, status=200 if self.sync else 202)
        return Answered(integration, checks=Checks(place.model(self.input)))

    def http(self, place: Place) -> Mapping[str, Any]:
        """As in the base. An HTTP API checks no bodies, and answers as Step Functions does."""
        if self.input is not None:
            raise place.refused("checks bodies by a model, which HTTP APIs do not; leave input out, or use RestGateway")
        place.require_every_variable([], "StepFunctionsStart")
        place.require_body("the input of an execution")
        return {
            "type": "aws_proxy",
            "integrationSubtype": f"StepFunctions-{self._action}",
            "payloadFormatVersion": "1.0",
            "credentials": self._role(place),
            "requestParameters": {"StateMachineArn": self.machine.state_machine_arn, "Input": "$request.body"}
            | place.http_region(self.machine),
        }

    @property
    def _action(self) -> str:
        return "StartSyncExecution" if self.sync else "StartExecution"

    def _role(self, place: Place) -> str:
        allowed = {self.machine.state_machine_arn: [f"states:{self._action}"]}
        return place.roles.of(f"StepFunctions{self._action}", self.machine.node.path, allowed | self._key())

    def _key(self) -> dict[str, list[str]]:
        """What the output of an execution takes, which is encrypted as the machine is."""
        made: Any = self.machine.node.default_child
        key = getattr(getattr(made, "encryption_configuration", None), "kms_key_id", None)
        return {self._key_arn(key): ["kms:Decrypt"]} if self.sync and key else {}

    def _key_arn(self, key: str) -> str:
        """CDK says the ARN of a key; whoever writes the resource by hand may say its id."""
        if Token.is_unresolved(key) or key.startswith("arn:"):
            return key
        return Stack.of(self.machine).format_arn(service="kms", resource="key", resource_name=key)
