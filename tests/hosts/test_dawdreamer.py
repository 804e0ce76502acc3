"""DawDreamer plays the VST3 bundle: hits sound where the exported MIDI says."""

import mido
import numpy
import pytest

import deepdrummer
from dawdreamer_client import DawDreamer

# DawDreamer restores a state through the plugin's window, so it needs a screen.
pytestmark = pytest.mark.usefixtures("screen")

RATE = deepdrummer.SAMPLE_RATE
# The most frames that a factory sound holds one value.
HELD = 16


def exported_onsets(path, bpm):
    """{(key, beats)} of a MIDI file's note-ons, and its ticks a quarter note."""
    file = mido.MidiFile(path)
    found = []
    for track in file.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == "note_on" and message.velocity > 0:
                found.append(ticks / file.ticks_per_beat)
            if message.type == "set_tempo":
                assert round(mido.tempo2bpm(message.tempo), 3) == pytest.approx(bpm, abs=1e-3)
    return sorted(found), file.ticks_per_beat


@pytest.mark.parametrize(("bpm", "block"), [(120.0, 512), (97.3, 64), (174.0, 1024)])
def test_hits_sound_where_the_exported_midi_says(screen, tmp_path, bpm, block):
    with deepdrummer.Tool("--seed", 5, "--bpm", bpm, "--steps", 16) as tool:
        loop = tool.ask(do="propose")["loop"]
        midi = tool.ask(do="export", id=loop["id"], dir=str(tmp_path))["midi"]
    onsets, ticks_per_beat = exported_onsets(midi, bpm)
    seconds = loop["bars"] * 4 * 60 / bpm

    with DawDreamer(bpm, block, screen.environment) as host:
        host.render(0.1)
        state = host.save()
        # Levels and bus hear the whole loop: without a hit, all others sound a little otherwise.
        state, session = deepdrummer.as_it_is(state, deepdrummer.session(state))
        entry = deepdrummer.current_entry(session)
        samples = deepdrummer.samples_by_role(entry["pattern"])

        def render(lanes):
            """The loop's first pass with the given lanes."""
            entry["pattern"] = deepdrummer.pattern_line({**loop, "lanes": lanes}, samples)
            entry.pop("proposed", None)
            session["history"], session["position"] = [entry], 0
            host.load(deepdrummer.with_session(state, session))
            return host.render(seconds)

        whole = render(loop["lanes"])
        assert numpy.isfinite(whole).all() and numpy.abs(whole).max() > 0.01
        # Where a hit begins is where the sound first differs if that hit is left out.
        found = []
        for number, lane in enumerate(loop["lanes"]):
            for hit in lane["hits"]:
                if hit["step"] + hit["offset"] < 0:
                    # It sounds before the first pass begins.
                    continue
                rest = {**lane, "hits": [other for other in lane["hits"] if other is not hit]}
                without = render(loop["lanes"][:number] + [rest] + loop["lanes"][number + 1 :])
                differs = numpy.flatnonzero((whole != without).any(axis=0))
                if len(differs):
                    # Factory sounds begin at exact zero: what differs first is their second frame.
                    found.append((int(differs[0]) - 1, (hit["step"] + hit["offset"]) / 4))
    assert len(found) >= 4, "enough hits can be told apart"
    # A MIDI file counts in ticks; a hit is at most half a tick away from where it was written.
    tolerance = 1 + 0.5 / ticks_per_beat * 60 / bpm * RATE
    late = []
    for frame, beats in found:
        nearest = min(onsets, key=lambda onset: abs(onset - beats))
        late.append(frame - nearest * 60 / bpm * RATE)
    # A sound of a reduced sample rate holds the zero that it begins with; all others are heard at once.
    assert all(-tolerance <= frames <= HELD + tolerance for frames in late), f"frames late: {late}"
    assert 2 * sum(frames <= tolerance for frames in late) >= len(late), f"frames late: {late}"
    print(f"{len(found)} hits at {bpm} bpm, within {tolerance:.2f} frames")


def test_two_renders_are_bit_identical(screen):
    with DawDreamer(environment=screen.environment) as host:
        first = host.render(4.0)
        assert numpy.abs(first).max() > 0.01
        assert numpy.array_equal(first, host.render(4.0))


def test_a_saved_state_sounds_the_same_in_a_new_instance(screen):
    with DawDreamer(environment=screen.environment) as host:
        audio = host.render(4.0)
        state = host.save()
    with DawDreamer(environment=screen.environment) as host:
        host.load(state)
        assert numpy.array_equal(audio, host.render(4.0))
        again = host.save()
    assert deepdrummer.session(again) == deepdrummer.session(state)
