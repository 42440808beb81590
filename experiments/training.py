"""Train a network of the experiments, and go on where it was interrupted."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path

import keras

from experiments.augmentation import minibatches, n_minibatches
from experiments.checkpoints import load_trained, other_settings
from experiments.data import grey_levels, load
from experiments.fused_normalization import fuse_normalization
from experiments.pretraining import pretrain
from experiments.spiking.data import SequenceBatches, Sequences
from nengo_softlif.errors import SoftLIFError
from nengo_softlif.files import replaced
from nengo_softlif.layers import QuantizedReLU

__all__ = ["take_weights", "train"]

WARM_UP = 0.02  # fraction of the steps in which the learning rate rises
MEMORY = 500  # steps over which weights are averaged
SETTLING = 100  # minibatches that make the averages of batch normalisation
PRETRAINING_EPOCHS = 10


def train(name, plan, folder, *, restart=False, quick=False, bfloat16=False):
    """Train until the plan is done, with a checkpoint after every epoch.

    Parameters
    ----------
    name : str
        Of the checkpoint.
    plan : Plan
    folder : path
        Where checkpoints live.
    restart : bool
        Begin again, whatever is there.
    quick : bool
        A few images, two epochs.
    bfloat16 : bool
        Compute convolutions in bfloat16. Processors that multiply matrices of it need two thirds
        of the time, others twice as long. Weights, neurons, and everything else stay in single
        precision.

    Returns
    -------
    model : keras.Model
        With the average of its recent weights.
    history : list of dict
        Loss, accuracy, accuracy on the validation images, and seconds, of each epoch.

    Raises
    ------
    SoftLIFError
        If there is a checkpoint that is damaged or of another plan.
    """
    n_epochs = 2 if quick else plan.epochs
    data = load(plan.data, quick=quick, hold_out=plan.hold_out)
    checkpoint = _Checkpoint(Path(folder) / name, plan)
    batches_from, n_steps = _batches(data, plan)
    keras.utils.set_random_seed(plan.seed)
    if not restart and checkpoint.exists:
        model, history = checkpoint.load()
    else:
        model, history = plan.model(), []
        if plan.begins_with is not None:
            take_weights(model, load_trained(plan.begins_with)[0])
        if plan.pretrained:
            pretrain(model, data.x_train, epochs=1 if quick else PRETRAINING_EPOCHS)
        _compile(model, plan, n_steps * n_epochs, bfloat16)
    fuse_normalization(model)
    if len(history) < n_epochs:
        _fit(model, history, checkpoint, batches_from, n_steps, data, n_epochs)
    # the average of its recent weights, which the optimizer keeps
    model.optimizer.finalize_variable_values(model.trainable_variables)
    _settle(model, islice(batches_from(epoch=0), min(SETTLING, n_steps)))
    return model, history


def take_weights(model, other):
    """Copy the weights of another network, by layer; a layer may be inside of another one.

    Parameters
    ----------
    model, other : keras.Model
    """
    taken = {layer.name: layer for layer in _inner_layers(other)}
    for layer in _inner_layers(model):
        if layer.weights and not isinstance(layer, QuantizedReLU):
            layer.set_weights(taken[layer.name].get_weights())


def _inner_layers(model):
    return [getattr(layer, "layer", layer) for layer in model.layers]


def _compile(model, plan, n_steps, bfloat16):
    for layer in _inner_layers(model):
        if bfloat16 and isinstance(layer, keras.layers.Conv2D):
            layer.dtype_policy = "mixed_bfloat16"
    rise = max(1, round(WARM_UP * n_steps))
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, n_steps - rise, warmup_target=plan.learning_rate, warmup_steps=rise
    )
    optimizer = keras.optimizers.AdamW(
        schedule,
        weight_decay=plan.weight_decay,
        global_clipnorm=1.0,
        use_ema=True,
        ema_momentum=1 - 1 / max(1, min(MEMORY, n_steps / 4)),
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])


def _settle(model, batches):
    """Give batch normalisation the averages that belong to the average of the weights."""
    normalisations = [
        layer
        for layer in model.layers
        if isinstance(getattr(layer, "layer", layer), keras.layers.BatchNormalization)
    ]
    if not normalisations:
        return
    with ExitStack() as stack:
        for layer in normalisations:
            stack.callback(setattr, layer, "call", layer.call)
            layer.call = _training(layer.call)
        for x, _ in batches:
            model(x, training=False)


def _training(call):
    return lambda inputs, **options: call(inputs, **{**options, "training": True})


def _batches(data, plan):
    """Return what makes minibatches from an epoch on, and the number of them in each."""
    if isinstance(data, Sequences):
        make = partial(
            SequenceBatches,
            data,
            batch_size=plan.batch_size,
            seed=plan.seed,
            smoothing=plan.smoothing,
        )
        return make, len(make(epoch=0))
    levels, scale, offset = grey_levels(plan.data, data.x_train)
    make = partial(minibatches, levels, data.y_train, plan, scale=scale, offset=offset)
    return make, n_minibatches(levels, plan)


def _fit(model, history, checkpoint, batches_from, n_steps, data, n_epochs):
    validation = (
        data.x_validation,
        keras.utils.to_categorical(data.y_validation, model.output_shape[-1]),
    )
    model.fit(
        batches_from(epoch=len(history)),
        steps_per_epoch=n_steps,
        initial_epoch=len(history),
        epochs=n_epochs,
        validation_data=validation,
        validation_batch_size=500,
        shuffle=False,  # which the minibatches do themselves, reproducibly
        verbose=2,
        callbacks=[keras.callbacks.SwapEMAWeights(), _AfterEpoch(checkpoint, history)],
    )


class _AfterEpoch(keras.callbacks.Callback):
    """Take down how an epoch went, and store the state."""

    def __init__(self, checkpoint, history):
        super().__init__()
        self.checkpoint, self.history = checkpoint, history

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.start
        kept = {key: float(value) for key, value in logs.items()}
        self.history.append({**kept, "seconds": round(seconds, 1)})
        self.checkpoint.save(self.model, self.history)


class _Checkpoint:
    """State of a training: the model with its optimizer, and a text about it.

    The text is written last, and names its file, so that an interrupt between the two leaves the
    former state valid.
    """

    def __init__(self, folder, plan):
        self.folder = folder
        self.plan = plan
        self.text = folder / "training.json"

    @property
    def exists(self):
        if not self.text.exists() and any(self.folder.glob("epoch*.keras")):
            raise self._unusable(f"{self.text} is missing")
        return self.text.exists()

    def save(self, model, history):
        self.folder.mkdir(parents=True, exist_ok=True)
        state = self.folder / f"epoch{len(history)}.keras"
        with replaced(state) as partial:
            model.save(partial)
        content = {
            "plan": asdict(self.plan),
            "state": state.name,
            "draws": {name: draws.state.numpy().tolist() for name, draws in _draws(model)},
            "history": history,
        }
        with replaced(self.text) as partial:
            partial.write_text(json.dumps(content, indent=1))
        for other in self.folder.glob("epoch*.keras"):
            if other != state:
                other.unlink()

    def load(self):
        try:
            content = json.loads(self.text.read_text())
            plan, draws, history = content["plan"], content["draws"], content["history"]
            state = self.folder / content["state"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._unusable(f"{self.text} can't be read ({error})") from error
        if changed := other_settings(plan, self.plan):
            raise self._unusable(f"{self.text} is of other settings ({', '.join(changed)})")
        try:
            model = keras.saving.load_model(state)
            for name, generator in _draws(model):
                generator.state.assign(draws[name])
            return model, history
        # damage surfaces as any error of the zip, HDF5 and Keras readers
        except Exception as error:
            raise self._unusable(
                f"{state} is missing or damaged ({type(error).__name__}: {error})"
            ) from error

    def _unusable(self, why):
        return SoftLIFError(
            f"the checkpoint can't be continued: {why}. Put it right, or give --restart to train "
            "from the beginning"
        )


def _draws(model):
    """Random number generators by layer, whose state Keras does not store."""
    for layer in model.layers:
        if getattr(layer, "seed_generator", None) is not None:
            yield layer.name, layer.seed_generator
