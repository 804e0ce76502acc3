"""A Tk window (tkdnd) that takes dropped files and prints their URIs, one a line, then "end"."""

import sys
import tkinter
import urllib.parse

window = tkinter.Tk()
window.title("target")
window.geometry(f"300x300+{sys.argv[1]}+{sys.argv[2]}")
window.tk.call("package", "require", "tkdnd")
window.tk.call("tkdnd::drop_target", "register", window._w, "DND_Files")


def received(data):
    for path in window.tk.splitlist(data):
        print("file://" + urllib.parse.quote(path, safe="/~"), flush=True)
    print("end", flush=True)
    window.after(300, window.destroy)
    return "copy"


# Errors in Tk's own handlers would open a window; the test must see them.
window.tk.createcommand("bgerror", lambda *words: print("error", *words, flush=True))
command = window.register(received)
window.tk.call("bind", window._w, "<<Drop>>", f"{command} %D")
window.after(300, lambda: print("ready", flush=True))
window.mainloop()
