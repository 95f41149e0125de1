"""Synth reads the lock beside `cdk.json`, never writes it, and fails on what would lose data; what is acknowledged goes, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, NestedStack, Stack, Stage
from aws_cdk import aws_dynamodb as dynamodb

from gateleg.cdk import ModelTable, acknowledge_change, guard_changes
from gateleg.changes.assembly import assembled_stacks
from gateleg.changes.lock import FILE, Lock
from gateleg.deploying import DeployProject
from gateleg.errors import DeclarationError, LockError
from gateleg.model import Attr, Entity, Index, Table, access, attr
from tests.templates.constructs.samples import violations

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PROTECTION = "protection:Table7ABB320E"


class Project:
    """A project's folder, in which synth runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path / FILE

    def app(self, context: dict[str, Any] | None = None) -> App:
        return App(outdir=str(self.path / "cdk.out"), context=context)

    def synth(self, app: App) -> str:
        """What synth refuses; nothing where it goes through."""
        assembly = self.path / "cdk.out"
        (assembly / "validation-report.json").unlink(missing_ok=True)
        before = self.file.read_text() if self.file.exists() else None
        try:
            app.synth()
        except RuntimeError as error:
            return violations(assembly, error)
        finally:
            assert before == (self.file.read_text() if self.file.exists() else None), "synth never writes it"
        return ""

    def lock(self, stage: str | None = None) -> None:
        lock = Lock.read(self.file) or Lock()
        lock.with_shapes({one.address(stage): one.shape for one in assembled_stacks(self.path / "cdk.out")}).write(self.file)

    def data(self, *, meant: str = "", context: dict[str, Any] | None = None, env: Environment | None = None, **given: Any) -> str:
        """Synthesize the stack with its table."""
        app = self.app(context)
        stack = Stack(app, "Data", env=env)
        indexes = given.pop("indexes", ())
        ModelTable(stack, "Table", table=Table("t", partition_key="pk", indexes=indexes), **given)
        if meant:
            acknowledge_change(stack, meant, reason="It is moved to the other account.")
        return self.synth(app)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_lock_takes_what_the_app_declares_asks_nobody_and_says_so(project: Project) -> None:
    told: list[str] = []
    project.data()
    DeployProject(project.path, assembly=project.path / "cdk.out", report=told.append).lock()
    assert told == ["wrote Data into gateleg.lock.json, as the app declares it; commit it"]
    assert "is no longer protected" in project.data(deletion_protection=False)


def test_a_change_is_refused_until_it_is_acknowledged_and_the_acknowledgement_goes_stale(project: Project) -> None:
    assert project.data() == project.data(deletion_protection=False) == "", "without a lock all goes"
    project.data()
    project.lock()
    assert project.data() == ""
    refused = project.data(deletion_protection=False)
    assert "the table Table7ABB320E of stack Data is no longer protected from deletion; leave deletion_protection on" in refused
    assert f"if it is meant: acknowledge_change(stack, '{PROTECTION}', reason=...)" in refused
    assert project.data(deletion_protection=False, meant=PROTECTION) == ""
    assert "is no longer protected" in project.data(deletion_protection=False, meant="protection:Other")
    assert "can no longer be restored" in project.data(deletion_protection=False, point_in_time_recovery=False, meant=PROTECTION)
    project.data(deletion_protection=False, meant=PROTECTION)
    project.lock()
    stale = project.data(deletion_protection=False, meant=PROTECTION)
    assert f"Data acknowledges '{PROTECTION}' (It is moved to the other account.), and nothing of that changes" in stale
    assert project.data(deletion_protection=False) == ""


def test_an_acknowledgement_stays_while_another_stage_is_to_change(project: Project) -> None:
    for stage in ("dev", "prod"):
        assert project.data(context={"gateleg:stage": stage}) == ""
        project.lock(stage)
    dev, prod = (dict[str, Any](context={"gateleg:stage": stage}, deletion_protection=False, meant=PROTECTION) for stage in ("dev", "prod"))
    assert project.data(**dev) == ""
    project.lock("dev")
    assert project.data(**dev) == project.data(**prod) == ""
    project.lock("prod")
    assert "nothing of that changes" in project.data(**dev)


def test_a_stack_that_is_given_a_place_later_is_the_same(project: Project) -> None:
    project.data()
    project.lock()
    assert "is no longer protected" in project.data(env=Environment(account="1" * 12, region="eu-west-1"), deletion_protection=False)
    assert project.data(env=Environment(account="1" * 12, region="eu-west-1")) == ""


def test_another_name_of_a_stack_is_another_stack(project: Project) -> None:
    def synthesized(name: str, *others: str, context: dict[str, Any] | None = None, meant: str = "") -> str:
        app = project.app(context)
        stacks = [Stack(app, one) for one in (name, *others)]
        for stack in stacks:
            ModelTable(stack, "Table", table=Table("t", partition_key="pk"))
        if meant:
            acknowledge_change(stacks[-1], meant, reason="A second shop.")
        return project.synth(app)

    assert synthesized("Data") == ""
    project.lock()
    refused = synthesized("Store")
    assert "stack Store is new and has what Data has, which the app has no longer (Table7ABB320E): AWS makes new, empty tables" in refused
    assert "keep the stack's name, Stack(..., stack_name='Data')" in refused
    assert synthesized("Data", "Store") == "", "one more is one more"
    assert synthesized("Store", meant="stack-renamed:Store") == ""
    assert synthesized("Store", context={"gateleg:stage": "test"}) == ""


