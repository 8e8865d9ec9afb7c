"""Losses of games that restore images; their frozen network of features is affine here."""

import numpy as np

from tests.variants.forms.notes import away, cross_entropy, form, logistic


def low_high(s):
    """Return the generator's images of low resolution, and the right images."""
    return s.generator(s.low_high["low"]), s.low_high["high"]


def apart(s, network, norm):
    """The distances of features and of pixels: ``norm`` of each difference, its mean over all."""
    made, high = low_high(s)
    return norm(network(made) - network(high)).mean(), norm(made - high).mean()


@form("srresnet")
def srresnet(s):
    made, high = low_high(s)
    return {"generator": ((made - high) ** 2).mean()}


@form("rrdb")
def rrdb(s):
    made, high = low_high(s)
    return {"generator": np.abs(made - high).mean()}


@form("srresnet-features")
def features_alone(s):
    features, pixels = apart(s, s.textures, np.square)
    content = s.hp.feature_weight * features + s.hp.pixel_weight * pixels
    return {"generator": content, "warmup": pixels}


@form("srgan")
def srgan(s):
    """The critic sees high resolution alone."""
    made, high = low_high(s)
    features, pixels = apart(s, s.textures, np.square)
    content = s.hp.feature_weight * features + s.hp.pixel_weight * pixels
    fake = s.critic(made)
    return {
        "critic": logistic(s.critic(high), fake, s.hp),
        "generator": content + s.hp.adversarial_weight * cross_entropy(fake, 1),
        "warmup": pixels,
    }


@form("esrgan")
def esrgan(s):
    """Both halves: generated samples above the average real one, real ones below the generated."""
    made, high = low_high(s)
    features, pixels = apart(s, s.textures, np.abs)
    above, below = away((s.critic(high), s.critic(made)))
    relative = cross_entropy(below, 1) + cross_entropy(above, 0)
    content = s.hp.feature_weight * features + s.hp.pixel_weight * pixels
    return {
        "critic": cross_entropy(above, 1 - s.hp.label_smoothing) + cross_entropy(below, 0),
        "generator": content + s.hp.adversarial_weight * relative,
        "warmup": pixels,
    }


@form("context-encoder")
def context_encoder(s):
    """Images of 1x2 pixels, of which one is a hole: the mean is over the hole's pixels, one of each image."""
    x, gap = s.real.reshape(-1, 2), s.hole.reshape(-1, 2)
    assert (gap.sum(1) == 1).all()
    made = s.generator((1 - gap) * x)
    fake = s.critic(gap * made + (1 - gap) * x)
    error = (gap * (made - x) ** 2).sum(1).mean()
    weighed = s.hp.reconstruction_weight * error
    return {
        "critic": logistic(s.critic(x), fake, s.hp),
        "generator": weighed + s.hp.adversarial_weight * cross_entropy(fake, 1),
    }
