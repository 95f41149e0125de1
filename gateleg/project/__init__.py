"""Writes a new project: what `gateleg init NAME` does.

`Project` is the whole of it for a program. What it writes is made from the files below `starter-files/`, which are data: no name of a package, since nobody imports them.
"""

from gateleg.project.names import ProjectName
from gateleg.project.project import Project
from gateleg.project.template import Part

__all__ = ["Part", "Project", "ProjectName"]
