"""A table that begins with what is in S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aws_cdk import aws_dynamodb as dynamodb

from gateleg.cdk.arguments import check, filled, having, listing, one_of, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_s3 as s3

_FORMATS = ("CSV", "DYNAMODB_JSON", "ION")
_COMPRESSIONS = ("GZIP", "ZSTD", "NONE")
_DELIMITERS = ",\t:;| "


@dataclass(frozen=True)
class S3Import:
    """Items that a table is made with, from a bucket; once, when CloudFormation makes it.

    It is a property of `AWS::DynamoDB::Table` alone, and a change of it replaces the table: remove it once the table is there. Follows
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html.

    Args:
        bucket: The bucket.
        prefix: What the names of its objects begin with.
        format: `DYNAMODB_JSON` and `ION`, as exports write them, or `CSV`.
        compression: How the objects are packed.
        delimiter: What stands between the values of CSV.
        headers: The names of CSV's columns; the first line unless given.

    Raises:
        DeclarationError: An argument is not what it must be, or one for CSV goes with another format.
    """

    bucket: s3.IBucket | s3.Bucket
    prefix: str | None = None
    format: Literal["CSV", "DYNAMODB_JSON", "ION"] = "DYNAMODB_JSON"
    compression: Literal["GZIP", "ZSTD", "NONE"] = "GZIP"
    delimiter: str | None = None
    headers: Sequence[str] | None = None

    def __post_init__(self) -> None:
        check(
            "S3Import",
            bucket=(self.bucket, having("a Bucket of aws_s3", "bucket_arn")),
            prefix=(self.prefix, optional(filled)),
            format=(self.format, one_of(*_FORMATS)),
            compression=(self.compression, one_of(*_COMPRESSIONS)),
            delimiter=(self.delimiter, optional(one_of(*_DELIMITERS))),
            headers=(self.headers, optional(listing(filled))),
        )
        if self.format != "CSV" and (self.delimiter is not None or self.headers is not None):
            message = (
                f"S3Import(format={self.format!r}) has a delimiter or headers, which CSV alone has; leave them out, or write format='CSV'"
            )
            raise DeclarationError(message, path="S3Import.format", value=self.format)

    def source(self) -> dynamodb.ImportSourceSpecification:
        """As CDK writes it."""
        compressions = dynamodb.InputCompressionType
        return dynamodb.ImportSourceSpecification(
            bucket=self.bucket,
            key_prefix=self.prefix,
            input_format=self._input_format(),
            compression_type={"GZIP": compressions.GZIP, "ZSTD": compressions.ZSTD, "NONE": compressions.NONE}[self.compression],
        )

    def _input_format(self) -> dynamodb.InputFormat:
        if self.format == "CSV":
            return dynamodb.InputFormat.csv(delimiter=self.delimiter, header_list=None if self.headers is None else list(self.headers))
        return dynamodb.InputFormat.ion() if self.format == "ION" else dynamodb.InputFormat.dynamo_db_json()
