"""Questions: access patterns, the plans that match them to keys, queries and their pages."""
