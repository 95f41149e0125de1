"""Reference stacks: subclass or copy them."""
