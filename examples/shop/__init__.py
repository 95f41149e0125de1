"""The smallest service: one entity, one route, one stack. The README shows it."""
