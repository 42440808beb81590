"""Rate curves as TensorFlow operations whose gradient reuses the forward pass.

The formulas are those of `nengo_softlif.functional.curves`, evaluated with TensorFlow arrays.
Automatic differentiation would walk back through a dozen operations and their untaken branches;
here the slope is a by-product of the rate, and the gradient is a single multiplication.
"""

from types import SimpleNamespace

import tensorflow as tf

from nengo_softlif.functional.curves import soft_lif_rate_and_slope

__all__ = ["linear_reset_lif", "soft_lif"]


_TENSORFLOW = SimpleNamespace(
    log=tf.math.log,
    log1p=tf.math.log1p,
    maximum=tf.maximum,
    sigmoid=tf.sigmoid,
    softplus=tf.math.softplus,
)


def soft_lif(J, *, tau_rc, tau_ref, amplitude, sigma):
    """Output of soft LIF neurons, differentiable in ``J``.

    Parameters
    ----------
    J : (..., n_neurons) tf.Tensor
        Input current including bias, in units of the firing threshold.
    tau_rc, tau_ref, amplitude, sigma : tf.Tensor
        As in `nengo_softlif.functional.soft_lif_rate`, of the same type as ``J`` and
        broadcastable to it. Not differentiable.

    Returns
    -------
    rates : (..., n_neurons) tf.Tensor
        ``amplitude`` times the firing rate in Hz.

    Examples
    --------
    >>> one = tf.constant(1.0)
    >>> rate = soft_lif(2 * one, tau_rc=0.02 * one, tau_ref=0.002 * one, amplitude=one,
    ...                 sigma=0.02 * one)
    >>> round(float(rate), 2)
    63.04
    """

    @tf.custom_gradient
    def curve(J):
        rates, slopes = soft_lif_rate_and_slope(
            J,
            tau_rc=tau_rc,
            tau_ref=tau_ref,
            amplitude=amplitude,
            sigma=sigma,
            xp=_TENSORFLOW,
        )
        return rates, lambda upstream: upstream * slopes

    return curve(J)


def linear_reset_lif(J, *, tau_rc, amplitude, sigma, leak):
    """Output of linear-reset LIF neurons in training, differentiable in ``J``.

    Parameters
    ----------
    J : (..., n_neurons) tf.Tensor
        Input current including bias, in units of the firing threshold.
    tau_rc, amplitude, sigma : tf.Tensor
        As in `soft_lif`.
    leak : bool or (1, n_neurons) tf.Tensor of bool
        Whether the membrane leaks: a soft LIF without refractory period; or not: a rectified
        line, whose slope at 0 is 0.

    Returns
    -------
    rates : (..., n_neurons) tf.Tensor
        ``amplitude`` times the firing rate in Hz.
    """
    line = None if leak is True else tf.nn.relu(J) * (amplitude / tau_rc)
    if leak is False:
        return line
    curve = soft_lif(
        J, tau_rc=tau_rc, tau_ref=tf.zeros_like(tau_rc), amplitude=amplitude, sigma=sigma
    )
    return curve if leak is True else tf.where(leak, curve, line)
