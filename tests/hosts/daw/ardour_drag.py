"""Ardour 7 with its windows: loops dragged out of the plugin become regions on the bar they are dropped on.

Run by `cargo xtask hosts ardour-drag`. A person's way, with the mouse: the plugin's window is opened from
the mixer strip; its MIDI tile is dragged onto the MIDI track at bar 5 and its audio tile below the tracks
at bar 9, where Ardour makes an audio track. What Ardour then saves must hold both regions, each exactly
on its bar and exactly one bar long.
"""

import json
import subprocess
import tempfile
import time
import xml.etree.ElementTree
from pathlib import Path

import numpy
from ardour_home import environment, lua, scan

import deepdrummer
from screen import Screen, missing

# Ticks of a quarter note in Ardour's saved sessions, and a bar of 4/4.
TICKS, BAR = 1920, 4 * 1920
# Samples of Ardour's time base a second: divisible by every usual rate.
SUPERCLOCK = 282_240_000
# What Ardour asks at its first start, answered: no wizard, the dummy sound card, started at once.
CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour>
  <Config>
    <Option name="hide-dummy-backend" value="0"/>
    <Option name="try-autostart-engine" value="1"/>
  </Config>
  <Extra>
    <AudioMIDISetup>
      <EngineStates>
        <State backend="None (Dummy)" driver="Normal Speed" device="Silence" input-device="" output-device=""
          sample-rate="48000" buffer-size="1024" n-periods="0" input-latency="0" output-latency="0" lm-input=""
          lm-output="" active="1" use-buffered-io="0" midi-option="1 in, 1 out, Silence" lru="1"/>
      </EngineStates>
    </AudioMIDISetup>
  </Extra>
</Ardour>
"""
# The editor's window at the screen's corner, snapping to bars, with the mixer strip of the selected track.
INSTANT = """<?xml version="1.0" encoding="UTF-8"?>
<instant>
  <Main x="0" y="0" w="1348" h="713" current-tab="editor"/>
  <Editor id="52" edit-horizontal-pane-pos="0.9" notebook-shrunk="0" edit-vertical-pane-pos="0.9"
    zoom-focus="ZoomFocusPlayhead" zoom="2048" grid-type="GridTypeBar" snap-mode="SnapNormal"
    internal-grid-type="GridTypeBar" internal-snap-mode="SnapNormal" pre-internal-grid-type="GridTypeBar"
    pre-internal-snap-mode="SnapNormal" edit-point="EditAtMouse" visible-track-count="-1"
    draw-length="GridTypeNone" draw-velocity="-1" draw-channel="-1" playhead="0" left-frame="0" y-origin="0"
    maximised="0" follow-playhead="1" stationary-playhead="0" mouse-mode="MouseObject" join-object-range="0"
    show-editor-mixer="1" show-editor-list="0" editor-list-page="0" show-marker-lines="0"
    show-touched-automation="0" nudge-clock-value="a1411200000@a0"/>
