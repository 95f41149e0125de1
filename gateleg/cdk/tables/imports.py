"""A table that begins with what is in S3."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import aws_dynamodb as dynamodb

from gateleg.cdk.arguments import check, filled, having, listing, one_of, optional
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_s3 as s3

    from gateleg.description import TableShape

_FORMATS = ("CSV", "DYNAMODB_JSON", "ION")
_COMPRESSIONS = ("GZIP", "ZSTD", "NONE")
_DELIMITERS = ",\t:;| "
_MOST_HEADERS = 255
_HEADER = re.compile(r"[\x20-\x7e]+")


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
        headers: The names of CSV's columns, those of the table's keys among them; the first line unless given. It is then a line of values.

    Raises:
        DeclarationError: An argument is not what it must be, one for CSV goes with another format, or a column is named twice.
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
            headers=(self.headers, optional(listing(_header))),
        )
        if self.format != "CSV" and (self.delimiter is not None or self.headers is not None):
            message = (
                f"S3Import(format={self.format!r}) has a delimiter or headers, which CSV alone has; leave them out, or write format='CSV'"
            )
            raise DeclarationError(message, path="S3Import.format", value=self.format)
        names = list(self.headers or ())
        if twice := [name for name in names if names.count(name) > 1]:
            raise DeclarationError(
                f"S3Import(headers=...) names {twice[0]!r} twice; give each column a name of its own",
                path="S3Import.headers",
                value=twice[0],
            )
        if self.headers is not None and not 1 <= len(names) <= _MOST_HEADERS:
            message = f"S3Import(headers=...) names {len(names)} columns; DynamoDB takes 1 to {_MOST_HEADERS}: leave headers out where the first line has them"
            raise DeclarationError(message, path="S3Import.headers", value=len(names))

    def check(self, owner: str, shape: TableShape) -> None:
        """Check that the columns that are named make items of a table.

        Raises:
            DeclarationError: There is none for an attribute of its key, or for the one that says of which entity an item is.
        """
        if self.headers is None:
            return
        for name in filter(None, (shape.partition_key, shape.sort_key)):
            if name not in self.headers:
                message = f"the import of {owner!r} has no column for {name!r}, which is part of the table's key, so that no line makes an item; name one so in headers="
                raise DeclarationError(message, path="S3Import.headers", value=self.headers)
        if shape.entities and shape.default_type is None and shape.type_attribute not in self.headers:
            message = (
                f"the import of {owner!r} has no column for {shape.type_attribute!r}, so that its items are of no entity; "
                "name one so in headers=, or declare Table(..., default_type=...)"
            )
            raise DeclarationError(message, path="S3Import.headers", value=self.headers)

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


def _header(value: Any) -> str | None:
    """Follows https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CsvOptions.html."""
    fits = isinstance(value, str) and _HEADER.fullmatch(value) and not {'"', ","} & set(value)
    return None if fits else "the name of a column, of printable ASCII without commas and quotation marks"
