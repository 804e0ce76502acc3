"""A virtual screen with a window manager, and a hand on its mouse. Linux only."""

import ctypes
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


class ClientMessage(ctypes.Structure):
    """Xlib's event of that name, as large as its union of all events."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("pad", ctypes.c_long * 12),
    ]


class Connection:
    """The little of Xlib that no program on the screen can do for us."""

    def __init__(self, display):
        self.x11 = ctypes.CDLL("libX11.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XInternAtom.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x11.XOpenDisplay(display.encode()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.x11.XCloseDisplay(self.display)

    def atom(self, name):
        """The number of a name, which is known to the server from now on."""
        return self.x11.XInternAtom(self.display, name.encode(), 0)

    def send(self, window, kind, value):
        """Sends a client message with one value."""
        message = ClientMessage(type=33, window=window, message_type=self.atom(kind), format=32)
        message.data[0] = value
        self.x11.XSendEvent(self.display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(message))
        self.x11.XSync(self.display, 0)


class Screen:
    """Xvfb and openbox for as long as the `with` block runs."""

    def __init__(self, width=1600, height=1000):
        self.size = f"{width}x{height}x24"

    def __enter__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", self.size, "-nolisten", "tcp", "-noreset"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as number:
            self.display = f":{number.readline().strip()}"
        assert self.display != ":", "Xvfb did not start"
        self.manager = subprocess.Popen(["openbox"], env=self.environment, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        for process in (self.manager, self.server):
            process.terminate()
            process.wait(10)

    @property
    def environment(self):
        """What a program on this screen needs, with the home folder of the test that asks."""
        # Mesa's software OpenGL on one thread: a test needs no speed.
        return {**os.environ, "DISPLAY": self.display, "LIBGL_ALWAYS_SOFTWARE": "1", "LP_NUM_THREADS": "1"}

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
        time.sleep(0.2)

    def drag(self, start, end, steps=12, pause=0.0):
        """Presses the left button at one place and lets it go at another, as slowly as a person, with a
        pause where the drag begins."""
        self.run("xdotool", "mousemove", *map(str, start))
        time.sleep(0.15)
        self.run("xdotool", "mousedown", "1")
        time.sleep(0.15)
        for step in range(1, steps + 1):
            place = (str(round(a + (b - a) * step / steps)) for a, b in zip(start, end))
            self.run("xdotool", "mousemove", *place)
            time.sleep(pause if step == 1 else 0.05)
        time.sleep(0.3)
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
        """Asks a window to close, as a window manager does for its title bar's cross (ICCCM, section 4.2.8.1)."""
        with Connection(self.display) as connection:
            connection.send(int(window), "WM_PROTOCOLS", connection.atom("WM_DELETE_WINDOW"))

    @staticmethod
    def comes(condition, seconds):
        """Waits until a condition gives something; returns that, or None where it does not in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        return None

    @classmethod
    def wait(cls, condition, what, seconds=60):
        """Waits until a condition gives something; returns that."""
        value = cls.comes(condition, seconds)
        assert value, f"waited {seconds} s for {what}"
        return value
