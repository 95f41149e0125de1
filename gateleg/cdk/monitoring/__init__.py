"""Dashboards and alarms for what the constructs make, and questions for its logs."""
