"""Ardour 7 with its windows: letters typed into the plugin's search arrive, also after Ctrl-A, and none rates.

Run by `cargo xtask hosts ardour-keys`. The plugin's window is opened from the mixer strip; its search of presets is
typed into, twice, with Ctrl-A between; then the search is closed and the loop is liked by its key. The taste
profile must hold that one rating, and Ardour's saved session the preset that was searched for.
"""

import json
import sqlite3
import tempfile
import time
from pathlib import Path

import numpy
from ardour_drag import Ardour, prepare

import deepdrummer
from screen import Screen, missing

# In the plugin's window at its first size.
PRESETS, NAME = (220, 22), (172, 12, 100, 22)


def type_text(screen, text):
    screen.run("xdotool", "type", "--delay", "60", text)


def name(screen, editor):
    left, top = editor
    return screen.pixels((left + NAME[0], top + NAME[1], NAME[2], NAME[3]))


def load(screen, editor, search):
    """Searches for a preset and loads it; returns the picture of its name."""
    before = name(screen, editor)
    screen.click(editor[0] + PRESETS[0], editor[1] + PRESETS[1])
    screen.key("ctrl+a")
    type_text(screen, search)
    screen.key("Return")
    screen.key("Escape")
    other = lambda: not numpy.array_equal(before, name(screen, editor))  # noqa: E731
    screen.wait(other, f"the preset “{search}”", 30)
    time.sleep(1.5)
    return name(screen, editor)


def ratings(home):
    """How many ratings the taste profiles hold."""
    count = 0
    for file in (home / "data" / "deepdrummer" / "profiles").glob("*.sqlite3"):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as profile:
            count += profile.execute("select count(*) from judgements").fetchone()[0]
    return count


def main():
    lacking = missing()
    if lacking:
        raise SystemExit(f"needs {', '.join(lacking)}")
    picture = deepdrummer.output_folder() / "ardour-keys.png"
    with tempfile.TemporaryDirectory(prefix="deepdrummer-ardour-") as folder:
        home = Path(folder)
        prepare(home)
        with Screen(1360, 1460) as screen, Ardour(home, screen) as ardour:
            editor = ardour.open_plugin()
            names = [load(screen, editor, search) for search in ("small clicks", "deep hours") * 3]
            screen.image().save(picture)
            assert all(numpy.array_equal(one, names[at % 2]) for at, one in enumerate(names)), "every letter arrives"
            assert ratings(home) == 0, "letters that are typed rate nothing"
            screen.key("l")
            screen.wait(lambda: ratings(home) == 1, "the key that likes", 30)
    print(f"picture: {picture}")
    print("1 passed, 0 failed")


main()
