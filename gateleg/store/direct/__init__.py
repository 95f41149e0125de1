"""DynamoDB without boto3's client between: requests signed here, sent over the standard library's HTTP.

docs/adr/0005-direct-transport.md says why, and what it measures. boto3 still finds credentials, regions and endpoints where the environment
does not say them all; nothing of it is imported otherwise, before an error is raised.
"""
