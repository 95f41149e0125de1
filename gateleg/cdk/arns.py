"""ARNs and URLs of the account and region that a stack is deployed to."""

from __future__ import annotations

from functools import cache

from aws_cdk import Aws


@cache
def _here() -> tuple[str, str, str, str]:
    # Each is a question to another process, and the answer is always the same.
    return Aws.PARTITION, Aws.REGION, Aws.ACCOUNT_ID, Aws.URL_SUFFIX


def account() -> str:
    """The account's id."""
    return _here()[2]


def execute_api_arn(api_id: str, part: str) -> str:
    """The ARN of a part of an API: `live/*/*`, `authorizers/*`.

    Args:
        api_id: The API's id.
        part: The part, from the stage on.
    """
    partition, region, number, _ = _here()
    return f"arn:{partition}:execute-api:{region}:{number}:{api_id}/{part}"


def invocation_arn(function_arn: str) -> str:
    """The URI by which a WebSocket API invokes a function.

    Args:
        function_arn: The function's ARN.
    """
    partition, region, *_ = _here()
    return f"arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations"


def stage_url(api_id: str, stage_name: str) -> str:
    """The URL of a REST or HTTP stage, with a slash at its end.

    Args:
        api_id: The API's id.
        stage_name: The stage; empty for `$default`.
    """
    _, region, _, suffix = _here()
    return f"https://{api_id}.execute-api.{region}.{suffix}/{stage_name}{'/' if stage_name else ''}"
