"""The client that a browser speaks to a WebSocket API with: one script, and its types, from the routes of the app."""
