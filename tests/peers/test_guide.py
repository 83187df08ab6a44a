"""rules/README.md, "a family in twenty minutes": its blocks run, one after the other, from an empty folder."""

import os
import re
import subprocess
import sys

from conftest import PROGRAM, ROOT

GUIDE = ROOT / "rules/README.md"


def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_guide_gives_equal_logits(tmp_path):
    script = tmp_path / "guide.sh"
    script.write_text("set -eu\n" + "".join(blocks()))
    folder = tmp_path / "empty"
    folder.mkdir()
    python = os.path.dirname(sys.executable)
    environment = dict(os.environ, RECAST=str(PROGRAM.resolve()), PATH=f"{python}:{os.environ['PATH']}")
    done = subprocess.run(["sh", str(script)], cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "equal logits"


def test_the_guide_still_shows_what_an_unknown_family_is_told(recast, tmp_path):
    """The family of the guide must stay unknown to the rules of the repository."""
    assert not (ROOT / "rules/phi3").exists()
