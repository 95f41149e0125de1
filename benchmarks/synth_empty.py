"""The least that a CDK app in Python costs: one stack without resources. `synth_empty.py ROUTES OUT`."""

from __future__ import annotations

import sys

from aws_cdk import App, Stack

if __name__ == "__main__":
    app = App(outdir=sys.argv[2], analytics_reporting=False)
    Stack(app, "Things")
    app.synth()
