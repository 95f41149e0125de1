"""The shop service: a catalogue, what is in stock, carts, and orders that are placed once."""
