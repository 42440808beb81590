import nengo
import numpy as np
import scipy.linalg
from nengo.utils.filter_design import expm

import nengo_softlif  # noqa: F401  (mends Nengo)


def test_filt_of_one_axis():
    x = np.random.default_rng(0).normal(size=50)
    for synapse in (nengo.Lowpass(0.01), nengo.Alpha(0.01), nengo.synapses.Triangle(0.01)):
        y = synapse.filt(x, y0=0.5)
        np.testing.assert_array_equal(y, synapse.filt(x[:, None], y0=0.5)[:, 0])
        assert synapse.filt(list(x), filtfilt=True).shape == x.shape


def test_exponential_of_a_large_matrix():
    a = np.random.default_rng(0).normal(size=(300, 300))
    np.testing.assert_allclose(expm(a), scipy.linalg.expm(a), rtol=1e-6)
