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
            return tuple(map(ReadTemplate.of, manifest.read(path).templates.values()))
        return (ReadTemplate.from_file(path),)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); give a template file, or the folder that cdk synth wrote, such as cdk.out"
        raise TemplateError(message, path=str(path), value=str(given), code="template.not_found") from None
    except (TemplateMismatchError, json.JSONDecodeError, UnicodeDecodeError) as error:
        told = error.message if isinstance(error, TemplateMismatchError) else f"it is not JSON ({error})"
        message = f"{path} is no template: {told}; give a template in JSON, as cdk synth writes them into cdk.out"
        raise TemplateError(message, path=str(path), value=str(given), code="template.unreadable") from None
