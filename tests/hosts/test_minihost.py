"""minihost plays the VST3 bundle with a transport of the test's own."""

import minihost
import numpy

import deepdrummer

RATE = deepdrummer.SAMPLE_RATE
BLOCK = 256


def play(plugin, blocks, bpm=120.0, start_beats=0.0, playing=True):
    """Audio of some blocks with the transport running on."""
    outputs = plugin.num_output_channels
    nothing = numpy.zeros((max(plugin.num_input_channels, 1), BLOCK), numpy.float32)
    audio = []
    for block in range(blocks):
        seconds = block * BLOCK / RATE
        beats = start_beats + seconds * bpm / 60 if playing else start_beats
        samples = round(beats * 60 / bpm * RATE)
        plugin.set_transport(bpm, position_samples=samples, position_beats=beats, is_playing=playing)
        out = numpy.zeros((outputs, BLOCK), numpy.float32)
        plugin.process(nothing, out)
        audio.append(out)
    return numpy.concatenate(audio, axis=1)


def test_it_plays_only_while_the_transport_runs():
    plugin = minihost.Plugin(deepdrummer.vst3(), sample_rate=RATE, max_block_size=BLOCK)
    assert numpy.abs(play(plugin, 200, playing=False)).max() == 0
    audio = play(plugin, 400)
    assert numpy.isfinite(audio).all() and numpy.abs(audio).max() > 0.01
    plugin.close()


def test_a_state_moves_to_another_instance():
    one = minihost.Plugin(deepdrummer.vst3(), sample_rate=RATE, max_block_size=BLOCK)
    audio = play(one, 400)
    blob = one.get_state()
    one.close()
    other = minihost.Plugin(deepdrummer.vst3(), sample_rate=RATE, max_block_size=BLOCK)
    other.set_state(blob)
    session = deepdrummer.session(deepdrummer.state_from_host(other.get_state()))
    assert session == deepdrummer.session(deepdrummer.state_from_host(blob))
    # The new instance plays its own loop until the worker has read the state; then the loaded one.
    for _ in range(200):
        if numpy.array_equal(play(other, 400), audio):
            break
    else:
        raise AssertionError("the loaded loop was never played")
    other.close()


def test_every_parameter_reads_back_its_text():
    plugin = minihost.Plugin(deepdrummer.vst3(), sample_rate=RATE, max_block_size=BLOCK)
    for index in range(plugin.num_params):
        for value in (0.0, 0.25, 0.5, 1.0):
            text = plugin.param_to_text(index, value)
            again = plugin.param_to_text(index, plugin.param_from_text(index, text))
            assert again == text, f"{plugin.get_param_info(index)} shows {text}, then {again}"
    plugin.close()


def play_notes(plugin, blocks, midi_in=None, playing=True):
    """Audio of some blocks, and the notes that came out as (frame, key, velocity); `midi_in` is by block."""
    nothing = numpy.zeros((max(plugin.num_input_channels, 1), BLOCK), numpy.float32)
    audio, notes, events = [], [], []
    for block in range(blocks):
        beats = block * BLOCK / RATE * 2 if playing else 0.0
        samples = block * BLOCK if playing else 0
        plugin.set_transport(120.0, position_samples=samples, position_beats=beats, is_playing=playing)
        out = numpy.zeros((plugin.num_output_channels, BLOCK), numpy.float32)
        told = plugin.process_midi(nothing, out, midi_in[block] if midi_in else [])
        audio.append(out)
        events.append(list(told))
        notes += [(block * BLOCK + at, key, velocity) for at, status, key, velocity in told if status & 0xF0 == 0x90]
    return numpy.concatenate(audio, axis=1), notes, events


def test_with_notes_only_another_instrument_plays_its_notes():
    ours = minihost.Plugin(deepdrummer.vst3(), sample_rate=RATE, max_block_size=BLOCK)
    for _ in range(200):
        if numpy.abs(play(ours, 100)).max() > 0:
            break
    state = deepdrummer.state_from_host(ours.get_state())
    state["params"]["notes_only"] = {"bool": True}
    with_map = {**deepdrummer.session(state), "midi_map": {"map": "addictive_drums"}}
    blob = deepdrummer.state_for_host(deepdrummer.with_session(state, with_map))
    ours.set_state(blob)
    # Until the worker has read the state the keys are the machine's.
    for _ in range(200):
        _, notes, _ = play_notes(ours, 400)
        if notes and {key for _, key, _ in notes} <= {36, 38, 37, 49, 51, 54, 61, 60, 77, 79, 81, 65, 67, 69, 71}:
            break
    else:
        raise AssertionError(f"the map was never used: {sorted({key for _, key, _ in notes})}")
    # What rang when the state came fades.
    audio, again, events = play_notes(ours, 400)
    assert numpy.abs(audio).max() == 0, "it makes no sound of its own"
    assert again == notes
    # The other instrument has the same map, and its own transport stands.
    state["params"]["notes_only"] = {"bool": False}
    other = minihost.Plugin(deepdrummer.vst3(), sample_rate=RATE, max_block_size=BLOCK)
    other.set_state(deepdrummer.state_for_host(deepdrummer.with_session(state, with_map)))
    for _ in range(200):
        heard, _, _ = play_notes(other, 400, events, playing=False)
        if numpy.abs(heard).max() > 0.01:
            break
    else:
        raise AssertionError("nothing of what was sent was played")
    first = min(at for at, _, _ in notes)
    assert numpy.abs(heard[:, :first]).max(initial=0) == 0
    ours.close()
    other.close()
