"""The image's recipe: fixed bases, no root at run time, and the steps that README promises."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath

import pytest

from tests.documents import ROOT, SHELL, blocks, command_lines, inline

INSTRUCTIONS = {
    *("ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "USER"),
    *("SHELL", "STOPSIGNAL", "VOLUME", "WORKDIR"),
}
"""Dockerfile's instructions, without those that are out of date (MAINTAINER) or better not used (ADD)."""
APT = "apt-get update && apt-get install --yes --no-install-recommends .* && rm -rf /var/lib/apt/lists"


def parsed(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a recipe with their arguments."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        (name.upper(), rest.strip())
        for name, _, rest in (line.partition(" ") for line in joined.splitlines())
    ]


def faults(text: str) -> list[str]:
    """Return what is wrong with a recipe, as hadolint's rules have it."""
    recipe = parsed(text)
    stages = {rest.split()[2] for name, rest in recipe if name == "FROM" and " AS " in rest}
    arguments = {rest.partition("=")[0] for name, rest in recipe if name == "ARG"}
    user, found = "root", []
    for name, rest in recipe:
        if name not in INSTRUCTIONS:
            found.append(f"instruction {name}")
        elif name == "FROM":
            user, base = "root", rest.split()[0]
            variable = re.fullmatch(r"\$\{(\w+)\}", base)
            known = variable[1] in arguments if variable else base in stages
            if not known and not re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", base):
                found.append(f"base {base} is not of a fixed version")
        elif name == "USER":
            user = rest
        elif name == "RUN":
            if "apt-get install" in rest and not re.search(APT, rest):
                found.append("apt-get install without update, --yes, --no-install-recommends or clean-up")
            if re.search(r"\bsudo\b|curl[^|]*\|\s*(ba)?sh|\bcd ", rest):
                found.append(f"step {rest}")
        elif name == "WORKDIR" and not PurePosixPath(rest).is_absolute():
            found.append(f"folder {rest} is relative")
        elif name in ("ENTRYPOINT", "CMD") and not rest.startswith("["):
            found.append(f"{name} is run by a shell")
    return found + (["it runs as root"] if user in ("root", "0") else [])


TEXT = (ROOT / "Dockerfile").read_text("utf-8")


def test_the_recipe_is_clean():
    assert faults(TEXT) == []
    assert parsed(TEXT)[0][0] == "ARG"
    assert all(json.loads(rest) for name, rest in parsed(TEXT) if name in ("ENTRYPOINT", "CMD"))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("python:3.12.8-slim-bookworm AS cpu", "python:latest AS cpu", "fixed version"),
        ("python:3.12.8-slim-bookworm AS cpu", "python AS cpu", "fixed version"),
        ("USER bench\n", "", "root"),
        ("USER bench\n", "USER bench\nFROM cpu\n", "root"),
        (" --no-install-recommends", "", "apt-get"),
        ('["gan-bench"]', "gan-bench", "shell"),
        ("COPY . .", "ADD . .", "ADD"),
        ("WORKDIR /data", "WORKDIR data", "relative"),
    ],
)
def test_faults_are_found(old, new, fault):
    assert old in TEXT
    assert any(fault in found for found in faults(TEXT.replace(old, new)))


def test_the_steps_are_those_of_readme():
    """The command that README gives for a fresh clone installs the image as well."""
    (first,) = {
        line.partition(" && ")[0] for line in inline("README.md") if line.startswith("pip install -e . ")
    }
    assert ("RUN", first) in parsed(TEXT)


def test_the_page_builds_what_the_recipe_offers():
    recipe = parsed(TEXT)
    stages = {rest.split()[2] for name, rest in recipe if name == "FROM" and " AS " in rest}
    shown = [
        line for kind in SHELL for code in blocks("docs/install.md", kind) for line in command_lines(code)
    ]
    default = dict(rest.partition("=")[::2] for name, rest in recipe if name == "ARG")["BASE"]
    chosen = {value for line in shown for value in re.findall(r"--build-arg BASE=(\w+)", line)}
    assert {default, *chosen} == stages
    (folder,) = {value for line in shown for value in re.findall(r'-v "\$PWD/results:(/\w+)/results"', line)}
    assert [rest for name, rest in recipe if name == "WORKDIR"][-1] == folder


def test_what_is_made_here_stays_out_of_the_image():
    """Files that git ignores are not copied either."""
    out = set((ROOT / ".dockerignore").read_text("utf-8").splitlines())
    plain = {line.strip("/") for line in out} | {"__pycache__"}
    for line in (ROOT / ".gitignore").read_text("utf-8").splitlines():
        name = line.strip("/")
        assert name in plain or any(Path(name).match(pattern) for pattern in plain), name
