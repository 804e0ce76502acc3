//! What a host's song position is worth: where a block begins when the host knows its position only
//! roughly.
//!
//! Audio thread; plain arithmetic.
//!
//! Many hosts round the position that they tell: to ticks of a beat, to milliseconds, or to what it was
//! a few blocks ago. Taken at its word, such a position goes back and forth by a tick, so that hits are
//! struck twice or lost. So:
//! - **How rough a host is** follows from what it tells. The coarsest raster on which everything lies
//!   that it has told since the song began to run is its resolution: ticks as the least common
//!   denominator of all positions, time as the greatest common divisor of all distances. What lies on no
//!   raster is exact. Rounding to a raster, whichever way, changes a step between two positions by less
//!   than its width.
//! - **While positions stay within the resolution** of what tempo and block length predict, the song goes
//!   on from what was played, so that frames don't depend on how long blocks are. It is moved only as far as
//!   needed to stay that near, so that a tempo that was rounded too never lets it drift. An exact host's position is taken as it is.
//! - **More than that is a jump**, and exact.
//! - **A position that stands still** lets the song go on only as long as rounding explains it. A host
//!   that tells one position for several blocks and then catches up is known by that.

use crate::units::{Bpm, SampleRate};

/// The coarsest resolution that is believed: MIDI clock's, in quarter notes.
const COARSEST: f64 = 1.0 / 24.0;

/// More ticks a quarter note than this can't be told from exact positions; they are finer than a frame
/// or two.
const MOST_TICKS: u32 = 30_720;

/// Rasters wider than this, in quarter notes, may be the even steps of a host that means to be exact: jumps by so
/// much are made. By less nobody jumps, and a host that rounds down may be a tick behind by an error in the last
/// digit.
const COARSE: f64 = 1.0 / 95.0;

/// Ticks of music software are at most this wide, in quarter notes.
const FINE: f64 = 1.0 / 479.0;

/// After so many steps all of a host's ticks have been seen.
const STEPS_TO_KNOW: u8 = 16;

/// With fewer ticks a quarter note a position one tick behind a sixteenth may well be meant.
const FEWEST_TICKS: u32 = 96;

/// The ticks of music software are multiples of this, so that triplets and sixteenths are whole: a position of another
/// raster is meant as it is.
const TICKS_OF_MUSIC: u32 = 48;

/// Positions arrive in fixed point of 2⁻³¹ quarter notes from some hosts.
const PRECISION_BEATS: f64 = 5e-10;

/// A host may count from another clock than we do, in frames.
const JITTER_FRAMES: f64 = 2.0;

/// A told tempo may be cut to whole beats a minute.
const TEMPO_ROUNDING_BPM: f64 = 1.0;

/// A step that is off by less, in frames, was not rounded.
const EXACT_FRAMES: f64 = 0.01;

/// Hosts that tell old positions are at most this late, in quarter notes.
const MOST_CREEP_BEATS: f64 = 0.25;

/// Tenths of a millisecond a second: the unit in which rasters of time are looked for.
const TIME_UNITS: f64 = 1e4;

/// Follows the positions of one run of the song.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostPosition {
    ticks: Ticks,
    time: Time,
    /// The last position told.
    told: f64,
    /// Frames that were played since it was told first.
    frames_since: u64,
    /// What the tempo of each block's end would have given beyond that of its start, in quarter notes, for
    /// all blocks that were played since then.
    turned_since: f64,
    /// For how many frames the host has told an old position and then caught up.
    creeps: u64,
    /// A step was exactly as predicted.
    exact_steps: bool,
    /// Steps that were rounded, counted to [`ROUNDS`].
    rounded_steps: u8,
    resolution: f64,
    /// Steps that were followed, as far as they can be counted.
    steps: u8,
    /// The tempo that is told is not the one at which positions go on: they are followed more closely.
    drifts: bool,
}

/// After so many rounded steps a host rounds, whatever its exact ones look like.
const ROUNDS: u8 = 2;

/// What was played up to here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Played {
    /// Where the next block should begin, at the tempo that was told.
    pub expected: f64,
    /// Length of the last block.
    pub frames: usize,
    /// Its quarter notes a frame.
    pub per_frame: f64,
}

/// The transport of a block's first frame, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub told: f64,
    pub bpm: Bpm,
    pub rate: SampleRate,
    /// The host's loop region.
    pub region: Option<(f64, f64)>,
}

impl Now {
    fn per_frame(&self) -> f64 {
        1.0 / self.bpm.frames_per_beat(self.rate)
    }

    /// The told position as it is nearest to `place`: a host that is up to `most` ahead has wrapped where
    /// we have not yet, or the other way round.
    fn near(&self, place: f64, most: f64) -> f64 {
        let Some((start, end)) = self.region else { return self.told };
        let other = if place >= end - most {
            self.told + (end - start)
        } else if place <= start + most {
            self.told - (end - start)
        } else {
            self.told
        };
        if (other - place).abs() < (self.told - place).abs() { other } else { self.told }
    }
}

