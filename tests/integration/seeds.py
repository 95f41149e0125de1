"""How many seeds the random tests run."""

import os

SEEDS = int(os.environ.get("GATELEG_SEEDS", "3"))
"""A handful in each run of the tests; `make soak` runs a hundred."""
