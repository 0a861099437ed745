"""Stands in for Colab's own package, in the simulated kernel only."""
