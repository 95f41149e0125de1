"""Reads templates and assemblies of any CDK app as plain JSON: routes, authorizers, functions and what they may do, tables.

What tests ask (`gateleg.testing`) and what the commands `gateleg diagram`, `doctor` and `cost` tell is read here; nothing of the CDK is
imported.
"""

TEMPLATE = "a template in JSON, or the folder that cdk synth wrote (default: cdk.out)"
"""What the commands that tell of templates say of what they are given."""
