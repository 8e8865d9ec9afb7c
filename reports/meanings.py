"""What the metrics say, in a line each."""

from __future__ import annotations

from collections.abc import Iterable

from reports.labels import family_of, metric_title

#: Family name -> what it says, for readers who know GANs and not this project.
MEANINGS: dict[str, str] = {
    "fid": "Fréchet distance between Gaussians fitted to features of real and of generated images.",
    "kid": "Squared maximum mean discrepancy of features of real and of generated images.",
    "is": "High where single images are named with certainty and all classes occur; knows no real data.",
    "precision": "Share of generated images that lie near real ones in the extractor's features.",
    "recall": "Share of real images that lie near generated ones in the extractor's features.",
    "density": "How many real images are near a generated one, as a ratio to what real data would give.",
    "coverage": "Share of real images with a generated one among their neighbours.",
    "mean": "Mean of the samples, to be compared with the data's.",
    "std": "Standard deviation of the samples, to be compared with the data's.",
    "mean_error": "Distance between the samples' mean and the true one.",
    "std_error": "Distance between the samples' standard deviations and the true ones.",
    "w1": "Area between the samples' distribution function and the true one: how far mass must move.",
    "ks": "Largest difference between the samples' distribution function and the true one.",
    "sliced_wasserstein": "How far mass must move, averaged over directions.",
    "modes": "Modes of the data with at least one high-quality sample.",
    "high_quality": "Share of samples within a few standard deviations of their nearest mode.",
    "off_mode": "Share of samples that are near no mode.",
    "reverse_kl": "How unevenly high-quality samples are spread over the modes; 0 is even.",
    "class_kl": "How the histogram of predicted classes differs from the real data's; 0 is equal.",
    "class_entropy": "Entropy of the histogram of predicted classes.",
    "class_distance": "Half the sum of differences between the histograms of predicted classes.",
    "class_modes": "Classes that a generated image is named as.",
    "class_mode_kl": "How unevenly images are spread over the classes; 0 is even.",
    "eigenvalue_real": "Below 0, training spirals into the equilibrium; the more so, the faster.",
    "eigenvalue_imag": "How fast training circles around the equilibrium.",
    "converges": "Whether training came nearer to the equilibrium.",
    "label_accuracy": "Share of samples that are of the class that was asked for.",
    "reconstruction_error": "Distance between held-out data and what encoding and decoding make of them.",
    "mapping_error": "Distance between where points were taken and where the known map takes them.",
    "classes": "Classes that at least one generated image is given with certainty.",
}


def meanings(metrics: Iterable[str]) -> dict[str, str]:
    """Title -> what it says, of those metrics that are known here."""
    return {
        metric_title(metric).partition(" v")[0]: MEANINGS[family]
        for metric in metrics
        if (family := family_of(metric, MEANINGS)) is not None
    }
