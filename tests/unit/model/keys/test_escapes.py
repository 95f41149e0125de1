"""The two ways to escape: neither makes one text of two, and of the second the order and the beginnings are those of what it was made of."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from gateleg.model.keys.escapes import ALWAYS_RESERVED, LAST, escaped, escaped_in_order

TEXTS = ["".join(some) for length in range(4) for some in product(' !"#$%\x00\uffff\U0010fffd\U0010fffe\U0010ffff', repeat=length)]


def test_two_texts_stay_two_and_the_smaller_one_the_smaller() -> None:
    in_order = [escaped_in_order(text) for text in sorted(TEXTS, key=str.encode)]
    assert [text.encode() for text in in_order] == sorted({text.encode() for text in in_order})
    assert len({escaped(text, ALWAYS_RESERVED) for text in TEXTS}) == len(TEXTS)


def test_a_beginning_stays_a_beginning_and_nothing_else_becomes_one() -> None:
    for one, other in combinations(TEXTS[:200], 2):
        assert escaped_in_order(other).startswith(escaped_in_order(one)) == other.startswith(one)
        assert escaped(other, ALWAYS_RESERVED).startswith(escaped(one, ALWAYS_RESERVED)) == other.startswith(one)


@pytest.mark.parametrize("hidden", ["#", LAST])
def test_what_ends_values_and_ranges_stands_in_no_text(hidden: str) -> None:
    assert not any(hidden in escaped_in_order(text) or hidden in escaped(text, ALWAYS_RESERVED) for text in TEXTS)
