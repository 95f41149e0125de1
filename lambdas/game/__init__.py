"""The game service: players, what they played, and leaderboards that are live."""
