"""The operations: immutable descriptions with pure `params()`, shared by every way of sending them. Each is imported where it is used."""
