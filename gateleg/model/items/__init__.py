"""Items: how an entity is laid out in its table, what becomes of older items, claims of unique values, changes."""
