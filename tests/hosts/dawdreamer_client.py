"""Talks to `dawdreamer_host.py`."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

import deepdrummer

HOST = Path(__file__).with_name("dawdreamer_host.py")


class DawDreamer:
    """DawDreamer with the plugin in it, in a process of its own."""

    def __init__(self, bpm=120.0, block=512, environment=None):
        options = {
            "plugin": deepdrummer.vst3(),
            "sample_rate": deepdrummer.SAMPLE_RATE,
            "block": block,
            "bpm": bpm,
        }
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [sys.executable, HOST, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment or os.environ,
        )

    def tell(self, **request):
        """Sends a request without waiting for its answer."""
        print(json.dumps(request), file=self.process.stdin, flush=True)

    def answer(self):
        """Waits for the answer to the oldest request."""
        line = self.process.stdout.readline()
        assert line, f"the host ended with code {self.process.wait()}"
        answer = json.loads(line)
        assert "error" not in answer, answer
        return answer

    def ask(self, **request):
        self.tell(**request)
        return self.answer()

    def save(self):
        """The plugin's own state."""
        path = os.path.join(self.folder.name, "saved")
        self.ask(do="save", path=path)
        return deepdrummer.state_from_host(Path(path).read_bytes())

    def load(self, state):
        path = os.path.join(self.folder.name, "loaded")
        Path(path).write_bytes(deepdrummer.state_for_host(state))
        self.ask(do="load", path=path)

    def render(self, seconds):
        """Audio of (channels, frames), from the song's start."""
        path = os.path.join(self.folder.name, "audio.npy")
        self.ask(do="render", seconds=seconds, path=path)
        return numpy.load(path)

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        self.process.stdin.close()
        if failure:
            # Its window may still be open: what failed is to be told, not that the host stays.
            self.process.kill()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
            self.folder.cleanup()
