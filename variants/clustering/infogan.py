"""InfoGAN (Chen et al. 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gan_bench.spaces import Space
from gan_bench.variants.base import Loss, Play
from gan_bench.variants.clustering.categorical import Categorical
from gan_bench.variants.critics import Critic, Inputs, Judged
from gan_bench.variants.declarations import Build, Networks, ability
from gan_bench.variants.generation.gan import NSGAN
from gan_bench.variants.hyperparameters import Hyperparameter
from gan_bench.variants.noise import Noise
from gan_bench.variants.registry import register
from gan_bench.variants.sources import Profile


@register("infogan", paper="arXiv:1606.03657", year=2016, equation="the regularised minimax game with L_I")
class InfoGAN(Categorical):
    """InfoGAN: a network Q on the critic's layers reads the generator's codes off its samples.

    min_{G,Q} max_D V(D, G) - lambda L_I(G, Q), where L_I = E log Q(c | G(z, c)) + H(c) is at most the mutual
    information of codes and samples. Codes are a category and numbers on (-1, 1). Q(c|x) is a softmax over
    the categories, and of the numbers a normal law of variance 1, so that -log Q is half a sum of squares. D
    and Q are one network: the term is part of both players' losses and trains generator and critic, as in
    the authors' program.
    """

    objective = NSGAN()
    drawn = ("latent", "category", "continuous")
    hyperparameters = {
        **Categorical.hyperparameters,
        "continuous": Hyperparameter(2, "structural", "number of continuous codes", low=0),
        "info_weight": Hyperparameter(1.0, doc="lambda of the category, for both players", low=0.0),
        "continuous_weight": Hyperparameter(1.0, doc="lambda of the continuous codes", low=0.0),
    }
    profiles = {
        "paper": Profile(
            {
                "critic_lr": 2e-4, "generator_lr": 1e-3, "beta1": 0.5, "batch_size": 128,
                "critic_norm": "batch", "latent_dim": 62, "latent_law": "uniform", "categories": 10,
                "continuous": 2, "info_weight": 1.0, "continuous_weight": 1.0,
            },
            source="github:openai/InfoGAN, launchers/run_mnist_exp.py and infogan/algos/infogan_trainer.py",
            differs=("Q has no hidden layer of its own (authors: 128 units) beside those of the critic",),
        )
    }  # fmt: skip

    @property
    def numbers(self) -> tuple[Space, ...]:
        """Return the space of the continuous codes, if there are any."""
        count = self.settings.continuous
        return (Space((count,), (-1.0, 1.0)),) if count else ()

    @cached_property
    def critics(self) -> tuple[Critic, ...]:
        """Return the critic with Q: a score, logits of the category, and means of the continuous codes."""
        outputs = self.settings.categories + self.settings.continuous
        return (self.critic("critic", self.data.real, classes=outputs),)

    def makers(self, build: Build) -> Networks:
        """Return the generator (latent and codes to sample)."""
        inputs = (self.latent, self.category, *self.numbers)
        return {"generator": build.generator(*inputs, makes=self.data.real)}

    def noise(self) -> dict[str, Noise]:
        """Return also the continuous codes."""
        numbers = Noise((self.settings.continuous,), "uniform", low=-1.0, high=1.0)
        return {**super().noise(), "continuous": numbers}

    def codes(self) -> dict[str, Space]:
        """Return the category and the continuous codes."""
        return super().codes() | dict(zip(("continuous",), self.numbers, strict=False))

    def generator_inputs(self, noise: Mapping[str, Tensor]) -> Inputs:
        """Return latents and codes."""
        numbers = (noise["continuous"],) if self.numbers else ()
        return (*super().generator_inputs(noise), *numbers)

    def read(self, judged: Judged, rows: int) -> tuple[Tensor, ...]:
        """Return Q's logits ``[rows, K]`` and means ``[rows, C]``; groups have those of every sample."""
        assert judged.logits is not None
        sizes = (self.settings.categories, self.settings.continuous)
        return judged.logits.reshape(rows, -1).split(sizes, dim=1)

    def information(self, play: Play, judged: Judged) -> Loss:
        """Return -lambda L_I less the constant entropies of the codes."""
        category, numbers = play.noise["category"], play.noise["continuous"]
        logits, means = self.read(judged, len(category))
        unlikely = cross_entropy(logits, category)
        loss = Loss(play.hp.info_weight * unlikely, {"category_nll": unlikely})
        if not self.numbers:
            return loss
        distance = 0.5 * (numbers - means).square().sum(1).mean()
        return loss.plus(distance, play.hp.continuous_weight, log="continuous_nll")

    def critic_terms(self, play: Play, real: Mapping[str, Judged], fake: Mapping[str, Judged]) -> Loss | None:
        """Return -lambda L_I of the generated samples, less the constant entropies."""
        return self.information(play, fake["critic"]) if fake else None

    def generator_terms(self, play: Play, fakes: Mapping[str, Inputs], judged: Mapping[str, Judged]) -> Loss:
        """Return -lambda L_I of the generated samples, less the constant entropies."""
        return self.information(play, judged["critic"])

    def q(self, play: Play, samples: Tensor) -> tuple[Tensor, ...]:
        """Return Q's logits and means of samples; a critic of groups sees groups of one sample's copies."""
        (critic,), network = self.critics, self.normalised(play, "critic")[0].critic
        copies = samples.repeat_interleave(self.settings.pac, dim=0)
        read = self.read(critic.judge(network, critic.grouped((copies,))), len(copies))
        return tuple(outputs[:: self.settings.pac] for outputs in read)

    def logits(self, play: Play, samples: Tensor) -> Tensor:
        """Return Q's logits of the category."""
        return self.q(play, samples)[0]

    @ability(noise=("latent", "category", "continuous"))
    def sample(self, play: Play) -> Tensor:
        """Generate ``[batch, *shape]`` of all codes."""
        return super().sample(play)

    @ability(inputs=("real",), makes="")
    def encode(self, play: Play) -> Tensor:
        """Return Q's means of the continuous codes and its probabilities of categories, ``[batch, C+K]``."""
        logits, means = self.q(play, play.batch["real"])
        return torch.cat((means, logits.softmax(1)), dim=1)

    @ability(noise=("category", "continuous"), makes="")
    def prior(self, play: Play) -> Tensor:
        """Return draws of the codes, ``[batch, C + K]``, categories one-hot."""
        return self.beside(play.noise["category"], play.noise["continuous"])
