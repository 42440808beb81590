"""BindsNET's own network of Diehl & Cook, on one thread, with its defaults."""

import sys
import time

import numpy as np
import torch
from bindsnet.encoding import poisson
from bindsnet.models import DiehlAndCook2015

SHOWN, REST, WHITE = 350, 150, 63.75  # ms, ms, Hz


def main(path, n_outputs, dt):
    """Print the processor time of an image in ms."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images = torch.from_numpy(np.load(path).astype(np.float32))
    network = DiehlAndCook2015(n_inpt=images.shape[1], n_neurons=n_outputs, dt=dt)
    taken = []
    for image in images:
        start = time.process_time()
        spikes = poisson(WHITE * image, time=SHOWN, dt=dt)
        network.run({"X": spikes.unsqueeze(1)}, time=SHOWN)
        silence = torch.zeros(round(REST / dt), 1, len(image))
        network.run({"X": silence}, time=REST)
        taken.append(time.process_time() - start)
    print(1000 * min(taken[1:]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
