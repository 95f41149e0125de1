"""The function that serves a reference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from aws_cdk import FileAssetPackaging, Stack, Stage
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk import reference_handler
from gateleg.cdk.archives import content_hash, packed
from gateleg.cdk.rendered import produced
from gateleg.cdk.service_function import ServiceFunction
from gateleg.description import App

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs import Construct

    from gateleg.cdk.function_options import FunctionOptions
    from gateleg.description.app import Needs

_MODULE = "reference"


class ReferenceFunction(ServiceFunction):
    """A function of files that are made when the stack is resolved, since routes may be added until then.

    Its code is one module, and nothing is imported but Python's own.

    Args:
        scope: The parent construct.
        id: The construct's id.
        files: Makes what it answers with, by name. It must not fail: jsii would turn a typed error into a bare one.
        **options: How it runs.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (the construct grammar of CDK)
        *,
        files: Callable[[], Mapping[str, bytes]],
        **options: Unpack[FunctionOptions],
    ) -> None:
        self._files = files
        described: FunctionOptions = {**options, "described": App(f"{reference_handler.__name__}:handler", "function")}
        super().__init__(scope, id, handler=f"{_MODULE}:handler", **described)
        if isinstance(resource := self.function.node.default_child, lambda_.CfnFunction):
            resource.code = produced(self._late_code)

    def _shipped(
        self, options: FunctionOptions, needs: Needs, *, architecture: lambda_.Architecture, runtime: lambda_.Runtime
    ) -> tuple[lambda_.Code, list[lambda_.ILayerVersion | lambda_.LayerVersion]]:
        del needs, architecture, runtime
        return lambda_.Code.from_inline("# exchanged when the stack is resolved"), [*options.get("layers", ())]

    def _late_code(self) -> dict[str, str]:
        """An archive that joins the assembly as the stack is resolved."""
        files = {f"{_MODULE}.py": Path(reference_handler.__file__).read_bytes(), **self._files()}
        digest, stage = content_hash(files), Stage.of(self)
        name = f"asset.{digest}.zip"
        Path("" if stage is None else stage.outdir, name).write_bytes(packed(files))
        synthesizer = Stack.of(self).synthesizer
        location = synthesizer.add_file_asset(file_name=name, packaging=FileAssetPackaging.FILE, source_hash=digest)
        return {"s3Bucket": location.bucket_name, "s3Key": location.object_key}
