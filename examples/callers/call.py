"""Calls a route that IAM guards, as whoever the environment's credentials are: `python call.py URL`."""

import sys

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session


def get(url: str) -> str:
    """Get what the route answers."""
    session = boto3.Session()
    credentials = session.get_credentials()
    if credentials is None:
        sys.exit("there are no AWS credentials in the environment")
    request = AWSRequest("GET", url)
    SigV4Auth(credentials, "execute-api", session.region_name).add_auth(request)
    return str(URLLib3Session().send(request.prepare()).text)


if __name__ == "__main__":
    print(get(sys.argv[1]))
