"""Brian2, C++ by its code generation: one thread, without compilation and start.

Equations and constants of `nengo_softlif.networks.DiehlCook`, but that the sum of the weights is
not kept, for which code that is generated has no place between two images.
"""

import resource
import sys
import tempfile

import brian2 as b2
import numpy as np

SHOWN, REST, WHITE = 350, 150, 63.75  # ms, ms, Hz
GAIN, INHIBITION = 0.65, 120.0
REPEATS = 5

OUTPUT = """
dv/dt = -v / (100*ms) : 1 (unless refractory)
dtheta/dt = -theta / (1e7*ms) : 1
"""
# the nearest spikes: traces of 20 and 40 ms are set to 1
PLASTIC = """
w : 1
dapre/dt = -apre / (20*ms) : 1 (event-driven)
dapost/dt = -apost / (20*ms) : 1 (event-driven)
dslow/dt = -slow / (40*ms) : 1 (event-driven)
"""


def main(path, n_outputs, dt):
    """Print the processor time of an image in ms: that of many, less that of the start."""
    images = np.load(path)
    many = np.concatenate([images] * REPEATS)
    seconds = _seconds(many, n_outputs, dt) - _seconds(images[:1], n_outputs, dt)
    print(1000 * seconds / (len(many) - 1))


def _seconds(images, n_outputs, step):
    """Processor time of a run."""
    folder = tempfile.mkdtemp()
    b2.device.reinit()
    b2.device.activate(build_on_run=False, directory=folder)
    b2.defaultclock.dt = step * b2.ms
    frames = np.zeros((len(images) * (SHOWN + REST) // 50, images.shape[1]))
    for index, image in enumerate(images):
        start = index * (SHOWN + REST) // 50
        frames[start : start + SHOWN // 50] = WHITE * image
    stimulus = b2.TimedArray(  # noqa: F841  (named in the text of the group)
        frames * b2.Hz, dt=50 * b2.ms
    )
    inputs = b2.PoissonGroup(images.shape[1], rates="stimulus(t, i)")
    outputs = b2.NeuronGroup(
        n_outputs,
        OUTPUT,
        threshold="v > 13 + theta",
        reset="v = 0; theta += 0.05",
        refractory=5 * b2.ms,
        method="exact",
    )
    plastic = b2.Synapses(
        inputs,
        outputs,
        PLASTIC,
        on_pre="v_post += gain * w; w = clip(w - 1e-4 * apost, 0, 1); apre = 1",
        on_post="w = clip(w + 0.01 * slow * apre, 0, 1); apost = 1; slow = 1",
        namespace={"gain": GAIN},
    )
    plastic.connect()
    plastic.w = "0.3 * rand()"
    inhibition = b2.Synapses(
        outputs,
        outputs,
        on_pre="v_post = clip(v_post - strength, -35, 1e3)",
        namespace={"strength": INHIBITION},
    )
    inhibition.connect(condition="i != j")
    network = b2.Network(inputs, outputs, plastic, inhibition)
    network.run(len(images) * (SHOWN + REST) * b2.ms)
    b2.device.build(run=False, compile=True, with_output=False, directory=folder)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    b2.device.run(folder, with_output=False, run_args=[])
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


if __name__ == "__main__":
    b2.set_device("cpp_standalone")
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
