"""Networks of one's own: 5x5 strided convolutions for the critic, transposed ones for the generator."""

import math

from torch import nn

from gan_bench.variants.networks.registry import register_family


class Shape(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(*x.shape[:1], *self.shape)


@register_family("mycnn", width=8)
def mycnn(role, inputs, outputs, *, critic_norm, bounds, width):
    if role == "generator":
        c, h, w = outputs
        return nn.Sequential(
            nn.Linear(math.prod(inputs), 2 * width * (h // 4) * (w // 4)),
            nn.ReLU(),
            Shape((2 * width, h // 4, w // 4)),
            nn.ConvTranspose2d(2 * width, width, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(width, c, 4, 2, 1),
            nn.Tanh(),
        )
    c, h, w = inputs
    return nn.Sequential(
        nn.Conv2d(c, width, 5, 2, 2),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, 2 * width, 5, 2, 2),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * width * (h // 4) * (w // 4), max(1, math.prod(outputs))),
        Shape(outputs),
    )
