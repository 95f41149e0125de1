"""The secret that signs the cursors of a table's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.cdk.acknowledgements import acknowledge

if TYPE_CHECKING:
    from aws_cdk import aws_secretsmanager as secretsmanager
    from constructs import Construct

    from gateleg.cdk.tables.settings import Settings

_SIGNING_REASON = (
    "The secret signs page cursors, which hold keys that the caller may read anyway. It is rotated by writing a new value, as need be: "
    "functions verify with AWSCURRENT and AWSPREVIOUS, and read both again for a cursor that neither signed, so cursors outlive one rotation."
)


def make_cursor_secret(scope: Construct, table: str, settings: Settings) -> secretsmanager.Secret:
    """A secret that is kept, encrypted and replicated as the table is, so that a cursor is good wherever the table is read.

    Args:
        scope: The construct of the table.
        table: The declared name.
        settings: What the table was told.
    """
    from aws_cdk import aws_secretsmanager as secretsmanager

    copies = settings.replication.copies if settings.replication is not None else ()
    secret = secretsmanager.Secret(
        scope,
        "CursorSecret",
        description=f"Signs the page cursors of the table {table}",
        generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        removal_policy=settings.protection.removal_policy,
        encryption_key=settings.encryption_key,
        replica_regions=[_replica(scope, copy.region, copy.encryption_key) for copy in copies] or None,
    )
    acknowledge(
        secret,
        _SIGNING_REASON,
        "AwsSolutions-SMG4",
        "HIPAA.Security-SecretsManagerRotationEnabled",
        "NIST.800.53.R5-SecretsManagerRotationEnabled",
    )
    return secret


def _replica(scope: Construct, region: str, key: str | None) -> secretsmanager.ReplicaRegion:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_secretsmanager as secretsmanager

    own = None if key is None else kms.Key.from_key_arn(scope, f"Key-{region}", key)
    return secretsmanager.ReplicaRegion(region=region, encryption_key=own)