impl HostPosition {
    /// The song begins to run.
    pub(super) fn start(now: &Now) -> Self {
        let mut host = Self {
            ticks: Ticks(1),
            time: Time { since: now.told, bpm: now.bpm, units: Some(0) },
            told: now.told,
            frames_since: 0,
            turned_since: 0.0,
            creeps: 0,
            exact_steps: false,
            rounded_steps: 0,
            resolution: 0.0,
            steps: 0,
            drifts: false,
        };
        host.ticks.see(now.told);
        host.resolution = host.ticks.width().min(COARSEST);
        host
    }

    /// So far a position may be off, in quarter notes, by all that is known of the host; 0 if it is exact.
    pub(super) fn resolution(&self) -> f64 {
        self.resolution
    }

    /// For a start or a jump to `place`: a sixteenth that lies just one tick before, so that a host which
    /// rounds up may mean it. A hit on it is not lost.
    pub(crate) fn rounded_up_from(&self, place: f64) -> Option<f64> {
        let before = place - self.ticks.width();
        let music = self.ticks.0 >= FEWEST_TICKS && self.ticks.0.is_multiple_of(TICKS_OF_MUSIC);
        (music && is_whole(before, 4)).then_some(before)
    }

    /// A block was played.
    pub(super) fn play(&mut self, frames: usize) {
        self.frames_since = self.frames_since.saturating_add(frames as u64);
    }

    /// Where the song goes on; `None` if it has jumped to the told position.
    pub(super) fn follow(&mut self, now: &Now, played: &Played) -> Option<f64> {
        let per_frame = now.per_frame();
        let advance = played.frames as f64 * played.per_frame;
        // While the tempo moves, the position may lie anywhere between what the old and the new tempo
        // would give.
        let turned = played.frames as f64 * (per_frame - played.per_frame);
        let steady = turned == 0.0;
        self.turned_since += turned;
        self.ticks.see(now.told);
        self.time.see(now);
        self.resolution = self.ticks.width().max(self.time.width()).min(COARSEST);
        let resolution = if steady && self.is_exact_so_far() {
            self.width_for(advance, now, played).min(COARSEST)
        } else {
            self.resolution
        };
        let slack = JITTER_FRAMES * per_frame
            + played.frames as f64 * TEMPO_ROUNDING_BPM / (60.0 * now.rate.hz())
            + 1.0 / f64::from(MOST_TICKS);
        let before = std::mem::replace(&mut self.told, now.told);
        if (now.told - before).abs() <= PRECISION_BEATS {
            return Some(self.stand(now, played, resolution));
        }
        let since = std::mem::take(&mut self.frames_since);
        let turned_since = std::mem::take(&mut self.turned_since);
        let plain = Now { region: now.region.filter(|_| self.resolution > 0.0), ..*now };
        let (low, high) = between(played.expected, played.expected + turned);
        let most = resolution + slack;
        let place = plain.near(played.expected, most);
        let off = place - place.clamp(low, high);
        let stepped = plain.near(before + advance, most) - before;
        if steady && since == played.frames as u64 {
            self.weigh(stepped - advance, per_frame);
        }
        if off.abs() <= most {
            self.learn_creep(since, place - before, played, now, most);
            let place = if resolution == 0.0 {
                place
            } else if steady {
                self.pull(played.expected, place, resolution, EXACT_FRAMES * per_frame)
            } else {
                // Also what blocks since the last position may have gathered, so that nothing adds up.
                let (low, high) = between(played.expected, played.expected + turned_since);
                within(place.clamp(low, high), place, resolution)
            };
            return Some(place);
        }
        // From where the host has told to be it goes on as it should, though we may be elsewhere: it
        // stood, or was late.
        let (low, high) = between(advance, advance + turned);
        let high = high.max((since as f64 * per_frame).min(MOST_CREEP_BEATS));
        if (stepped - stepped.clamp(low, high)).abs() > most {
            return None;
        }
        self.learn_creep(since, stepped, played, now, most);
        Some(if resolution == 0.0 { place } else { within(played.expected, place, resolution) })
    }

    /// The song goes on from what was played, but for what it has drifted away from the host: the told
    /// tempo is not quite its own, then.
    ///
    /// A coarse raster that lasts may be none at all, but the even steps of a host whose tempo is rounded:
    /// there the song is drawn slowly to where the host is.
    fn pull(&mut self, expected: f64, told: f64, resolution: f64, tiny: f64) -> f64 {
        self.steps = self.steps.saturating_add(1);
        let expected = if resolution > FINE && self.steps > STEPS_TO_KNOW {
            expected + (told - expected) / 8.0
        } else {
            expected
        };
        self.drifts |= (expected - told).abs() > resolution + tiny;
        if self.drifts { within(expected, told, resolution / 2.0) } else { expected }
    }

