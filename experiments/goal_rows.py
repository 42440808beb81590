"""Rows of the table of goals: what, goal, measured, points by which it is missed."""

from __future__ import annotations

__all__ = ["accuracy", "lost"]


def accuracy(what, reached, goal):
    """Row of an accuracy to reach, in percent.

    Parameters
    ----------
    what : str
    reached, goal : float

    Returns
    -------
    row : (str, str, str, float)
    """
    return what, f"at least {goal:g} %", f"{reached:.2f} %", goal - reached


def lost(what, points, goal):
    """Row of points of accuracy that may be lost.

    Parameters
    ----------
    what : str
    points, goal : float

    Returns
    -------
    row : (str, str, str, float)
    """
    return what, f"at most {goal:g} points lost", f"{points:+.2f}", points - goal
