"""Keys of the table and of indexes: templates, declarations, and references to what is under a key."""
