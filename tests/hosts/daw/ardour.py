"""Ardour 7 without a window: load the VST3 bundle, bounce twice, save, reopen, bounce, compare.

Run by `cargo xtask hosts ardour`.
"""

import tempfile
from pathlib import Path

import numpy
from ardour_home import lua, scan
from pedalboard.io import AudioFile


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
