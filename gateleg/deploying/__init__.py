"""Deploying to AWS with changes judged before: `gateleg plan`, `gateleg lock`, `gateleg deploy`."""
