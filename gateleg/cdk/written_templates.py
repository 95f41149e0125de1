"""The templates of an app as they are written: what a value in one of them means in all, and which functions it names."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import listing, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES = re.compile(r"\$\{(\w+)((?:\.\w+)*)\}")
_TOKEN = re.compile(r"\$\{([^{}]+)\}")
_STORED = re.compile(r"\{\{resolve:ssm:([^:}]+)(?::\d+)?\}\}")
_FUNCTION = "AWS::Lambda::Function"
_WRAPPERS = {"AWS::Lambda::Alias": "FunctionName", "AWS::Lambda::Version": "FunctionName", "AWS::Lambda::Url": "TargetFunctionArn"}
"""What stands for a function, with the property that names it."""

Place = tuple[str, str]
"""The template's name and the logical id of a resource."""


@dataclass(frozen=True)
class Violation:
    """What a rule finds.

    Attributes:
        rule: The rule.
        template: The name of the template's file.
        resource: The logical id.
        said: What is wrong, and what to write instead.
        severity: `error`, or `warning` where that is inferred, either of which is acknowledged as CDK has it; `fatal` for what never is.
    """

    rule: str
    template: str
    resource: str
    said: str
    severity: str = "error"


@dataclass(frozen=True)
class Templates:
    """The templates of an app.

    Attributes:
        by_name: By the names of their files.
        apis: The paths of the gateways by their APIs, each as `read` reads a reference to it.
        accounts: By the names of templates, the accounts that they are deployed to, as far as that matters.
        regions: The same of the regions.
        stacks: By the names of stacks, the names of their templates.
        nested: By the names of the templates of nested stacks, the resource of their parent that each is.
    """

    by_name: Mapping[str, Mapping[str, Any]]
    apis: Mapping[str, str] = field(default_factory=dict[str, str])
    accounts: Mapping[str, str] = field(default_factory=dict[str, str])
    regions: Mapping[str, str] = field(default_factory=dict[str, str])
    stacks: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    nested: Mapping[str, Place] = field(default_factory=dict[str, Place])

    def resources(self, name: str) -> Mapping[str, Any]:
        """The resources of a template by their logical ids."""
        found: Mapping[str, Any] = self.by_name.get(name, {}).get("Resources", {})
        return found

    def each(self, *kinds: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """The template, the logical id and the properties of each resource of these types."""
        for name in self.by_name:
            for logical_id, resource in self.resources(name).items():
                if resource.get("Type") in kinds:
                    yield name, logical_id, resource.get("Properties", {})

    def called(self, name: str, logical_id: str) -> str:
        """The construct path of a resource where the template tells it, or else its logical id."""
        told: str = self.resources(name)[logical_id].get("Metadata", {}).get("aws:cdk:path", logical_id)
        return told

    def named(self, text: str) -> Iterator[Place]:
        """The resources that a text names, as `read` reads it."""
        for token in _TOKEN.findall(text):
            if (found := self._places.get(token) or self._places.get(token.rpartition(".")[0])) is not None:
                yield found

    def functions(self, text: str) -> dict[Place, None]:
        """The functions that a text names, as `read` reads it: by references, through aliases and versions too, or by their own names."""
        found = dict.fromkeys(place for place in map(self._behind, self.named(text)) if place is not None)
        return found | {place: None for own, place in self._own_names if own.search(text)}

    def _behind(self, place: Place) -> Place | None:
        name, logical_id = place
        resource = self.resources(name)[logical_id]
        if (wrapped := _WRAPPERS.get(str(resource.get("Type")))) is not None:
            return next(iter(self.functions(self.read(name, resource.get("Properties", {}).get(wrapped)))), None)
        return place if resource.get("Type") == _FUNCTION else None

    @cached_property
    def _places(self) -> dict[str, Place]:
        return {f"{name}.{logical_id}": (name, logical_id) for name in self.by_name for logical_id in self.resources(name)}

    @cached_property
    def _own_names(self) -> list[tuple[re.Pattern[str], Place]]:
        told = [
            (self.read(name, given["FunctionName"]), (name, found))
            for name, found, given in self.each(_FUNCTION)
            if "FunctionName" in given
        ]
        return [(re.compile(rf"(?:^|:){re.escape(own)}(?![\w-])"), place) for own, place in told]

    @cached_property
    def _exports(self) -> dict[str, tuple[str, Any]]:
        outputs = [(name, output) for name, template in self.by_name.items() for output in template.get("Outputs", {}).values()]
        return {json.dumps(output["Export"]["Name"]): (name, output["Value"]) for name, output in outputs if "Export" in output}

    def read(self, name: str, value: Any) -> str:
        """A value as one text: what the templates say themselves is put in, and other references are told apart by where they are."""
        match value:
            case {"Ref": str(logical_id)}:
                found = self._referred(name, logical_id)
            case {"Fn::ImportValue": exported} if (told := self._exports.get(json.dumps(exported))) is not None:
                found = self.read(*told)
            case {"Fn::GetStackOutput": {"StackName": stack, "OutputName": str(output)}} if outputs := self._outputs(name, stack, output):
                found = " ".join(self.read(*one) for one in outputs)
            case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
                found = self._attribute(name, logical_id, attribute)
            case {"Fn::Join": [str(between), parts]}:
                found = between.join(self.read(name, part) for part in listing(parts))
            case {"Fn::Sub": [str(text), given]}:
                own = mapping(given)
                found = _NAMES.sub(lambda made: self.read(name, own[made[1]]) if made[1] in own else self._named(name, made), text)
            case {"Fn::Sub": str(text)}:
                found = _NAMES.sub(lambda made: self._named(name, made), text)
            case str():
                found = _STORED.sub(lambda made: self._stored(made[1], made[0]), value)
            case dict() | list():
                found = json.dumps(self._parts(name, value))
            case _:
                found = json.dumps(value)
        return found

    def _outputs(self, name: str, stack: Any, output: str) -> list[tuple[str, Any]]:
        """An output of a stack that is named, or told by its ARN; of each where stacks of several places have one name.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html.
        """
        own = self.read(name, stack).rpartition(":stack/")[2].partition("/")[0]
        given = [(template, self.by_name.get(template, {}).get("Outputs", {})) for template in self.stacks.get(own, ())]
        return [(template, outputs[output]["Value"]) for template, outputs in given if output in outputs]

    def _parts(self, name: str, value: Any) -> Any:
        """What is no reference of its own, with each part read."""
        if value.__class__ is dict:
            return {key: self.read(name, part) for key, part in value.items()}
        return [self.read(name, part) for part in value]

    def _referred(self, name: str, logical_id: str) -> str:
        """A reference; that to a domain is its name, to a parameter of a nested stack what its parent gives, to one of Systems Manager what the app writes there."""
        if name in self.nested and logical_id in self.by_name[name].get("Parameters", {}):
            parent, stack = self.nested[name]
            given = mapping(self.resources(parent)[stack].get("Properties", {}).get("Parameters"))
            return self.read(parent, given[logical_id]) if logical_id in given else f"${{{name}.{logical_id}}}"
        parameter = mapping(mapping(self.by_name[name].get("Parameters")).get(logical_id))
        if str(parameter.get("Type")).startswith("AWS::SSM::Parameter::Value<"):
            return self._stored(str(parameter.get("Default")), f"${{{name}.{logical_id}}}")
        resource = self.resources(name).get(logical_id, {})
        own = resource.get("Properties", {}).get("DomainName") if str(resource.get("Type")).endswith("::DomainName") else None
        return f"${{{name}.{logical_id}}}" if own is None else self.read(name, own)

    def _stored(self, parameter: str, otherwise: str) -> str:
        """What the app itself writes into a parameter of Systems Manager; one that holds itself, by whatever way, says nothing."""
        told = self._parameters.pop(parameter, None)
        if told is None:
            return otherwise
        try:
            return self.read(*told)
        finally:
            self._parameters[parameter] = told

    @cached_property
    def _parameters(self) -> dict[str, tuple[str, Any]]:
        every = [(name, given) for name, _, given in self.each("AWS::SSM::Parameter")]
        return {str(given["Name"]): (name, given.get("Value")) for name, given in every if isinstance(given.get("Name"), str)}

    def _attribute(self, name: str, logical_id: str, attribute: str) -> str:
        """An attribute; an output of a nested stack is what that says."""
        if attribute == "Value" and mapping(self.resources(name).get(logical_id)).get("Type") == "AWS::SSM::Parameter":
            return self.read(name, self.resources(name)[logical_id].get("Properties", {}).get("Value"))
        child, output = self._children.get((name, logical_id)), attribute.removeprefix("Outputs.")
        told = mapping(None if child is None else self.by_name[child].get("Outputs", {}).get(output))
        return self.read(str(child), told["Value"]) if "Value" in told else f"${{{name}.{logical_id}.{attribute}}}"

    @cached_property
    def _children(self) -> dict[Place, str]:
        return {place: name for name, place in self.nested.items() if name in self.by_name}

    def _named(self, name: str, made: re.Match[str]) -> str:
        own, attribute = made[1], made[2].removeprefix(".")
        known = own in self.resources(name) or own in self.by_name[name].get("Parameters", {})
        if not known:
            return made[0]
        return self._attribute(name, own, attribute) if attribute else self._referred(name, own)
