"""Python values and their stored forms: the wire, annotations, moments, what pydantic says of them."""
