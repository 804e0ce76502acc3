"""A person at the keyboard in DawDreamer's window under a window manager: every letter of a search arrives, also
after Ctrl-A and after a click beside the field; none of them rates a loop; and once the search is closed the keys
that rate do."""

import tempfile
import time

import numpy

import deepdrummer
from dawdreamer_client import DawDreamer
from test_dawdreamer_window import HISTORY, Window, again, close

# The preset's name in the top bar, in parts of the window at its first size.
NAME = (172 / 1080, 12 / 660, 100 / 1080, 22 / 660)
OPEN = (220 / 1080, 22 / 660)
# In the browser that opens below it: the search field, and a group.
SEARCH, GROUP_ALL = (220 / 1080, 76 / 660), (150 / 1080, 112 / 660)


def type_text(screen, text):
    """As quickly as a person who types well."""
    screen.run("xdotool", "type", "--delay", "60", text)


def click(window, spot):
    x, y, _, _ = window.part(*spot, 0, 0)
    window.screen.click(x, y)


def load(window, search):
    """Loads the preset that a search finds, by mouse and keyboard; returns the picture of its name then."""
    screen = window.screen
    before = window.see(NAME)
    click(window, OPEN)
    # What an earlier search left is replaced.
    screen.key("ctrl+a")
    type_text(screen, search)
    screen.key("Return")
    screen.key("Escape")
    window.leave()
    return window.rest(NAME, other_than=before)


def like(window):
    before = window.history()
    window.screen.key("l")
    window.rest(HISTORY, other_than=before)


def at_the_keyboard(screen, picture):
    home = tempfile.TemporaryDirectory(prefix="deepdrummer-", ignore_cleanup_errors=True)
    with home as folder, DawDreamer(environment={**screen.environment, "DEEPDRUMMER_HOME": folder}) as host:
        host.render(0.1)
        host.tell(do="edit")
        window = Window(screen)
        names = [load(window, search) for search in ("small clicks", "deep hours") * 4]
        for name in names[2::2]:
            assert numpy.array_equal(name, names[0]), "the first search finds the same preset every time"
        for name in names[3::2]:
            assert numpy.array_equal(name, names[1]), "and so does the second"
        like(window)
        # A field that lost the keyboard to a click beside it.
        click(window, OPEN)
        click(window, GROUP_ALL)
        screen.key("ctrl+a")
        type_text(screen, "lldd lo-fi")
        time.sleep(0.5)
        screen.image(window.part(0, 0, 1, 1)).save(picture)
        click(window, SEARCH)
        screen.key("ctrl+a")
        type_text(screen, "study room")
        screen.key("Return")
        screen.key("Escape")
        window.leave()
        window.rest(NAME, other_than=names[-1])
        like(window)
        close(screen, host, window)
        return host.save()


def test_letters_are_text_while_a_search_is_open_and_rate_afterwards(screen):
    picture = deepdrummer.output_folder() / "dawdreamer-keys.png"
    session = deepdrummer.session(again(at_the_keyboard, screen, picture))
    assert session["preset"] == "Study Room"
    likes = [judgement["verdict"]["like"] for judgement in session["judgements"]]
    assert likes == [True, True], "the two likes and nothing of what was typed"
