"""The CDK app: what `cdk synth` and `cdk deploy` run. `SERVICE=shop` chooses another of the reference services than the chat, `SERVICE=chat,shop` several."""

import os
import sys
from importlib import import_module

from aws_cdk import App

SERVICES = ("chat", "dashboard", "game", "media", "shop")

chosen = os.environ.get("SERVICE", "chat").split(",")
if unknown := [service for service in chosen if service not in SERVICES]:
    sys.exit(f"there is no service {unknown[0]!r}; write one of {', '.join(SERVICES)}, or several with commas between them")
app = App()
for service in chosen:
    getattr(import_module(f"stacks.{service}"), f"{service.title()}Stack")(app, service.title())
app.synth()
