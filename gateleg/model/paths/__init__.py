"""Places in an item, and the conditions and updates that paths to them make; a path knows its attribute only by what it asks of it."""
