"""The CDK app: what `cdk synth` and `cdk deploy` run."""

from aws_cdk import App

from stacks.starter import StarterStack

app = App()
StarterStack(app, "Starter")
app.synth()
