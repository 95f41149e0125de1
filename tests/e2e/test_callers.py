"""docs/calling.md, followed line by line on the embedded AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.e2e.examples import deployed
from tests.unit.docs.pages import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.local import LocalAws

pytestmark = pytest.mark.e2e

SHELL = [block.text for block in blocks(ROOT / "docs" / "calling.md", "sh")]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with deployed("callers", tmp_path_factory) as up:
        yield up


def shell(aws: LocalAws, *blocks: str) -> str:
    """What the blocks print, run in the project's folder by somebody without credentials of their own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    script = "set -e\n" + "\necho\n".join(blocks)
    return subprocess.run(["bash", "-c", script], cwd=aws.project, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_the_page_can_be_followed(aws: LocalAws) -> None:
    answers = [json.loads(line) for line in shell(aws, *SHELL).splitlines() if line.startswith("{")]

    by_curl, by_botocore, signed_in = answers
    assert by_curl == by_botocore == {"asked by": "arn:aws:iam::000000000000:root"}
    assert signed_in == {"name": "ann"}


def test_who_is_not_let_in_is_told_so_as_the_page_says(aws: LocalAws) -> None:
    url = aws.endpoint("rest").url
    unsigned, unknown = (
        httpx.get(url + path, headers=headers, timeout=60) for path, headers in (("report", {}), ("me", {"authorization": "x"}))
    )

    assert (unsigned.status_code, unsigned.json()["message"]) == (403, "Missing Authentication Token")
    assert unknown.status_code == 401


def test_the_policy_lets_a_user_call(aws: LocalAws) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    url = aws.endpoint("rest").url
    credentials = f"export AWS_ACCESS_KEY_ID={key['AccessKeyId']} AWS_SECRET_ACCESS_KEY={key['SecretAccessKey']}"
    calling = (f"export AWS_DEFAULT_REGION={aws.target.region}", credentials, f"python call.py {url}report")

    refused = shell(aws, *calling)
    [policy] = [found["Arn"] for found in iam.list_policies(Scope="Local")["Policies"] if "MayReport" in found["PolicyName"]]
    iam.attach_user_policy(UserName="reader", PolicyArn=policy)

    assert '"asked by"' not in refused
    assert '{"asked by":"arn:aws:iam::000000000000:user/reader"}' in shell(aws, *calling)


def test_api_gateway_s_own_logs_stay_empty_here(aws: LocalAws) -> None:
    logs = aws.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    kept = [name for name in groups if "AccessLogs" in name or name.startswith("API-Gateway-Execution-Logs_")]

    assert len(kept) == 2
    assert [logs.describe_log_streams(logGroupName=name)["logStreams"] for name in kept] == [[], []]