</instant>
"""


# Where things are in Ardour's window, from the upper left corner of its contents.
TRACK_NAME, PROCESSOR = (156, 344), (61, 170)
# The canvas: where bar 1 begins, how wide a bar of two seconds is at 2048 samples a pixel, the middle of
# the track's row, and a place below all tracks.
BAR_1, BAR_WIDTH, TRACK_ROW, BELOW = 331, 96_000 / 2048, 362, 480
# The tiles in the plugin's window at its first size.
MIDI_TILE, AUDIO_TILE = (793, 612), (903, 612)


def prepare(home):
    """A session with the plugin on a MIDI track, and settings that leave nothing to be asked."""
    (home / "exports").mkdir()
    scan(home)
    lua(home, "save", "song")
    ardour = home / "config" / "ardour7"
    ardour.mkdir(parents=True, exist_ok=True)
    # Ardour has been here before: no welcome.
    (ardour / ".a7").touch()
    (ardour / "config").write_text(CONFIG)
    (home / "song" / "instant.xml").write_text(INSTANT)
    # All lanes on one track: Ardour lays the tracks of a file that is dropped onto a track end to end.
    ours = home / "data" / "deepdrummer"
    ours.mkdir(parents=True, exist_ok=True)
    settings = {"export": {"folder": str(home / "Drums from DeepDrummer"), "midi_tracks": "one"}}
    (ours / "settings.json").write_text(json.dumps(settings))


class Ardour:
    """Ardour with the session open and its engine running, its window at the screen's corner."""

    def __init__(self, home, screen):
        self.screen = screen
        inside = {name: screen.environment[name] for name in ("DISPLAY", "LIBGL_ALWAYS_SOFTWARE", "LP_NUM_THREADS")}
        self.log = open(home / "ardour.log", "wb")
        command = ["ardour", "--no-announcements", "--no-splash", home / "song" / "song.ardour"]
        self.process = subprocess.Popen(
            command, env={**environment(home), **inside}, stdout=self.log, stderr=subprocess.STDOUT
        )

    def __enter__(self):
        self.window = self.screen.find_window("song - Ardour", 120)
        self.screen.run("xdotool", "windowmove", "--sync", self.window, "0", "0")
        self.settle(self.window)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def settle(self, window):
        """Waits until a window has stopped moving and drawing."""
        look = lambda: (self.screen.area(window), self.screen.image(self.screen.area(window)).tobytes())  # noqa: E731
        seen = [look(), time.monotonic()]

        def still():
            now = look()
            if now != seen[0]:
                seen[:] = [now, time.monotonic()]
            return time.monotonic() - seen[1] > 1.0

        self.screen.wait(still, "a window to come to rest")

    def at(self, place):
        """A place in Ardour's window, on the screen."""
        left, top, _, _ = self.screen.area(self.window)
        return left + round(place[0]), top + round(place[1])

    def open_plugin(self):
        """Selects the track, opens the plugin from its strip, and puts its window below; returns its place."""
        self.screen.click(*self.at(TRACK_NAME))
        self.settle(self.window)
        x, y = map(str, self.at(PROCESSOR))
        self.screen.run("xdotool", "mousemove", x, y)
        self.screen.run("xdotool", "click", "--repeat", "2", "--delay", "80", "1")
        frame = self.screen.find_window("Drums: DeepDrummer")
        self.screen.run("xdotool", "windowmove", "--sync", frame, "200", "740")
        editor = self.screen.find_window("^DeepDrummer$")
        shades = lambda: len(numpy.unique(self.screen.pixels(self.screen.area(editor)).reshape(-1, 3), axis=0))  # noqa: E731
        self.screen.wait(lambda: shades() > 30, "the plugin to draw")
        self.settle(editor)
        left, top, width, height = self.screen.area(editor)
        assert (width, height) == (1080, 660), "the window has its first size"
        return left, top

    def drag(self, tile, bar, row):
        """Drags from a tile onto the canvas a little right of a bar line."""
        end = self.at((BAR_1 + (bar - 1) * BAR_WIDTH + 6, row))
        self.screen.drag((self.plugin[0] + tile[0], self.plugin[1] + tile[1]), end, pause=1.0)

    def save(self):
        self.screen.run("xdotool", "windowactivate", "--sync", self.window)
        self.screen.key("ctrl+s")


def regions(home):
    """Regions on tracks in the saved session: (kind, length, position), as Ardour writes them."""
    session = xml.etree.ElementTree.parse(home / "song" / "song.ardour").getroot()
    found = session.findall("./Playlists/Playlist/Region")
    return sorted((region.get("type"), *region.get("length").split("@")) for region in found)


def main():
    lacking = missing()
    if lacking:
        raise SystemExit(f"needs {', '.join(lacking)}")
    picture = deepdrummer.output_folder() / "ardour-drag.png"
    with tempfile.TemporaryDirectory(prefix="deepdrummer-ardour-") as folder:
        home = Path(folder)
        prepare(home)
        with Screen(1360, 1460) as screen, Ardour(home, screen) as ardour:
            ardour.plugin = ardour.open_plugin()
            ardour.drag(MIDI_TILE, 5, TRACK_ROW)
            ardour.settle(ardour.window)
            ardour.drag(AUDIO_TILE, 9, BELOW)
            ardour.settle(ardour.window)
            ardour.screen.image().save(picture)
            ardour.save()
            screen.wait(lambda: len(regions(home)) >= 2, "both regions in the saved session", 30)
        names = sorted(path.name for path in (home / "Drums from DeepDrummer").iterdir())
        print("dragged:", names, "regions:", regions(home))
        assert regions(home) == [
            # A bar at 120 bpm lasts two seconds.
            ("audio", f"a{2 * SUPERCLOCK}", f"b{8 * BAR}"),
            ("midi", f"b{BAR}", f"b{4 * BAR}"),
        ], "one region each, on bars 5 and 9, one bar long"
        assert names == ["DeepDrummer 0001 120bpm.mid", "DeepDrummer 0001 120bpm.wav"], names
    print(f"picture: {picture}")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
