use super::super::host_position::gcd;
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// Where hits lie within a beat: on it, swung, late, and before the next one.
const PLACES: [f64; 5] = [0.0, 0.2871, 0.5, 0.7313, 1.0 - 0.0123];

/// The hits in a stretch of song.
fn hits(after: f64, until: f64, closed: impl Fn(f64) -> bool) -> impl Iterator<Item = f64> {
    (after.floor() as i64 - 1..=until.ceil() as i64 + 1)
        .flat_map(|beat| PLACES.map(|place| beat as f64 + place))
        .filter(move |hit| closed(*hit))
}

/// A clock that runs, and what it struck: frames and hits.
struct Player {
    clock: Clock,
    frame: u64,
    struck: Vec<(u64, f64)>,
}

impl Player {
    fn new(rate: SampleRate) -> Self {
        Self { clock: Clock::new(rate), frame: 0, struck: Vec::new() }
    }

    /// Plays a block and gives how its first frame was come to.
    fn block(&mut self, transport: &Transport, frames: usize) -> Arrival {
        let mut span = self.clock.first_span(Timekeeper::Host, transport, frames);
        let arrival = span.arrival;
        loop {
            for hit in hits(span.after, span.until, |hit| hit > span.after && hit <= span.until) {
                let frame = span.frame_of(hit).clamp(span.from, span.to - 1);
                self.struck.push((self.frame + frame as u64, hit));
            }
            if !span.wraps {
                break;
            }
            span = self.clock.next_span(Timekeeper::Host, &span, transport, frames);
        }
        self.clock.end(Timekeeper::Host, transport, &span, frames);
        self.frame += frames as u64;
        arrival
    }
}

/// How a host rounds.
#[derive(Clone, Copy, Debug)]
enum Rounding {
    Down,
    Up,
    Nearest,
}

/// To what it rounds.
#[derive(Clone, Copy, Debug)]
enum Raster {
    Ticks(u32),
    Milliseconds,
}

/// A host that knows its position only roughly.
#[derive(Clone, Debug)]
struct Rough {
    bpm: f64,
    /// The tempo that it says where it is another one.
    says: Option<f64>,
    /// How much faster it is after a second.
    ramp: f64,
    rate: f64,
    blocks: Vec<usize>,
    raster: Raster,
    rounding: Rounding,
    start: f64,
    region: Option<(f64, f64)>,
    /// Tells fixed point of 2⁻³¹ quarter notes.
    fixed_point: bool,
    seconds: f64,
}

impl Rough {
    fn round(&self, beats: f64) -> f64 {
        let unit = match self.raster {
            Raster::Ticks(ticks) => 1.0 / f64::from(ticks),
            Raster::Milliseconds => self.bpm / 60_000.0,
        };
        let units = match self.rounding {
            Rounding::Down => (beats / unit).floor(),
            Rounding::Up => (beats / unit).ceil(),
            Rounding::Nearest => (beats / unit).round(),
        };
        let told = match self.raster {
            Raster::Ticks(ticks) => units / f64::from(ticks),
            Raster::Milliseconds => units * unit,
        };
        if self.fixed_point { (told * 2f64.powi(31)).round() / 2f64.powi(31) } else { told }
    }

    /// Its resolution, in frames of the slowest tempo.
    fn resolution(&self, slowest: f64) -> f64 {
        match self.raster {
            Raster::Ticks(ticks) => self.rate * 60.0 / slowest / f64::from(ticks),
            Raster::Milliseconds => self.rate / 1000.0,
        }
    }

