"""A variant as a user would write it in a file of their own: the hinge objective."""

from torch.nn.functional import relu

from gan_bench.variants import Objective, register


@register("plugin-hinge", paper="arXiv:1705.02894", year=2017, equation="section 3")
class PluginHinge(Objective):
    """Hinge GAN: scores are pushed apart no further than a margin of 1."""

    profiles = {"paper": {"lr": 1e-4}}

    def real(self, real, hp):
        return relu(1 - real).mean()

    def fake(self, fake, hp):
        return relu(1 + fake).mean()

    def generator(self, real, fake, hp):
        return -fake.mean()
