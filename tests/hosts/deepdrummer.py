"""DeepDrummer seen from Python: where it was built, its saved state inside JUCE hosts, its headless tool."""

import json
import os
import re
import struct
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_RATE = 48_000


def built(variable, default):
    """A path that `cargo xtask` tells, or where a build in `target/` puts it."""
    path = Path(os.environ.get(variable, ROOT / "target" / default))
    assert path.exists() or variable == "DEEPDRUMMER_OUT", f"{path} is missing: run `cargo xtask test`"
    return path


def vst3():
    return str(built("DEEPDRUMMER_VST3", "bundled/DeepDrummer.vst3"))


def output_folder():
    folder = built("DEEPDRUMMER_OUT", "test-output")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# JUCE keeps a VST3 plugin's state as XML with the bytes in its own base 64: the size in plain
# decimal, a dot, then six bits a character, the lowest bits first.
_ALPHABET = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"
_XML_MAGIC = 0x21324356


def _juce_encode(data):
    characters = []
    for at in range(0, len(data), 3):
        bits = int.from_bytes(data[at : at + 3], "little")
        characters.extend(_ALPHABET[bits >> shift & 63] for shift in (0, 6, 12, 18))
    return f"{len(data)}." + "".join(characters[: (len(data) * 8 + 5) // 6])


def _juce_decode(text):
    size, characters = text.split(".", 1)
    data = bytearray()
    for at in range(0, len(characters), 4):
        bits = 0
        for place, character in enumerate(characters[at : at + 4]):
            bits |= _ALPHABET.index(character) << 6 * place
        data += bits.to_bytes(3, "little")
    return bytes(data[: int(size)])


def state_from_host(blob):
    """The plugin's own state (a dict) in what a JUCE host saved."""
    magic, size = struct.unpack_from("<II", blob)
    assert magic == _XML_MAGIC, "not a state of a JUCE host"
    xml = blob[8 : 8 + size].decode()
    return json.loads(_juce_decode(re.search(r"<IComponent>(.*?)</IComponent>", xml, re.S).group(1)))


def state_for_host(state):
    """What a JUCE host loads for the plugin's own state."""
    component = _juce_encode(json.dumps(state).encode())
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?> '
        f"<VST3PluginState><IComponent>{component}</IComponent></VST3PluginState>"
    ).encode()
    return struct.pack("<II", _XML_MAGIC, len(xml)) + xml + b"\0"


def session(state):
    """The session (a dict) in the plugin's own state."""
    return json.loads(json.loads(state["fields"]["session"]))


def with_session(state, session):
    """The plugin's own state with another session."""
    fields = {**state["fields"], "session": json.dumps(json.dumps(session))}
    return {**state, "fields": fields}


def as_it_is(state, session):
    """A state and its session whose loops are neither levelled nor sent through the drum bus, played as written."""
    off = {name: {"bool": False} for name in ("bus", "levelled")} | {"human": {"f32": 0.0}}
    return (
        {**state, "params": {**state["params"], **off}},
        {**session, "levelled": False, "human": 0.0, "bus": {**session["bus"], "on": False}},
    )


def current_entry(session):
    """The history's entry that plays."""
    return session["history"][session["position"]]


def pattern_line(loop, samples):
    """A loop of the headless tool in the session's text notation, with the given samples a role."""
    bars, steps = loop["bars"], loop["steps"]
    swing = round(loop["swing"], 1)
    line = f"{bars}x{steps // bars}@4/4 s{swing:.1f}"
    for lane in loop["lanes"]:
        hits = {hit["step"]: hit for hit in lane["hits"]}
        cells = []
        for step in range(steps):
            if step not in hits:
                cells.append(".")
                continue
            hit = hits[step]
            delay = (swing - 50) / 50 if step % 2 else 0.0
            offset = round((hit["offset"] - delay) * 256)
            cells.append(f"({round(hit['velocity'] * 127)}{offset:+d})" if offset else f"({round(hit['velocity'] * 127)})")
        line += f" | {lane['role']} {samples[lane['role']]} {''.join(cells)}"
    return line


def samples_by_role(line):
    """Role to sample id, as a line of the session's text notation has them."""
    lanes = (lane.split() for lane in line.split("|")[1:])
    return {role: sample for role, sample, _ in lanes}


class Tool:
    """`deepdrummer session` as a process."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [built("DEEPDRUMMER_TOOL", "release/deepdrummer"), "session", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **request):
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
