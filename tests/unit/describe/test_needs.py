"""The needs of a handler: files that it loads or may load later, and the distributions that they import from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from gateleg.description.app import Needs

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[3]
_SCRIPT = """
import importlib, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
importlib.import_module(sys.argv[2])
from gateleg.describe.needs import needs_of
needs = needs_of(Path(sys.argv[1]), sys.argv[2], ["B", "A", "B"])
print(json.dumps([needs.files, needs.distributions, needs.variables]))
"""


class Project:
    """A repository with a folder of installed distributions beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.site = folder / "site-packages"
        self.root.mkdir()
        self.site.mkdir()

    def write(self, files: Mapping[str, str]) -> None:
        """Write modules by their paths without the suffix."""
        for name, text in files.items():
            path = self.root / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))

    def install(self, distribution: str, *files: str, direct_url: str | None = None) -> None:
        """Install a distribution that has these modules, as installers record it."""
        record = self.site / f"{distribution}-1.0.dist-info"
        record.mkdir()
        for file in files:
            path = self.site / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        (record / "RECORD").write_text("".join(f"{file},sha256=x,0\n" for file in files))
        if direct_url is not None:
            (record / "direct_url.json").write_text(direct_url)

    def needs(self, module: str, *paths: Path) -> Needs:
        """The needs of a handler module, found in a process of its own."""
        searched = os.pathsep.join(map(str, (REPOSITORY, self.site, *paths)))
        command = [sys.executable, "-c", _SCRIPT, str(self.root), module]
        done = subprocess.run(command, env=os.environ | {"PYTHONPATH": searched}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return Needs(*map(tuple, json.loads(done.stdout)))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_files_are_those_of_loaded_modules_and_their_packages(project: Project) -> None:
    project.write(
        {
            "svc/__init__": "",
            "svc/rest": "from shared.money import RATE\nfrom . import ab_test",
            "svc/ab_test": "",
            "svc/unused": "",
            "shared/money": "RATE = 2",
            "handler": "import svc.rest",
        }
    )
    assert project.needs("svc.rest").files == ("shared/money.py", "svc/__init__.py", "svc/ab_test.py", "svc/rest.py")
    assert "handler.py" in project.needs("handler").files


def test_variables_are_passed_on(project: Project) -> None:
    project.write({"handler": ""})
    assert project.needs("handler").variables == ("A", "B")


def test_modules_that_are_imported_when_a_request_comes_are_followed(project: Project) -> None:
    project.write(
        {
            "svc/__init__": "",
            "svc/rest": """
            import importlib
            def one():
                from . import lazy
                from .deep.inner import name
            async def two():
                importlib.import_module("plugins.literal")
                importlib.import_module(".ab_test", __package__)
                importlib.import_module(".deep.far_test", package=__package__)
            class Three:
                key = lambda: __import__("late")
        """,
            "svc/lazy": "def again():\n    import other.place",
            "svc/ab_test": "",
            "svc/deep/far_test": "",
            "svc/deep/__init__": "",
            "svc/deep/inner": "name = 1\nfrom ..sibling import *",
            "svc/sibling": "",
            "other/place": "",
            "plugins/literal": "",
            "late": "",
        }
    )
    files = {"svc/__init__.py", "svc/rest.py", "svc/lazy.py", "svc/deep/__init__.py", "svc/deep/inner.py", "svc/sibling.py"}
    files |= {"svc/ab_test.py", "svc/deep/far_test.py"}
    assert set(project.needs("svc.rest").files) == files | {"other/place.py", "plugins/literal.py", "late.py"}


def test_modules_that_were_loaded_by_a_computed_name_are_there(project: Project) -> None:
    project.write({"handler": "import importlib\nfor name in ('a', 'b'):\n    importlib.import_module(f'plugins.{name}')"})
    project.write({"plugins/a": "def f():\n    import late", "plugins/b": "", "plugins/c": "", "late": ""})
    assert project.needs("handler").files == ("handler.py", "late.py", "plugins/a.py", "plugins/b.py")


def test_modules_that_only_a_type_checker_imports_do_not_count(project: Project) -> None:
    project.write(
        {
            "handler": """
            import typing
            from typing import TYPE_CHECKING
            if TYPE_CHECKING:
                import first
            else:
                import used
            if typing.TYPE_CHECKING: import second
            if not TYPE_CHECKING: import also
            if __name__ == "__main__": import third
        """,
            "first": "",
            "second": "",
            "third": "",
            "used": "",
            "also": "",
        }
    )
    assert project.needs("handler").files == ("also.py", "handler.py", "used.py")


def test_distributions_are_found_by_their_records(project: Project) -> None:
    project.install("Fancy_Name", "plain/__init__.py", "plain/part.py")
    project.install("cloud_storage", "google/cloud/storage/__init__.py")
    project.install("cloud_logs", "google/cloud/logs.py")
    project.install("single", "module_file.py")
    project.install("transitive", "not_imported_here.py")
    project.write(
        {
            "handler": """
            import plain.part
            from google.cloud import storage
            def later():
                import google.cloud.logs
                from module_file import anything
        """
        }
    )
    assert project.needs("handler").distributions == ("cloud-logs", "cloud-storage", "fancy-name", "single")


def test_what_lambda_brings_is_not_listed(project: Project) -> None:
    project.write({"handler": "import boto3, json\nfrom botocore.config import Config\nimport dateutil"})
    assert project.needs("handler").distributions == ()


def test_parts_of_gateleg_bring_what_they_import(project: Project) -> None:
    project.write({"model": "from gateleg.model import Table", "ids": "from gateleg.model import ulid", "errors": "import gateleg.errors"})
    assert project.needs("model").distributions == ("pydantic",)
    assert project.needs("ids").distributions == ("pydantic", "python-ulid")
    assert project.needs("errors").distributions == ()


@pytest.mark.parametrize("part", ["errors", "model", "store", "websocket", "expressions", "description"])
def test_the_table_of_what_parts_of_gateleg_import_is_right(part: str, project: Project) -> None:
    project.write({"handler": f"import gateleg.{part}"})
    script = f"import sys, gateleg.{part}; print(*(name for name in ('pydantic', 'aws_lambda_powertools', 'ulid') if name in sys.modules))"
    imported = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
    assert list(project.needs("handler").distributions) == imported


@pytest.mark.parametrize(
    ("code", "listed"),
    [
        ("try:\n    import fast\nexcept ImportError:\n    fast = None", False),
        ("try:\n    import missing\nexcept ImportError:\n    import fast", False),
        ("def f():\n    try:\n        import fast\n    except (ValueError, ModuleNotFoundError):\n        pass", False),
        ("def f():\n    try:\n        import fast\n    except Exception:\n        return", False),
        ("def f():\n    try:\n        import fast\n    except ImportError as error:\n        raise RuntimeError from error", True),
        ("import contextlib\nwith contextlib.suppress(ImportError):\n    import fast", False),
        ("def f():\n    from contextlib import suppress\n    with suppress(KeyError):\n        import fast", True),
        ("def f():\n    with open('x') as stream:\n        import fast", True),
        ("def f():\n    try:\n        import fast\n    except KeyError:\n        pass", True),
        ("def f():\n    try:\n        pass\n    except ImportError:\n        pass\n    else:\n        import fast", True),
        ("import sys\nif sys.version_info < (3,):\n    import fast", False),
        ("import sys\ndef f():\n    if sys.version_info < (3, 11):\n        import fast", False),
        ("import sys\ndef f():\n    if sys.version_info < (3, 11):\n        pass\n    else:\n        import fast", True),
        ("import sys\nif sys.platform != 'win32':\n    import fast", True),
        ("import sys\ndef f():\n    if sys.platform.startswith('win'):\n        import fast", False),
        ("import sys\ndef f():\n    if sys.argv[1:]:\n        import fast", True),
        ("def f(platform):\n    if platform == 'ios':\n        import fast", True),
        ("def f(event):\n    if event.__name__ == 'x':\n        import fast", True),
        ("if __name__ == '__main__':\n    import fast", False),
        ("import os\nif os.environ.get('NEVER_SET'):\n    import fast", False),
        ("def f(debug):\n    if debug:\n        import fast", True),
    ],
)
def test_a_distribution_that_is_optional_or_not_reached_is_not_listed(code: str, listed: bool, project: Project) -> None:  # noqa: FBT001 (a column)
    project.install("fast", "fast.py")
    project.write({"handler": code})
    assert project.needs("handler").distributions == (("fast",) if listed else ())


def test_an_editable_installation_is_a_distribution_unless_it_is_the_repository_itself(project: Project, tmp_path: Path) -> None:
    source = tmp_path / "libs/money/src"
    source.mkdir(parents=True)
    (source / "money.py").write_text("")
    url = {"url": f"file://{tmp_path}/libs/money", "dir_info": {"editable": True}}
    project.install("my_money", direct_url=json.dumps(url))
    project.install("itself", direct_url=json.dumps(url | {"url": f"file://{project.root}"}))
    project.write({"handler": "import money, other", "other": ""})
    needs = project.needs("handler", source)
    assert (needs.distributions, needs.files) == (("my-money",), ("handler.py", "other.py"))


def test_a_file_outside_that_nothing_installed_is_told_by_its_path_from_the_root(project: Project, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "money.py").write_text("import cents")
    (shared / "cents.py").write_text("")
    project.write({"handler": "import money"})
    assert project.needs("handler", shared).files == ("../shared/cents.py", "../shared/money.py", "handler.py")


def test_a_loaded_file_outside_that_no_module_of_the_repository_imports_is_no_need(project: Project, tmp_path: Path) -> None:
    injected = tmp_path / "debugger"
    injected.mkdir()
    (injected / "sitecustomize.py").write_text("")
    project.write({"handler": ""})
    assert project.needs("handler", injected).files == ("handler.py",)


def test_a_folder_reached_by_a_link_below_the_root_is_below_it(project: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/money.py").write_text("")
    (project.root / "linked").symlink_to(tmp_path / "elsewhere")
    project.write({"handler": "import linked.money"})
    assert project.needs("handler").files == ("handler.py", "linked/money.py")
