"""A variant of one's own."""

from gan_bench.variants import Objective, register


@register("mine", paper="none", year=2026)
class Mine(Objective):
    """Scores are pushed apart."""

    def critic(self, real, fake, hp):
        return (real - 1).square().mean() + fake.square().mean()

    def generator(self, real, fake, hp):
        return (fake - 1).square().mean()
