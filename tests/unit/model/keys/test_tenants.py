# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""Entities with a tenant: every key begins with it, and what is declared of them says what it begins with."""

from __future__ import annotations

import time
import types
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from gateleg.description import Use
from gateleg.description.uses import across_tenants
from gateleg.errors import BindingError, DeclarationError, ItemInvalidError, UsesError
from gateleg.model import Attr, Entity, Index, Table, access, attr, index_key, key
from gateleg.store import AsyncStore, Scan, Store, Tenants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BILLING = Table(
    "billing-of-tests",
    partition_key="pk",
    sort_key="sk",
    indexes=[
        Index("by_due", partition_key="gpk", sort_key="due"),
        Index("of_tenant", partition_key="company"),
        Index("latest", partition_key="lpk", sharded=4),
        Index("by_state", partition_key="spk"),
    ],
)


class Invoice(Entity, table=BILLING, tenant="company"):
    company: Attr[str]
    number: Attr[str]
    due: Attr[str] = attr(default="2030")
    state: Attr[str] = attr(default="open")

    key = key("COMPANY#{company}", "INVOICE#{number}")
    due_key = index_key("by_due", "{company}#DUE")
    latest_key = index_key("latest", "C#{company}")
    state_key = index_key("by_state", "C#{company}#{state}")

    @access
    def all_of(*, company: str) -> None: ...
    @access(index="by_due")
    def due_of(*, company: str) -> None: ...
    @access(index="of_tenant")
    def of_tenant(*, company: str) -> None: ...
    @access(index="latest")
    def latest(*, company: str) -> None: ...
    @access(index="by_state")
    def in_state(*, company: str, state: str) -> None: ...


class Reminder(Invoice, table=BILLING):
    """Of whom it is, an entity inherits."""

    key = key("COMPANY#{company}", "REMINDER#{number}")


@pytest.mark.parametrize(
    ("usable", "operation", "index", "leading"),
    [
        (Invoice.get, "get", None, ("COMPANY#{tenant}",)),
        (Invoice.batch_write, "batch_write", None, ("COMPANY#{tenant}",)),
        (Invoice.all_of, "query", None, ("COMPANY#{tenant}",)),
        (Invoice.due_of(company="a"), "query", "by_due", ("{tenant}#DUE",)),
        (Invoice.of_tenant, "query", "of_tenant", ("{tenant}",)),
        (Invoice.latest, "query", "latest", ("C#{tenant}", "C#{tenant}#*")),
        (Invoice.in_state, "query", "by_state", ("C#{tenant}#*",)),
        (Invoice.scan, "scan", None, ()),
        (Scan.of(Invoice), "scan", None, ()),
        (Invoice.partiql_select, "partiql_select", None, ()),
    ],
)
def test_a_use_says_what_the_keys_of_one_tenant_begin_with(
    usable: Any, operation: Any, index: str | None, leading: tuple[str, ...]
) -> None:
    assert Use(BILLING.name, "Invoice", operation, index, "company", leading) in usable.declared_uses()


def test_a_subclass_has_the_tenant_of_its_base() -> None:
    assert [use.leading for use in Reminder.get.declared_uses()] == [("COMPANY#{tenant}",)]


def test_a_use_across_tenants_is_of_nobody_and_needs_a_reason() -> None:
    uses = across_tenants(Invoice.scan, Invoice.all_of, why="bills all at night").declared_uses()
    assert [(use.operation, use.tenant, use.leading) for use in uses] == [("scan", None, ()), ("query", None, ())]


@pytest.mark.parametrize(
    ("given", "why", "message"),
    [([Invoice.scan], " ", "say why"), ([], "so", "no uses"), ([Invoice], "so", "takes uses, such as Invoice.scan")],
)
def test_what_is_not_a_use_across_tenants_is_refused(given: Any, why: str, message: str) -> None:
    with pytest.raises(UsesError, match=message):
        across_tenants(*given, why=why)


def declare(tenant: Any = "company", table: dict[str, Any] | None = None, kind: Any = Attr[str], **body: Any) -> type[Entity]:
    given: dict[str, Any] = {"partition_key": "pk", **(table or {})}
    parts = {"__module__": __name__, "__annotations__": {"company": kind, "number": Attr[str]}, "key": key("C#{company}#{number}"), **body}
    return types.new_class("Made", (Entity,), {"table": Table("made", **given), "tenant": tenant}, lambda space: space.update(parts))


