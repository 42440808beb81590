"""Train the weights of the benchmark's networks: ``python -m benchmarks.train``.

Plain ReLU networks on the 10,000 training images of MNIST that come with nengo_softlif; a minute
or two on two cores. The weights are kept in ``benchmarks/weights/`` as float16.
"""

import numpy as np

from benchmarks.networks import WEIGHTS, fixed_dense
from nengo_softlif.files import replaced

EPOCHS = 12


def convnet():
    """conv 12@5x5 - pool - conv 64@5x5 - pool - 100 - 10."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(12, 5, activation="relu", name="conv1"),
            layers.AveragePooling2D(2),
            layers.Conv2D(64, 5, activation="relu", name="conv2"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(100, activation="relu", name="dense"),
            layers.Dense(10, name="out"),
        ]
    )


def large():
    """conv 16@5x5 - conv 16@5x5 - pool - 2000 random ones that stay as they are - 10."""
    import keras
    from keras import layers

    fixed = layers.Dense(2000, activation="relu", use_bias=False, trainable=False, name="dense")
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 5, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(16, 5, padding="same", activation="relu", name="conv2"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            fixed,
            layers.Dense(10, name="out"),
        ]
    )
    fixed.set_weights([fixed_dense()])
    return model


def main():
    """Train both and write their weights."""
    import keras

    from nengo_softlif import datasets
    from nengo_softlif.demo import training

    data = datasets.load("mnist_subset")
    for name, build in {"convnet": convnet, "large": large}.items():
        keras.utils.set_random_seed(0)
        model = build()
        training.train(
            model, data.x_train, data.y_train, epochs=EPOCHS, learning_rate=2e-3, batch_size=64
        )
        error = training.error_rate(model, data.x_test, data.y_test)
        arrays = {}
        for layer in model.layers:
            if layer.trainable and layer.weights:
                kernel, bias = layer.get_weights()
                arrays[layer.name] = kernel.astype(np.float16)
                arrays[f"{layer.name}_bias"] = bias.astype(np.float16)
        with replaced(WEIGHTS / f"{name}.npz") as partial:
            np.savez_compressed(partial, **arrays)
        print(f"{name}: {error:.2%} of {len(data.x_test)} test images wrong")


if __name__ == "__main__":
    main()
