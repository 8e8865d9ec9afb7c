"""A benchmark and evaluation harness for generative adversarial networks.

The one top-level name of the installed project. An installed wheel holds the four packages `bench`,
`variants`, `datasets` and `reports` in this folder. In a source checkout they lie at its root, so this
package also looks there, and `gan_bench.clone` lets their old names import the same modules.
"""

from pathlib import Path

if not (Path(__file__).parent / "bench").is_dir():
    from gan_bench import clone

    __path__.append(str(clone.ROOT))
    clone.keep_old_names()
