//! What sounds is what the song position says, whatever the host does with it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod engine_fixture;

use deepdrummer_core::engine::{Engine, Enter, Transport};
use deepdrummer_core::pattern::{Loop, MAX_LANES, Meter};
use deepdrummer_core::units::{Bpm, SampleRate};
use engine_fixture::*;
use proptest::prelude::*;

/// As in the engine's documentation: a frame reaches this far.
const SLACK: f64 = 0.000_987_654_321;

/// One block as the host sends it.
#[derive(Clone, Copy, Debug)]
struct Block {
    transport: Transport,
    frames: usize,
    /// The position is not where the last block led to.
    jump: bool,
}

/// When (in quarter notes), on which lane, and how loud.
type SongHit = (f64, usize, u8);

/// Follows song position frame by frame and asks of each frame which hits it reaches.
struct Naive {
    pattern: Loop,
    rate: SampleRate,
    /// Hits up to here have sounded.
    done: Option<f64>,
}

impl Naive {
    /// All hits of the host's bar that begins at `bar_start`, and of the bars beside it.
    fn hits_around(&self, bar_start: f64, meter: Meter) -> Vec<SongHit> {
        let (host_bar, grid) = (meter.bar_beats(), self.pattern.grid);
        let own_bar = grid.meter.bar_beats();
        let repeats = (host_bar / own_bar - 1e-9).ceil().max(1.0) as i64;
        let mut hits = Vec::new();
        for neighbour in -2..=2 {
            let start = bar_start + f64::from(neighbour) * host_bar;
            let number = (start / host_bar + 0.004).floor() as i64;
            for repeat in 0..repeats {
                let bar = (number * repeats + repeat).rem_euclid(i64::from(grid.bars)) as usize;
                let from = start + repeat as f64 * own_bar;
                let to = (from + own_bar).min(start + host_bar);
                for (lane, of) in self.pattern.lanes().iter().enumerate() {
                    for step in
                        bar * usize::from(grid.steps_per_bar)..(bar + 1) * usize::from(grid.steps_per_bar)
                    {
                        let at = from + self.pattern.beat_in_bar(step, of.hits[step]);
                        if of.hits[step].is_on() && at < to - 1e-6 {
                            hits.push((at, lane, of.hits[step].velocity));
                        }
                    }
                }
            }
        }
        hits
    }

    /// The amplitude of each lane in each frame of a block.
    fn play(&mut self, block: &Block) -> Vec<[f32; MAX_LANES]> {
        let transport = block.transport;
        let step = per_frame(transport.bpm, self.rate);
        let mut out = vec![[0.0; MAX_LANES]; block.frames];
        if !transport.playing {
            self.done = None;
            return out;
        }
        if block.jump {
            self.done = None;
        }
        let (length, mut pos) = (transport.meter.bar_beats(), transport.pos_beats);
        let mut known: Option<(i64, Vec<SongHit>)> = None;
        let mut armed = false;
        let mut first = 0;
        let mut base = pos;
        for (frame, amplitudes) in out.iter_mut().enumerate() {
            pos = base + (frame - first) as f64 * step;
            if let Some((start, end)) = transport.loop_range_beats {
                if armed && pos >= end - SLACK * step {
                    pos = start + (pos - end);
                    (first, base) = (frame, pos);
                    self.done = Some(start - SLACK * step);
                }
                armed = pos < end - SLACK * step;
            }
            let done = self.done.unwrap_or(pos - step + SLACK * step);
            let bar = ((pos - transport.bar_start_beats) / length + 1e-9).floor() as i64;
            if known.as_ref().is_none_or(|(of, _)| *of != bar) {
                let start = transport.bar_start_beats + bar as f64 * length;
                known = Some((bar, self.hits_around(start, transport.meter)));
            }
            for &(at, lane, velocity) in &known.as_ref().unwrap().1 {
                if at > done && at <= pos + SLACK * step {
                    amplitudes[lane] += (f32::from(velocity) / 127.0).powi(2);
                }
            }
            self.done = Some(done.max(pos + SLACK * step));
        }
        // A block that ends exactly at the region's end goes on at its start.
        if let Some((start, end)) = transport.loop_range_beats
            && armed
            && pos + step >= end - SLACK * step
        {
            self.done = Some(start - SLACK * step);
        }
        out
    }
}

