"""Stands in for the browser's download."""

from pathlib import Path


def download(filename):
    """Say what the browser would get."""
    print(f"<downloads {Path(filename).name}>")
