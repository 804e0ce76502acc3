"""A virtual screen with a window manager, and a hand on its mouse. Linux only."""

import os
import shutil
import subprocess
import time

import numpy
from PIL import ImageGrab

PROGRAMS = ("Xvfb", "openbox", "xdotool", "xwininfo")


def missing():
    """Programs that this needs and the system lacks."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class Screen:
    """Xvfb and openbox for as long as the `with` block runs."""

    def __init__(self, width=1600, height=1000):
        self.size = f"{width}x{height}x24"

    def __enter__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", self.size, "-nolisten", "tcp"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as number:
            self.display = f":{number.readline().strip()}"
        assert self.display != ":", "Xvfb did not start"
        # Mesa's software OpenGL on one thread: a test needs no speed.
        self.environment = {**os.environ, "DISPLAY": self.display, "LIBGL_ALWAYS_SOFTWARE": "1", "LP_NUM_THREADS": "1"}
        self.manager = subprocess.Popen(["openbox"], env=self.environment, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        for process in (self.manager, self.server):
            process.terminate()
            process.wait(10)

    def run(self, *command):
        """The output of a program on this screen; None if it failed."""
        done = subprocess.run(command, env=self.environment, capture_output=True)
        return done.stdout if done.returncode == 0 else None

    def find_window(self, name, seconds=60):
        """Waits for a visible window whose title contains a text; returns its id."""
        return self.wait(lambda: self._find(name), f"a window called {name}", seconds)

    def _find(self, name):
        found = self.run("xdotool", "search", "--onlyvisible", "--name", name)
        ids = found.decode().split() if found else []
        return ids[-1] if ids else None

    def area(self, window):
        """(x, y, width, height) of a window on the screen."""
        info = self.run("xwininfo", "-id", window).decode()
        value = lambda label: int(info.split(label)[1].split()[0])  # noqa: E731
        return (
            value("Absolute upper-left X:"),
            value("Absolute upper-left Y:"),
            value("Width:"),
            value("Height:"),
        )

    def click(self, x, y):
        """Moves the mouse there and presses its left button, as slowly as a person."""
        self.run("xdotool", "mousemove", str(x), str(y))
        time.sleep(0.1)
        self.run("xdotool", "mousedown", "1")
        time.sleep(0.05)
        self.run("xdotool", "mouseup", "1")

    def key(self, key):
        self.run("xdotool", "key", key)

    def image(self, area=None):
        """The screen, or the part (x, y, width, height) of it, as a Pillow image."""
        box = area and (area[0], area[1], area[0] + area[2], area[1] + area[3])
        return ImageGrab.grab(bbox=box, xdisplay=self.display)

    def pixels(self, area=None):
        """The same as an array of (height, width, red-green-blue)."""
        return numpy.asarray(self.image(area).convert("RGB"))

    def close_window(self, window):
        """Asks a window to close, as a click on its title bar's cross does."""
        self.run("xdotool", "windowactivate", "--sync", window)
        self.key("alt+F4")

    @staticmethod
    def wait(condition, what, seconds=60):
        """Waits until a condition gives something; returns that."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s for {what}")
