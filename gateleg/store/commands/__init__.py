"""The operations: immutable descriptions with pure `params()`, shared by every way of sending them."""

from gateleg.store.commands.batch import BatchGetItem, BatchWriteItem
from gateleg.store.commands.check import ConditionCheck
from gateleg.store.commands.delete import DeleteItem, delete_item
from gateleg.store.commands.get import GetItem
from gateleg.store.commands.put import PutItem, put_item
from gateleg.store.commands.query import QueryItems
from gateleg.store.commands.transact import TransactWriteItems
from gateleg.store.commands.update import UpdateItem, update_item

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
    "delete_item",
    "put_item",
    "update_item",
]
