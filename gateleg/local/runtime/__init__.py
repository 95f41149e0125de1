"""What the embedded AWS puts on the path of the Python functions that it runs."""
