"""A function that takes the changes of a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Unpack

import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from gateleg.cdk.acknowledgements import acknowledge
from gateleg.cdk.arguments import a, check, either, filled, optional, usable
from gateleg.cdk.describing import Describing
from gateleg.cdk.function_options import FunctionOptions, check_options, source_of
from gateleg.cdk.queues import dead_letters, grant_send
from gateleg.cdk.service_function import ServiceFunction
from gateleg.cdk.tables.delivery import Delivery
from gateleg.cdk.tables.granting import GrantingTable, given_tables
from gateleg.description import App, split_handler
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_sqs as sqs

    from gateleg.cdk.uses import AnyUse

_READ_ACTIONS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
_WAITED_FOR = "Lambda reads the stream and waits for the function; what it gives up is told to the destination of the event source, not to a dead letter queue of the function."


class ChangeConsumer(Construct):
    """The function of a `StreamResolver`, which takes the changes of a table; made by `ModelTable.on_change`.

    Lambda reads the stream and hands on what the app's handlers take, in the order of each item. The function may read this one stream, do what its
    handlers declare, and tell what was given up. Follows https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html.

    Args:
        scope: The parent construct.
        id: The construct's id.
        table: The table.
        app: The app string of the resolver, or its description.
        handler: The function that Lambda calls, where it is not the app itself.
        delivery: How changes are delivered.
        tables: The tables that the handlers may use beside this one.
        uses: What the function does to tables beside what its handlers declare.
        **options: How it runs; see `FunctionOptions`.

    Attributes:
        function: The `ServiceFunction`.
        mapping: The `EventSourceMapping`.
        dead_letters: The queue that is told which changes were given up; `None` where another destination was given.

    Raises:
        DeclarationError: An argument is not what it must be; the table has no stream, or not the one that the app was written for; or it has
            two consumers already.
        AppNotFoundError: There is no such app.
        AppImportError: The app's own import failed.
        UsesError: A handler uses a table that is not among those given.
        PackagingError: The code or its dependencies cannot be packaged.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        table: GrantingTable,
        app: str | App,
        handler: str | None = None,
        delivery: Delivery | None = None,
        tables: Sequence[GrantingTable] = (),
        uses: Sequence[AnyUse] = (),
        **options: Unpack[FunctionOptions],
    ) -> None:
        check(
            "ChangeConsumer",
            table=(table, a("a ModelTable", GrantingTable)),
            app=(app, either(filled, a("a description (gateleg.description.App)", App))),
            handler=(handler, optional(filled)),
            delivery=(delivery, optional(a("a Delivery", Delivery))),
            tables=(tables, given_tables),
            uses=(uses, usable),
        )
        check_options("ChangeConsumer", options)
        name = app if isinstance(app, str) else app.name
        entry = handler or name
        for each in (name, entry):
            split_handler(each)
        every = [table, *(other for other in tables if other is not table)]
        [described] = Describing([source_of(app, entry, options, every)]).result()
        stream = _stream_of(table, described)
        table.add_consumer(f"{scope.node.path}/{id}")
        super().__init__(scope, id)
        declared = [use for route in described.routes for use in route.uses]
        given: Any = {**options, "described": described}
        self.function: ServiceFunction = ServiceFunction(self, "Function", handler=entry, tables=every, uses=[*declared, *uses], **given)
        if any(route.publishes for route in described.routes):
            self.function.expect_socket(name)
        self._allow_reading(table, stream)
        acknowledge(self.function.function, _WAITED_FOR, "Serverless-LambdaDLQ")
        self.dead_letters: sqs.Queue | None = None
        self.mapping: lambda_.EventSourceMapping = self._mapped(stream, delivery or Delivery(), described)

    def _allow_reading(self, table: GrantingTable, stream: str) -> None:
        grantee: Any = self.function.function
        iam.Grant.add_to_principal(grantee=grantee, actions=list(_READ_ACTIONS), resource_arns=[stream])
        if table.encryption_key is not None:
            actions = ["kms:Decrypt", "kms:DescribeKey"]
            iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=[table.encryption_key.key_arn])

    def _mapped(self, stream: str, delivery: Delivery, described: App) -> lambda_.EventSourceMapping:
        function: Any = self.function.invoked
        filters = [{"pattern": json.dumps(pattern, separators=(",", ":"))} for pattern in described.filters]
        return lambda_.EventSourceMapping(
            self,
            "Resource",
            target=function,
            event_source_arn=stream,
            on_failure=self._destination(delivery),
            filters=filters or None,
            **delivery.properties(),
        )

    def _destination(self, delivery: Delivery) -> Any:
        from aws_cdk import aws_lambda_event_sources as sources

        given: Any = delivery.on_failure
        if given is None:
            self.dead_letters = self._define_dead_letters()
            return self._telling(self.dead_letters)
        if hasattr(given, "bucket_arn"):
            return sources.S3OnFailureDestination(given)
        return sources.SnsDlq(given) if hasattr(given, "topic_arn") else sources.SqsDlq(given)

    def _telling(self, queue: sqs.Queue) -> Any:
        """The queue as a destination, with less than CDK's own would grant: Lambda sends to it, and asks it nothing."""
        grant_send(queue, self.function.function)
        return _Told(queue.queue_arn)

    def _define_dead_letters(self) -> sqs.Queue:
        """Make the queue that is told which changes were given up. A hook: a subclass may make another."""
        return dead_letters(self, "DeadLetters")


@jsii.implements(lambda_.IEventSourceDlq)
class _Told:
    """A destination that may be sent to already."""

    def __init__(self, arn: str) -> None:
        self._arn = arn

    def bind(self, _target: Any, _target_handler: Any) -> lambda_.DlqDestinationConfig:
        return lambda_.DlqDestinationConfig(destination=self._arn)


def _stream_of(table: GrantingTable, described: App) -> str:
    """The ARN of the table's stream, if it is the one that the app was written for."""
    declared, read = table.declaration, described.table
    if described.kind != "stream" or read is None:
        message = (
            f"{described.name} is a {described.kind} app, and changes are taken by a StreamResolver; write app = StreamResolver(TABLE)"
        )
        raise DeclarationError(message, path=described.name, value=described.kind)
    if read.name != declared.name:
        message = f"{described.name} takes the changes of the table {read.name!r}, and was given to that of {declared.name!r}; give it to the ModelTable of {read.name!r}"
        raise DeclarationError(message, path=described.name, value=declared.name)
    if read.stream != declared.stream:
        message = f"{described.name} reads a stream of {read.stream}, and the table {declared.name!r} has {declared.stream or 'none'}; give both one declaration"
        raise DeclarationError(message, path=described.name, value=declared.stream)
    arn: str | None = table.table.table_stream_arn
    if arn is None:
        message = (
            f"the table {table.node.path!r} was imported without its stream; write TableV2.from_table_attributes(..., table_stream_arn=...)"
        )
        raise DeclarationError(message, path=table.node.path)
    return arn
