"""A person at the mouse in DawDreamer's window: ten ratings change what is proposed; ten likes, edits, an
undo, a lock and another size are all there when the window is opened again."""

import re
import tempfile
import time

import numpy

import deepdrummer
from dawdreamer_client import DawDreamer

TITLE = "DawDreamer: DeepDrummer"
# Where the buttons are in the window at its first size, in parts of its width and height.
LIKE, DISLIKE, SKIP = (0.59, 0.925), (0.103, 0.925), (0.331, 0.912)
UNDO, LOCK_BEAT_OF_KICK = (0.496, 0.034), (0.119, 0.150)
# The strip of the history, which changes with every loop that was judged or skipped.
HISTORY = (0.06, 0.75, 0.74, 0.10)
# Nothing lies here that answers to a pointer.
NOWHERE = (0.4, 0.995)


def cell(lane, step):
    """A cell of the step grid with six lanes of sixteen steps at the window's first size."""
    left, top, pitch, row = 274.2, 80.0, 32.66, 64.67
    return ((left + step * pitch) / 1080, (top + lane * row) / 660, 29.0 / 1080, 60.0 / 660)


def middle(part):
    return (part[0] + part[2] / 2, part[1] + part[3] / 2)


def foot(part):
    """The lower middle of a cell: a hit fills it, and no outline or sign of the explanation does."""
    return (part[0] + part[2] * 0.4, part[1] + part[3] * 0.8, part[2] * 0.2, part[3] * 0.1)


def around(spot):
    """A small part of the window around a button."""
    return (spot[0] - 0.008, spot[1] - 0.013, 0.016, 0.026)


class Window:
    """The plugin's window inside the host."""

    def __init__(self, screen):
        self.screen = screen
        self.id = screen.find_window(TITLE)
        # JUCE makes its window twice: the first one goes when the plugin's editor is put in.
        time.sleep(1)
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

    def rest(self, part, other_than=None):
        """A part of the window once it no longer changes, and where wanted looks other than it did."""
        last = [self.see(part), time.monotonic()]

        def still():
            now = self.see(part)
            if not numpy.array_equal(now, last[0]):
                last[:] = [now, time.monotonic()]
            other = other_than is None or not numpy.array_equal(other_than, last[0])
            return other and time.monotonic() - last[1] > 0.7

        try:
            self.screen.wait(still, f"{part} to change and come to rest")
        except AssertionError:
            self.screen.image().save(deepdrummer.output_folder() / "dawdreamer-failed.png")
            raise
        return last[0]

    def history(self):
        """The history strip once it no longer changes."""
        return self.rest(HISTORY)

    def change(self, spot, part):
        """Clicks somewhere and waits until a part of the window looks different, for good."""
        before = self.rest(part)
        x, y, _, _ = self.part(*spot, 0, 0)
        self.screen.click(x, y)
        self.leave()
        self.rest(part, other_than=before)

    def leave(self):
        """Takes the pointer away, so that nothing is lit and no help is shown."""
        x, y, _, _ = self.part(*NOWHERE, 0, 0)
        self.screen.run("xdotool", "mousemove", str(x), str(y))

    def size(self):
        return self.screen.area(self.id)[2:]

    def press(self, button):
        """Clicks a button and waits until its loop is in the history and the next one there."""
        before = self.history()
        x, y, _, _ = self.part(*button, 0, 0)
        self.screen.click(x, y)
        self.rest(HISTORY, other_than=before)


class HostEnded(Exception):
    """The host's process ended while it closed its window."""


def again(work, *arguments):
    """Does something in a host, once more when the host has ended on its own.

    When its window closes, JUCE asks for the parents of a frame that the window manager may just
    have removed; X then ends the host with BadWindow on a window of the manager's. That is neither
    the plugin's doing nor in its reach, so such a run is done again.
    """
    for _ in range(6):
        try:
            return work(*arguments)
        except HostEnded as ended:
            print(ended)
    raise AssertionError("the host never closed its window in good order")


def close(screen, host, window):
    screen.close_window(window.id)
    try:
        host.answer()
    except AssertionError as ended:
        raise HostEnded(str(ended)) from ended


def use(screen, state, buttons, picture=None):
    """Presses buttons in the window of a new instance with a state; returns the state then."""
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
        close(screen, host, window)
        return host.save()


