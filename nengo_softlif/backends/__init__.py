"""Simulators by name, and one way to present batches of samples on any of them."""

from nengo_softlif.backends.registry import (
    Backend,
    BackendInfo,
    available,
    get,
    names,
    register,
)
from nengo_softlif.backends.session import OneByOneSession, Session, Setup

__all__ = [
    "Backend",
    "BackendInfo",
    "OneByOneSession",
    "Session",
    "Setup",
    "available",
    "get",
    "names",
    "register",
]
