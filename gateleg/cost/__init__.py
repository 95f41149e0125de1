"""What a template costs under a load: what `gateleg cost` tells. It knows template JSON and a list of public prices alone."""
