"""What handlers do once, however often they are called: kept in a table of the application's own, for Powertools' idempotency utility."""
