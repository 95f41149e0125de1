"""What a table is beside its keys: one property of AWS a file."""
