"""What operations cost on several machines, by name, and how others are added.

A package adds a model by an entry point of the group ``nengo_softlif.energy_models``, whose value
is a `CostModel`; a program adds one by `register_energy_model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from nengo_softlif.errors import ParameterError, SoftLIFError
from nengo_softlif.validation import check_name, check_type

__all__ = ["CostModel", "energy_models", "get_energy_model", "register_energy_model"]

ENTRY_POINTS = "nengo_softlif.energy_models"


@dataclass(frozen=True, kw_only=True)
class CostModel:
    """What operations cost on a machine.

    Parameters
    ----------
    name : str
    unit : str
        Of the energies.
    energy_per_synop : float
        For one spike arriving at one neuron; without spikes, for one connection.
    energy_per_update : float
        For one step of one neuron.
    energy_per_input : float
        For a number of the input at one connection, once a sample if it is constant. A spike of
        the input costs ``energy_per_synop``.
    spiking : bool
        False for machines on which the rate network is run instead: each connection and each
        neuron once a sample.
    counting : {"merged", "unrolled"}
        Which synaptic events are meant; see `Workload`.
    """

    name: str
    unit: str
    energy_per_synop: float
    energy_per_update: float
    energy_per_input: float
    spiking: bool = True
    counting: str = "merged"


def _in_joules(
    name: str, energy_per_synop: float, energy_per_update: float, spiking: bool = True
) -> CostModel:
    # a connection from the input is taken to cost as much as any other
    return CostModel(
        name=name,
        unit="J",
        energy_per_synop=energy_per_synop,
        energy_per_update=energy_per_update,
        energy_per_input=energy_per_synop,
        spiking=spiking,
    )


# Estimates of the machines' cores alone, without data transfer and idle power.
_BUILT_IN = {
    model.name: model
    for model in (
        # Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic
        # Hardware", arXiv:1611.05141, section 3.1: a prospective chip, in flops of a standard one
        CostModel(
            name="hunsberger2016",
            unit="flops",
            energy_per_synop=0.08,
            energy_per_update=0.25,
            energy_per_input=2.0,
            counting="unrolled",
        ),
        # Davies et al. (2018), "Loihi: A Neuromorphic Manycore Processor with On-Chip Learning",
        # IEEE Micro 38(1), table 2, at 0.75 V: 23.6 pJ a synaptic operation, 81 pJ the update of
        # an active neuron (52 pJ of an inactive one, so that this is an upper limit)
        _in_joules("loihi", 23.6e-12, 81e-12),
        # Höppner et al. (2019), "Dynamic Power Management for Neuromorphic Many-Core Systems",
        # IEEE TCAS-I 66(8), arXiv:1903.08941, which measures a prototype of SpiNNaker 2 and
        # compares it with SpiNNaker; the numbers as KerasSpiking 0.3 reads them
        _in_joules("spinnaker", 13.3e-9, 26e-9),
        _in_joules("spinnaker2", 450e-12, 2.19e-9),
        # Degnan, Marr & Hasler (2016), "Assessing Trends in Performance per Watt for Signal
        # Processing Applications", IEEE TVLSI 24(1): energy of a multiplication with addition on
        # an Intel i7-4960X and, busy with large batches, on an Nvidia GTX Titan Black; as
        # KerasSpiking 0.3 reads them. The update of a neuron is taken as one such operation.
        _in_joules("cpu", 8.6e-9, 8.6e-9, spiking=False),
        _in_joules("gpu", 0.3e-9, 0.3e-9, spiking=False),
    )
}
_REGISTERED: dict[str, CostModel] = {}


def register_energy_model(name: str, model: CostModel) -> None:
    """Add a model for this process; one of the same name is replaced.

    Parameters
    ----------
    name : str
        As `nengo_softlif.analysis.estimate_energy` takes it.
    model : CostModel

    Examples
    --------
    >>> register_energy_model("free", CostModel(
    ...     name="free", unit="J", energy_per_synop=0, energy_per_update=0, energy_per_input=0))
    >>> "free" in energy_models()
    True
    """
    _REGISTERED[name] = check_type("model", model, CostModel, "make one with CostModel(...)")


def energy_models() -> list[str]:
    """Names of all models: ours, those of other packages, and those that were registered."""
    return [*_BUILT_IN, *_entry_points(), *_REGISTERED]


def get_energy_model(name: str) -> CostModel:
    """Look a model up by name.

    Parameters
    ----------
    name : str

    Returns
    -------
    model : CostModel

    Raises
    ------
    UnknownNameError
        If there is no such model; it lists those that there are.
    ParameterError
        If a package names something else as its model.
    SoftLIFError
        If the package can't be imported.
    """
    points = _entry_points()
    check_name("energy model", name, dict.fromkeys(energy_models()))
    if name in _REGISTERED:
        return _REGISTERED[name]
    if name not in points:
        return _BUILT_IN[name]
    try:
        model = points[name].load()
    except Exception as error:  # a broken package may raise anything
        raise SoftLIFError(
            f"energy model {name!r}: importing {points[name].value} failed with "
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(model, CostModel):
        raise ParameterError(
            f"energy model {name!r}: {points[name].value} must be a CostModel (got {model!r:.80})"
        )
    return model


def _entry_points() -> dict[str, metadata.EntryPoint]:
    return {point.name: point for point in metadata.entry_points(group=ENTRY_POINTS)}
