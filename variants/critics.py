"""Critics: what they judge, in which groups and with which noise, and the losses on their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gan_bench.spaces import Space
from gan_bench.variants.base import Loss, Play, as_loss
from gan_bench.variants.declarations import Build
from gan_bench.variants.network import Network
from gan_bench.variants.noise import Noise
from gan_bench.variants.objectives import NO_SCORES, Objective
from gan_bench.variants.penalties import GradientPenalty

Inputs = tuple[Tensor, ...]
"""Inputs of a critic from one batch: the judged inputs, then the given ones."""


class Judged(NamedTuple):
    """A critic's outputs: scores ``[batch]`` or ``[batch, h, w]``, and logits ``[batch, classes]`` if any."""

    scores: Tensor
    logits: Tensor | None = None


class Critic:
    """One critic of a game.

    Args:
        role: of its network.
        judges: spaces of the inputs that are real or generated: a sample, or a pair of sample and code.
            Instance noise and penalties apply to them.
        settings: the game's structural hyperparameters.
        objective: the adversarial objective.
        given: spaces of further inputs, which real and generated samples have (labels, a source image).
        penalties: gradient penalties, each with a weight of its own.
        classes: number of class logits beside the score of each sample, 0 without.

    Instance noise: Sonderby et al. 2017 (arXiv:1610.04490). Groups of ``pac`` samples: PacGAN
    (arXiv:1712.04086).
    """

    def __init__(
        self,
        role: str,
        *judges: Space,
        settings: SimpleNamespace,
        objective: Objective,
        given: Sequence[Space] = (),
        penalties: Sequence[GradientPenalty] = (),
        classes: int = 0,
    ) -> None:
        self.role, self.judges, self.given = role, judges, tuple(given)
        self.settings, self.objective, self.penalties = settings, objective, tuple(penalties)
        self.classes = classes

    def named(self, name: str, number: int = 0) -> str:
        """Return the name of a draw or state of this critic, for its input of this number."""
        numbered = f"{name}_{number + 1}" if number else name
        return numbered if self.role == "critic" else f"{numbered}/{self.role}"

    def logged(self, name: str) -> str:
        """Return the name of a value in the history: ``r1``, or ``r1_a`` of the role ``critic_a``."""
        return name + self.role.removeprefix("critic")

    # Network and declarations

    @property
    def spaces(self) -> tuple[Space, ...]:
        """Return the spaces of the network's inputs: ``pac`` samples joined along their first dimension."""
        pac = self.settings.pac
        return tuple(Space(_grouped(s.shape, pac), s.bounds, s.classes) for s in (*self.judges, *self.given))

    def network(self, build: Build) -> nn.Module:
        """Return the network; spectral normalisation is of its weights, not a layer."""
        norm = "none" if self.settings.critic_norm == "spectral" else self.settings.critic_norm
        classes = self.settings.pac * self.classes
        return self.objective.network(build, *self.spaces, norm=norm, classes=classes)

    def input_noise(self, side: str) -> dict[str, Noise]:
        """Return the instance noise of one side, ``real`` or ``fake``, if any."""
        law = self.settings.instance_noise
        spaces = () if law == "none" else self.judges
        return {self.named(f"{side}_noise", i): Noise(s.shape, law) for i, s in enumerate(spaces)}

    def penalty_noise(self) -> dict[str, Noise]:
        """Return the draws of the penalties."""
        shapes = [space.shape for space in self.judges]
        return {self.named(n, i): noise for p in self.penalties for (n, i), noise in p.noise(shapes).items()}

    def state(self) -> dict[str, Tensor]:
        """Return the initial state of the objective."""
        return {self.named(name): start for name, start in self.objective.state().items()}

    # Inputs

    def see(self, play: Play, inputs: Inputs, side: str) -> Inputs:
        """Return inputs as the critic sees them: with instance noise, in groups of ``pac``."""
        if self.settings.instance_noise != "none":
            std = play.hp.instance_noise_std
            drawn = [play.noise[self.named(f"{side}_noise", i)] for i in range(len(self.judges))]
            noisy = (x + std * noise for x, noise in zip(inputs, drawn, strict=False))
            inputs = (*noisy, *inputs[len(self.judges) :])
        return self.grouped(inputs)

    def grouped(self, inputs: Inputs) -> Inputs:
        """Join groups of ``pac`` samples along their first dimension."""
        pac = self.settings.pac
        if pac == 1:
            return inputs
        return tuple(x.reshape(len(x) // pac, *_grouped(tuple(x.shape[1:]), pac)) for x in inputs)

    # Scores

    @property
    def joint(self) -> bool:
        """Return whether BatchNorm makes scores of generated samples depend on the real ones."""
        return self.settings.critic_norm == "batch" and self.settings.critic_batches == "joint"

    def judge(self, network: Network, inputs: Inputs) -> Judged:
        """Judge one batch; an objective that compares samples gets one score of each."""
        scores, logits = network(*inputs) if self.classes else (self.score(network, *inputs), None)
        return Judged(self.objective.per_sample(scores) if self.objective.compares else scores, logits)

    def score(self, network: Network, *inputs: Tensor) -> Tensor:
        """Return the scores alone."""
        return network(*inputs)[0] if self.classes else self.objective.score(network, *inputs)

    def judge_both(self, network: Network, real: Inputs, fake: Inputs) -> tuple[Judged, Judged]:
        """Judge a real and a fake batch.

        Where samples do not affect each other, one pass of both batches halves the number of kernels. A
        critic with BatchNorm sees the batches apart, as in DCGAN, unless ``critic_batches`` is ``joint``; one
        with noise of its own is called once for each batch.
        """
        apart = self.settings.critic_norm == "batch" and not self.joint
        if apart or network.stochastic:
            return self.judge(network, real), self.judge(network, fake)
        sizes = (len(real[0]), len(fake[0]))
        together = self.judge(network, tuple(torch.cat(both) for both in zip(real, fake, strict=True)))
        scores = together.scores.split(sizes)
        logits = (None, None) if together.logits is None else together.logits.split(sizes)
        return Judged(scores[0], logits[0]), Judged(scores[1], logits[1])

    # Losses

    def loss(self, play: Play, real: Inputs, fake: Inputs) -> tuple[Loss, Judged, Judged]:
        """Return the critic's objective on both batches plus its penalties, with what it judged them."""
        network: Network = getattr(play, self.role)
        real, fake = self.see(play, real, "real"), self.see(play, fake, "fake")
        of_real, of_fake = self.judge_both(network, real, fake)
        state = {name: play.state[self.named(name)] for name in self.objective.state()}
        step = as_loss(self.objective.critic_step(of_real.scores, of_fake.scores, play.hp, state))
        value, logs = step.value, {self.logged(name): log for name, log in step.logs.items()}
        for penalty in self.penalties:
            found = self.penalty(penalty, play, real, fake)
            value = value + penalty.weighted(found, play.hp)
            logs[self.logged(penalty.log)] = found
        return Loss(value, logs, {self.named(n): new for n, new in step.state.items()}), of_real, of_fake

    def penalty(self, penalty: GradientPenalty, play: Play, real: Inputs, fake: Inputs) -> Tensor:
        """Return the unweighted value of a penalty at inputs as the critic sees them.

        Further inputs are those of the batch whose points they are; of the real one for points in between.
        """
        count = len(self.judges)
        given = (fake if penalty.points == "fake" else real)[count:]
        names = penalty.noise([space.shape for space in self.judges])
        noise = {key: play.noise[self.named(*key)] for key in names}

        def score(network: Network, *points: Tensor) -> Tensor:
            return self.objective.per_sample(self.score(network, *points, *given))

        return penalty(getattr(play, self.role), real[:count], fake[:count], noise, score)

    def real_loss(self, play: Play, real: Inputs) -> tuple[Tensor, Judged]:
        """Return the critic's objective on the real batch alone, without penalties."""
        judged = self.judge(getattr(play, self.role), self.see(play, real, "real"))
        return self.objective.real(judged.scores, play.hp), judged

    def generator_loss(
        self, play: Play, real: Inputs | None, fake: Inputs, *, exchanged: bool = False
    ) -> tuple[Loss, Judged | None]:
        """Return the generator's objective on one fake batch.

        Args:
            play: the inputs of the loss.
            real: the real batch, where the generator's loss needs its scores.
            fake: the generated batch.
            exchanged: take the objective of players that make both batches.
        """
        network: Network = getattr(play, self.role)
        fake, judged = self.see(play, fake, "fake"), None
        if real is None and not self.classes:
            value = self.objective.deceive(network, fake, play.hp)
        else:
            if real is None:
                scores, judged = NO_SCORES, self.judge(network, fake)
            else:
                of_real, judged = self.judge_both(network, self.see(play, real, "real"), fake)
                scores = of_real.scores
            objective = self.objective.exchanged if exchanged else self.objective.generator
            value = objective(scores, judged.scores, play.hp)
        terms = self.objective.generator_terms(network, fake, play.hp)
        loss = Loss(value) if terms is None else Loss(value).plus(terms)
        return Loss(loss.value, {self.logged(n): log for n, log in loss.logs.items()}), judged


def _grouped(shape: tuple[int, ...], pac: int) -> tuple[int, ...]:
    """Return the shape of ``pac`` samples joined along their first dimension."""
    if pac == 1:
        return shape
    first, *rest = shape or (1,)
    return (pac * first, *rest)


def total(losses: Mapping[str, Loss]) -> Loss:
    """Return the sum of the losses of several critics, with all logs and states."""
    first, *others = losses.values()
    for other in others:
        first = first.plus(other)
    return first
