"""What the README shows is what the example holds, and the example deploys."""

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
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```python\n# (\S+\.py)[^\n]*\n(.*?)```", README, flags=re.DOTALL)
LINKS = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]


def shop_stack(app: aws_cdk.App) -> ShopStack:
    return ShopStack(app, "Shop")


@pytest.fixture(scope="session")
def shop(synth: Synth) -> TemplateView:
    return synth(shop_stack)


def test_the_readme_shows_the_example() -> None:
    assert {path for path, _ in SHOWN} == {"examples/shop/model.py", "examples/shop/rest.py", "examples/shop/stack.py"}


@pytest.mark.parametrize(("path", "code"), SHOWN, ids=[path for path, _ in SHOWN])
def test_each_block_stands_in_its_file(path: str, code: str) -> None:
    file = (ROOT / path).read_text(encoding="utf-8")

    for part in code.strip().split("\n\n\n"):
        assert part.strip("\n") in file


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_example_grants_what_its_comment_says(shop: TemplateView) -> None:
    rest, table = shop.function("shop-rest"), shop.table("shop")

    assert rest.allowed_actions(on=table) == {"dynamodb:Query", "dynamodb:PutItem"}


def test_the_example_is_guarded_by_iam(shop: TemplateView) -> None:
    assert {route.key: route.authorizer_type for route in shop.routes()} == {
        "GET /customers/{customer}/orders": "AWS_IAM",
        "POST /customers/{customer}/orders": "AWS_IAM",
    }
