"""Signs a person of a user pool in and prints the ID token: `python sign_in.py POOL CLIENT NAME PASSWORD`."""

import sys

import boto3


def add_person(pool: str, name: str, password: str) -> None:
    """Make a person who may sign in at once, as an administrator can; people also sign up themselves where the pool lets them."""
    cognito = boto3.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)


def token(client: str, name: str, password: str) -> str:
    """Sign in, and get the token that says who it is."""
    signing_in = {"USERNAME": name, "PASSWORD": password}
    answer = boto3.client("cognito-idp").initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=signing_in)
    return str(answer["AuthenticationResult"]["IdToken"])


if __name__ == "__main__":
    pool, client, name, password = sys.argv[1:]
    add_person(pool, name, password)
    print(token(client, name, password))
