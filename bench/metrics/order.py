"""The order of metrics in lists, tables and plots."""

from __future__ import annotations

ORDER = (
    *("fid", "fid_train", "is", "kid"),
    *("precision", "recall", "density", "coverage"),
    *("classes", "class_distance", "class_kl", "class_modes", "class_mode_kl", "class_entropy"),
    "degenerate",
    *("modes", "high_quality", "off_mode", "reverse_kl"),
    *("w1", "ks", "sliced_wasserstein", "curve_distance"),
    *("mean", "std", "mean_error", "std_error"),
    *("label_accuracy", "reconstruction_error", "mapping_error"),
    *("reconstruction_mse", "reconstruction_label"),
    *("code_distance", "nearest_code", "linear_code", "nearest_features"),
    *("eigenvalue_real", "eigenvalue_imag", "converges"),
)
"""Names of the metrics of this package; metrics of plug-ins follow in order of registration."""
