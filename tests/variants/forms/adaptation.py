"""Games with a labelled source and a target: losses of a batch of each."""

from __future__ import annotations

from tests.variants.forms.networks import nll
from tests.variants.forms.notes import cross_entropy, form, logistic


@form("cogan")
def cogan(s):
    """Outputs are a score and three logits; a pair has one latent; distances are summed over units."""
    source, label, target = s.labelled_a["domain_a"], s.labelled_a["label_a"], s.domain_b
    pair = s.generator_a(s.latent), s.generator_b(s.latent)
    critic, generator = 0.0, 0.0
    for judge, real, fake in zip((s.critic_a, s.critic_b), (source, target), pair, strict=True):
        critic += logistic(judge(real)[:, 0], judge(fake)[:, 0], s.hp)
        generator += cross_entropy(judge(fake)[:, 0], 1)
    apart = s.critic_a.hidden(pair[0]) - s.critic_b.hidden(pair[1])
    critic += s.hp.class_weight * nll(s.critic_a(source)[:, 1:], label)
    critic += s.hp.feature_weight * (apart**2).sum(1).mean()
    return {"critic": critic, "generator": generator}


@form("pixelda")
def pixelda(s):
    x, y = s.labelled_a["domain_a"], s.labelled_a["label_a"]
    made = s.generator(x, s.latent)
    task = nll(s.classifier(made), y)
    d = made - x
    content = ((d**2).mean(1) - d.sum(1) ** 2 / d.shape[1] ** 2).mean()
    fooled = s.hp.adversarial_weight * cross_entropy(s.critic(made), 1)
    return {
        "critic": logistic(s.critic(s.domain_b), s.critic(made), s.hp),
        "generator": fooled + s.hp.task_weight * task + s.hp.content_weight * content,
        "classifier": nll(s.classifier(x), y) + task,
    }


@form("source-only")
def source_only(s):
    return {"classifier": nll(s.classifier(s.labelled_a["domain_a"]), s.labelled_a["label_a"])}


@form("target-only")
def target_only(s):
    return {"classifier": nll(s.classifier(s.labelled_b["domain_b"]), s.labelled_b["label_b"])}
