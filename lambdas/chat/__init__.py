"""The chat service: rooms, messages, likes and who is there."""
