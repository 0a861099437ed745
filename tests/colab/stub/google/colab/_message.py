"""Stands in for Colab's page: answers with the notebook in COLAB_PAGE, or like a page that left."""

import json
import os
from pathlib import Path


def blocking_request(request_type, request="", timeout_sec=5, parent=None):
    """The page's answer, or None when none came in time."""
    page = os.environ.get("COLAB_PAGE")
    if request_type != "get_ipynb" or page is None:
        return None
    return {"ipynb": json.loads(Path(page).read_text(encoding="utf-8"))}
