"""Secrets, and what is given for models that say `hide_input_in_errors`, stand in no message, no error and nothing that is printed."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretBytes, SecretStr

from gateleg.errors import GatelegError, ItemInvalidError, StoredItemInvalidError, StoreError, UniqueConflictError
from gateleg.model import EPOCH, Attr, Entity, Ref, Table, access, attr, key, raw
from gateleg.store import Store
from tests.unit.store.notes import Script

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.store.commands.base import Command

CARDS = Table("cards", partition_key="pk", sort_key="sk")
MARK = "hunter2"
BYTES = SecretBytes(b"hunter2")


class User(BaseModel):
    name: str = Field(default="", alias="Name")
    ages: list[int] = []


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Card(Entity, table=CARDS, hide_input_in_errors=True):
    """Shows nothing of what it is given."""

    pk: Attr[str] = attr(partition_key=True, max_length=20)
    sk: Attr[str] = attr(sort_key=True, default="x")
    number: Attr[str] = attr(pattern=r"^\d{4}$", default="0000")
    amount: Attr[int] = attr(default=0, multiple_of=7)
    price: Attr[Decimal] = attr(default=Decimal(0))
    tags: Attr[set[str]] = attr(default_factory=set, min_length=0, max_length=3)
    log: Attr[list[int]] = attr(default_factory=list)
    shout: Attr[str] = attr(default="", save=lambda text: {"": ""}[text])
    when: Attr[datetime] = attr(default=datetime(2026, 1, 1, tzinfo=UTC), stored_as=EPOCH)
    free: Attr[Any] = attr(default=None)
    notes: Attr[dict[str, int]] = attr(default_factory=dict)
    by_number: Attr[dict[int, int]] = attr(default_factory=dict)
    user: Attr[User | None] = attr(default=None)
    pet: Attr[Cat | Dog | None] = attr(default=None, discriminator="kind")

    @access
    def of(*, pk: str, since: str | None = None, until: str | None = None) -> None: ...


class Login(BaseModel):
    user: str = ""
    password: SecretStr = SecretStr("")


class Quiet(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)
    text: str = Field(default="", max_length=3)


class Account(Entity, table=CARDS):
    """Holds secrets of all sorts, and says nothing itself."""

    pk: Attr[str] = attr(partition_key=True)
    sk: Attr[str] = attr(sort_key=True, default="y")
    name: Attr[str] = attr(default="", max_length=3)
    pin: Attr[SecretStr] = attr(default=SecretStr(""), min_length=0, max_length=100)
    code: Attr[SecretStr | None] = attr(default=None, unique=True, save=SecretStr.get_secret_value, load=SecretStr)
    blob: Attr[SecretBytes | None] = attr(default=None)
    login: Attr[Login | None] = attr(default=None)
    logins: Attr[list[Login]] = attr(default_factory=list)
    by_name: Attr[dict[str, SecretStr]] = attr(default_factory=dict)
    several: Attr[set[SecretStr]] = attr(default_factory=set)
    sealed: Attr[SecretStr] = attr(default=SecretStr(""), save=SecretStr.get_secret_value, load=SecretStr)
    quiet: Attr[Quiet | None] = attr(default=None)
    free: Attr[Any] = attr(default=None)
    friend: Attr[Ref[Card] | None] = attr(default=None)


CARD, ACCOUNT = Card.key(pk="1", sk="x"), Account.key(pk="1", sk="y")
HERE = Store(CARDS, table_name="t", transport=Script([]))


def stored(kind: str, **wires: Any) -> dict[str, Any]:
    return {"pk": {"S": "1"}, "sk": {"S": "x"}, "_type": {"S": kind}, **wires}


def made(kind: Any, **values: object) -> Any:
    return kind(**values)


def assigned(entity: Entity, name: str, value: Any) -> None:
    setattr(entity, name, value)


REFUSED: list[Callable[[], object]] = [
    lambda: Card(pk="1", number=MARK),
    lambda: Card(pk=MARK * 10),
    lambda: made(Card, pk="1", nummer=MARK, amount=MARK),
    lambda: assigned(Card(pk="1"), "number", MARK),
    lambda: Card.key(pk=MARK.encode(), sk="x"),
    lambda: Card.key(MARK),
    lambda: Card.key(pk=MARK),
    lambda: Card.key(pk="1", sk="\ud800" + MARK),
    lambda: Card.of(pk="1", since="b" + MARK, until="a" + MARK),
    lambda: Card.of(MARK),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    lambda: Card.of(pk="1", since=MARK.encode()),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Card.number.set(MARK),
    lambda: Card.number == MARK.encode(),
    lambda: Card.number.between("b" + MARK, "a" + MARK),
    lambda: Card.number.in_(MARK),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Card.number.begins_with([MARK]),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Card.number.begins_with("\ud800" + MARK),
    lambda: MARK in Card.number,  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]
    lambda: Card.amount.add(MARK),  # type: ignore[arg-type]  # pyright: ignore[reportCallIssue, reportArgumentType]
    lambda: Card.log.append([MARK]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    lambda: Card.log.append(MARK),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Card.tags.delete({MARK.encode()}),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Card.tags.delete([MARK]),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: HERE.prepare.update(CARD, Card.tags.add({MARK, "b"})),
    lambda: Card.shout.set(MARK),
    lambda: Card.when.set(datetime.fromisoformat("2019-11-13T14:15:16")),
    lambda: Card.free.set(type(MARK, (), {})()),
    lambda: Card.free.set({MARK, 1}),
    lambda: Card.free.set((MARK,)),
    lambda: HERE.prepare.put(Card(pk="1", shout=MARK)).params(),
    lambda: HERE.prepare.put(Card(pk="1", free=(MARK,))).params(),
    lambda: HERE.prepare.put(Card(pk="1", free="\ud800" + MARK)).params(),
    lambda: Card.__gateleg__.decode(stored("Card", number={"S": MARK})),
    lambda: Card.__gateleg__.decode(stored("Card", amount={"S": MARK})),
    lambda: Account(pk="1", pin=["a", MARK]),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Account(pk="1", login={"password": [MARK]}),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Account(pk="1", logins=[{"user": "a", "password": MARK}, MARK]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    lambda: Account(pk="1", quiet={"text": MARK}),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Account(pk="1", pinn=MARK),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    lambda: assigned(Account(pk="1"), "pin", [MARK]),
    lambda: Account.pin.set([MARK]),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Account.pin.set(SecretStr("\ud800" + MARK)),
    lambda: Account.pin == [MARK],
    lambda: Account.by_name["a"].set([MARK]),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Account.login["password"].set([MARK]),
    lambda: Account.quiet["text"].set(MARK),
    lambda: Account.logins.append([MARK]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    lambda: Account.__gateleg__.decode(stored("Account", pin={"L": [{"S": MARK}]})),
    lambda: Account.__gateleg__.decode(stored("Account", login={"M": {"password": {"L": [{"S": MARK}]}}})),
    lambda: Account.free.set({"a": [SecretStr(MARK)]}),
    lambda: HERE.prepare.create(Account(pk="1", code=SecretStr(MARK * 400))).program().send(None),
    lambda: made(Card, **{"pk": "1", MARK: 1}),
    lambda: made(Card, pk="1", notes={MARK: "x"}),
    lambda: made(Card, pk="1", by_number={MARK: 1}),
    lambda: made(Card, pk="1", user={MARK: 1, "ages": [MARK]}),
    lambda: made(Card, pk="1", pet={"kind": MARK}),
    lambda: assigned(Card(pk="1"), MARK, 1),
    lambda: made(Account, pk="1", by_name={MARK: 1}),
    lambda: made(Account, pk="1", login={MARK: 1, "password": 1}),
    lambda: Card.notes[MARK].set("x"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Card.notes[MARK][0],  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    lambda: Card.notes[(MARK,)],  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    lambda: Card.by_number[MARK],
    lambda: Card.user[MARK],
    lambda: Card.log[MARK],
    lambda: Card.user.at(lambda _: MARK),
    lambda: Card.number.attribute_type(MARK),
    lambda: Card.number.size() == MARK,
    lambda: Card.number.set(Card.number == MARK),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Card.shout.set(MARK, if_not_exists=True),
    lambda: raw("{} = {}", Card.number, {MARK, 1}),
    lambda: raw("size({}) = {}", Card.number.size(), (MARK, {1, MARK})),
    lambda: raw(f"{{}} = '#{MARK}'", Card.number),
    lambda: raw(f"{{}} = '{MARK}' {{}}", Card.number),
    lambda: Account.by_name[MARK].set([MARK]),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    lambda: Account.pin.begins_with([MARK]),  # type: ignore[misc, arg-type]  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]
    lambda: made(Card.key, **{MARK: 1}),
    lambda: made(Card.of, **{"pk": "1", MARK: 1}),
]


@pytest.mark.parametrize("ask", REFUSED, ids=range(len(REFUSED)))
def test_no_error_shows_what_was_given(ask: Callable[[], object], caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(GatelegError) as caught:
        ask()
    error: Any = caught.value
    logging.getLogger("of the service").error("failed", exc_info=error)
    told = [
        str(error),
        repr(error),
        repr(error.value),
        repr(getattr(error, "problems", ())),
        caplog.text,
        *traceback.format_exception(error),
    ]
    # Of a traceback, the lines of the test itself name the mark and do not hold it.
    assert [text for text in told if MARK in text] == []
    assert "2019" not in "".join(told).replace('"2019', "")


def test_what_is_not_hidden_is_shown_as_ever() -> None:
    with pytest.raises(ItemInvalidError, match="'anna' was given") as caught:
        Account(pk="1", name="anna")
    assert caught.value.value == "anna"
    with pytest.raises(ItemInvalidError, match=r"Card.number cannot be \*\*\*\*\*\*\*\*\*\*: string should match pattern"):
        Card.number.set(MARK)
    with pytest.raises(ItemInvalidError, match=r"nothing equals \*\*\*\*\*\*\*\*\*\*, .* write value\.replace\(microsecond=0\)"):
        Card.when.in_([datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)])
    with pytest.raises(ItemInvalidError, match=r"number: string should match pattern .*, \*\*\*\*\*\*\*\*\*\* was given; give a value"):
        Card(pk="1", number=MARK)


SECRET = SecretStr(MARK)
LOGIN = Login(user="ann", password=SECRET)
FULL = Account(
    pk="1",
    pin=SECRET,
    code=SECRET,
    blob=BYTES,
    login=LOGIN,
    logins=[LOGIN],
    by_name={"a": SECRET},
    several={SECRET},
    sealed=SECRET,
)


def as_any(path: Any) -> Any:
    return path


def commands(program: Any) -> list[Command[Any]]:
    """The commands of a program that finds nothing stored."""
    found: list[Command[Any]] = []
    answer: Any = None
    try:
        while True:
            found.append(program.send(answer))
            answer = None
    except StopIteration:
        return found
    except GatelegError:
        return found


def test_nothing_that_is_printed_shows_a_secret() -> None:
    updates = [
        Account.pin.set(SECRET),
        Account.blob.set(BYTES),
        Account.login.set(LOGIN),
        Account.login["password"].set(SECRET),
        Account.logins.append([LOGIN]),
        Account.by_name["a"].set(SECRET),
        Account.several.add({SECRET}),
        Account.several.delete({SECRET}),
        Account.sealed.set(SECRET),
        Account.free.set(raw("{}", SECRET)),
        Account.blob.set(raw("{}", MARK.encode())),
    ]
    conditions = [
        Account.pin == SECRET,
        Account.pin.between(SECRET, SecretStr(MARK + "z")),
        Account.pin.in_([SECRET]),
        Account.login == LOGIN,
        Account.login["password"] == SECRET,
        Account.several.contains(SECRET),
        Account.sealed != SECRET,
        raw("{} = {}", Account.pin, SECRET),
        raw("{} = {}", Account.pin, MARK),
        raw("size({}) > {} OR {} = {}", Account.by_name["a"], 3, Account.name, MARK),
        as_any(Account.pin).begins_with(MARK),
        as_any(Account.pin).contains(MARK),
        as_any(Account.blob).begins_with(MARK.encode()),
        Account.login["user"] == MARK,
        as_any(Account.login["password"]).begins_with(MARK),
        as_any(Account.by_name["a"]).contains(MARK),
        Account.pin.size() == int.from_bytes(MARK.encode()),
        Account.pin.size().between(1, 2),
        ~((Account.pin == SECRET) & (Account.sealed == SECRET)),
    ]
    prepare = HERE.prepare
    prepared: list[Any] = [
        *[prepare.update(ACCOUNT, update) for update in updates if update.path.attribute.name != "code"],
        *[prepare.delete(ACCOUNT, when=condition) for condition in conditions],
        prepare.update(Account(pk="1"), Account.code.set(SECRET)),
        prepare.create(FULL),
        prepare.put(FULL),
    ]
    told = [repr(one) for one in (*updates, *conditions)]
    for one in prepared:
        found = commands(one.program())
        told += (
            [repr(command) for command in found]
            + [repr(command.params("t")) for command in found]
            + [str(command.params("t")) for command in found]
        )
        told.append(str(one.explain()))
        told.append(repr(one.explain()))
    assert [text for text in told if MARK in text] == []
    assert all("**" in repr(one) for one in (*updates, *conditions))


def test_a_value_that_equals_a_secret_one_does_not_show_it() -> None:
    condition = (Account.name == MARK) & as_any(Account.pin).contains(MARK)
    prepared = HERE.prepare.update(ACCOUNT, Account.name.set("a"), when=condition)
    assert MARK not in f"{prepared.explain()} {prepared.params()}"
    assert {"S": MARK} in prepared.params()["ExpressionAttributeValues"].values()


def test_what_is_sent_holds_the_secret() -> None:
    item = HERE.prepare.put(Card(pk="1")).params()["Item"]
    assert item["number"] == {"S": "0000"}
    sent = commands(HERE.prepare.create(FULL).program())[0].params("t")["TransactItems"]
    assert sent[0]["Put"]["Item"]["pin"] == sent[0]["Put"]["Item"]["sealed"] == {"S": MARK}
    assert sent[0]["Put"]["Item"]["login"] == {"M": {"user": {"S": "ann"}, "password": {"S": MARK}}}
    assert sent[1]["Put"]["Item"]["pk"] == {"S": f"#unique#Account.code#S{MARK}"}
    assert Account.__gateleg__.decode(Account.__gateleg__.encode(FULL)) == FULL


def test_a_conflict_over_a_secret_value_does_not_tell_it() -> None:
    transaction: Any = commands(HERE.prepare.create(Account(pk="1", code=SECRET)).program())[0]
    anything: Any = transaction.parts[1]
    refused = StoreError("false", aws_code="ConditionalCheckFailedException", response={})
    told: Any = anything.failure(refused)
    assert isinstance(told, UniqueConflictError)
    assert MARK not in f"{told} {told!r} {told.value!r} {anything.label} {anything!r}"


def test_keys_that_are_secrets_are_told_apart() -> None:
    tokens = Table("tokens", partition_key="secret")

    class Token(Entity, table=tokens):
        secret: Attr[SecretStr] = attr(partition_key=True)

    one, other = Token.key(secret=SecretStr("a" + MARK)), Token.key(secret=SecretStr("b" + MARK))
    assert one != other
    assert one.identity != other.identity
    assert len({one, other, Token.key(secret=SecretStr("a" + MARK))}) == 2
    assert MARK not in f"{one!r} {one.wire!r}"
    store = Store(tokens, table_name="t", transport=Script([]))
    assert len(store.prepare.batch_get([one, other]).params()["RequestItems"]["t"]["Keys"]) == 2
    assert MARK not in str(store.prepare.get(one).explain())


def pin_text(pin: SecretStr) -> str:
    return pin.get_secret_value()


def test_keys_that_templates_make_of_secrets_are_not_shown() -> None:
    class Pass(Entity, table=CARDS):
        pin: Attr[SecretStr] = attr(save=pin_text, load=SecretStr)
        code: Attr[SecretStr] = attr(save=pin_text, load=SecretStr)
        key = key("PIN#{pin}", "CODE#{code}")

        @access
        def of(*, pin: SecretStr, since: SecretStr | None = None) -> None: ...

    one = Pass(pin=SECRET, code=SECRET)
    prepared: list[Any] = [
        HERE.prepare.get(Pass.key(pin=SECRET, code=SECRET)),
        HERE.prepare.put(one),
        HERE.prepare.page(Pass.of(pin=SECRET, since=SECRET)),
        HERE.prepare.page(Pass.of(pin=SECRET).where(Pass.pin.size() == 3)),
    ]
    told = [repr(Pass.of(pin=SECRET, since=SECRET)), repr(Pass.key(pin=SECRET, code=SECRET))]
    for each in prepared:
        told += [str(each.explain()), repr(each.params())]
    assert [text for text in told if MARK in text] == []
    item = {name: wire for name, wire in Pass.__gateleg__.encode(one).items() if name != "code"}
    with pytest.raises(StoredItemInvalidError, match=r"stored under pk=\*\*") as caught:
        Pass.__gateleg__.decode({name: {**wire} for name, wire in item.items()})
    assert MARK not in f"{caught.value} {caught.value.key} {caught.value.item}"


def test_names_that_are_declared_are_shown_and_those_that_are_given_are_not() -> None:
    with pytest.raises(ItemInvalidError, match=r"^Card is not valid: user\.ages\.0: .*") as caught:
        made(Card, pk="1", user={"Name": "a", "ages": [MARK]})
    assert caught.value.problems[0]["path"] == "user.ages.0"
    with pytest.raises(ItemInvalidError, match=r"^Card is not valid: notes\.\*\*\*\*\*\*\*\*\*\*: "):
        made(Card, pk="1", notes={MARK: "x"})
    with pytest.raises(ItemInvalidError, match=r"^Card is not valid: by_number\.\*\*\*\*\*\*\*\*\*\*: "):
        made(Card, pk="1", by_number={1234: "x"})
    with pytest.raises(ItemInvalidError, match=r"^Account is not valid: pinn: extra inputs are not permitted, \*\*\*\*\*"):
        made(Account, pk="1", pinn=MARK)
    assert repr(Card.user["ages"][0]) == "Card.user['ages'][0]"
    assert repr(Card.notes[MARK]) == "Card.notes[**********]"
    assert repr(Account.by_name["a"]) == "Account.by_name[**********]"
    assert repr(Account.logins[0]["password"]) == "Account.logins[0]['password']"


def test_errors_of_writes_do_not_tell_the_key_that_was_given() -> None:
    key = Card.key(pk=MARK, sk="x")
    assert repr(key) == "Card.key(pk=**********, sk=**********)"
    command: Any = commands(HERE.prepare.delete(key, when=Card.amount == 7).program())[0]
    refused = StoreError("false", aws_code="ConditionalCheckFailedException", response={})
    told: Any = command.failure(refused)
    assert MARK not in f"{command.label} {told} {told!r} {told.path}"
    assert repr(Account.key(pk="1", sk="y")) == "Account.key(pk='1', sk='y')"


def test_a_reference_to_what_holds_secrets_is_shown() -> None:
    class Fan(Entity, table=Table("fans", partition_key="id")):
        id: Attr[str] = attr(partition_key=True)
        of: Attr[Ref[Account] | None] = attr(default=None)

    with pytest.raises(ItemInvalidError, match="'x' was given"):
        Fan(id="1", of="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
