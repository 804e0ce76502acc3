"""A person rates ten loops with the mouse in DawDreamer's window, and other loops are proposed."""

import time

import numpy

import deepdrummer
from dawdreamer_client import DawDreamer

TITLE = "DawDreamer: DeepDrummer"
# Where the buttons are in the window at its first size, in parts of its width and height.
LIKE, DISLIKE, SKIP = (0.59, 0.925), (0.103, 0.925), (0.331, 0.912)
# The strip of the history, which changes with every loop that was judged or skipped.
HISTORY = (0.06, 0.75, 0.74, 0.10)


class HostEnded(Exception):
    """The host's process ended while it closed its window."""


class Window:
    """The plugin's window inside the host."""

    def __init__(self, screen):
        self.screen = screen
        self.id = screen.find_window(TITLE)
        # Text alone gives dozens of shades.
        shades = lambda: len(numpy.unique(self.see().reshape(-1, 3), axis=0)) > 30  # noqa: E731
        screen.wait(shades, "the window to draw")
        self.history()

    def part(self, x, y, width, height):
        left, top, across, down = self.screen.area(self.id)
        return (left + int(x * across), top + int(y * down), int(width * across), int(height * down))

    def see(self, part=(0, 0, 1, 1)):
        return self.screen.pixels(self.part(*part))

    def history(self):
        """The history strip once it no longer changes."""
        last = [self.see(HISTORY), time.monotonic()]

        def still():
            now = self.see(HISTORY)
            if not numpy.array_equal(now, last[0]):
                last[:] = [now, time.monotonic()]
            return time.monotonic() - last[1] > 0.7

        self.screen.wait(still, "the history to come to rest")
        return last[0]

    def press(self, button):
        """Clicks a button and waits until its loop is in the history and the next one there."""
        before = self.history()
        x, y, _, _ = self.part(*button, 0, 0)
        self.screen.click(x, y)
        changed = lambda: not numpy.array_equal(before, self.see(HISTORY))  # noqa: E731
        self.screen.wait(changed, "the history to change")
        self.history()


def use(screen, state, buttons, picture=None):
    """Presses buttons in the window of a new instance with a state; returns the state then.

    When its window closes, JUCE asks for the parents of a frame that the window manager may just
    have removed; X then ends the host with BadWindow on a window of the manager's. That is neither
    the plugin's doing nor in its reach, so such a run is done again.
    """
    for _ in range(4):
        try:
            return use_once(screen, state, buttons, picture)
        except HostEnded as ended:
            print(ended)
    raise AssertionError("the host never closed its window in good order")


def use_once(screen, state, buttons, picture):
    with DawDreamer(environment=screen.environment) as host:
        host.render(0.1)
        if state is not None:
            host.load(state)
        host.tell(do="edit")
        window = Window(screen)
        for button in buttons:
            window.press(button)
        if picture:
            screen.image(window.part(0, 0, 1, 1)).save(picture)
        screen.close_window(window.id)
        try:
            host.answer()
        except AssertionError as ended:
            raise HostEnded(str(ended)) from ended
        return host.save()


def patterns(session):
    return [entry["pattern"] for entry in session["history"]]


def test_ten_ratings_with_the_mouse_change_what_is_proposed(screen):
    start = use(screen, None, [])
    first = deepdrummer.current_entry(deepdrummer.session(start))

    ratings = [LIKE, DISLIKE, DISLIKE, LIKE, DISLIKE, LIKE, DISLIKE, DISLIKE, LIKE, DISLIKE]
    picture = deepdrummer.output_folder() / "dawdreamer-window.png"
    rated = deepdrummer.session(use(screen, start, ratings, picture))
    likes = [judgement["verdict"]["like"] for judgement in rated["judgements"]]
    assert likes == [button is LIKE for button in ratings], "every click is a judgement, in order"
    assert rated["judgements"][0]["id"] == first["id"], "the first click judged the loop that was there"
    judged = [judgement["id"] for judgement in rated["judgements"]]
    assert len(set(judged)) == 10, "every click judged another loop"

    skipped = deepdrummer.session(use(screen, start, [SKIP] * 10))
    assert not skipped["judgements"], "a skip is no judgement"
    assert patterns(skipped)[0] == patterns(rated)[0], "both began with the same loop"
    after_ratings, after_skips = patterns(rated)[3:], patterns(skipped)[3:]
    assert after_ratings != after_skips, "the ratings changed what was proposed"
