//! A host hears of an arrangement what its bars say: wherever it starts, jumps or cycles, and in every bounce.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::LazyLock;

use deepdrummer_core::pattern::{Grid, Hit, Loop, LoopId, Swing};
use deepdrummer_core::propose::sections::Maker;
use deepdrummer_core::session::song::{Section, Song};
use deepdrummer_core::song::Strip;
use deepdrummer_tests::audio::{first_difference, is_finite, peak};
use deepdrummer_tests::clap_host::{Input, Library, Plugin, Session};
use deepdrummer_tests::state;
use deepdrummer_tests::timeline::{Cycle, Onset, Wanted, compare, note_ons, onsets, sort, wanted_of};
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;
/// Sections of one, two and four bars; silence in between; the last run shorter than its section.
const STRIP: [u8; 11] = [1, 1, 1, 2, 2, 2, 0, 3, 3, 3, 1];
const OFFSET: i32 = 1;

/// Hits of its own on a grid: early, late, soft and loud.
fn pattern(base: &Loop, number: usize, grid: Grid) -> Loop {
    let mut pattern = base.regridded(grid);
    pattern.swing = Swing::from_percent(50.0 + 4.1 * number as f32);
    for (lane, of) in pattern.lanes_mut().iter_mut().enumerate() {
        of.hits = [Hit::NONE; _];
        for step in (0..grid.steps()).filter(|step| (step * (number + 2) + lane).is_multiple_of(lane + 2)) {
            let offset = ((step * 37 + lane * 11 + number * 5) % 81) as i8 - 40;
            of.hits[step] = Hit {
                velocity: (20 + (step * 13 + lane * 29 + number * 7) % 108) as u8,
                offset,
                ..Hit::NONE
            };
        }
    }
    pattern
}

/// A state with a song, and its sections' loops.
static SONG: LazyLock<(Vec<u8>, Vec<Loop>)> = LazyLock::new(|| {
    let bytes = state::with_loop(&Library::linked(), |_| {});
    let mut document = state::document(&bytes);
    let entry = state::current(&document).clone();
    let grids = [(1, 16), (2, 12), (4, 24)];
    let loops: Vec<Loop> = grids
        .into_iter()
        .enumerate()
        .map(|(number, (bars, steps_per_bar))| {
            pattern(&entry.pattern, number, Grid { bars, steps_per_bar, ..entry.pattern.grid })
        })
        .collect();
    let section = |number: usize| {
        let mut entry = entry.clone();
        (entry.id, entry.number) = (LoopId(9_000 + number as u64), 50 + number as u32);
        (entry.pattern, entry.proposed) = (loops[number], loops[number]);
        let name = ["A", "B", "C"][number].to_owned();
        Section { name, maker: Maker::Chosen, of: 0, frees_sounds: false, loops: vec![entry] }
    };
    document.song = Song {
        sections: (0..3).map(section).collect(),
        strip: Strip::of(&STRIP),
        arranged: true,
        looped: true,
        offset: OFFSET,
        chosen: 2,
        ..Song::default()
    };
    (state::with_session_text(&bytes, &document.write().unwrap()), loops)
});

fn playing(rate: f64, most_frames: usize) -> (Plugin, Session) {
    let mut plugin = Library::linked().open();
    assert!(plugin.load(&SONG.0));
    let session = plugin.activate(rate, most_frames);
    (plugin, session)
}

/// The hits of one bar of a loop, those that sound early among them, where the bar begins at `start`.
fn bar_onsets(of: &Loop, bar: usize, start: f64) -> Vec<Onset> {
    // By itself, as the second of four bars: what is before and behind it is empty.
    let mut alone = of.regridded(Grid { bars: 4, ..of.grid });
    let steps = usize::from(of.grid.steps_per_bar);
    for (lane, from) in alone.lanes_mut().iter_mut().zip(of.lanes()) {
        lane.hits = [Hit::NONE; _];
        lane.hits[steps..2 * steps].copy_from_slice(&from.hits[bar * steps..(bar + 1) * steps]);
    }
    let all = onsets(&alone, 3.0, 8.0);
    all.into_iter().map(|onset| Onset { beats: onset.beats - 4.0 + start, ..onset }).collect()
}

