"""What the commands that tell of templates are given: a template file, or the folder that `cdk synth` wrote."""

from __future__ import annotations

import json
from pathlib import Path

from gateleg.errors import TemplateError, TemplateMismatchError
from gateleg.template import manifest
from gateleg.template.read import ReadTemplate


def templates(given: Path | str) -> tuple[ReadTemplate, ...]:
    """The templates of a file or of an assembly, parents before nested stacks.

    Args:
        given: A template in JSON, which alone is read even where it stands in an assembly, or the folder of a cloud assembly, such as `cdk.out`.

    Raises:
        TemplateError: There is no such file, or it is neither a template nor an assembly.
    """
    path = Path(given)
    try:
        if path.is_dir():
            _check_synthesized(path)
            return tuple(map(ReadTemplate.of, manifest.read(path).templates.values()))
        return (ReadTemplate.from_file(path),)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); give a template file, or the folder that cdk synth wrote, such as cdk.out"
        raise TemplateError(message, path=str(path), value=str(given), code="template.not_found") from None
    except (TemplateMismatchError, json.JSONDecodeError, UnicodeDecodeError) as error:
        told = error.message if isinstance(error, TemplateMismatchError) else f"it is not JSON ({error})"
        message = f"{path} is no template: {told}; give a template in JSON, as cdk synth writes them into cdk.out"
        raise TemplateError(message, path=str(path), value=str(given), code="template.unreadable") from None


def _check_synthesized(folder: Path) -> None:
    """Check that synth wrote a folder to its end: one that stopped leaves it without a manifest.

    Raises:
        TemplateError: It did not.
    """
    if not (folder / "manifest.json").is_file():
        message = f"{folder} has no manifest.json, so synth did not write it, or stopped before the end; run cdk synth, or give the folder that it wrote"
        raise TemplateError(message, path=str(folder), value=str(folder), code="template.unreadable")
