"""The handlers of gateleg-starter."""
