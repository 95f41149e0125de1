"""What runs inside a Python function's own process on the embedded AWS. Standard library only: a function sees what Lambda shows it."""
