"""What carries on what it is given, as templates have it, until that may be the event of a function, and not a part of one.

A bus, a queue, a topic or a stream puts what it is sent below a member of an event of its own; a rule, a pipe or a state machine may take it out again.
Follows https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html and eb-pipes-input-transformation.html beside it.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import listing, mapping
from gateleg.cdk.template_signers import signed
from gateleg.cdk.written_templates import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.written_templates import Templates

_MACHINE = "AWS::StepFunctions::StateMachine"
_BUS = "AWS::Events::EventBus"
_CHANNELS = {
    _BUS: ("detail", re.compile("PutEvents", re.IGNORECASE)),
    "AWS::SQS::Queue": ("body", re.compile("SendMessage", re.IGNORECASE)),
    "AWS::SNS::Topic": ("Message", re.compile("[:/]Publish|-Publish|=Publish", re.IGNORECASE)),
    "AWS::Kinesis::Stream": ("data", re.compile("PutRecord", re.IGNORECASE)),
    _MACHINE: ("", re.compile("Start(?:Sync)?Execution", re.IGNORECASE)),
}
"""By the type of what is sent to: the member that it puts that below, nothing for what takes it as it is, and how it is called."""
_LONE = re.compile(r"\s*<\s*(\$[^<>]*)>\s*")
_VARIABLE = re.compile(r"<\s*([\w.-]+)\s*>")
_LIKE_A_REQUEST = re.compile(r'"(?:httpMethod|requestContext)\\?"')
_DEFAULT: Place = ("", "default")


@dataclass(frozen=True)
class _Step:
    """What gives to others what one was sent.

    Attributes:
        place: The resource that does.
        target: Whom it gives it to, as `Templates.read` reads that.
        taken: What of it is given, with paths in angles: `<$.detail>`; `None` for all, as it stands.
        is_machine: Whether it is a state machine, whose definition, as the target, says both: it may give any part that it speaks of.
    """

    place: Place
    target: str
    taken: str | None = None
    is_machine: bool = False

    def left(self, below: tuple[str, ...]) -> tuple[str, ...] | None:
        """The members that what was sent still stands below for whom it is given to; `None` where it is a part of what leads nowhere."""
        if self.is_machine:
            return () if all(_names(self.target, member) for member in below) else None
        if self.taken is None:
            return below
        if (lone := _LONE.fullmatch(self.taken)) is not None:
            return tuple(member for member in below if not _names(lone[1], member))
        return () if _LIKE_A_REQUEST.search(self.taken) and "<$" in self.taken else None


class Carriers:
    """Follows what is sent.

    Args:
        templates: The templates.
    """

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def led(self, called: str, *, names_only: bool = False) -> Iterator[tuple[list[Place], Place]]:
        """The functions that may be given what a call sends as their event, each with the way there; nothing of what it calls itself.

        Args:
            called: What is called and with what, as `Templates.read` reads it.
            names_only: Whether it sends to what it names, and says of nothing that it sends.
        """
        if not self._steps:
            return
        waiting = deque((place, self._held(place, ()), [place]) for place in (self._named if names_only else self._sent)(called))
        seen = set[tuple[Place, tuple[str, ...]]]()
        while waiting:
            place, below, way = waiting.popleft()
            for step in self._steps.get(place, ()) if (place, below) not in seen else ():
                passed, left = way if step.place == place else [*way, step.place], step.left(below)
                if left == ():
                    yield from ((passed, function) for function in self._reached(step))
                waiting.extend((taker, held, [*passed, taker]) for taker, held in self._given(step, left))
            seen.add((place, below))

    def _reached(self, step: _Step) -> Iterator[Place]:
        yield from self._templates.functions(step.target)
        if step.is_machine:
            yield from signed(self._templates, step.target)

    def _given(self, step: _Step, left: tuple[str, ...] | None) -> Iterator[tuple[Place, tuple[str, ...]]]:
        """What a step sends to, each with the members that what was sent stands below there; a state machine may take any part for the whole."""
        for taker in self._sent(step.target) if step.is_machine else self._named(step.target):
            if left is not None:
                yield taker, self._held(taker, left)
            elif step.taken is not None and "<$" in step.taken and self._kind(taker) == _MACHINE:
                yield taker, ()

    def _kind(self, place: Place) -> str:
        name, logical_id = place
        return str(self._templates.resources(name).get(logical_id, {}).get("Type", _BUS))

    def _held(self, place: Place, left: tuple[str, ...]) -> tuple[str, ...]:
        member, _ = _CHANNELS[self._kind(place)]
        return (member, *left) if member else left

    def _named(self, text: str) -> list[Place]:
        """What a text names of what is sent to."""
        return list(dict.fromkeys(place for place in self._templates.named(text) if self._kind(place) in _CHANNELS))

    def _sent(self, text: str) -> list[Place]:
        """What a text sends to, and does not only name."""
        found = [place for place in self._named(text) if _CHANNELS[self._kind(place)][1].search(text)]
        if _CHANNELS[_BUS][1].search(text) and not any(self._kind(place) == _BUS for place in found):
            found += [place for place in self._steps if not place[0] and _is_word(place[1], text)]
            found += [place for place in self._steps if place == _DEFAULT and "EventBusName" not in text]
        return found

    @cached_property
    def _steps(self) -> Mapping[Place, list[_Step]]:
        """By what is sent to, what gives on from it; a bus that no template makes goes by its name."""
        found = dict[Place, list[_Step]]()
        for source, step in (*self._rules(), *self._pipes(), *self._subscriptions(), *self._machines()):
            found.setdefault(source, []).append(step)
        return found

    def _rules(self) -> Iterator[tuple[Place, _Step]]:
        for name, found, rule in self._templates.each("AWS::Events::Rule"):
            said = self._templates.read(name, rule.get("EventBusName", "default"))
            buses = self._named(said) or [("", said.rpartition("/")[2])]
            for target in map(mapping, listing(rule.get("Targets"))):
                if "Input" not in target:  # which is the same whatever was sent
                    step = _Step((name, found), self._templates.read(name, target.get("Arn")), self._taken(name, target))
                    yield from ((bus, step) for bus in buses)

    def _taken(self, name: str, target: Mapping[str, Any]) -> str | None:
        if "InputPath" in target:
            return f"<{self._templates.read(name, target['InputPath'])}>"
        if not (transformer := mapping(target.get("InputTransformer"))):
            return None
        paths = mapping(transformer.get("InputPathsMap"))
        template = self._templates.read(name, transformer.get("InputTemplate"))
        return _VARIABLE.sub(lambda made: f"<{self._templates.read(name, paths[made[1]])}>" if made[1] in paths else made[0], template)

    def _pipes(self) -> Iterator[tuple[Place, _Step]]:
        for name, found, pipe in self._templates.each("AWS::Pipes::Pipe"):
            for source in self._named(self._templates.read(name, pipe.get("Source"))):
                for part in ("Enrichment", "Target"):
                    given = mapping(pipe.get(f"{part}Parameters")).get("InputTemplate")
                    taken = None if given is None else self._templates.read(name, given)
                    yield source, _Step((name, found), self._templates.read(name, pipe.get(part)), taken)

    def _subscriptions(self) -> Iterator[tuple[Place, _Step]]:
        inside = [
            (name, found, {"TopicArn": {"Ref": found}, **mapping(one)})
            for name, found, topic in self._templates.each("AWS::SNS::Topic")
            for one in listing(topic.get("Subscription"))
        ]
        for name, found, given in (*self._templates.each("AWS::SNS::Subscription"), *inside):
            taken = "<$.Message>" if given.get("RawMessageDelivery") in (True, "true") else None
            for topic in self._named(self._templates.read(name, given.get("TopicArn"))):
                yield topic, _Step((name, found), self._templates.read(name, given.get("Endpoint")), taken)

    def _machines(self) -> Iterator[tuple[Place, _Step]]:
        parts = ("DefinitionString", "Definition", "DefinitionSubstitutions", "RoleArn")
        for name, found, machine in self._templates.each(_MACHINE):
            yield (name, found), _Step((name, found), self._templates.read(name, [machine.get(part) for part in parts]), is_machine=True)


def _is_word(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def _names(text: str, member: str) -> bool:
    return re.search(rf"\.{member}(?![\w-])", text) is not None
