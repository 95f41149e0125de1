"""What a handler pays for importing these packages."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import gateleg.rest", ["aws_lambda_powertools", "pydantic", "boto3", "botocore", "aws_cdk"]),
        ("from gateleg.rest import uses, public, handle_errors", ["aws_lambda_powertools", "pydantic", "boto3"]),
        ("import gateleg.websocket", ["aws_lambda_powertools", "boto3", "botocore", "concurrent.futures.thread", "aws_cdk"]),
        ("import gateleg.describe", ["aws_lambda_powertools", "pydantic", "boto3", "gateleg.websocket", "aws_cdk"]),
    ],
)
def test_an_import_stays_light(statement: str, absent: list[str]) -> None:
    code = f"{statement}\nimport sys\nprint([name for name in {absent!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