/// What a host does next.
#[derive(Clone, Copy, Debug)]
enum Move {
    Play,
    Stop,
    Jump(f64),
    Tempo(f64),
    /// So much faster in every block from now on.
    Ramp(f64),
    Meter(Meter),
    Loop(f64, f64),
    NoLoop,
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => Just(Move::Play),
        1 => Just(Move::Stop),
        2 => (-9.0f64..40.0).prop_map(Move::Jump),
        1 => (-4i32..12).prop_map(|beat| Move::Jump(f64::from(beat))),
        2 => (20.0f64..400.0).prop_map(Move::Tempo),
        1 => (0.98f64..1.02).prop_map(Move::Ramp),
        1 => any_host_meter().prop_map(Move::Meter),
        2 => (-4.0f64..12.0, 0.01f64..9.0).prop_map(|(start, length)| Move::Loop(start, start + length)),
        2 => (-4i32..12, 1i32..9).prop_map(|(start, length)| Move::Loop(f64::from(start), f64::from(start + length))),
        1 => Just(Move::NoLoop),
    ]
}

/// The blocks of a host that does these moves, each followed by blocks of the given sizes.
fn blocks(moves: &[Move], sizes: &[usize], rate: SampleRate, start: f64, split_at_wraps: bool) -> Vec<Block> {
    let mut now = Transport::at(start, Bpm::DEFAULT, Meter::FOUR_FOUR);
    let (mut ramp, mut jump, mut told) = (1.0, true, start);
    let mut out = Vec::new();
    for step in moves {
        match *step {
            Move::Play => jump |= !std::mem::replace(&mut now.playing, true),
            Move::Stop => now.playing = false,
            Move::Jump(to) => {
                // Whether a step that is this small is a jump or was rounded, other tests say.
                let is_small = [now.pos_beats, told].iter().any(|at| (at - to).abs() < 0.1);
                (now.pos_beats, jump) = (if is_small { to + 0.37 } else { to }, true);
            }
            Move::Tempo(bpm) => now.bpm = Bpm::new(bpm),
            Move::Ramp(by) => ramp = by,
            Move::Meter(meter) => now.meter = meter,
            Move::Loop(start, end) => now.loop_range_beats = Some((start, end)),
            Move::NoLoop => now.loop_range_beats = None,
        }
        for &size in sizes {
            let step = per_frame(now.bpm, rate);
            let bar = now.meter.bar_beats();
            now.bar_start_beats = (now.pos_beats / bar + 1e-9).floor() * bar;
            let mut left = size;
            while left > 0 {
                let mut frames = left;
                let mut wrapped = None;
                let region =
                    now.loop_range_beats.filter(|(_, end)| now.playing && now.pos_beats < end - SLACK * step);
                if let Some((start, end)) = region {
                    let reached = ((end - now.pos_beats) / step - SLACK).ceil() as usize;
                    if reached <= frames {
                        if split_at_wraps {
                            frames = reached;
                        }
                        // Where the host itself is after all of its wraps.
                        let mut pos = now.pos_beats;
                        let mut rest = frames;
                        loop {
                            let reached = ((end - pos) / step - SLACK).ceil() as usize;
                            if reached > rest {
                                break;
                            }
                            pos = start + (pos + reached as f64 * step - end);
                            rest -= reached;
                        }
                        wrapped = Some(pos + rest as f64 * step);
                    }
                }
                out.push(Block { transport: now, frames, jump });
                told = now.pos_beats;
                left -= frames;
                if now.playing {
                    jump = false;
                    now.pos_beats = wrapped.unwrap_or(now.pos_beats + frames as f64 * step);
                } else {
                    jump = true;
                }
                now.bar_start_beats = (now.pos_beats / bar + 1e-9).floor() * bar;
            }
            now.bpm = Bpm::new(now.bpm.get() * ramp);
        }
    }
    out
}

fn any_rate() -> impl Strategy<Value = SampleRate> {
    prop::sample::select(vec![22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0]).prop_map(SampleRate::new)
}

