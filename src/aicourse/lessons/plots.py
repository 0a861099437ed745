"""The look of every figure in the course, and the drawing that lessons share."""

import math
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes

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

#: Where a name stands: its offset in points, and the part of it that is anchored there.
_BESIDE = {
    "right": ((5, -3), "left"),
    "left": ((-5, -3), "right"),
    "above": ((0, 6), "center"),
    "below": ((0, -14), "center"),
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


def draw_arrow(
    ax: Axes,
    start: Sequence[float],
    end: Sequence[float],
    color: str,
    *,
    label: str = "",
    gap: float = 0.0,
) -> None:
    """Draw the vector from `start` to `end` (two data coordinates each), named beyond its tip.

    `color` is a name in COLORS or any other colour of matplotlib; `gap`, in points, is left free
    at both ends. The limits of the axes do not follow the arrow: set them.
    """
    color = COLORS.get(color, color)
    arrow = {"arrowstyle": "-|>", "lw": 2, "color": color, "shrinkA": gap, "shrinkB": gap}
    ax.annotate("", end, start, arrowprops=arrow)
    if label:
        dx, dy = end[0] - start[0], end[1] - start[1]
        points = 10 / (math.hypot(dx, dy) or 1.0)  # 10 points past the tip
        ax.annotate(
            label,
            end,
            xytext=(points * dx, points * dy),
            textcoords="offset points",
            ha="center",
            va="center",
            color=color,
            fontsize=13,
            weight="bold",
        )


def label_points(
    ax: Axes,
    points: Mapping[str, Sequence[float]],
    color: str,
    *,
    marker: str = "o",
    legend: str = "",
    sides: Mapping[str, str] | None = None,
) -> None:
    """Draw named points, each with its name beside it.

    `points` maps a name to its two data coordinates. `sides` maps the names that would collide to
    "left", "above" or "below"; the others stand to the right of their point. `color` as in
    `draw_arrow`; `legend` is the entry of this group of points.
    """
    color = COLORS.get(color, color)
    x, y = zip(*points.values(), strict=True)
    ax.plot(x, y, marker, ms=5, color=color, label=legend or None)
    for name, point in points.items():
        shift, align = _BESIDE[(sides or {}).get(name, "right")]
        ax.annotate(name, point, xytext=shift, textcoords="offset points", ha=align, color=color)
