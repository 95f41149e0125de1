"""An OpenAPI document that came first: its operations find their handlers by their ids, and what the two say differently is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.cdk.arguments import a, check, either
from gateleg.cdk.contract_differences import differences, security_differences
from gateleg.cdk.contract_document import ContractDocument, read_document
from gateleg.description.paths import shape_of_key
from gateleg.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateleg.cdk.apps import RestApp
    from gateleg.cdk.contract_document import ContractOperation
    from gateleg.description import App, Route

Found = tuple["RestApp", "App", "list[Route]"]
"""An app as the gateway was given it, its description, and the routes that the API shall have of it."""


@dataclass(frozen=True)
class Contract:
    """An OpenAPI document that the handlers answer, no more and no less.

    Each operation is answered by the route whose `operation_id`, or else whose function's name, is its operation id; or by a route of the same key
    beside the apps. Methods, paths, parameters, bodies and security are compared, and every difference is told at once. Where a route does not say
    who may call it, the document does; it names authorizers of the gateway. What API Gateway is told of the routes is what the document says.

    Args:
        document: A JSON file, a YAML file where PyYAML is installed, or what was read from one. OpenAPI 3.0 or 3.1, in one piece.

    Raises:
        DeclarationError: It is not an OpenAPI 3 document, a part of it is not what it must be, a reference leads nowhere, or an operation has no id of
            its own.
    """

    document: str | Path | Mapping[str, Any]
    read: ContractDocument = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check(
            "Contract",
            document=(self.document, either(a("a file, such as 'openapi.json'", str, Path), a("what was read from one", Mapping))),
        )
        object.__setattr__(self, "read", read_document(self.document))

    def bound(self, found: Sequence[Found], direct: Iterable[str]) -> list[Found]:
        """The apps with what the document tells of their routes.

        Args:
            found: The apps with their routes.
            direct: The keys of the routes beside the apps.

        Raises:
            ContractError: The document and the handlers differ.
        """
        beside = set(map(shape_of_key, direct))
        answers = _answers(self.read.operations, [route for *_, routes in found for route in routes])
        problems = list(self.read.refused)
        bound: list[Found] = []
        for number, (entry, app, routes) in enumerate(found):
            told: list[Route] = []
            for route in routes:
                operation = answers.get(id(route))
                if operation is None:
                    problems.append(
                        f"{route.key} of {route.handler} is not in the document: no operation is called {' or '.join(map(repr, _ids(route)))}"
                    )
                    continue
                problems += differences(operation, route, self.read.schemas, app.schemas)
                told.append(_told(operation, route))
            bound.append((entry, self._told_app(app, first=number == 0), told))
        answered = {operation.id for operation in answers.values()}
        problems += [
            f"{operation.key} ({operation.id}) has no handler: write operation_id={operation.id!r} on its route, or call the function so"
            for operation in self.read.operations
            if operation.id not in answered and shape_of_key(operation.key) not in beside
        ]
        self._refuse(problems)
        return bound

    def beside(self, route: Route) -> Route:
        """A route beside the apps as the document tells of it and guards it; as it is where the document does not know it.

        Args:
            route: The route.

        Raises:
            ContractError: The document asks for others than the route does.
        """
        operation = next((one for one in self.read.operations if shape_of_key(one.key) == shape_of_key(route.key)), None)
        if operation is None:
            return route
        self._refuse([f"{operation.key} ({operation.id}): {problem}" for problem in security_differences(operation, route)])
        told = _told(operation, route)
        return replace(told, operation=route.operation or told.operation)

    def _refuse(self, problems: Sequence[str]) -> None:
        if problems:
            lines = "".join(f"\n- {problem}" for problem in problems)
            raise ContractError(f"{self.read.source} and the handlers differ:{lines}", differences=problems)

    def _told_app(self, app: App, *, first: bool) -> App:
        """The app with the document's schemas; the first one with its title and version, which an API has once."""
        info = self.read.info if first else {}
        title, version, summary = (str(info[name]) if info.get(name) else None for name in ("title", "version", "description"))
        return replace(app, schemas=self.read.schemas, title=title, version=version, summary=summary)


def _answers(operations: Iterable[ContractOperation], routes: Sequence[Route]) -> dict[int, ContractOperation]:
    """By the ids of routes, what each answers: those with an operation id come before functions that are called so, and of these those with its key."""
    waiting = {operation.id: operation for operation in operations}
    found: dict[int, ContractOperation] = {}
    for names, same_key in ((_own_ids, False), (_ids, True), (_ids, False)):
        for route in routes:
            fits = (
                name
                for name in names(route)
                if name in waiting and (not same_key or shape_of_key(waiting[name].key) == shape_of_key(route.key))
            )
            if id(route) not in found and (name := next(fits, None)) is not None:
                found[id(route)] = waiting.pop(name)
    return found


def _own_ids(route: Route) -> list[str]:
    said = (route.operation or {}).get("operationId")
    return [said] if said else []


def _ids(route: Route) -> list[str]:
    """By what an operation finds a route."""
    return list(dict.fromkeys([*_own_ids(route), route.handler.rpartition(":")[2].rpartition(".")[2]]))


def _told(operation: ContractOperation, route: Route) -> Route:
    """The route in the document's words, and guarded as that says where the route does not."""
    theirs = [segment.strip("{}+") for segment in operation.key.split("/")[1:] if segment.startswith("{")]
    ours = [segment.text for segment in route.segments if segment.kind != "literal"]
    names = dict(zip(theirs, ours, strict=False))
    parameters = [
        one | {"name": names.get(one["name"], one["name"])} if one["in"] == "path" else one for one in operation.told["parameters"]
    ]
    security = operation.security if route.security is None and route.public is None and operation.security else route.security
    return replace(
        route,
        operation=operation.told | {"parameters": parameters, "operationId": operation.id},
        security=None if security is None else tuple(security),
    )
