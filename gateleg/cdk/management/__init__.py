"""How a REST API is run: its stages with what each takes, caches and logs, and what its own errors say."""
