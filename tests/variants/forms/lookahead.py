"""Players that look at the other's loss: derivatives of the logistic critic by hand."""

from __future__ import annotations

from scipy.special import expit

from tests.variants.forms.notes import FORMS, form, of_scores


def slopes_of_critic(critic, real, fake, hp):
    """Derivatives of the logistic critic's loss by its weight and its bias."""
    on_real, on_fake = expit(critic(real)) - (1 - hp.label_smoothing), expit(critic(fake))
    weight = (on_real[:, None] * real).mean(0) + (on_fake[:, None] * fake).mean(0)
    return weight[None], on_real.mean() + on_fake.mean()


@form("unrolled")
def unrolled(s):
    """Steps of gradient descent by the critic, of which the generator then maximises the loss."""
    critic = s.critic
    for _ in range(s.game.settings.unroll_steps):
        weight, bias = slopes_of_critic(critic, s.real, s.fake, s.hp)
        critic.weight = critic.weight - s.hp.unroll_lr * weight
        critic.bias = critic.bias - s.hp.unroll_lr * bias
    later = of_scores("gan", s.hp, critic(s.real), critic(s.fake))
    return {**FORMS["gan"](s), "generator": -later["critic"]}


@form("consensus")
def consensus(s):
    """Both losses plus gamma / 2 times the squared length of all four derivatives."""
    weight, bias = slopes_of_critic(s.critic, s.real, s.fake, s.hp)
    by_sample = -expit(-s.critic(s.fake))[:, None] * s.critic.slope(s.fake)
    by_map, by_shift = by_sample.T @ s.latent / len(s.latent), by_sample.mean(0)
    energy = 0.5 * sum((v**2).sum() for v in (weight, bias, by_map, by_shift))
    return {player: loss + s.hp.consensus_weight * energy for player, loss in FORMS["nsgan"](s).items()}