/// All hits with positions in `from..to`: a second, simple statement of the rule.
fn song_onsets(from: f64, to: f64) -> Vec<Onset> {
    let mut all = Vec::new();
    for bar in (from / 4.0).floor() as i64 - 1..=(to / 4.0).ceil() as i64 + 1 {
        let at = (bar - i64::from(OFFSET)).rem_euclid(STRIP.len() as i64) as usize;
        let Some(section) = usize::from(STRIP[at]).checked_sub(1) else { continue };
        let begun = STRIP[..at].iter().rposition(|of| *of != STRIP[at]).map_or(0, |before| before + 1);
        let of = &SONG.1[section];
        let own = (at - begun) % usize::from(of.grid.bars);
        all.extend(
            bar_onsets(of, own, bar as f64 * 4.0)
                .into_iter()
                .filter(|onset| (from..to).contains(&onset.beats)),
        );
    }
    all.sort_by(|a, b| a.beats.total_cmp(&b.beats).then(a.key.cmp(&b.key)));
    all
}

fn wanted(from: f64, frames: usize, bpm: f64, rate: f64) -> Vec<Wanted> {
    wanted_of(song_onsets, from, frames, bpm, rate)
}

#[test]
fn hits_sound_on_the_exact_frame_wherever_play_starts() {
    for rate in [44_100.0, 96_000.0] {
        let (mut plugin, mut session) = playing(rate, 8192);
        for (from, bpm, block) in [
            (0.0, 120.0, 512),
            (3.37, 120.0, 64),
            (15.0, 93.7, 441),
            (27.99, 174.0, 8192),
            (33.25, 60.0, 1024),
            (-4.0, 137.3, 128),
            (1_000.5, 99.9, 256),
        ] {
            session.play(512, 512, Transport::stopped(from, bpm), &[]);
            session.take_notes();
            let (began, frames) = (session.frames_done(), (rate * 5.0) as usize);
            session.play(frames, block, Transport::playing(from, bpm), &[]);
            let notes = note_ons(&session.take_notes(), began);
            assert_eq!(
                compare(&notes, &wanted(from, frames, bpm, rate)),
                Ok(()),
                "from {from} at {bpm} bpm, {rate} Hz in blocks of {block}"
            );
        }
        plugin.deactivate(session);
    }
}

#[test]
fn a_cycle_inside_a_section_and_across_sections_goes_on_at_its_start() {
    let (mut plugin, mut session) = playing(RATE, 1024);
    for (start, end) in [(13.0, 14.5), (12.0, 20.0), (3.1, 25.7), (26.0, 30.0)] {
        let bpm = 126.0;
        session.play(64, 64, Transport::stopped(start, bpm), &[]);
        session.take_notes();
        let began = session.frames_done();
        let cycle = Cycle { between: (start, end), from: start + 0.2, bpm, sample_rate: RATE };
        let blocks = (3.0 * (end - start) * 60.0 / bpm * RATE / 1024.0) as usize;
        cycle.play(&mut session, blocks, 1024);
        let wanted = cycle.wanted(song_onsets, blocks * 1024);
        let notes = note_ons(&session.take_notes(), began);
        assert_eq!(compare(&notes, &wanted), Ok(()), "cycle {start} to {end}");
    }
    plugin.deactivate(session);
}

