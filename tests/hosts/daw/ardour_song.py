"""Ardour 7's rounded song position: every hit is struck once, at three tempi and three block lengths.

Run by `cargo xtask hosts ardour`. Ardour tells a VST3 its position in whole ticks of 1/1920 of a quarter
note. A module of ours (spy.c) takes the place of the plugin's, passes everything on, and writes down what
is told and which notes come out. The loop repeats every four bars at the latest, so each of its notes
must come once in each four bars, always at one place.
"""

import os
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

from ardour_home import lua, scan

import deepdrummer

TEMPI, BLOCKS = (97.3, 120.0, 174.0), (64, 256, 1024)
RATE, TICKS = 48_000, 1_920
# Quarter notes in four bars, and how many times they are played.
PERIOD, TURNS = 16, 4
# As early as a hit may be, in quarter notes: half a step.
EARLY = 0.125


def stand_in(home):
    """Puts the spy in the module's place; returns what tells it where the real one is."""
    module = next((home / ".vst3").glob("DeepDrummer.vst3/Contents/*/*.so"))
    real = home / "real.so"
    module.rename(real)
    scanned = real.stat()
    source = Path(__file__).with_name("spy.c")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", module, source, "-ldl"], check=True)
    # Ardour forgets what it scanned of a module that is younger.
    os.utime(module, ns=(scanned.st_atime_ns, scanned.st_mtime_ns))
    return {"SPIED": str(real), "SPY_LOG": str(home / "spied")}


def read(log):
    """Blocks while the song ran, as (frame, length, beats, tempo), and notes, as (frame, key)."""
    blocks, notes, frame = [], [], None
    for line in log.read_text().splitlines():
        what, *numbers = line.split()
        if what == "block":
            length, playing, samples = map(int, numbers[:3])
            frame = samples if playing else None
            if playing:
                blocks.append((samples, length, *map(float, numbers[3:])))
        elif frame is not None:
            offset, key = map(int, numbers)
            notes.append((frame + offset, key))
    return blocks, notes


def places(notes, tempo):
    """The frames of each of the loop's notes, as (key, place in beats) → [(turn, beats)]."""
    of_key = defaultdict(list)
    for frame, key in notes:
        # An early downbeat is a note of its own turn, and never of the one before.
        turn, place = divmod(frame * tempo / 60 / RATE + EARLY, PERIOD)
        if turn < TURNS:
            of_key[key].append((place, int(turn)))
    found = {}
    for key, strikes in of_key.items():
        near = None
        for place, turn in sorted(strikes):
            if near is None or place - near > 0.01:
                first = place
            near = place
            found.setdefault((key, first), []).append((turn, place))
    return found


def check(blocks, notes, tempo, size):
    assert blocks, "the song ran"
    assert abs(blocks[0][3] - tempo) < 1e-6, f"Ardour plays at {blocks[0][3]} bpm"
    rounded = sum(abs(b[2] * TICKS - round(b[2] * TICKS)) < 1e-6 for b in blocks)
    off = max(abs(b[2] * 60 / tempo * RATE - b[0]) for b in blocks)
    found = places(notes, tempo)
    assert found, "notes came"
    whole = set(range(TURNS))
    # What is early on the very first downbeat lies before the song, which Ardour begins with a block that
    # may reach there or not.
    surely = [whole - {0}, whole]
    twice = {at: strikes for at, strikes in found.items() if len(strikes) > len({turn for turn, _ in strikes})}
    lost = {
        at: strikes
        for at, strikes in found.items()
        if not surely[at[1] > EARLY - 1 / TICKS] <= {turn for turn, _ in strikes}
    }
    spread = max(max(p for _, p in s) - min(p for _, p in s) for s in found.values()) * 60 / tempo * RATE
    print(
        f"{tempo} bpm, blocks of {size}: {rounded} of {len(blocks)} positions in whole ticks, off by up to "
        f"{off:.2f} frames; {sum(map(len, found.values()))} notes, {len(twice)} struck twice, {len(lost)} lost, "
        f"at most {spread:.2f} frames apart"
    )
    assert not twice, f"struck twice: {twice}"
    assert not lost, f"lost: {lost}"
    assert spread <= RATE * 60 / tempo / TICKS + 1, "each is where it was before"


def main():
    with tempfile.TemporaryDirectory(prefix="deepdrummer-ardour-") as folder:
        home = Path(folder)
        (home / "exports").mkdir()
        scan(home)
        spied = stand_in(home)
        for tempo in TEMPI:
            for size in BLOCKS:
                seconds = PERIOD * TURNS * 60 / tempo + 1
                lua(home, "bounce", "song", tempo, seconds, size, more=spied)
                check(*read(Path(spied["SPY_LOG"])), tempo, size)
    print(f"{len(TEMPI) * len(BLOCKS)} passed, 0 failed")


main()
