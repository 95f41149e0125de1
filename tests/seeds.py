"""How far the random tests search."""

import os

SEEDS = int(os.environ.get("GATELEG_SEEDS", "1"))
"""One in each run of the tests, so that they stay quick; `make soak` runs a hundred."""
SEARCHES = "GATELEG_SEEDS" in os.environ
"""Whether each run looks at other examples, as a search does; otherwise all look at the same."""
