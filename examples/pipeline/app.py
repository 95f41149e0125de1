"""One service in two environments, and the pipeline that releases it to the second once the first has it."""

from aws_cdk import App, Environment, Stack, Stage
from aws_cdk.aws_codedeploy import LambdaDeploymentConfig
from aws_cdk.aws_codepipeline import PipelineType
from aws_cdk.pipelines import CodePipeline, CodePipelineSource, ManualApprovalStep, ShellStep
from constructs import Construct

from gateleg.cdk import IamAuthorizer, ModelTable, Release, RestGateway

TOOLS = Environment(account="111111111111", region="eu-west-1")
SANDBOX = Environment(account="222222222222", region="eu-west-1")
PRODUCTION = Environment(account="333333333333", region="eu-west-1")
CONNECTION = "arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000"


class OrdersStack(Stack):
    """The API and its table."""

    def __init__(self, scope: Construct, construct_id: str, *, production: bool) -> None:
        super().__init__(scope, construct_id)
        table = ModelTable(self, "Table", table="orders:ORDERS", preset="production" if production else "sandbox")
        shift = LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES if production else None
        self.rest = RestGateway(
            self,
            "Rest",
            apps=["orders:app"],
            tables=[table],
            authorizers={"aws": IamAuthorizer()},
            function_options={"release": Release(shift=shift, provisioned_concurrency=2 if production else None)},
        )


class Orders(Stage):
    """The service in one environment."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment, production: bool = False) -> None:
        super().__init__(scope, construct_id, env=env)
        OrdersStack(self, "Orders", production=production)


class PipelineStack(Stack):
    """The pipeline, which updates itself first."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        source = CodePipelineSource.connection("example/orders", "main", connection_arn=CONNECTION)
        commands = ["make test", "cdk synth", "gateleg doctor"]
        synth = ShellStep("Synth", input=source, install_commands=["pip install -r requirements-dev.txt", "npm ci"], commands=commands)
        pipeline = CodePipeline(self, "Pipeline", synth=synth, cross_account_keys=True, pipeline_type=PipelineType.V2)
        pipeline.add_stage(Orders(self, "Sandbox", env=SANDBOX))
        pipeline.add_stage(Orders(self, "Production", env=PRODUCTION, production=True), pre=[ManualApprovalStep("Release")])


if __name__ == "__main__":
    app = App()
    PipelineStack(app, "Pipeline", env=TOOLS)
    app.synth()
