"""The libraries whose training steps are compared, a file each.

Every file has ``build(network, batches, **settings)``, which returns a function ``train() ->
losses``. It goes through the batches once, a training step each: forward pass, cross-entropy,
gradients and Adam. The files import only what their own library needs, since each may run in
another environment (`benchmarks.trainers.serve`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

OURS = ("nengo_softlif, TensorFlow", "nengo_softlif, JAX")
LIBRARIES = ("snnTorch", "SpikingJelly", "norse")
COMPILED = "PyTorch by hand, torch.compile"


@dataclass(frozen=True)
class Trainer:
    """A row of the tables.

    Parameters
    ----------
    file : str
        In this folder.
    needs : tuple of str
        Modules that have to be installed.
    settings : dict
        For ``build``.
    environment : dict of str to str
        Variables of the process.
    """

    file: str
    needs: tuple
    settings: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)


TRAINERS = {
    OURS[0]: Trainer(
        "ours", ("keras", "nengo", "tensorflow"), environment={"KERAS_BACKEND": "tensorflow"}
    ),
    OURS[1]: Trainer("ours", ("keras", "nengo", "jax"), environment={"KERAS_BACKEND": "jax"}),
    "snnTorch": Trainer("snntorch_", ("torch", "snntorch")),
    "SpikingJelly": Trainer("spikingjelly_", ("torch", "spikingjelly")),
    "norse": Trainer("norse_", ("torch", "norse")),
    "Spyx": Trainer("spyx_", ("jax", "spyx", "optax")),
    "PyTorch by hand": Trainer("torch_by_hand", ("torch",), {"compiled": False}),
    COMPILED: Trainer("torch_by_hand", ("torch",), {"compiled": True}),
}
