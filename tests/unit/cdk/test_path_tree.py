"""Routes that API Gateway can hold beside each other, and those that it cannot."""

from __future__ import annotations

import pytest

from gateleg.cdk.access import Access
from gateleg.cdk.path_tree import PathTree
from gateleg.description import Route
from gateleg.errors import RouteError

GUARDED = Access((("token", ()),))
OPEN = Access(public="health checks carry no token")


class Tree(PathTree):
    """A tree to which a test adds keys."""

    def put(self, key: str, handler: str = "svc:f", target: str = "svc:app", access: Access = GUARDED, *, fixed: bool = False) -> Tree:
        self.add(Route(key, handler), target, access, fixed=fixed)
        return self

    @property
    def keys(self) -> list[str]:
        return [place.key for place in self.placed()]


def test_a_duplicate_names_both_handlers() -> None:
    with pytest.raises(RouteError, match=r"GET /a is answered by one:f and by two:g; remove one") as caught:
        Tree().put("GET /a", "one:f", "one").put("GET /a/", "two:g", "two")
    assert caught.value.code == "declaration.route.duplicate"


def test_variables_of_other_names_do_not_make_another_route() -> None:
    with pytest.raises(RouteError, match="is answered by"):
        Tree().put("GET /a/{x}", "one:f", "one").put("GET /a/{y}", "two:g", "two")


def test_a_direct_route_is_not_added_twice() -> None:
    with pytest.raises(RouteError, match="is answered by"):
        Tree().put("GET /a", fixed=True).put("GET /a", fixed=True)


def test_rules_of_one_app_share_a_path() -> None:
    tree = Tree().put("GET /users/{id}", "svc:json").put("GET /users/{user}", "svc:html")
    (place,) = tree.placed()
    assert (place.key, place.target, place.access) == ("GET /users/{id}", "svc:app", GUARDED)
    assert [route.handler for route in place.routes] == ["svc:json", "svc:html"]


def test_rules_of_one_path_are_guarded_alike() -> None:
    tree = Tree().put("GET /users/{id}", "svc:json")
    with pytest.raises(RouteError, match=r"svc:json .*svc:html.*guard both alike, or give one of them a path that differs") as caught:
        tree.put("GET /users/{id}", "svc:html", access=OPEN)
    assert caught.value.code == "declaration.route.access"
    assert Tree().put("GET /users/{id}", "svc:json").put("GET /users/html", access=OPEN).keys == ["GET /users/{id}", "GET /users/html"]


def test_methods_of_a_path_and_any_stand_side_by_side() -> None:
    assert Tree().put("GET /a").put("POST /a", target="two").put("ANY /a", target="three").keys == ["GET /a", "POST /a", "ANY /a"]


def test_apps_may_name_the_same_variable_differently_and_are_told() -> None:
    tree = Tree().put("GET /users/{id}").put("GET /users/{user_id}/posts/{post}", target="two")
    assert tree.keys == ["GET /users/{id}", "GET /users/{id}/posts/{post}"]
    assert tree.renamed() == ["GET /users/{user_id}/posts/{post} of svc:f is GET /users/{id}/posts/{post} at the gateway"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_function_that_reads_its_variables_by_name_gives_the_name(order: int) -> None:
    tree = Tree()
    for key, fixed in [("GET /users/{id}", False), ("GET /users/{user}/x", True)][::order]:
        tree.put(key, fixed=fixed)
    assert sorted(tree.keys) == ["GET /users/{user}", "GET /users/{user}/x"]


def test_two_functions_that_read_by_name_have_one_name() -> None:
    tree = Tree().put("GET /users/{id}", fixed=True)
    with pytest.raises(RouteError, match=r"GET /users/\{user\}/x of svc:f .*write \{id\} in both"):
        tree.put("GET /users/{user}/x", fixed=True)
    assert Tree().put("GET /users/{id}", fixed=True).put("GET /users/{id}/x", fixed=True).keys == ["GET /users/{id}", "GET /users/{id}/x"]


def test_a_greedy_variable_has_no_other_variable_beside_it() -> None:
    with pytest.raises(RouteError, match=r"one path variable in one place.*write \{id\} in both, or give one of them a segment of its own"):
        Tree().put("GET /files/{id}").put("GET /files/{path+}", target="two")
    assert Tree().put("GET /files/{id}").put("GET /files/all/{path+}", target="two").keys == ["GET /files/{id}", "GET /files/all/{path+}"]


def test_renaming_never_makes_one_name_twice() -> None:
    with pytest.raises(RouteError, match=r"stands twice in /a/\{x\}/b/\{x\}"):
        Tree().put("GET /a/{x}").put("GET /a/{y}/b/{x}")
    late = Tree().put("GET /a/{y}/b/{x}").put("GET /a/{x}", fixed=True)
    with pytest.raises(RouteError, match="stands twice"):
        late.placed()
