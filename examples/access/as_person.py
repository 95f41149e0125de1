"""Calls a route that IAM guards as a person of a user pool: `python as_person.py URL POOL IDENTITY_POOL ID_TOKEN`."""

import sys

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session


def credentials(pool: str, identities: str, id_token: str) -> Credentials:
    """Exchange an ID token for credentials of the identity pool's role, which last an hour."""
    session = boto3.Session()
    cognito = session.client("cognito-identity")
    logins = {f"cognito-idp.{session.region_name}.amazonaws.com/{pool}": id_token}
    identity = cognito.get_id(IdentityPoolId=identities, Logins=logins)["IdentityId"]
    given = cognito.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretKey"], given["SessionToken"])


def get(url: str, signer: Credentials) -> str:
    """Get what the route answers."""
    request = AWSRequest("GET", url)
    SigV4Auth(signer, "execute-api", boto3.Session().region_name).add_auth(request)
    return str(URLLib3Session().send(request.prepare()).text)


if __name__ == "__main__":
    url, pool, identities, id_token = sys.argv[1:]
    print(get(url, credentials(pool, identities, id_token)))