def patterns(session):
    return [entry["pattern"] for entry in session["history"]]


def test_ten_ratings_with_the_mouse_change_what_is_proposed(screen):
    start = again(use, screen, None, [])
    first = deepdrummer.current_entry(deepdrummer.session(start))

    ratings = [LIKE, DISLIKE, DISLIKE, LIKE, DISLIKE, LIKE, DISLIKE, DISLIKE, LIKE, DISLIKE]
    picture = deepdrummer.output_folder() / "dawdreamer-window.png"
    rated = deepdrummer.session(again(use, screen, start, ratings, picture))
    likes = [judgement["verdict"]["like"] for judgement in rated["judgements"]]
    assert likes == [button is LIKE for button in ratings], "every click is a judgement, in order"
    assert rated["judgements"][0]["id"] == first["id"], "the first click judged the loop that was there"
    judged = [judgement["id"] for judgement in rated["judgements"]]
    assert len(set(judged)) == 10, "every click judged another loop"

    skipped = deepdrummer.session(again(use, screen, start, [SKIP] * 10))
    assert not skipped["judgements"], "a skip is no judgement"
    assert patterns(skipped)[0] == patterns(rated)[0], "both began with the same loop"
    after_ratings, after_skips = patterns(rated)[3:], patterns(skipped)[3:]
    assert after_ratings != after_skips, "the ratings changed what was proposed"


def hits(line):
    """The cells of each lane in a line of the session's text notation."""
    return [re.findall(r"\(.*?\)|[^()]", lane.split()[2]) for lane in line.split("|")[1:]]


def a_whole_session(screen, picture):
    # A home of its own each time: the window must have its first size, not the one remembered from a run
    # whose host ended.
    home = tempfile.TemporaryDirectory(prefix="deepdrummer-", ignore_cleanup_errors=True)
    with home as folder, DawDreamer(environment={**screen.environment, "DEEPDRUMMER_HOME": folder}) as host:
        host.render(0.1)
        host.tell(do="edit")
        window = Window(screen)
        for _ in range(10):
            window.press(LIKE)
        window.leave()
        edited, undone = [(0, 1), (1, 3)], (4, 6)
        for place in edited:
            window.change(middle(cell(*place)), foot(cell(*place)))
        before = window.rest(foot(cell(*undone)))
        window.change(middle(cell(*undone)), foot(cell(*undone)))
        window.change(UNDO, foot(cell(*undone)))
        assert numpy.array_equal(before, window.see(foot(cell(*undone)))), "undone, the cell is as it was"
        window.change(LOCK_BEAT_OF_KICK, around(LOCK_BEAT_OF_KICK))

        width, height = window.size()

        def larger():
            return window.size()[0] > width + 150 and window.size()[1] > height + 80

        # On a busy machine the host may still be drawing when the button goes down; a person drags again.
        for attempt in range(3):
            x, y, _, _ = window.part(1, 1, 0, 0)
            screen.drag((x - 5, y - 5), (x + 195, y + 115))
            if attempt == 2:
                screen.wait(larger, "a larger window")
            elif screen.comes(larger, 20):
                break
        window.leave()
        # The size is remembered once it has settled.
        time.sleep(1)
        size = window.size()
        screen.image(window.part(0, 0, 1, 1)).save(picture)
        close(screen, host, window)
        saved = host.save()

        host.tell(do="edit")
        window = Window(screen)
        window.leave()
        assert window.size() == size, "opened again, the window has the size that it was given"
        close(screen, host, window)
        return saved, host.save(), edited


def test_likes_edits_undo_lock_and_size_survive_the_window(screen):
    picture = deepdrummer.output_folder() / "dawdreamer-session.png"
    saved, reopened, edited = again(a_whole_session, screen, picture)
    session = deepdrummer.session(saved)
    assert [judgement["verdict"]["like"] for judgement in session["judgements"]] == [True] * 10
    entry = deepdrummer.current_entry(session)
    now, proposed = hits(entry["pattern"]), hits(entry["proposed"])
    places = [(lane, step) for lane, row in enumerate(now) for step, hit in enumerate(row) if hit != proposed[lane][step]]
    assert places == edited, "two edits, and the third was undone"
    assert [lane["lock_beat"] for lane in session["lanes"]] == [True] + [False] * 5
    assert deepdrummer.session(reopened) == session, "to open the window again changes nothing"
