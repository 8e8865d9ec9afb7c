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
    *("accuracy", "label_accuracy", "recall_by_class", "least_recall", "fid_by_class"),
    *("cluster_accuracy", "cluster_purity", "cluster_nmi", "cluster_ari"),
    *("kmeans_accuracy", "kmeans_purity", "kmeans_nmi", "kmeans_ari", "kmeans_train_accuracy"),
    *("reconstruction_error", "reconstruction_mse", "reconstruction_label"),
    *("parzen", "parzen_sigma"),
    *("code_distance", "nearest_code", "linear_code", "nearest_features"),
    *("hole_psnr", "hole_label", "hole_sharpness"),
    *("psnr_luma", "ssim_luma", "perceptual", "iou", "class_accuracy", "pixel_accuracy"),
    *("mapping_error", "mapping_error_back", "l1", "l1_back", "label_kept", "label_kept_back"),
    *("domain_accuracy", "source_accuracy", "target_accuracy", "pair_agreement"),
    *("psnr", "psnr_back", "ssim", "ssim_back", "laplacian_ratio", "laplacian_ratio_back"),
    *("fid_back", "cycle_error", "cycle_error_back"),
    *("style_error", "diversity", "diversity_back"),
    *("eigenvalue_real", "eigenvalue_imag", "converges"),
)
"""Names of the metrics of this package; metrics of plug-ins follow in order of registration."""
