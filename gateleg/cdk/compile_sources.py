"""Compiles modules, in a process of the interpreter that they are for; a program of its own that imports only the standard library.

Reads the sources by their names from the standard input, and writes the compiled files by theirs.
"""

import marshal
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash

_UNCHECKED_HASH = (1).to_bytes(4, "little")
"""PEP 552: the source is not looked at, whatever its time and content."""


def main() -> None:
    """Compile what can be compiled: templates, and modules for other versions, are not imported by anybody."""
    made: dict[str, bytes] = {}
    for name, source in sorted(marshal.load(sys.stdin.buffer).items()):  # noqa: S302 (from the process that started this one)
        try:
            code = compile(source, name, "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, ValueError, OverflowError, RecursionError):
            continue
        made[cache_from_source(name, optimization="")] = MAGIC_NUMBER + _UNCHECKED_HASH + source_hash(source) + marshal.dumps(code)
    marshal.dump(made, sys.stdout.buffer)


if __name__ == "__main__":
    main()
