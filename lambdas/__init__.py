"""The handlers: one package a service."""
