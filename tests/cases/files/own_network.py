"""Networks of one's own: 5x5 strided convolutions for the critic, transposed ones for the generator."""

import math

from torch import nn

from gan_bench.variants import Hyperparameter
from gan_bench.variants.networks import Family, register_family


@register_family("mycnn")
class MyCNN(Family):
    declared = {"width": Hyperparameter(8, "structural", "channels of the first convolution", low=1)}

    def generator(self, inputs, makes):
        width, (channels, height, breadth) = self.options.width, makes.shape
        coarse = (2 * width, height // 4, breadth // 4)
        return nn.Sequential(
            nn.Linear(math.prod(inputs[0].shape), math.prod(coarse)),
            nn.ReLU(),
            nn.Unflatten(1, coarse),
            nn.ConvTranspose2d(2 * width, width, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(width, channels, 4, 2, 1),
            nn.Tanh(),
        )

    def critic(self, inputs, *, norm, classes):
        if len(inputs) > 1 or norm != "none" or classes:
            raise self.lacks("critic", inputs, "one image is expected, without a norm and classes")
        width, (channels, height, breadth) = self.options.width, inputs[0].shape
        return nn.Sequential(
            nn.Conv2d(channels, width, 5, 2, 2),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 5, 2, 2),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * (height // 4) * (breadth // 4), 1),
            nn.Flatten(0),
        )
