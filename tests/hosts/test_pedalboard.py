"""Pedalboard plays the VST3 bundle. It has no transport, so it auditions and plays notes."""

import mido
import numpy
import pedalboard
import pytest

import deepdrummer

RATE = deepdrummer.SAMPLE_RATE


def test_without_a_transport_only_notes_are_heard():
    plugin = pedalboard.load_plugin(deepdrummer.vst3())
    silence = plugin([], duration=1.0, sample_rate=RATE)
    assert numpy.abs(silence).max() == 0
    notes = [mido.Message("note_on", note=36, velocity=110, time=0.25), mido.Message("note_off", note=36, time=0.5)]
    audio = plugin(notes, duration=1.0, sample_rate=RATE)
    first = int(numpy.flatnonzero(numpy.abs(audio).max(axis=0))[0])
    assert abs(first - RATE // 4) <= 1, "the note sounds at its frame"


def test_its_state_holds_the_session_and_comes_back():
    plugin = pedalboard.load_plugin(deepdrummer.vst3())
    plugin([], duration=0.5, sample_rate=RATE)
    state = plugin.raw_state
    other = pedalboard.load_plugin(deepdrummer.vst3())
    other.raw_state = state
    session = lambda blob: deepdrummer.session(deepdrummer.state_from_host(blob))  # noqa: E731
    assert session(other.raw_state) == session(state)