    /// The host may have told an old position and has caught up now.
    fn learn_creep(&mut self, since: u64, stepped: f64, played: &Played, now: &Now, most: f64) {
        let caught_up = since as f64 * now.per_frame();
        if since > played.frames as u64
            && caught_up <= MOST_CREEP_BEATS
            && (stepped - caught_up).abs() <= most
        {
            self.creeps = self.creeps.max(since);
        }
    }

    /// The host tells the position that it told before.
    fn stand(&self, now: &Now, played: &Played, resolution: f64) -> f64 {
        let per_frame = now.per_frame();
        let explained = resolution.max((self.creeps as f64 * per_frame).min(MOST_CREEP_BEATS))
            + JITTER_FRAMES * per_frame;
        if self.frames_since as f64 * per_frame <= explained { played.expected } else { now.told }
    }

    /// Takes a step into account that was off by so much.
    fn weigh(&mut self, off: f64, per_frame: f64) {
        if off.abs() <= EXACT_FRAMES * per_frame {
            self.exact_steps = true;
        } else if off.abs() <= self.resolution {
            self.rounded_steps = (self.rounded_steps + 1).min(ROUNDS);
        }
    }

    fn is_exact_so_far(&self) -> bool {
        self.exact_steps && self.rounded_steps < ROUNDS
    }

    /// By how much rounding may change a step of this length: not at all if a coarse raster divides it, as
    /// an exact host's steps sometimes happen to. (With a fine one, an error in the last digit before the
    /// host rounds still makes a tick.)
    fn width_for(&self, advance: f64, now: &Now, played: &Played) -> f64 {
        let may = |steps: f64, width: f64| {
            let exact = width > COARSE && (steps - steps.round()).abs() < 1e-6;
            if exact { 0.0 } else { width }
        };
        let units = played.frames as f64 / now.rate.hz() * TIME_UNITS;
        may(advance * f64::from(self.ticks.0), self.ticks.width())
            .max(may(units / self.time.units.unwrap_or(0).max(1) as f64, self.time.width()))
    }
}

/// The nearest place to `place` that is at most `resolution` away from `told`.
fn within(place: f64, told: f64, resolution: f64) -> f64 {
    place.clamp(told - resolution, told + resolution)
}

fn between(a: f64, b: f64) -> (f64, f64) {
    (a.min(b), a.max(b))
}

/// Ticks a quarter note on which all positions lie; 0 if there are none.
#[derive(Clone, Copy, Debug)]
struct Ticks(u32);

impl Ticks {
    fn see(&mut self, beats: f64) {
        if self.0 == 0 || is_whole(beats, self.0) {
            return;
        }
        let common = denominator(beats).map(|of| self.0 / gcd(self.0.into(), of.into()) as u32 * of);
        self.0 = common.filter(|&ticks| ticks <= MOST_TICKS).unwrap_or(0);
    }

    fn width(self) -> f64 {
        if self.0 == 0 { 0.0 } else { 1.0 / f64::from(self.0) }
    }
}

/// Whether a position is a whole number of ticks.
fn is_whole(beats: f64, ticks: u32) -> bool {
    let at = beats * f64::from(ticks);
    (at - at.round()).abs() <= PRECISION_BEATS * f64::from(ticks)
}

/// The least number of ticks of which a position is a whole number: the first convergent of its continued
/// fraction that is near enough.
fn denominator(beats: f64) -> Option<u32> {
    let mut rest = beats - beats.floor();
    let (mut before, mut ticks) = (0u32, 1u32);
    while !is_whole(beats, ticks) {
        if rest < PRECISION_BEATS {
            return None;
        }
        let turned = 1.0 / rest;
        rest = turned.fract();
        let next = turned.floor() * f64::from(ticks) + f64::from(before);
        if next > f64::from(MOST_TICKS) {
            return None;
        }
        (before, ticks) = (ticks, next as u32);
    }
    Some(ticks)
}

/// A raster of time.
#[derive(Clone, Copy, Debug)]
struct Time {
    /// The first position at this tempo.
    since: f64,
    bpm: Bpm,
    /// All distances are whole multiples of so many [`TIME_UNITS`]; 0 while there is none, `None` once
    /// one was not.
    units: Option<u64>,
}

impl Time {
    fn see(&mut self, now: &Now) {
        let Some(units) = self.units else { return };
        if now.bpm != self.bpm {
            (self.since, self.bpm) = (now.told, now.bpm);
            return;
        }
        let distance = (now.told - self.since) * 60.0 / now.bpm.get() * TIME_UNITS;
        let whole = (distance - distance.round()).abs() < 1e-4;
        self.units = whole.then(|| gcd(units, distance.abs().round() as u64));
    }

    fn width(&self) -> f64 {
        self.units.unwrap_or(0) as f64 / TIME_UNITS * self.bpm.get() / 60.0
    }
}

pub(super) fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
