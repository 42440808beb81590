"""The answer to whether a network fits the chip, as data and as a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from nengo_softlif.loihi.fit.precision import Precision
from nengo_softlif.loihi.limits import CORES_PER_CHIP, RESOURCES
from nengo_softlif.tables import Table

__all__ = ["FitReport", "LayerFit", "Utilisation", "Violation"]


@dataclass(frozen=True)
class Utilisation:
    """How much of a resource the cores of a layer need.

    Parameters
    ----------
    limit : int
        What a core has.
    mean : float
        Over the cores of the layer.
    max : int
        On the fullest core.
    """

    limit: int
    mean: float
    max: int


@dataclass(frozen=True)
class Violation:
    """A limit of the chip that is exceeded, or something that it can't do.

    Parameters
    ----------
    layer : str
        Name of the layer, or of a connection.
    rule : str
        The resource, "build" for what can't be built, or "discretization".
    message : str
        The rule, the value, and what to do.
    """

    layer: str
    rule: str
    message: str


@dataclass(frozen=True)
class LayerFit:
    """A population of neurons, and the cores that it takes.

    Parameters
    ----------
    name : str
    neuron_type : str
    n_neurons : int
    on_chip : bool
        Neurons on the host take no cores; the other values are empty then.
    n_cores : int
    block_shape, shape : tuple of int or None
        Neurons on a core, and in all, by row, column and channel; or by number.
    fan_in : int
        Input axons that the neuron with the most inputs needs.
    utilisation : dict of str to Utilisation
        By resource.
    precision : Precision
        What the integers of the chip lose.
    """

    name: str
    neuron_type: str
    n_neurons: int
    on_chip: bool
    n_cores: int = 0
    block_shape: tuple | None = None
    shape: tuple | None = None
    fan_in: int = 0
    utilisation: dict | None = None
    precision: Precision | None = None


@dataclass(frozen=True, repr=False)
class FitReport:
    """Whether a network fits the chip.

    Parameters
    ----------
    layers : tuple of LayerFit
        In the order of the network; decoders of connections come last.
    violations : tuple of Violation
        Everything that is in the way.
    notes : tuple of str
        What is good to know besides.
    """

    layers: tuple
    violations: tuple = ()
    notes: tuple = ()

    @property
    def fits(self):
        """Whether there are no violations."""
        return not self.violations

    @property
    def n_cores(self):
        """Number of cores of all layers."""
        return sum(layer.n_cores for layer in self.layers)

    @property
    def n_chips(self):
        """Number of chips of 128 cores."""
        return -(-self.n_cores // CORES_PER_CHIP)

    def to_dict(self):
        """Return everything as plain values that JSON knows.

        Returns
        -------
        data : dict
        """
        layers = [asdict(layer) for layer in self.layers]
        for data, layer in zip(layers, self.layers, strict=True):
            data["precision"] = layer.precision and layer.precision._asdict()
        return {
            "fits": self.fits,
            "n_cores": self.n_cores,
            "n_chips": self.n_chips,
            "layers": layers,
            "violations": [asdict(violation) for violation in self.violations],
            "notes": list(self.notes),
        }

    def summary(self):
        """Print the report as a table, with violations and the total below it."""
        print(self)

    def __repr__(self):
        verdict = "fits" if self.fits else "does not fit"
        return f"<FitReport: {verdict}, {self._size()}>"

    def __str__(self):
        return str(self._table())

    def _repr_html_(self):
        from nengo_softlif.plots import inline, plot_layer_sizes

        cores = {layer.name: layer.n_cores for layer in self.layers if layer.n_cores}
        if not cores:
            return self._table().to_html()
        with inline.picture(5, 1 + 0.3 * len(cores)) as (ax, html):
            plot_layer_sizes(ax, cores, xlabel="Cores")
        return self._table().to_html(picture=html.text)

    def _size(self):
        return f"{_count(self.n_cores, 'core')} on {_count(self.n_chips, 'chip')}"

    def _table(self):
        notes = ["(percent of a core, mean / fullest core; error of weights in 8 bits)"]
        notes += [f"note: {note}" for note in self.notes]
        if self.violations:
            notes.append(f"Does not fit: {_count(len(self.violations), 'violation')}.")
            notes += [f"  - {v.layer}: {v.message}" for v in self.violations]
        notes.append(f"{'Needs' if self.violations else 'Fits:'} {self._size()}.")
        return Table(
            header=_HEAD,
            text_columns=_TEXT_COLUMNS,
            rows=tuple(map(tuple, map(_cells, self.layers))),
            notes=tuple(notes),
        )


_HEAD = (
    *("layer", "neurons", "cores", "block shape"),
    *("compartments", "inputs", "outputs", "memory", "weight error"),
)
_TEXT_COLUMNS = (0, 3)


def _cells(layer):
    cells = [layer.name, f"{layer.n_neurons:,}"]
    if not layer.on_chip:
        return [*cells, "host", *[""] * 6]
    if layer.utilisation is None:
        return [*cells, "?", *[""] * 6]
    shapes = [" x ".join(map(str, shape)) for shape in (layer.block_shape, layer.shape)]
    loads = (layer.utilisation[resource] for resource in RESOURCES)
    error = "?" if layer.precision is None else f"{100 * layer.precision.weight_error:.2g} %"
    return [
        *cells,
        str(layer.n_cores),
        " of ".join(shapes) if layer.n_cores > 1 else "all",
        *(f"{100 * u.mean / u.limit:.0f} / {100 * u.max / u.limit:.0f} %" for u in loads),
        error,
    ]


def _count(n, noun):
    return f"{n:,} {noun}{'s' * (n != 1)}"
