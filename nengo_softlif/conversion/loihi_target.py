"""Spiking networks that are sure to fit Loihi."""

from __future__ import annotations

from dataclasses import replace

from nengo_softlif.conversion.network import SpikingNetwork
from nengo_softlif.errors import BackendError, ConversionError

__all__ = ["fit_to_loihi"]


def fit_to_loihi(spiking):
    """Choose how each layer is split among the cores of the chip.

    Parameters
    ----------
    spiking : SpikingNetwork

    Returns
    -------
    spiking : SpikingNetwork
        The same network, with a ``block_shape`` for every layer on the chip.

    Raises
    ------
    ConversionError
        With everything that does not fit or that Loihi can't do, by layer.
    BackendError
        If NengoLoihi is not installed, or its import fails.
    """
    try:
        # here, since NengoLoihi and what it brings take seconds to import
        from nengo_softlif.loihi import check
    except ImportError as err:
        what = f"target='loihi' needs NengoLoihi, whose import failed ({err})"
        if err.name == "nengo_loihi":
            what += "; install it with: pip install nengo-loihi==1.1.0"
        raise BackendError(what) from err
    report = check(spiking)
    if not report.fits:
        reasons = "\n".join(f"  - {v.layer}: {v.message}" for v in report.violations)
        raise ConversionError(f"the network does not fit Loihi:\n{reasons}")
    shapes = {layer.name: (layer.block_shape, layer.shape) for layer in report.layers}
    on_chip = {layer.name for layer in report.layers if layer.on_chip}
    graph = spiking.graph.replaced(
        {
            op.name: replace(op, block_shape=shapes[op.name])
            for op in spiking.graph.neurons
            if op.name in on_chip
        }
    )
    return SpikingNetwork(graph, seed=spiking.seed, name=spiking.name)
