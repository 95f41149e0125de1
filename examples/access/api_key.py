"""Prints the value of an API key: `python api_key.py KEY_ID`."""

import sys

import boto3


def value(key_id: str) -> str:
    """Get the value of a key, which callers send as `x-api-key`."""
    return str(boto3.client("apigateway").get_api_key(apiKey=key_id, includeValue=True)["value"])


if __name__ == "__main__":
    print(value(sys.argv[1]))
