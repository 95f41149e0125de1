"""Prints the value of an API key: `python api_key.py KEY_ID`."""

import sys

import boto3

print(boto3.client("apigateway").get_api_key(apiKey=sys.argv[1], includeValue=True)["value"])
