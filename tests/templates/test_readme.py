"""What the README and the guide show is what the files hold, and the example deploys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.shop.stack import ShopStack

if TYPE_CHECKING:
    import aws_cdk

    from gateleg.testing import Synth, TemplateView

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
SHOWN = [
    (page.name, path, code)
    for page in PAGES
    for path, code in re.findall(r"```python\n# (\S+\.py)[^\n]*\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
]
LINKS = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")) if "://" not in link]


def shop_stack(app: aws_cdk.App) -> ShopStack:
    return ShopStack(app, "Shop")


@pytest.fixture(scope="session")
def shop(synth: Synth) -> TemplateView:
    return synth(shop_stack)


def test_the_readme_shows_the_example() -> None:
    shown = {path for page, path, _ in SHOWN if page == "README.md"}

    assert shown == {"examples/shop/model.py", "examples/shop/rest.py", "examples/shop/stack.py"}


@pytest.mark.parametrize(("path", "code"), [shown[1:] for shown in SHOWN], ids=[f"{page}: {path}" for page, path, _ in SHOWN])
def test_each_block_stands_in_its_file(path: str, code: str) -> None:
    file = (ROOT / path).read_text(encoding="utf-8")

    for part in code.strip("\n").split("\n\n\n"):
        assert part.strip("\n") in file


@pytest.mark.parametrize(("page", "link"), LINKS, ids=[f"{page.name}: {link}" for page, link in LINKS])
def test_every_link_leads_somewhere(page: Path, link: str) -> None:
    assert (page.parent / link).exists()


def test_the_example_grants_what_its_comment_says(shop: TemplateView) -> None:
    rest, table = shop.function("shop-rest"), shop.table("shop")

    assert rest.allowed_actions(on=table) == {"dynamodb:Query", "dynamodb:PutItem"}


@pytest.mark.slow
def test_cloudformation_would_take_the_example(synth: Synth) -> None:
    assert synth(shop_stack, validated=True).count() > 0


def test_the_example_is_guarded_by_iam(shop: TemplateView) -> None:
    assert {route.key: route.authorizer_type for route in shop.routes()} == {
        "GET /customers/{customer}/orders": "AWS_IAM",
        "POST /customers/{customer}/orders": "AWS_IAM",
    }
