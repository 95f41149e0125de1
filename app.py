"""The CDK app: what `cdk synth` and `cdk deploy` run."""

from aws_cdk import App

from stacks.chat import ChatStack

app = App()
ChatStack(app, "Chat")
app.synth()
