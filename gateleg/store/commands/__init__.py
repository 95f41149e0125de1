"""The operations: immutable descriptions with pure `params()`, shared by every way of sending them."""

from gateleg.store.commands.batch import BatchGetItem, BatchWriteItem
from gateleg.store.commands.check import ConditionCheck
from gateleg.store.commands.delete import DeleteItem
from gateleg.store.commands.get import GetItem
from gateleg.store.commands.put import PutItem
from gateleg.store.commands.query import QueryItems
from gateleg.store.commands.transact import TransactWriteItems
from gateleg.store.commands.update import UpdateItem

__all__ = [
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheck",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "QueryItems",
    "TransactWriteItems",
    "UpdateItem",
]