    /// Plays, and says what was struck twice, lost, or further from its true place than the host's
    /// resolution and a frame.
    fn play(&self) -> Result<(), String> {
        let mut player = Player::new(SampleRate::new(self.rate));
        let (mut at, mut bpm) = (self.start, self.bpm);
        let mut wanted = Vec::new();
        let mut raster = match self.raster {
            Raster::Ticks(ticks) => u64::from(ticks),
            Raster::Milliseconds => 1,
        };
        let mut known = None;
        for &frames in self.blocks.iter().cycle() {
            if player.frame as f64 >= self.seconds * self.rate {
                break;
            }
            let told = self.round(at);
            if let Raster::Ticks(ticks) = self.raster {
                raster = gcd(raster, (told * f64::from(ticks)).round().abs() as u64);
            }
            if raster == 1 {
                known.get_or_insert(player.frame as f64);
            }
            let said = Bpm::new(self.says.unwrap_or(bpm));
            let transport =
                Transport { loop_range_beats: self.region, ..Transport::at(told, said, Meter::FOUR_FOUR) };
            let mut frame = player.frame as f64;
            player.block(&transport, frames);
            let next = bpm + self.ramp * frames as f64 / self.rate;
            let per_frame = (bpm + next) / 120.0 / self.rate;
            bpm = next;
            loop {
                let left = player.frame as f64 - frame;
                let end = self.region.map(|(_, end)| end).filter(|&end| at + left * per_frame >= end - 1e-9);
                let to = end.unwrap_or(at + left * per_frame);
                wanted.extend(
                    hits(at, to, |hit| hit >= at - 1e-9 && hit < to - 1e-9)
                        .map(|hit| (frame + (hit - at) / per_frame, hit)),
                );
                frame += (to - at) / per_frame;
                at = to;
                let (Some((start, _)), Some(_)) = (self.region, end) else { break };
                at = start;
                if player.frame as f64 - frame < 1e-6 {
                    break;
                }
            }
        }
        let slowest = self.bpm.min(bpm);
        let resolution = self.resolution(slowest);
        // Hosts say the tempo of a block's start, and whole or rounded tempi: that is a resolution too, over
        // all blocks in which they tell one position.
        let longest = self.blocks.iter().max().copied().unwrap_or(0) as f64;
        let tempo = self.ramp.abs() / self.rate * longest * (longest + resolution / 2.0) / slowest
            + self.says.map_or(0.0, |says| (says - self.bpm).abs() / self.bpm * longest);
        let most = resolution * if self.says.is_some() { 2.0 } else { 1.0 } + tempo + 1.01;
        // While all positions lie on a coarser raster than the host's, a rounded tempo may lead as far from
        // the true place as that raster is wide.
        let unknown = if self.says.is_some() { known.unwrap_or(player.frame as f64) } else { 0.0 };
        let (edge, end) = (resolution + 2.0, player.frame as f64);
        same(&player.struck, &wanted, most, unknown + edge..end - most - edge)
    }
}

/// Whether all hits were struck once and near their place; at the edges of the run it may not be known
/// whether a hit belongs to it.
fn same(struck: &[(u64, f64)], wanted: &[(f64, f64)], most: f64, judged: Range<f64>) -> Result<(), String> {
    let mut by_hit: BTreeMap<i64, [Vec<f64>; 2]> = BTreeMap::new();
    let key = |hit: f64| (hit * 1e6).round() as i64;
    for &(frame, hit) in wanted {
        by_hit.entry(key(hit)).or_default()[0].push(frame);
    }
    for &(frame, hit) in struck {
        by_hit.entry(key(hit)).or_default()[1].push(frame as f64);
    }
    let at_edge = |frame: f64| !judged.contains(&frame);
    for (hit, [wanted, struck]) in by_hit {
        let (mut wanted, mut struck) = (wanted.into_iter().peekable(), struck.into_iter().peekable());
        loop {
            match (wanted.peek().copied(), struck.peek().copied()) {
                (None, None) => break,
                (Some(want), Some(at)) if (at - want).abs() <= most => {
                    wanted.next();
                    struck.next();
                }
                (Some(want), at) if at.is_none_or(|at| at > want) => {
                    if !at_edge(want) {
                        return Err(format!("{hit} at frame {want} is lost; it was struck at {at:?}"));
                    }
                    wanted.next();
                }
                (want, Some(at)) => {
                    if !at_edge(at) {
                        return Err(format!("{hit} was struck at frame {at}; wanted at {want:?}"));
                    }
                    struck.next();
                }
                (Some(_), None) => wanted.next().map_or((), drop),
            }
        }
    }
    Ok(())
}

