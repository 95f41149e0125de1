"""Mistakes with unique values, references, memories, raw words and several tables: every line marked `# wrong` is found by both."""

from __future__ import annotations

from gateleg.errors import UniqueConflictError
from gateleg.model import Attr, Entity, Key, Ref, Table, attr, changes, key, original, raw
from gateleg.store import AsyncStore, Scan, Store
from tests.typing.model import SHOP, USERS, Order, Product, User

FORUM = Table("forum", partition_key="pk")


class Post(Entity, table=FORUM, remember=True):
    """What somebody wrote."""

    post_id: Attr[str]
    slug: Attr[str] = attr(unique=True)
    title: Attr[str] = attr(unique="yes")  # wrong
    release: Attr[int] = attr(default=1, force_default="yes")  # wrong
    author: Attr[Ref[User]]
    product: Attr[Ref[Product] | None] = attr(default=None)

    key = key("POST#{post_id}")


store, users, shop = Store(FORUM), Store(USERS), Store(SHOP)
ann = User(user_id="1", name="Ann")
tea = Product.key(sku="tea")


def use(*_: object) -> None:
    """Use something."""


def write(post: Post) -> None:
    """References and what they lead to."""
    Post(post_id="1", slug="a", title="A", author=Ref.to(ann), product=Ref.to(tea))
    Post(post_id="1", slug="a", title="A", author=Ref.to(tea))  # wrong
    Post(post_id="1", slug="a", title="A", author="1")  # wrong
    Ref.to("1")  # wrong
    post.author = Ref.to(User.key(user_id="2"))
    author: Key[User] = post.author.key
    product: Key[Product] = post.author.key  # wrong
    found = users.get(post.author.key)
    if found is not None:
        name: str = found.name
        number: int = found.name  # wrong
        use(author, product, name, number)
    resolved = users.resolve([post.author])
    use(resolved[post.author].name)
    use(resolved[post.author].nothing)  # wrong
    use(resolved["1"])  # wrong
    users.resolve([User.key(user_id="1")])  # wrong
    users.resolve(post.author.key)  # wrong
    post.author = Ref.to(post)  # wrong


def change(post: Post, order: Order) -> None:
    """Memories and raw words."""
    before = original(post)
    if before is not None:
        use(before.slug, before.nothing)  # wrong
    wrong: Product | None = original(post)  # wrong
    original("post")  # wrong
    store.update(post, *changes(post))
    store.update(post, changes(post))  # wrong
    changes(Post)  # wrong
    shop.update(order, Order.total.set(raw("{} + {}", Order.total, 3)), when=raw("size({}) > {}", Order.comment, 3) & (Order.lines > 2))
    shop.update(order, raw("{} + {}", Order.total, 3))  # wrong
    raw(Order.total, 3)  # wrong
    use(wrong)


def together(post: Post) -> None:
    """Several tables, pages and segments."""
    with store.transact(stores=[users, AsyncStore(SHOP)], token="1") as tx:
        tx.create(post)
        tx.update(ann, User.age.add(1))
    store.transact(stores=users)  # wrong
    store.transact(stores=["users"])  # wrong
    store.transact("token")  # wrong
    one, two = store.transact_get(post.key, tea, stores=[shop])
    three: User | None = two  # wrong
    store.transact_get(post.key, tea, stores=[SHOP])  # wrong
    store.page(Scan.of(Post), limit=3)
    store.page(Post, limit=3)  # wrong
    store.scan(Post, segments="2")  # wrong
    try:
        store.create(post)
    except UniqueConflictError as error:
        use(error.path, error.value, error.nothing)  # wrong
    use(one, three)


async def wait(post: Post) -> None:
    """The same, awaited."""
    waiting = AsyncStore(USERS, hide_expired=True)
    AsyncStore(USERS, hide_expired="yes")  # wrong
    resolved = await waiting.resolve([post.author])
    use(resolved[post.author].name)
    waiting.resolve([post.author])[post.author]  # wrong
    async for user in waiting.scan(User, segments=4):
        use(user.name)
        use(user.slug)  # wrong
    for _ in waiting.scan(User, segments=4):  # wrong
        pass
