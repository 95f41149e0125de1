"""Writes a new project: what `gateleg init NAME` does.

`Project` is the whole of it for a program. What it writes is made from the files below `_starter/`, which are data.
"""

from gateleg.project.names import ProjectName
from gateleg.project.project import Project
from gateleg.project.template import Part

__all__ = ["Part", "Project", "ProjectName"]