#[test]
fn a_jump_from_one_section_into_another_counts_from_its_frame() {
    let (mut plugin, mut session) = playing(RATE, 4096);
    let bpm = 120.0;
    session.play(64, 64, Transport::stopped(0.0, bpm), &[]);
    session.take_notes();
    let began = session.frames_done();
    // From the first section into the middle of the third, at frame 1,000 of a block of 4,096.
    let jump = Transport::playing(33.5, bpm);
    session.process(4096, Some(&Transport::playing(5.0, bpm)), &[(1_000, Input::Transport(jump))]);
    session.play(24_000, 4096, jump.after(3_096, RATE), &[]);
    let notes = note_ons(&session.take_notes(), began);
    let mut all = wanted(5.0, 1_000, bpm, RATE);
    all.extend(wanted(33.5, 27_096, bpm, RATE).iter().map(|note| note.later(1_000)));
    sort(&mut all);
    assert_eq!(compare(&notes, &all), Ok(()));
    plugin.deactivate(session);
}

fn bounce(offline: bool, block: usize, from: f64, inputs: &[(usize, Input)]) -> Vec<Vec<f32>> {
    let mut plugin = Library::linked().open();
    assert!(plugin.load(&SONG.0));
    plugin.set_offline(offline);
    let mut session = plugin.activate(RATE, block);
    let (audio, _) = session.play(48_000 * 10, block, Transport::playing(from, 140.0), inputs);
    plugin.deactivate(session);
    assert!(is_finite(&audio) && peak(&audio) > 0.01, "the bounce holds sound");
    audio
}

#[test]
fn two_bounces_are_bit_identical_and_equal_realtime_in_blocks_of_any_length() {
    let reference = bounce(true, 512, 4.0, &[]);
    assert_eq!(first_difference(&reference, &bounce(true, 512, 4.0, &[])), None);
    assert_eq!(first_difference(&reference, &bounce(false, 512, 4.0, &[])), None);
    for block in [33, 1000, 8192] {
        assert_eq!(first_difference(&reference, &bounce(true, block, 4.0, &[])), None, "blocks of {block}");
    }
}

#[test]
fn an_automated_section_is_held_from_the_next_bar_on_in_every_bounce() {
    let (mut plugin, mut session) = playing(RATE, 512);
    let bpm = 120.0;
    session.play(64, 64, Transport::stopped(4.0, bpm), &[]);
    session.take_notes();
    let began = session.frames_done();
    let bar = 96_000;
    // In the middle of bar 2 of the song the third section is asked for, and let go a bar later.
    let inputs = [
        (bar / 2, Input::Parameter { id: "section", value: 3.0 }),
        (bar + bar / 2, Input::Parameter { id: "section", value: 0.0 }),
    ];
    session.play(3 * bar, 512, Transport::playing(4.0, bpm), &inputs);
    let notes = note_ons(&session.take_notes(), began);
    let early = 0.5 * SONG.1[2].grid.step_beats();
    // A second of beats of the song for what sounds by the strip, and bar 3 of the third section between them.
    let of_strip = |from: f64, to: f64| song_onsets(from, to);
    let third = bar_onsets(&SONG.1[2], 2, 8.0);
    // Clear of the early hits around both bar lines, which belong to the bar that comes.
    let clear = |beats: f64| [8.0, 12.0].iter().all(|line| !(line - early - 1e-6..*line).contains(&beats));
    let mut all: Vec<Onset> = of_strip(4.0, 8.0);
    all.extend(third);
    all.extend(of_strip(12.0, 16.0));
    let mut wanted: Vec<Wanted> = all
        .iter()
        .filter(|onset| clear(onset.beats))
        .map(|onset| Wanted::new(onset, 4.0, bpm, RATE))
        .collect();
    sort(&mut wanted);
    let found: Vec<_> =
        notes.into_iter().filter(|(frame, ..)| clear(4.0 + *frame as f64 / 24_000.0 - 1e-5)).collect();
    assert_eq!(compare(&found, &wanted), Ok(()));
    plugin.deactivate(session);
    let automated = [(96_000, Input::Parameter { id: "section", value: 3.0 })];
    let once = bounce(true, 512, 4.0, &automated);
    assert_eq!(first_difference(&once, &bounce(true, 512, 4.0, &automated)), None);
    assert!(first_difference(&once, &bounce(true, 512, 4.0, &[])).is_some());
}
