"""Make tests/fixtures/keras: small Keras versions of the paper's networks with their outputs, and files in the layout
of the authors' release. For developers; needs a separate environment (Python 3.8 to 3.11):

    python -m venv keras-env && keras-env/bin/pip install tensorflow-cpu==2.12.0
    keras-env/bin/python tools/keras_fixtures.py tests/fixtures/keras

The networks are built from Keras layers, independently of Keramos. Weights are not stored but drawn layer by layer by
`weights(shape, number)`, with the position of the layer in the list that is stored beside the output.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model
from tensorflow.keras.layers import (
    Add,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dropout,
    MaxPooling2D,
    ReLU,
    concatenate,
)

WIDTH, HEAD, SIZE = 4, 24, (64, 96)
made = []  # layers with weights, in the order in which they were made


def put(layer, x):
    made.append(layer)
    return layer(x)


def conv(x, channels, kernel, stride=1):
    return put(Conv2D(channels, kernel, strides=stride, padding="same", use_bias=False), x)


def up(x, channels, kernel, stride):
    return put(Conv2DTranspose(channels, kernel, strides=stride, padding="same", use_bias=False), x)


def norm(x):
    return put(BatchNormalization(), x)


def unet(x):
    skips = []
    for level in range(4):
        x = norm(ReLU()(conv(x, WIDTH * 2**level, 4)))
        skips.append(x)
        x = MaxPooling2D(2)(x)
    x = norm(ReLU()(conv(x, WIDTH * 16, 4)))
    for level in (3, 2, 1, 0):
        x = concatenate([up(x, WIDTH * 2**level, 2, 2), skips[level]])
        x = ReLU()(conv(x, WIDTH * 2**level, 4))
    return tf.keras.activations.sigmoid(conv(x, 1, 4))


def vgg16(x):
    pools = []
    for channels, repeats in ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3)):
        for _ in range(repeats):
            x = ReLU()(conv(x, WIDTH * channels, 3))
        x = MaxPooling2D(2)(x)
        pools.append(x)
    return headed(x), pools[3], pools[2]


def alexnet(x):
    x = ReLU()(conv(x, 96 * WIDTH // 64, 11, 4))
    pool3 = MaxPooling2D(3, 2, padding="same")(x)
    pool4 = MaxPooling2D(3, 2, padding="same")(ReLU()(conv(pool3, 4 * WIDTH, 5)))
    x = pool4
    for channels in (6, 6, 4):
        x = ReLU()(conv(x, channels * WIDTH, 3))
    return headed(MaxPooling2D(5, 2, padding="same")(x)), pool4, pool3


def resnet50(x):
    x = ReLU()(norm(conv(x, WIDTH, 7, 2)))
    x = MaxPooling2D(3, 2, padding="same")(x)
    seen = []
    for stage, repeats in enumerate((3, 4, 6, 3)):
        inner = WIDTH * 2**stage
        for block in range(repeats):
            first = stage > 0 and block == 0
            y = ReLU()(norm(conv(x, inner, 1, 2 if first else 1)))
            if block == 0:
                seen.append(y)
            y = ReLU()(norm(conv(y, inner, 3)))
            y = norm(conv(y, 4 * inner, 1))
            if not first:
                y = Add()([x if x.shape[-1] == 4 * inner else conv(x, 4 * inner, 1), y])
            x = ReLU()(y)
    return x, seen[2], seen[1]


def headed(x):
    x = Dropout(0.5)(ReLU()(conv(x, HEAD, 7)))
    return Dropout(0.5)(ReLU()(conv(x, HEAD, 1)))


def fcn(x, trunk, steps):
    deep, pool4, pool3 = trunk(x)
    x = conv(deep, 1, 1)
    if steps < 32:
        x = Add()([up(x, 1, 4, 2), conv(pool4, 1, 1)])
    if steps == 8:
        x = conv(x, 1, 1)
        x = Add()([up(x, 1, 4, 2), conv(pool3, 1, 1)])
    return tf.keras.activations.sigmoid(up(x, 1, 2 * steps, steps))


def weights(shape, number, kind):
    """Weights of one layer; the same on every machine, because MT19937 is a fixed algorithm."""
    rng = np.random.RandomState(number)
    if kind == "kernel":
        return (rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[:-1]))).astype(np.float32)
    if kind in ("gamma", "moving_variance"):
        return (0.3 + 0.4 * rng.random_sample(shape)).astype(np.float32)
    return (0.1 * rng.standard_normal(shape)).astype(np.float32)


def filled():
    """Set all weights; the result lists [layer class, weight, shape] in the order in which they were drawn."""
    recipe = []
    for layer in made:
        values = []
        for variable in layer.weights:
            kind = variable.name.split("/")[-1].split(":")[0]
            values.append(weights(variable.shape, len(recipe), kind))
            recipe.append([type(layer).__name__, kind, [int(n) for n in variable.shape]])
        layer.set_weights(values)
    return recipe


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    grey = np.random.RandomState(2024).random_sample((1, *SIZE, 1)).astype(np.float32)
    networks = {"unet": unet}
    networks.update({f"fcn{s}s-vgg16": (lambda x, s=s: fcn(x, vgg16, s)) for s in (32, 16, 8)})
    networks.update({f"fcn8s-{t.__name__}": (lambda x, t=t: fcn(x, t, 8)) for t in (alexnet, resnet50)})
    for name, build in networks.items():
        tf.keras.backend.clear_session()
        made.clear()
        image = Input((None, None, 1)) if name != "unet" else Input((*SIZE, 1))
        model = Model(image, build(image))
        recipe = filled()
        output = model(grey, training=False).numpy()
        np.savez_compressed(out / f"{name}.npz", output=output[0, :, :, 0], recipe=json.dumps(recipe))
        print(name, model.count_params(), float(output.min()), float(output.max()))
        if name == "unet":
            model.save(out / "unet.h5")
    # The released training set in small: images, then labels, both 0 ... 1, as 64-bit floats.
    rng = np.random.RandomState(7)
    images = rng.randint(0, 256, (5, 32, 32, 1))
    labels = np.where(rng.random_sample(images.shape) < 0.6, rng.randint(252, 256, images.shape), 0)
    with gzip.GzipFile(out / "train_dataset.npy.gz", "wb", mtime=0) as file:
        np.save(file, np.array([images, labels]) / 255)


if __name__ == "__main__":
    main()
