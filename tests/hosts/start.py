"""What instances of a VST3 plugin cost a host: the time that it is blocked and the memory that they take.

One host a process, since the first instance of a process pays for the rest. Prints a line an instance:
milliseconds that the host was blocked, milliseconds of processor time, megabytes of resident memory and of
the part of it that is no file's, each more than before.

    python start.py dawdreamer|minihost PLUGIN.vst3 INSTANCES
"""

import os
import sys
import time
from pathlib import Path

RATE = 48_000
BLOCK = 512
# Long enough for all that an instance does in the background after it plays.
REST = 1.5


def resident_mb():
    """Resident memory in millions of bytes, and the part of it that is the process's own."""
    fields = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    kilobytes = {name: int(fields[name].split()[0]) for name in ("VmRSS", "RssAnon")}
    return [kilobytes[name] * 1024 / 1e6 for name in ("VmRSS", "RssAnon")]


def dawdreamer_host():
    import dawdreamer
    import numpy

    engine = dawdreamer.RenderEngine(RATE, BLOCK)
    graph = []

    def add(plugin):
        graph.append((engine.make_plugin_processor(f"plugin {len(graph)}", plugin), []))
        engine.load_graph(graph)
        engine.render(BLOCK / RATE)

    # What the host does once, whatever it hosts.
    engine.load_graph([(engine.make_playback_processor("silence", numpy.zeros((2, BLOCK))), [])])
    engine.render(BLOCK / RATE)
    return add


def minihost_host():
    import minihost
    import numpy

    held = []

    def add(plugin):
        made = minihost.Plugin(plugin, sample_rate=RATE, max_block_size=BLOCK)
        held.append(made)
        nothing = numpy.zeros((max(made.num_input_channels, 1), BLOCK), numpy.float32)
        out = numpy.zeros((made.num_output_channels, BLOCK), numpy.float32)
        made.set_transport(120.0, position_samples=0, position_beats=0.0, is_playing=True)
        made.process(nothing, out)

    return add


def main():
    host, plugin, instances = sys.argv[1], sys.argv[2], int(sys.argv[3])
    add = {"dawdreamer": dawdreamer_host, "minihost": minihost_host}[host]()
    time.sleep(0.2)
    for _ in range(instances):
        before, processor, began = resident_mb(), time.process_time(), time.perf_counter()
        add(plugin)
        blocked = time.perf_counter() - began
        time.sleep(REST)
        after = resident_mb()
        spent = time.process_time() - processor
        grown = [there - earlier for there, earlier in zip(after, before)]
        print(f"{1e3 * blocked:.2f},{1e3 * spent:.2f},{grown[0]:.3f},{grown[1]:.3f}", flush=True)
    # How a host ends is not measured, and Python ends in an order of its own.
    os._exit(0)


main()
