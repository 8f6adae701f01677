"""`$metadata`: the part of the model that is served, as CSDL."""

from __future__ import annotations

from importlib import resources
from typing import Final

METADATA: Final = resources.files(__package__).joinpath("metadata.xml").read_text("utf-8")
