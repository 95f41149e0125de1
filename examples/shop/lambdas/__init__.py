"""The handlers, one module or package a service."""
