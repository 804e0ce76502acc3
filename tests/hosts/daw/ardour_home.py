"""A home folder in which Ardour 7 knows the plugin and asks nothing, and its headless session in Lua.

Ardour's headless session sometimes hangs or crashes on its own while it starts, before any plugin is
there; such a start is tried again.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import deepdrummer  # noqa: E402

SCRIPT = Path(__file__).with_name("ardour.lua")
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


def lua(home, what, name, *arguments, more=None):
    """Runs `ardour.lua` on the session `song`, with more arguments and variables."""
    session, exports = home / "song", home / "exports"
    for attempt in range(TRIES):
        if what != "open":
            shutil.rmtree(session, ignore_errors=True)
        command = ["ardour7-lua", SCRIPT, what, session, exports, name, *map(str, arguments)]
        inside = {**environment(home), **(more or {})}
        try:
            done = subprocess.run(
                command, env=inside, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90
            )
        except subprocess.TimeoutExpired:
            print(f"Ardour hung ({what}, try {attempt + 1})")
            continue
        if "DONE" in done.stdout:
            return
        print(f"Ardour ended with {done.returncode} ({what}, try {attempt + 1}):\n{done.stdout}{done.stderr}")
    raise SystemExit(f"Ardour did not {what} the session in {TRIES} tries")
