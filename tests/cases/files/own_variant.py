"""A variant of one's own."""

from gan_bench.variants import TwoPlayer, register


@register("mine", paper="none", year=2026)
class Mine(TwoPlayer):
    """Scores are pushed apart."""

    def critic_objective(self, real, fake, hp):
        return (real - 1).square().mean() + fake.square().mean()

    def generator_objective(self, real, fake, hp):
        return (fake - 1).square().mean()
