"""What the papers report. Errors in percent, rates in Hz, times in seconds.

P1: Hunsberger & Eliasmith (2015), "Spiking Deep Networks with LIF Neurons", arXiv:1510.08829.
P2: Hunsberger & Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic Hardware",
arXiv:1611.05141.
P3: Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking Neural Networks and
Its Mapping Relationship to Deep Neural Networks".
Bondarev: "Training a digital model of a deep spiking neural network using backpropagation".
"""

from __future__ import annotations

from nengo_softlif.analysis import chain

# P2 table 1: ReLU network, soft LIF network, spiking LIF network
ERRORS = {"mnist": (0.79, 0.84, 0.88), "cifar10": (16.48, 16.28, 16.46)}

# P2 table 2: the best others in spikes, with the number of neurons
OTHERS = {
    "mnist": "0.88 % (22K neurons, integrate-and-fire)",
    "cifar10": "17.50 % (1M, one TrueNorth), 12.50 % (8M, eight), 22.57 % (28K)",
}

# P1 table 1 and P2 table 3: CIFAR-10 with one change after the other
MODIFICATIONS = (
    # what, P1, P2
    ("original: max pooling, response normalisation", 14.63, 14.03),
    ("minus response normalisation", 15.27, 14.38),
    ("minus max pooling", 17.20, 16.70),
    ("with soft LIF", 18.92, 15.89),
    ("with noise of 10 Hz", 19.74, 16.28),
    ("with noise of 20 Hz", 22.22, 16.92),
    ("row 3 in spikes", 25.1, 17.06),
    ("row 4 in spikes", 21.7, 16.46),
    ("row 5 in spikes", 23.2, 17.04),
)

# P2 table 4: synapse, start and end of classification, error, efficiency as printed. (Of MNIST, 100
# ms, its own counts give 10.24.)
PRESENTATIONS = {
    "mnist": (
        (0.005, 0.120, 0.200, 0.88, 5.94),
        (0.002, 0.040, 0.100, 0.92, 11.98),
        (0.002, 0.050, 0.060, 1.14, 14.42),
        (0.0, 0.020, 0.060, 3.67, 14.42),
    ),
    "cifar10": (
        (0.005, 0.120, 0.200, 16.46, 0.76),
        (0.0, 0.010, 0.080, 16.63, 1.64),
        (0.0, 0.010, 0.060, 17.47, 2.04),
    ),
}

# P2 section 3.1 with the sizes of its networks
NETWORKS = {
    "mnist": chain(
        {"conv1": 12_544, "conv2": 12_544, "dense": 2_000}, [313_600, 5_017_600, 6_272_000, 20_000]
    ),
    "cifar10": chain(
        {"conv1": 36_864, "conv2": 9_216, "local3": 2_304, "local4": 1_152},
        [2_764_800, 14_745_600, 1_327_104, 663_552, 11_520],
    ),
}
RATES = {
    "mnist": {"conv1": 4.6, "conv2": 15.6, "dense": 4.2},
    "cifar10": {"conv1": 173.3, "conv2": 99.0, "local3": 9.7, "local4": 7.2},
}
MEAN_RATES = {"mnist": 9.67, "cifar10": 148.0}

# P1 section 3 and table 2: MNIST, 784 - 500 - 200 - 10
MLP_ERROR = 1.63
MLP_RATES = {"dense1": 23.0, "dense2": 32.5}
MLP_MEAN_RATE = 25.7
MLP_OTHERS = {
    "O'Connor et al. 2013 (LIF)": 5.91,
    "O'Connor et al. 2013 (sigmoid-binary)": 2.52,
    "Garbin et al. 2014 (IF)": 1.7,
    "Diehl et al. 2015 (IF, best without convolution)": 1.36,
}

# P2 section 2.3: deviation of filtered spikes, averaged over positive currents, tau_s = 5 ms
AVERAGE_STD = 10.0

# P3 figures 12 and 13: mean, lowest and highest correlation; agreement with the ReLUs in percent
LINEAR_MLP = {"correlation": (0.94, 0.90, 0.97), "agreement": 99.38}
# P3 section V-D1
TWO_CLASSES_AGREEMENT = 99.75
# P3 section V-E4, table VI: errors of ReLUs and spikes
LINEAR_CONVNET = {"agreement": 100.0, "errors": (1.5, 1.5)}
# P3 section V-E5, table VI: agreement with the ReLUs on so many images; errors of ReLUs and spikes
DEEP = {
    "AlexNet": {"agreement": 99.50, "n_agreement": 1200, "errors": (19.73, 19.81)},
    "VGG-16": {"agreement": 99.88, "n_agreement": 800, "errors": (11.42, 11.54)},
}

# Bondarev, section 5: fractions of the images; steps with which the test images are classified
BONDAREV_ACCURACY = {"test": 0.9814, "training": 0.9973}
BONDAREV_STEPS = 5

# lava-dl's bootstrap tutorial for MNIST; SpyTorch's tutorial 5, letters in Braille, 270 test trials
SLAYER_ACCURACY = 0.992
SPYTORCH_ACCURACY = 0.967
