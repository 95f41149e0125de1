"""The functions of an app as its templates have them, and which handler apps each runs in the end."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import ConstructSelector, Mixins, Stack

from gateleg.cdk.route_keys import CONNECT
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.template_sockets import socket_apis
from gateleg.cdk.written_templates import Place
from gateleg.description import App, lambda_handler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs import IConstruct

    from gateleg.cdk.written_templates import Templates


class WrittenFunctions:
    """Reads functions once for all who ask; what needs the tree, which answers from another process, is read where somebody asks for it.

    Args:
        root: The app.
        templates: Its templates.
    """

    def __init__(self, root: IConstruct, templates: Templates) -> None:
        self._root = root
        self._templates = templates

    def named(self, template: str, value: Any) -> set[Place]:
        """The functions that a value names.

        Args:
            template: The template that it stands in.
            value: A URI or an ARN.
        """
        return set(self._templates.functions(self._templates.read(template, value)))

    def handler(self, place: Place) -> Any:
        """The `Handler` of a function."""
        name, logical_id = place
        return self._templates.resources(name).get(logical_id, {}).get("Properties", {}).get("Handler")

    @cached_property
    def owners(self) -> Mapping[Place, ServiceFunction]:
        """The functions that a `ServiceFunction` made."""
        return {place: owner for place, one in self._constructs.items() if isinstance(owner := _owner(one), ServiceFunction)}

    @cached_property
    def apps(self) -> Mapping[Place, list[tuple[App, bool]]]:
        """The apps that each may answer with, each with whether it only imports it; a function of another construct goes by its handler."""
        return self._run(lambda owner: [*((app, False) for app in owner.apps), *((app, True) for app in owner.beside)])

    def _run(self, of: Callable[[ServiceFunction], list[tuple[App, bool]]]) -> Mapping[Place, list[tuple[App, bool]]]:
        known = {place: of(owner) for place, owner in self.owners.items()}
        by_handler = {lambda_handler(owner.handler): known[place] for place, owner in self.owners.items()}
        by_handler |= {lambda_handler(app.name): [(app, False)] for found in known.values() for app, imported in found if not imported}
        by_file = dict[Path, list[tuple[App, bool]]]()
        for place, owner in self.owners.items():
            for app, imported in known[place]:
                by_file.setdefault(_module(owner.root, lambda_handler(app.name)), []).append((app, imported))
        others = {
            place: by_handler.get(str(self.handler(place)), []) or by_file.get(self._files.get(place, Path()), [])
            for place in self._constructs.keys() - self.owners.keys()
        }
        return known | others

    @cached_property
    def _files(self) -> Mapping[Place, Path]:
        """The modules that functions of other constructs call, where their code is a folder as it is."""
        found = dict[Place, Path]()
        names = {lambda_handler(app.name).split(".")[-2] for owner in self.owners.values() for app in (*owner.apps, *owner.sockets)}
        for place in self._constructs.keys() - self.owners.keys():
            handler = str(self.handler(place))
            # Each question to the tree goes to another process.
            if names & {*re.split(r"[./]", handler)[-2:-1]} and (folder := _folder(self._constructs[place])) is not None:
                found[place] = _module(folder, handler)
        return found

    def guarded(self) -> Mapping[Place, str]:
        """The functions whose apps ask who calls, each with a route that does."""
        asking = {
            place: [route for app, _ in found for route in map(app.asking, app.routes) if route.public is None]
            for place, found in self.apps.items()
        }
        return {place: f"{routes[0].key} of {routes[0].handler}" for place, routes in asking.items() if routes}

    def guarded_sockets(self) -> Mapping[Place, str]:
        """The functions whose WebSocket apps ask who connects, each with that; what its gateways say is public asks nobody, an override says nothing."""
        found = self._run(lambda owner: [(app, False) for app in owner.sockets])
        running = {place: [app for app, _ in apps] for place, apps in found.items()}
        own = [api for api in socket_apis(self._templates) if api.is_own]
        is_open = {app.name: True for api in own for place in api.functions for app in running.get(place, ())}
        is_open |= {
            app.name: False
            for api in own
            if not (api.is_open and api.is_public)
            for place in api.functions
            for app in running.get(place, ())
        }
        is_open |= {
            app.name: True for apps in running.values() for app in apps for route in app.routes if route.key == CONNECT and route.public
        }
        return {place: f"{CONNECT} of {app.name}" for place, apps in running.items() for app in apps if not is_open.get(app.name)}

    @cached_property
    def _constructs(self) -> Mapping[Place, Any]:
        every: Any = Mixins.of(self._root, ConstructSelector.resources_of_type("AWS::Lambda::Function")).selected_constructs
        return {(Stack.of(one).template_file, str(Stack.of(one).resolve(one.logical_id))): one for one in every}


def _module(root: Path, handler: str) -> Path:
    """The file of a handler's module, without its suffix, of which a package has none."""
    return root.joinpath(*re.split(r"[./]", handler)[:-1])


def _folder(resource: Any) -> Path | None:
    """The folder that the code of a `Function` was given as."""
    asset = None if resource.node.scope is None else resource.node.scope.node.try_find_child("Code")
    staged = None if asset is None else asset.node.try_find_child("Stage")
    said = getattr(staged, "source_path", None)
    return None if said is None else Path(said)


def _owner(resource: Any) -> Any:
    scope = resource.node.scope
    return None if scope is None else scope.node.scope
