"""What the sample's table begins with."""

from gateleg.data import Seeds
from gateleg.model import Attr, Entity, Table, attr

ITEMS = Table("items", partition_key="pk")


class Item(Entity, table=ITEMS):
    """What the sample stores."""

    name: Attr[str] = attr(partition_key=True, stored="pk")


DEMO = Seeds(ITEMS, [Item(name="seeded")])
