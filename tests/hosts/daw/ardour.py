"""Ardour 7 without a window: load the VST3 bundle, bounce twice, save, reopen, bounce, compare.

Run by `cargo xtask hosts ardour`. Ardour's headless session sometimes hangs or crashes on its own
while it starts, before any plugin is there; such a start is tried again.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from pedalboard.io import AudioFile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import deepdrummer  # noqa: E402

SCRIPT = Path(__file__).with_suffix(".lua")
LIBRARIES = Path("/usr/lib/ardour7")
TRIES = 5


def environment(home):
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "data"),
    }


def scan(home):
    """Lets Ardour's scanner read the plugin, as its plugin manager does."""
    plugins = home / ".vst3"
    plugins.mkdir()
    shutil.copytree(deepdrummer.vst3(), plugins / "DeepDrummer.vst3")
    inside = {
        "LD_LIBRARY_PATH": str(LIBRARIES),
        "ARDOUR_DATA_PATH": "/usr/share/ardour7",
        "ARDOUR_CONFIG_PATH": "/etc/ardour7",
        "ARDOUR_DLL_PATH": str(LIBRARIES),
    }
    scanner = [LIBRARIES / "ardour-vst3-scanner", "-f", plugins / "DeepDrummer.vst3"]
    subprocess.run(scanner, env={**environment(home), **inside}, check=True, timeout=120)


def lua(home, what, name):
    session, exports = home / "song", home / "exports"
    for attempt in range(TRIES):
        if what == "make":
            shutil.rmtree(session, ignore_errors=True)
        command = ["ardour7-lua", SCRIPT, what, session, exports, name]
        try:
            done = subprocess.run(
                command, env=environment(home), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90
            )
        except subprocess.TimeoutExpired:
            print(f"Ardour hung ({what}, try {attempt + 1})")
            continue
        if "DONE" in done.stdout:
            return
        print(f"Ardour ended with {done.returncode} ({what}, try {attempt + 1}):\n{done.stdout}{done.stderr}")
    raise SystemExit(f"Ardour did not {what} the session in {TRIES} tries")


def read(home, name):
    found = sorted((home / "exports").glob(f"{name}*"))
    assert found, f"Ardour exported {name}"
    with AudioFile(str(found[0])) as file:
        return file.read(file.frames)


def main():
    with tempfile.TemporaryDirectory(prefix="deepdrummer-ardour-") as folder:
        home = Path(folder)
        (home / "exports").mkdir()
        scan(home)
        lua(home, "make", "first")
        lua(home, "open", "second")
        one, two, reopened = read(home, "first-1"), read(home, "first-2"), read(home, "second")
        assert numpy.abs(one).max() > 0.01, "the bounce holds sound"
        # Ardour's simple export normalises to full scale and dithers to 16 bits, so no two are the
        # same bytes: they are compared as signals.
        for name, other in (("a second bounce", two), ("the reopened session", reopened)):
            likeness = float((one * other).sum() / numpy.sqrt((one**2).sum() * (other**2).sum()))
            print(f"{name}: correlation {likeness:.6f}")
            assert likeness > 0.99, f"{name} is another sound"
    print("1 passed, 0 failed")


main()
