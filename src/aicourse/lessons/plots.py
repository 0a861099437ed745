"""The look of every figure in the course."""

import matplotlib as mpl
from cycler import cycler

#: Okabe and Ito's palette, distinguishable with the common forms of colour blindness.
#: Source: M. Okabe and K. Ito, "Color Universal Design" (2008).
COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
}


def use_course_style() -> None:
    """Set matplotlib's defaults: legible sizes, light grid, small files, safe colours."""
    mpl.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=list(COLORS.values())[:6]),
            "axes.grid": True,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "axes.titleweight": "bold",
            "axes.labelsize": 11,
            "figure.constrained_layout.use": True,
            "figure.dpi": 80,
            "figure.figsize": (8, 4.5),
            "font.size": 10,
            "grid.alpha": 0.3,
            "image.cmap": "viridis",
            "legend.frameon": False,
            "lines.linewidth": 2,
            "savefig.dpi": 80,
        }
    )
