"""A GTK 3 window that takes dropped files and prints their URIs, one a line, then "end"."""

import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

window = Gtk.Window(title="target")
window.set_default_size(300, 300)
window.move(int(sys.argv[1]), int(sys.argv[2]))
window.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
window.drag_dest_add_uri_targets()


def received(_widget, _context, _x, _y, data, _info, _time):
    for uri in data.get_uris():
        print(uri, flush=True)
    print("end", flush=True)
    # The source is told that the drop is finished after this returns.
    GLib.timeout_add(300, Gtk.main_quit)


window.connect("drag-data-received", received)
window.connect("destroy", Gtk.main_quit)
window.show_all()
GLib.timeout_add(300, lambda: print("ready", flush=True))
Gtk.main()