def test_a_project_cannot_turn_the_guard_off(project: Project) -> None:
    (project.path / "cdk.json").write_text('{"context": {"gateleg:changes": "judged"}}')
    with pytest.raises(
        DeclarationError, match=r"cdk\.json says gateleg:changes='judged', by which no synth would look at the lock; take it out"
    ):
        project.data(context={"gateleg:changes": "judged"})


def test_several_indexes_name_the_command_that_walks_them(project: Project) -> None:
    project.data()
    project.lock()
    indexes = [Index(name, partition_key=name) for name in ("one", "two")]
    assert "2 indexes change in one update (created: one, two)" in (refused := project.data(indexes=indexes))
    assert "deploy them one at a time, or run: gateleg deploy --waves" in refused
    assert project.data(indexes=indexes, context={"gateleg:changes": "judged"}) == "", "commands judge it themselves"
    assert project.data(indexes=indexes[:1]) == ""


def test_a_projection_that_an_override_takes_from_an_access_pattern_is_refused(project: Project) -> None:
    guard = project.app()
    table = Table("t", partition_key="pk", indexes=[Index("by_a", partition_key="a")])

    class Thing(Entity, table=table):
        id: Attr[str] = attr(partition_key=True)
        a: Attr[str] = attr()
        b: Attr[str] = attr()

        @access(index="by_a")
        def of_a(*, a: str) -> None: ...

    made: Any = ModelTable(Stack(guard, "Data"), "Table", table=table).table.node.default_child
    made.add_property_override("GlobalSecondaryIndexes.0.Projection", {"ProjectionType": "KEYS_ONLY"})
    Lock().write(project.file)
    assert Thing.__gateleg__.name == "Thing"
    assert "Thing.of_a reads the index by_a of the table Table7ABB320E of stack Data, which does not hold _type, b" in project.synth(guard)


def test_tables_of_nested_stacks_and_stages_are_guarded(project: Project) -> None:
    def synthesized(*indexes: str, protected: bool = True) -> str:
        app = project.app()
        inner = Stack(Stage(app, "Prod"), "Data")
        table = Table("t", partition_key="pk", indexes=[Index(name, partition_key=name) for name in indexes])
        ModelTable(NestedStack(inner, "Nest"), "Table", table=table, deletion_protection=protected)
        return project.synth(app)

    assert synthesized(protected=True) == ""
    project.lock()
    assert synthesized(protected=True) == ""
    assert "the table Table7ABB320E of stack Prod-Data/NestNestedStackNestNestedStackResource" in synthesized(protected=False)
    assert "deploy them one at a time; if it is meant" in synthesized("one", "two"), "no command walks them"


def test_tables_of_other_constructs_are_guarded_where_the_app_says_so(project: Project) -> None:
    def synthesized(name: str, *, guarded: bool) -> str:
        app = project.app()
        dynamodb.Table(Stack(app, "Data"), "Table", partition_key=dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING))
        if guarded:
            guard_changes(app)
            guard_changes(app)
        return project.synth(app)

    synthesized("pk", guarded=True)
    project.lock()
    assert synthesized("id", guarded=False) == ""
    assert synthesized("id", guarded=True).count("its keys change from pk (S) to id (S)") == 1


@pytest.mark.parametrize(("text", "said"), [('{"format": 9}', "has format 9, and this release reads 1"), ("<<<<<<<", "is not a lock")])
def test_a_lock_that_cannot_be_read_lets_nothing_through(project: Project, text: str, said: str) -> None:
    project.file.write_text(text)
    assert said in project.data()


def test_a_lock_of_a_later_release_is_written_anew_once_it_is_removed(project: Project) -> None:
    project.data()
    project.file.write_text('{"format": 9}')
    command = DeployProject(project.path, assembly=project.path / "cdk.out", report=lambda _: None)
    with pytest.raises(LockError, match="remove the file and write it anew where the app is as it is deployed: gateleg lock"):
        command.lock()
    project.file.unlink()
    command.lock()
    assert project.data() == ""
    assert "is no longer protected" in project.data(deletion_protection=False)


def test_the_local_run_has_checks_of_its_own(project: Project) -> None:
    project.data()
    project.lock()
    assert project.data(deletion_protection=False, context={"gateleg:target": "local"}) == ""


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"gateleg:changes": "off"}, "the context gateleg:changes is 'off'; leave it out"),
        ({"gateleg:stage": ""}, "the context gateleg:stage is ''"),
    ],
)
def test_a_context_that_is_none_is_refused(project: Project, context: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        project.data(context=context)


@pytest.mark.parametrize("change", ["protection", "protection:", ":T", "*:*", "protection:*", " "])
def test_an_acknowledgement_of_more_than_one_change_is_refused(project: Project, change: str) -> None:
    with pytest.raises(DeclarationError, match="acknowledge_change"):
        acknowledge_change(Stack(project.app(), "Data"), change, reason="Because.")


def test_an_acknowledgement_has_a_reason(project: Project) -> None:
    with pytest.raises(DeclarationError, match="reason"):
        acknowledge_change(Stack(project.app(), "Data"), PROTECTION, reason=" ")
