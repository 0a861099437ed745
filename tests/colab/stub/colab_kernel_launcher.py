"""Stands in for Colab's kernel launcher: a kernel that has imported google.colab and numpy."""

import sys

import google.colab  # noqa: F401
import numpy  # noqa: F401
from ipykernel import kernelapp

if __name__ == "__main__":
    if sys.path[0] == "":
        del sys.path[0]
    kernelapp.launch_new_instance()
