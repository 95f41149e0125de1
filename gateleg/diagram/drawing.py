"""From templates to the text of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.diagram.difference import changes, difference
from gateleg.diagram.flows import flows
from gateleg.diagram.mermaid import mermaid
from gateleg.diagram.svg import svg
from gateleg.errors import TemplateError
from gateleg.template.inputs import templates

if TYPE_CHECKING:
    from pathlib import Path

_FORMS = {"mermaid": mermaid, "svg": svg}


def drawn(template: Path | str, *, since: Path | str | None = None, form: str = "mermaid") -> str:
    """The picture of a template or an assembly.

    Args:
        template: A template file, or the folder of a cloud assembly.
        since: The same of an earlier synth; then the picture shows both, and what changed.
        form: `mermaid` or `svg`.

    Raises:
        TemplateError: A file cannot be read, nothing in it is drawn, or nothing that is drawn changed.
    """
    graph = flows(templates(template))
    if since is not None:
        graph = difference(flows(templates(since)), graph)
        if not changes(graph):
            message = f"no flow changed from {since} to {template}; leave out --since to draw what there is"
            raise TemplateError(message, path="--since", value=str(since), code="template.same")
    return _FORMS[form](graph)