fn any_raster() -> impl Strategy<Value = Raster> {
    prop_oneof![
        4 => prop::sample::select(vec![24, 48, 96, 240, 480, 960, 1000, 1920, 3840, 15_360]).prop_map(Raster::Ticks),
        4 => (24u32..=15_360).prop_map(Raster::Ticks),
        1 => Just(Raster::Milliseconds),
    ]
}

fn any_bpm() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::sample::select(vec![60.0, 93.75, 97.3, 120.0, 125.0, 140.0, 174.0, 200.0]),
        60.0..200.0f64
    ]
}

prop_compose! {
    fn any_rough()(
        bpm in any_bpm(),
        rate in prop::sample::select(vec![44_100.0, 48_000.0, 96_000.0, 192_000.0]),
        blocks in prop_oneof![
            prop::sample::select(vec![32usize, 64, 128, 256, 441, 480, 512, 1024, 2048]).prop_map(|size| vec![size]),
            prop::collection::vec(32usize..=2048, 1..7),
        ],
        raster in any_raster(),
        rounding in prop::sample::select(vec![Rounding::Down, Rounding::Up, Rounding::Nearest]),
        start in prop_oneof![Just(0.0), Just(4.0), Just(17.25), Just(-4.0), Just(1000.5), -4.0..40.0f64],
        fixed_point in any::<bool>(),
    ) -> Rough {
        Rough { bpm, says: None, ramp: 0.0, rate, blocks, raster, rounding, start, region: None, fixed_point, seconds: 6.0 }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rounded_position_strikes_each_hit_once_within_the_hosts_resolution(host in any_rough()) {
        prop_assert_eq!(host.play(), Ok(()), "{:?}", host);
    }

    #[test]
    fn a_cycle_of_a_host_that_rounds_keeps_every_hit(
        host in any_rough(),
        start in 0i32..16,
        length in 1i32..16,
    ) {
        prop_assume!(matches!(host.raster, Raster::Ticks(_)));
        let (start, length) = (f64::from(start) / 2.0, f64::from(length) / 2.0);
        let host = Rough { start, region: Some((start, start + length)), ..host };
        prop_assert_eq!(host.play(), Ok(()), "{:?}", host);
    }

    #[test]
    fn a_tempo_that_moves_is_followed_by_a_rounded_position(host in any_rough(), to in 60.0..200.0f64) {
        prop_assume!(matches!(host.raster, Raster::Ticks(_)));
        let host = Rough { ramp: (to - host.bpm) / host.seconds, ..host };
        prop_assert_eq!(host.play(), Ok(()), "{:?}", host);
    }

    #[test]
    fn a_tempo_that_falls_never_leads_further_than_the_hosts_resolution(start in 0.0..1.0f64) {
        // It starts almost a whole tick early, and tells each tick for several blocks.
        let host = Rough {
            bpm: 200.0,
            says: None,
            ramp: -1.851_476_235_720_184_6,
            rate: 192_000.0,
            blocks: vec![148, 303, 579],
            raster: Raster::Ticks(24),
            rounding: Rounding::Up,
            start: 27.875_042 + start * 1e-4,
            region: None,
            fixed_point: false,
            seconds: 6.0,
        };
        prop_assert_eq!(host.play(), Ok(()), "{:?}", host);
    }

    #[test]
    fn a_rounded_tempo_lets_a_rounded_position_drift_no_further_than_two_resolutions(
        host in any_rough(),
        ticks in 96u32..=15_360,
        decimals in 1i32..4,
    ) {
        let scale = 10f64.powi(decimals);
        let says = Some((host.bpm * scale).round() / scale);
        let host = Rough { says, raster: Raster::Ticks(ticks), seconds: 12.0, ..host };
        prop_assert_eq!(host.play(), Ok(()), "{:?}", host);
    }

    #[test]
    fn an_exact_position_jumps_where_the_host_jumps_however_little(
        bpm in any_bpm(),
        size in prop::sample::select(vec![32usize, 64, 256, 512, 1024]),
        start in 0.0..16.0f64,
        jump in prop_oneof![-0.2..-0.01f64, 0.01..0.2f64],
        before in 2usize..40,
    ) {
        let (rate, said) = (SampleRate::STUDIO, Bpm::new(bpm));
        let per_frame = 1.0 / said.frames_per_beat(rate);
        let mut player = Player::new(rate);
        for block in 0..before {
            let told = start + (block * size) as f64 * per_frame;
            player.block(&Transport::at(told, said, Meter::FOUR_FOUR), size);
        }
        player.struck.clear();
        let (began, to) = (player.frame, start + (before * size) as f64 * per_frame + jump);
        let arrival = player.block(&Transport::at(to, said, Meter::FOUR_FOUR), size);
        prop_assert_eq!(arrival, Arrival::Jumped);
        for (frame, hit) in player.struck {
            let wanted = ((hit - to) / per_frame - FRAME_SLACK).ceil();
            prop_assert_eq!((frame - began) as f64, wanted);
        }
    }
}

/// Cases in which a rounded position was drawn over the end of the region between two blocks, so that the hit at
/// its start was lost, and one in which a host was a tick behind by an error in the last digit.
#[test]
fn a_position_that_is_drawn_over_the_end_of_a_cycle_strikes_its_start() {
    let cases = [
        (93.75, 192_000.0, 32, 24, Rounding::Up, Some((3.5, 9.0))),
        (172.610_295_401_288_08, 48_000.0, 512, 279, Rounding::Up, Some((2.5, 3.5))),
        (120.0, 48_000.0, 128, 259, Rounding::Nearest, Some((2.5, 3.5))),
        (125.0, 44_100.0, 441, 96, Rounding::Down, None),
    ];
    for (bpm, rate, block, ticks, rounding, region) in cases {
        let host = Rough {
            bpm,
            says: None,
            ramp: 0.0,
            rate,
            blocks: vec![block],
            raster: Raster::Ticks(ticks),
            rounding,
            start: region.map_or(0.0, |(start, _)| start),
            region,
            fixed_point: false,
            seconds: 6.0,
        };
        assert_eq!(host.play(), Ok(()), "{host:?}");
    }
}

/// Plays a standing position, and how often each hit is struck.
fn stand(player: &mut Player, at: f64, bpm: f64, size: usize, blocks: usize) -> BTreeMap<i64, usize> {
    for _ in 0..blocks {
        player.block(&Transport::at(at, Bpm::new(bpm), Meter::FOUR_FOUR), size);
    }
    let mut counts = BTreeMap::new();
    for (_, hit) in &player.struck {
        *counts.entry((hit * 1e6).round() as i64).or_default() += 1;
    }
    counts
}

#[test]
fn a_position_that_stands_still_strikes_the_hit_under_it_once() {
    for size in [32, 64, 256, 512, 1024, 2048] {
        for at in [0.0, 4.0, 8.5, 3.2871, 2.0 / 3.0] {
            let mut player = Player::new(SampleRate::STUDIO);
            let counts = stand(&mut player, at, 120.0, size, 400);
            assert!(counts.values().all(|&count| count == 1), "{size} frames at {at}: {counts:?}");
            assert!(counts.len() <= 1 + size / 8_000 + 1, "the song does not run on: {counts:?}");
            // When it goes on, it goes on from there.
            let per_frame = 1.0 / Bpm::DEFAULT.frames_per_beat(SampleRate::STUDIO);
            player.struck.clear();
            let began = player.frame;
            for block in 1..200 {
                let told = at + (block * size) as f64 * per_frame;
                player.block(&Transport::at(told, Bpm::DEFAULT, Meter::FOUR_FOUR), size);
            }
            for hit in hits(at, at + 199.0 * size as f64 * per_frame, |hit| {
                hit > at + 0.1 && hit < at + 199.0 * size as f64 * per_frame
            }) {
                let frames: Vec<_> = player.struck.iter().filter(|(_, of)| *of == hit).collect();
                let due = ((hit - at) / per_frame - FRAME_SLACK).ceil() as u64 - size as u64;
                assert!(frames.len() == 1 && frames[0].0 - began == due, "{hit}: {frames:?}, due {due}");
            }
        }
    }
}

#[test]
fn a_position_that_is_told_for_several_blocks_and_then_catches_up_is_played_through() {
    let per_frame = 1.0 / Bpm::DEFAULT.frames_per_beat(SampleRate::STUDIO);
    for (size, repeats) in [(64, 4), (128, 8), (256, 4)] {
        let mut player = Player::new(SampleRate::STUDIO);
        for block in 0..4_000 {
            let told = (block / repeats * repeats * size) as f64 * per_frame;
            player.block(&Transport::at(told, Bpm::DEFAULT, Meter::FOUR_FOUR), size);
        }
        let wanted: Vec<_> = hits(0.0, 4_000.0, |hit| (0.0..player.frame as f64 * per_frame).contains(&hit))
            .map(|hit| (hit / per_frame, hit))
            .collect();
        assert_eq!(
            same(&player.struck, &wanted, 1.01, 3_000.0..player.frame as f64 - 3_001.01),
            Ok(()),
            "{size} × {repeats}"
        );
    }
}

#[test]
fn an_hour_of_a_rounded_position_ends_where_the_song_is() {
    let rate = 48_000.0;
    for (bpm, says, ticks, size) in [
        (97.3, 97.3, 1920, 512),
        (133.337, 133.34, 960, 2048),
        (120.004, 120.0, 480, 256),
        (60.07, 60.07, 15_360, 64),
    ] {
        let mut clock = Clock::new(SampleRate::STUDIO);
        let blocks = (3_600.0 * rate) as usize / size;
        let mut worst = 0.0f64;
        for block in 0..blocks {
            let at = (block * size) as f64 / rate * bpm / 60.0;
            let told = (at * f64::from(ticks)).floor() / f64::from(ticks);
            let transport = Transport::at(told, Bpm::new(says), Meter::FOUR_FOUR);
            let span = clock.first_span(Timekeeper::Host, &transport, size);
            assert!(block == 0 || span.arrival == Arrival::Continued, "block {block} at {bpm} bpm");
            clock.end(Timekeeper::Host, &transport, &span, size);
            worst = worst.max((span.pos - at).abs() * f64::from(ticks));
        }
        let most = if bpm == says { 1e-3 } else { 2.0 };
        assert!(worst < most, "{worst} ticks of {ticks} after an hour at {bpm} bpm");
    }
}

#[test]
fn a_rounded_position_gives_the_same_frames_in_blocks_of_any_length() {
    let play = |size: usize| {
        let mut player = Player::new(SampleRate::STUDIO);
        while player.frame < 480_000 {
            let at = 3.3 + player.frame as f64 / 48_000.0 * 137.3 / 60.0;
            let told = (at * 960.0).ceil() / 960.0;
            player.block(&Transport::at(told, Bpm::new(137.3), Meter::FOUR_FOUR), size);
        }
        player.struck.retain(|(frame, _)| *frame < 480_000);
        player.struck
    };
    let whole = play(2_048);
    for size in [32, 64, 100, 441, 512, 1_024] {
        assert_eq!(play(size), whole, "blocks of {size}");
    }
}

#[test]
fn the_downbeat_is_kept_when_a_host_rounds_it_up() {
    for ticks in [96.0, 480.0, 960.0, 1_920.0, 15_360.0] {
        for jumps in [false, true] {
            let mut player = Player::new(SampleRate::STUDIO);
            if jumps {
                player.block(&Transport::at(90.0 + 1.0 / ticks, Bpm::DEFAULT, Meter::FOUR_FOUR), 512);
                player.struck.clear();
            }
            player.block(&Transport::at(4.0 + 1.0 / ticks, Bpm::DEFAULT, Meter::FOUR_FOUR), 512);
            assert_eq!(player.struck.first().map(|(_, hit)| *hit), Some(4.0), "{ticks} ticks");
        }
    }
}

#[test]
fn a_host_that_wraps_between_blocks_only_strikes_the_start_once() {
    let mut player = Player::new(SampleRate::STUDIO);
    let per_frame = 1.0 / Bpm::DEFAULT.frames_per_beat(SampleRate::STUDIO);
    let mut at = 1.1;
    for _ in 0..400 {
        let transport = Transport {
            loop_range_beats: Some((1.0, 3.0)),
            ..Transport::at(at, Bpm::DEFAULT, Meter::FOUR_FOUR)
        };
        player.block(&transport, 1_000);
        at += 1_000.0 * per_frame;
        if at >= 3.0 {
            at = 1.0;
        }
    }
    let starts: Vec<_> =
        player.struck.iter().filter(|(_, hit)| *hit == 1.0).map(|(frame, _)| *frame).collect();
    assert!(starts.len() > 5 && starts.windows(2).all(|pair| pair[1] - pair[0] > 40_000), "{starts:?}");
}

#[test]
fn a_song_that_runs_backwards_jumps_in_every_block() {
    let mut player = Player::new(SampleRate::STUDIO);
    for block in 0..40 {
        let at = 10.0 - f64::from(block) * 512.0 / 24_000.0;
        let arrival = player.block(&Transport::at(at, Bpm::DEFAULT, Meter::FOUR_FOUR), 512);
        // Two positions are no proof yet that the host is exact.
        assert!(block < 2 || arrival == Arrival::Jumped, "block {block}");
    }
}

#[test]
fn bars_stay_where_they_are_while_their_starts_are_rounded() {
    let mut clock = Clock::new(SampleRate::STUDIO);
    let (bpm, size) = (97.3, 256);
    for block in 0..4_000 {
        let at = f64::from(block * size) / 48_000.0 * bpm / 60.0;
        let round = |beats: f64| (beats * 60_000.0 / bpm).round() * bpm / 60_000.0;
        let transport = Transport {
            bar_start_beats: round((at / 4.0).floor() * 4.0),
            ..Transport::at(round(at), Bpm::new(bpm), Meter::FOUR_FOUR)
        };
        let span = clock.first_span(Timekeeper::Host, &transport, size as usize);
        let bars = clock.bar_start(&transport) / 4.0;
        assert!((bars - bars.round()).abs() < 1e-9, "block {block}: {bars}");
        clock.end(Timekeeper::Host, &transport, &span, size as usize);
    }
}

#[test]
fn a_region_that_is_moved_right_after_a_wrap_holds_no_hit_back() {
    let mut clock = Clock::new(SampleRate::STUDIO);
    let at = |pos_beats: f64, region: (f64, f64)| Transport {
        loop_range_beats: Some(region),
        ..Transport::at(pos_beats, Bpm::DEFAULT, Meter::FOUR_FOUR)
    };
    // One beat of 24,000 frames, which ends just where the region does.
    let first = at(3.0, (0.0, 4.0));
    let span = clock.first_span(Timekeeper::Host, &first, 24_000);
    clock.end(Timekeeper::Host, &first, &span, 24_000);
    for moved in [(100.0, 104.0), (-1e200, 1e200), (1e200, 2e200)] {
        let mut clock = clock;
        let span = clock.first_span(Timekeeper::Host, &at(0.0, moved), 64);
        assert_eq!(span.arrival, Arrival::Wrapped);
        assert!(span.after < 0.0, "the hit on the wrap's frame sounds: {}", span.after);
    }
}
