"""A process of its own in which DawDreamer holds the plugin.

Reads one JSON request a line, answers with one line: `load` a state file, `save` one, `render` some
seconds to a .npy file, `edit` (open the window and wait until it is closed), `parameters`, `set` one.
A process of its own, because a host's crash is a test's failure and not the end of all tests, and
because a screen can be given to it.
"""

import json
import sys

import dawdreamer
import numpy


def main():
    options = json.loads(sys.argv[1])
    engine = dawdreamer.RenderEngine(options["sample_rate"], options["block"])
    plugin = engine.make_plugin_processor("drums", options["plugin"])
    engine.set_bpm(options["bpm"])
    engine.load_graph([(plugin, [])])
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answer(engine, plugin, request)), flush=True)


def answer(engine, plugin, request):
    match request["do"]:
        case "load":
            plugin.load_state(request["path"])
        case "save":
            plugin.save_state(request["path"])
        case "render":
            if not engine.render(request["seconds"]):
                return {"error": "not rendered"}
            numpy.save(request["path"], engine.get_audio())
        case "edit":
            plugin.open_editor()
        case "parameters":
            return {"parameters": [parameter["name"] for parameter in plugin.get_parameters_description()]}
        case "set":
            names = [parameter["name"] for parameter in plugin.get_parameters_description()]
            plugin.set_parameter(names.index(request["name"]), request["value"])
    return {"ok": True}


main()