@pytest.mark.parametrize(
    ("make", "message", "mended"),
    [
        (lambda: declare("compny"), "tenant='compny', which is not an attribute of it", lambda: declare("company")),
        (lambda: declare(3), "tenant=3; write the name of an attribute", lambda: declare("company")),
        (lambda: declare(kind=Attr[int]), "must be text; its type is <class 'int'>: write Attr", declare),
        (lambda: declare(company=attr(save=str.lower)), "has save=, and policies know it as it is given", declare),
        (lambda: declare(kind=Attr[SecretStr], key=key("C#{number}")), "must be text|is secret", declare),
        (lambda: declare(key=key("N#{number}#{company}")), "'N#{number}#{company}', does not begin with it: let it be the first", declare),
        (lambda: declare(key=key("ALL")), "'ALL', does not begin with it", lambda: declare(key=key("TENANT#{company}"))),
        (lambda: declare(key=key("*#{company}")), r"has one of \* \? \$", declare),
        (lambda: declare(key=key("C#{company}?{number}")), r"has one of \* \? \$", declare),
        (
            lambda: declare(table={"indexes": [Index("all", partition_key="gpk")]}, all_key=index_key("all", "{number}")),
            "of index 'all', '{number}', does not begin with it",
            lambda: declare(table={"indexes": [Index("all", partition_key="gpk")]}, all_key=index_key("all", "ALL#{company}")),
        ),
        (
            lambda: declare(table={"indexes": [Index("all", partition_key=("company", "number"))]}),
            "of index 'all' is of several attributes",
            lambda: declare(table={"indexes": [Index("all", partition_key="company", sort_key="number")]}),
        ),
        (lambda: declare(number=attr(unique=True), table={"sort_key": "sk"}, key=key("C#{company}", "{number}")), "unique attribute Made.number, whose claims are of no tenant", declare),
    ],
)  # fmt: skip
def test_what_a_policy_could_not_hold_to_a_tenant_is_refused(
    make: Callable[[], object], message: str, mended: Callable[[], object]
) -> None:
    with pytest.raises(DeclarationError, match=message.replace("{", r"\{")):
        make()
    assert mended() is not None


class Sessions:
    """Gives sessions, and counts them."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, tenant: str) -> Mapping[str, Any]:
        self.asked.append(tenant)
        return {"AccessKeyId": tenant, "SecretAccessKey": "s", "SessionToken": "t"}


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Sessions:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return Sessions()


def test_a_tenant_has_a_session_of_its_own_which_is_kept(sessions: Sessions) -> None:
    tenants = Tenants(BILLING, session=sessions, table_name="t")
    made = [tenants.store("acme"), tenants.store("brown"), tenants.store("acme")]
    assert sessions.asked == ["acme", "brown"]
    assert all(isinstance(store, Store) and store.table_name == "t" for store in made)
    assert isinstance(tenants.async_store("acme"), AsyncStore)
    for number in range(250):
        tenants.store(f"t{number}")
    tenants.store("acme")
    assert sessions.asked.count("acme") == 2


def test_a_session_that_is_about_to_end_is_taken_anew(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    tenants, began = Tenants(BILLING, session=sessions, table_name="t"), time.time()
    for seconds, taken in ((0, 1), (3_000, 1), (3_301, 2), (3_302, 2)):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: began + seconds)
        tenants.store("acme")
        assert len(sessions.asked) == taken


@pytest.mark.parametrize("tenant", ["", "*", "a*", "a?", "${x}", "a#b", "a b", "a/b", "é", "a" * 257, None, 3, "a%b"])
def test_a_name_that_would_be_another_in_a_policy_is_refused(sessions: Sessions, tenant: Any) -> None:
    with pytest.raises(ItemInvalidError, match="a tenant is 1 to 256 letters, digits"):
        Tenants(BILLING, session=sessions, table_name="t").store(tenant)
    assert sessions.asked == []


def test_a_name_that_keys_escape_is_refused(sessions: Sessions) -> None:
    table = Table("escaping", partition_key="pk")

    class Escaping(Entity, table=table, tenant="company"):
        company: Attr[str]
        number: Attr[str]

        key = key("{company}_{number}")

    tenants = Tenants(table, session=sessions, table_name="t")
    assert tenants.store("acme")
    with pytest.raises(ItemInvalidError, match=r"'a_b' has a character that is escaped in the key .*; name tenants without it"):
        tenants.store("a_b")


def test_a_table_without_tenants_and_a_function_without_a_role_are_told(sessions: Sessions) -> None:
    del sessions
    with pytest.raises(DeclarationError, match="no entity of table 'plain' has a tenant"):
        Tenants(Table("plain", partition_key="pk"))
    with pytest.raises(BindingError, match="GATELEG_TENANT_ROLE is not set"):
        Tenants(BILLING).store("acme")