fn any_size() -> impl Strategy<Value = usize> {
    prop_oneof![
        prop::sample::select(vec![1usize, 16, 32, 64, 128, 256, 441, 512, 1024, 2048, 4096, 8192]),
        1usize..=8192
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_hit_sounds_on_the_frame_that_song_position_says(
        pattern in any_loop(),
        moves in prop::collection::vec(any_move(), 1..8),
        sizes in prop::collection::vec(any_size(), 1..4),
        rate in any_rate(),
        start in prop_oneof![Just(0.0), -8.0f64..16.0],
        split in any::<bool>(),
    ) {
        let mut engine = Engine::new(rate);
        engine.set_mix(open_mix());
        engine.offer(plan(1, Enter::Now, pattern, |_| impulse())).unwrap();
        let mut naive = Naive { pattern, rate, done: None };
        for (number, of) in blocks(&moves, &sizes, rate, start, split).iter().enumerate() {
            let mut heard = Heard::default();
            block(&mut engine, &of.transport, &[], of.frames, &mut heard);
            for (frame, expected) in naive.play(of).iter().enumerate() {
                for (lane, expected) in expected.iter().enumerate() {
                    let sounded = heard.lanes[lane][0][frame];
                    prop_assert!(
                        (sounded - expected).abs() < 1e-5,
                        "block {number} {of:?} frame {frame} lane {lane}: {sounded}, not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_host_that_counts_a_little_differently_loses_and_doubles_nothing(
        pattern in any_loop(),
        size in 16usize..2048,
        jitter in prop::collection::vec(-0.9f64..0.9, 64),
        start in -3.0f64..3.0,
        bpm in 60.0f64..200.0,
        end_bpm in 60.0f64..200.0,
    ) {
        let rate = SampleRate::STUDIO;
        let mut pattern = pattern;
        for hit in pattern.lanes_mut().iter_mut().flat_map(|lane| &mut lane.hits).filter(|hit| hit.is_on()) {
            hit.velocity = 127;
        }
        let mut engine = Engine::new(rate);
        engine.set_mix(open_mix());
        engine.offer(plan(1, Enter::Now, pattern, |_| impulse())).unwrap();
        let mut heard = Heard::default();
        let mut pos = start;
        // Meter of the loop itself, so that no hit is cut by a bar line.
        for (number, jitter) in jitter.iter().enumerate() {
            // The tempo moves within the block too, but the host says only what it is at its start.
            let tempo = |block: usize| bpm + (end_bpm - bpm) * block as f64 / 64.0;
            let said = Bpm::new(tempo(number));
            let step = per_frame(said, rate);
            let jitter = if number == 0 { 0.0 } else { jitter * step };
            let transport = Transport::at(pos, said, pattern.grid.meter);
            let told = Transport { pos_beats: pos + jitter, ..transport };
            block(&mut engine, &told, &[], size, &mut heard);
            pos += size as f64 * per_frame(Bpm::new((tempo(number) + tempo(number + 1)) / 2.0), rate);
        }
        let mut naive = Naive { pattern, rate, done: None };
        let length = pattern.grid.meter.bar_beats();
        let margin = 4.0 * size as f64 * per_frame(Bpm::new((end_bpm - bpm).abs() / 64.0 + 1.0), rate)
            + 4.0 * per_frame(Bpm::new(400.0), rate);
        let mut within = [(0usize, 0usize); MAX_LANES];
        let mut bar = (start / length).floor() * length;
        naive.done = None;
        while bar < pos + length {
            for (at, lane, _) in naive.hits_around(bar, pattern.grid.meter) {
                // hits_around gives five bars: count this bar's hits only, by time.
                if at < bar || at >= bar + length {
                    continue;
                }
                let (least, most) = &mut within[lane];
                *least += usize::from(at > start + 1e-9 && at < pos - margin);
                *most += usize::from(at > start - margin && at < pos + margin);
            }
            bar += length;
        }
        for (lane, (least, most)) in within.iter().enumerate() {
            // Every hit adds 1, also where two share a frame.
            let sounded = heard.lanes[lane][0].iter().sum::<f32>().round() as usize;
            prop_assert!(sounded <= *most, "lane {lane}: {sounded} hits of at most {most}");
            prop_assert!(sounded >= *least, "lane {lane}: {sounded} hits of at least {least}");
        }
    }
}
