"""The image's recipe: fixed bases, no root at run time, and the steps that README promises."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import ROOT, SHELL, blocks, command_lines, inline

HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def parsed(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a recipe with their arguments."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        (name.upper(), rest.strip())
        for name, _, rest in (line.partition(" ") for line in joined.splitlines())
    ]


def faults(text: str) -> set[str]:
    """Return the codes of what hadolint finds in a recipe."""
    if HADOLINT is None:
        pytest.skip("hadolint is not installed; the extra `test` brings it, but not on Windows")
    command = [HADOLINT, "--no-color", "--format", "json", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    assert not done.stderr, done.stderr
    return {found["code"] for found in json.loads(done.stdout)}


def user(text: str) -> str:
    """Return the user of the container; hadolint does not mind a recipe without one."""
    now = "root"
    for name, rest in parsed(text):
        now = "root" if name == "FROM" else rest if name == "USER" else now
    return now


TEXT = (ROOT / "Dockerfile").read_text("utf-8")


def test_the_recipe_is_clean():
    assert faults(TEXT) == set()


def test_the_container_does_not_run_as_root():
    made = re.search(r"useradd .*--uid (\d+)", TEXT)
    assert user(TEXT) == made[1] != "0"
    assert user(TEXT + "FROM cpu\n") == "root"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("python:3.12.8-slim-bookworm AS cpu", "python:latest AS cpu", "DL3007"),
        ("python:3.12.8-slim-bookworm AS cpu", "python AS cpu", "DL3006"),
        ("USER 1000\n", "USER root\n", "DL3002"),
        (" --no-install-recommends", "", "DL3015"),
        ('["gan-bench"]', "gan-bench", "DL3025"),
        ("COPY . .", "ADD . .", "DL3020"),
        ("WORKDIR /data", "WORKDIR data", "DL3000"),
    ],
)
def test_faults_are_found(old, new, code):
    assert old in TEXT
    assert code in faults(TEXT.replace(old, new))


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
