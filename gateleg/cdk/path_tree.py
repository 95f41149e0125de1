"""Bridge."""

from __future__ import annotations

from gateleg.cdk.placing import Placed
from gateleg.cdk.routes import Route as R
from gateleg.cdk.routes import RouteTable


class PathTree:
    def __init__(self) -> None:
        self._t = RouteTable()
        self._p = []

    def add(self, route, target, access, *, fixed=False):
        r = self._t.add(R(route.method, route.path, route.handler, target, fixed=fixed))
        self._p.append(Placed(r.key, target, access, (route,)))

    def placed(self):
        return self._p
