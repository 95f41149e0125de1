"""How what may be written today goes: first with a warning, and not before the next version that may break.

A class or function that will go carries `typing_extensions.deprecated`, which type checkers mark where it is used; an argument warns where it is
given::

    @deprecated("`touch` goes in 2.0, since 1.3; write `update(key, ttl=...)`", category=GatelegDeprecationWarning)
    def touch(key: Key[E]) -> None: ...

    if expiry is not None:
        warnings.warn("`expiry=` goes in 2.0, since 1.3; write `ttl=`", GatelegDeprecationWarning, stacklevel=2)

Tests of your own fail where such a name is used, with pytest's `filterwarnings = ["error::gateleg.deprecation.GatelegDeprecationWarning"]`.
"""

from __future__ import annotations


class GatelegDeprecationWarning(DeprecationWarning):
    """Something of gateleg that will go is used. The message says in which version it goes, since when that is known, and what to write instead.

    Python shows it in tests and in the program that is run itself, and hides it in imported modules, as every `DeprecationWarning`.
    """
