"""The flows of templates as a picture: what `gateleg diagram` draws, as Mermaid and as SVG. It knows template JSON alone."""
