"""Pictures that tests of NengoLoihi draw, after ``nengo_extras.matplotlib``."""

import numpy as np


def imshow(image, ax, **kwargs):
    """Draw one image.

    Parameters
    ----------
    image : (height, width) or (height, width, n_channels) ndarray
        The image; gray if it has one channel.
    ax : matplotlib.axes.Axes
        Where to draw.
    **kwargs
        Passed on to `matplotlib.axes.Axes.imshow`.
    """
    ax.imshow(image, cmap="gray", **kwargs)
    ax.set_axis_off()


def tile(images, ax, rows=9, cols=12, grid=False, **kwargs):
    """Draw the first ``rows * cols`` images side by side.

    Parameters
    ----------
    images : (n_images, height, width) ndarray
        The images.
    ax : matplotlib.axes.Axes
        Where to draw.
    rows, cols : int
        Size of the grid, in images.
    grid : bool
        Whether to leave a line free between the images.
    **kwargs
        Passed on to `imshow`.
    """
    gap = int(grid)
    rows = min(rows, -(-len(images) // cols))
    height, width = np.add(images.shape[1:], gap)
    canvas = np.full((rows * height, cols * width), np.nan)
    for k, image in enumerate(images[: rows * cols]):
        top, left = k // cols * height, k % cols * width
        canvas[top : top + height - gap, left : left + width - gap] = image
    imshow(canvas, ax, **kwargs)
