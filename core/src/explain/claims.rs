//! What can be said of a loop in words: a quantity that is heard in it, and a bound.
//!
//! Worker thread. Every quantity is of what sounds: a lane by its name, the sound that it plays, all hits together.
//! A quantity that has nothing to be heard in (the sound of a silent lane) is NaN, and nothing holds of it.

use crate::features::phases::Phases;
use crate::kit::Kit;
use crate::pattern::{Grid, Hit, Lane, Loop, Role, SampleId};

/// Hits below this share of full velocity are ghost notes.
const GHOST: f32 = 0.45;

/// Places in the bar that people have a name for, as phases.
pub(super) const PLACES: [u16; 12] =
    [0x1111, 0x1010, 0x0101, 0x4444, 0x5555, 0xaaaa, 0xffff, 0x4949, 0x1449, 0x1249, 0xc000, 0xf000];

/// A figure across three against two that is looked for in every lane.
const THREE_THREE_TWO: u16 = 0x4949;

/// A quantity that is heard in a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Share of these phases that lanes of a role play, 0 to 1.
    Cover(Role, u16),
    /// The same less the share of all other phases that they play, −1 to 1.
    Only(Role, u16),
    /// Hits a bar of a role.
    Count(Role),
    /// Mean velocity of a role's hits, 1 to 127.
    Level(Role),
    /// Ghost notes a bar of a role.
    Ghosts(Role),
    /// Phases in which the halves of a role's bar differ, a bar.
    Halves(Role),
    /// Centre of the spectrum of a role's sound, in hertz.
    Bright(Role),
    /// How long a role's sound rings, in seconds.
    Length(Role),
    /// How noisy a role's sound is (logarithm of the spectral flatness).
    Noise(Role),
    /// How loud a role's sound is recorded, in decibels.
    Loud(Role),
    /// 1 where a role plays this very sound.
    Sound(Role, SampleId),
    /// Hits a bar.
    Hits,
    /// Steps of the bar on which something sounds.
    Steps,
    /// Lanes that play.
    Lanes,
    /// Swing in per cent; 50 is straight.
    Swing,
    /// Mean velocity.
    AllLevel,
    /// Standard deviation of velocities.
    Contrast,
    /// Mean velocity on the beats less that of the other hits.
    BeatAccents,
    /// Mean velocity of the second half less that of the first.
    Growing,
    /// Ghost notes a bar, all lanes.
    AllGhosts,
    /// The longest rest, in sixteenths.
    Rest,
    /// Steps with two lanes or more, of all steps on which something sounds.
    Together,
    /// Share of hits in the last quarter of the bar.
    Fill,
    /// Cells in which the halves of the bar differ, a bar.
    AllHalves,
    /// The best likeness of a lane to three-three-two.
    Threes,
    /// Centre of the spectrum in octaves above 1 Hz, mean over hits.
    AllBright,
    /// Logarithm of the ringing time in seconds, mean over hits.
    AllLength,
    /// Noisiness, mean over hits.
    AllNoise,
}

impl Quantity {
    /// Whether it is of the sounds rather than of the rhythm.
    #[must_use]
    pub fn is_of_sounds(self) -> bool {
        matches!(
            self,
            Self::Bright(_)
                | Self::Length(_)
                | Self::Noise(_)
                | Self::Loud(_)
                | Self::Sound(..)
                | Self::AllBright
                | Self::AllLength
                | Self::AllNoise
        )
    }
}

/// Which side of the bound is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The bound or more.
    AtLeast,
    /// The bound or less.
    AtMost,
}

/// Something that is heard in a loop, or is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// What is heard.
    pub quantity: Quantity,
    /// Which side of the bound.
    pub side: Side,
    /// The bound, in the quantity's unit.
    pub bound: f32,
}

impl Claim {
    /// Whether it holds of a value.
    #[must_use]
    pub(super) fn holds_of(&self, value: f32) -> bool {
        match self.side {
            Side::AtLeast => value >= self.bound,
            Side::AtMost => value <= self.bound,
        }
    }

    /// Whether it holds of a loop.
    #[must_use]
    pub fn holds(&self, pattern: &Loop, kit: &Kit) -> bool {
        self.holds_of(Listening::to(pattern, kit).value(self.quantity))
    }
}

/// What a lane plays, as claims look at it.
#[derive(Clone, Copy)]
struct Voice {
    role: Role,
    sample: SampleId,
    /// Bit = bar · 16 + phase.
    bits: u64,
    hits: f32,
    level: f32,
    ghosts: f32,
}

/// A loop as claims look at it: made once, asked for many quantities.
pub(super) struct Listening<'a> {
    kit: &'a Kit,
    bars: f32,
    swing: f32,
    voices: Vec<Voice>,
    /// Velocity share and phase of every hit.
    hits: Vec<(f32, u8)>,
}

fn halves_differ(bits: u64) -> u32 {
    (0..4).map(|bar| (bits >> (16 * bar)) as u16).map(|row| ((row & 0xff) ^ (row >> 8)).count_ones()).sum()
}

impl<'a> Listening<'a> {
    /// Listens to a loop.
    pub(super) fn to(pattern: &Loop, kit: &'a Kit) -> Self {
        let phases = Phases::of(pattern.grid);
        let mut hits = Vec::with_capacity(pattern.hit_count());
        let voice = |lane: &Lane| {
            let mut voice =
                Voice { role: lane.role, sample: lane.sample, bits: 0, hits: 0.0, level: 0.0, ghosts: 0.0 };
            for (step, Hit { velocity, .. }) in lane.iter() {
                let (at, level) = (phases.position(step), f32::from(velocity) / 127.0);
                voice.bits |= 1 << at;
                voice.hits += 1.0;
                voice.level += level;
                voice.ghosts += f32::from(level < GHOST);
                hits.push((level, at % 16));
            }
            voice
        };
        let voices = pattern.lanes().iter().map(voice).collect();
        let plays = pattern.grid != Grid::default() || hits.iter().any(|(_, at)| at % 2 == 1);
        // Swing moves every second step: where none sounds there is nothing to hear of it.
        let swing = if plays { pattern.swing.percent() } else { 50.0 };
        Self { kit, bars: f32::from(pattern.grid.bars.max(1)), swing, voices, hits }
    }

    fn of(&self, role: Role) -> impl Iterator<Item = &Voice> {
        self.voices.iter().filter(move |voice| voice.role == role)
    }

    fn sum(&self, role: Role, of: impl Fn(&Voice) -> f32) -> f32 {
        self.of(role).map(of).sum()
    }

    /// The mean of a value of a role's sounds, weighed by their hits; NaN where none sounds.
    fn sound(&self, role: Role, of: impl Fn(&crate::kit::analysis::Analysis) -> f32) -> f32 {
        self.mean_sound(self.of(role), of)
    }

    fn mean_sound<'b>(
        &self,
        voices: impl Iterator<Item = &'b Voice>,
        of: impl Fn(&crate::kit::analysis::Analysis) -> f32,
    ) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0);
        for voice in voices.filter(|voice| voice.hits > 0.0) {
            if let Some(at) = self.kit.index_of(voice.sample) {
                sum += voice.hits * of(&self.kit.samples()[at].analysis);
                count += voice.hits;
            }
        }
        sum / count
    }

    fn mean_level(&self, wanted: impl Fn(u8) -> bool) -> f32 {
        let of = self.hits.iter().filter(|(_, at)| wanted(*at));
        let (sum, count) = of.fold((0.0, 0.0), |(sum, count), (level, _)| (sum + level, count + 1.0));
        sum / count
    }

    fn onsets(&self) -> u64 {
        self.voices.iter().fold(0, |bits, voice| bits | voice.bits)
    }

    /// A quantity; NaN where there is nothing that it could be heard in.
    pub(super) fn value(&self, quantity: Quantity) -> f32 {
        let (bars, hits) = (self.bars, self.hits.len() as f32);
        let all = |place: u16| u64::from(place) * 0x0001_0001_0001_0001;
        match quantity {
            Quantity::Cover(role, place) | Quantity::Only(role, place) => {
                let bits = self.of(role).fold(0, |bits, voice| bits | voice.bits);
                if self.of(role).next().is_none() {
                    return f32::NAN;
                }
                let wanted = place.count_ones() as f32 * bars;
                let cover = (bits & all(place)).count_ones() as f32 / wanted;
                match quantity {
                    Quantity::Only(..) => {
                        let others = 16.0 * bars - wanted;
                        cover - (bits & !all(place)).count_ones() as f32 / others.max(1.0)
                    }
                    _ => cover,
                }
            }
            Quantity::Count(role) => self.sum(role, |voice| voice.hits) / bars,
            Quantity::Level(role) => {
                127.0 * self.sum(role, |voice| voice.level) / self.sum(role, |voice| voice.hits)
            }
            Quantity::Ghosts(role) => self.sum(role, |voice| voice.ghosts) / bars,
            Quantity::Halves(role) => {
                let played = self.sum(role, |voice| voice.hits) > 0.0;
                let differ = self.sum(role, |voice| halves_differ(voice.bits) as f32) / bars;
                if played { differ } else { f32::NAN }
            }
            Quantity::Bright(role) => self.sound(role, |of| of.centroid_hz),
            Quantity::Length(role) => self.sound(role, |of| of.decay_s),
            Quantity::Noise(role) => self.sound(role, |of| of.descriptors[7]),
            Quantity::Loud(role) => self.sound(role, |of| of.loudness_db),
            Quantity::Sound(role, sound) => {
                f32::from(self.of(role).any(|voice| voice.sample == sound && voice.hits > 0.0))
            }
            Quantity::Hits => hits / bars,
            Quantity::Steps => self.onsets().count_ones() as f32 / bars,
            Quantity::Lanes => self.voices.iter().filter(|voice| voice.hits > 0.0).count() as f32,
            Quantity::Swing => self.swing,
            Quantity::AllLevel => 127.0 * self.mean_level(|_| true),
            Quantity::Contrast => {
                let mean = self.mean_level(|_| true);
                let squares: f32 = self.hits.iter().map(|(level, _)| (level - mean) * (level - mean)).sum();
                127.0 * (squares / hits).sqrt()
            }
            Quantity::BeatAccents => {
                127.0 * (self.mean_level(|at| at % 4 == 0) - self.mean_level(|at| at % 4 != 0))
            }
            Quantity::Growing => 127.0 * (self.mean_level(|at| at >= 8) - self.mean_level(|at| at < 8)),
            Quantity::AllGhosts => self.voices.iter().map(|voice| voice.ghosts).sum::<f32>() / bars,
            Quantity::Rest => self.longest_rest(),
            Quantity::Together => {
                let mut once = 0u64;
                let mut twice = 0u64;
                for voice in &self.voices {
                    twice |= once & voice.bits;
                    once |= voice.bits;
                }
                twice.count_ones() as f32 / once.count_ones() as f32
            }
            Quantity::Fill => self.hits.iter().filter(|(_, at)| *at >= 12).count() as f32 / hits,
            Quantity::AllHalves => {
                let differ = self.voices.iter().map(|voice| halves_differ(voice.bits)).sum::<u32>();
                if hits > 0.0 { differ as f32 / bars } else { f32::NAN }
            }
            Quantity::Threes => {
                let wanted = all(THREE_THREE_TWO) & (u64::MAX >> (64 - 16 * bars as u32));
                let like =
                    |bits: u64| (bits & wanted).count_ones() as f32 / (bits | wanted).count_ones() as f32;
                self.voices.iter().map(|voice| like(voice.bits)).fold(0.0, f32::max)
            }
            Quantity::AllBright => self.mean_sound(self.voices.iter(), |of| of.centroid_hz.max(20.0).log2()),
            Quantity::AllLength => self.mean_sound(self.voices.iter(), |of| of.decay_s.max(0.004).ln()),
            Quantity::AllNoise => self.mean_sound(self.voices.iter(), |of| of.descriptors[7]),
        }
    }

    fn longest_rest(&self) -> f32 {
        let (onsets, span) = (self.onsets(), 16 * self.bars as u32);
        let (mut run, mut longest) = (0, 0);
        // Twice round, since a loop's end rests into its start.
        for at in 0..2 * span {
            run = if onsets >> (at % span) & 1 == 0 { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest.min(span) as f32
    }
}

/// Bounds that are worth asking about: of each quantity a few round ones, of sounds quarters of the kit's own.
pub(super) fn all(roles: &[Role], kit: &Kit, sounds: &[(Role, SampleId)]) -> Vec<Claim> {
    let mut found = Vec::new();
    let mut add = |quantity: Quantity, at_least: &[f32], at_most: &[f32]| {
        found.extend(at_least.iter().map(|&bound| Claim { quantity, side: Side::AtLeast, bound }));
        found.extend(at_most.iter().map(|&bound| Claim { quantity, side: Side::AtMost, bound }));
    };
    let mut seen: Vec<Role> = Vec::new();
    for &role in roles {
        if seen.contains(&role) {
            continue;
        }
        seen.push(role);
        let steps = (0..16).map(|step| 1u16 << step);
        for place in PLACES.into_iter().chain(steps) {
            // A lane that plays nowhere is said to have no hits.
            let none = if place == u16::MAX { &[][..] } else { &[0.0] };
            add(Quantity::Cover(role, place), &[1.0], none);
        }
        for place in [0x1111, 0x1010, 0x0100, 0x4444] {
            add(Quantity::Only(role, place), &[1.0], &[]);
        }
        add(Quantity::Count(role), &[3.0, 5.0, 7.0, 9.0, 12.0], &[0.0, 2.0, 3.0, 4.0, 6.0]);
        add(Quantity::Level(role), &[90.0, 105.0], &[60.0, 75.0]);
        add(Quantity::Ghosts(role), &[2.0], &[0.0]);
        add(Quantity::Halves(role), &[3.0], &[0.0]);
        let quarters = |of: &dyn Fn(usize) -> f32| -> [f32; 4] {
            let mut values: Vec<f32> = kit.of_role(role).iter().map(|&at| of(at as usize)).collect();
            values.sort_by(f32::total_cmp);
            let at = |share: f32| values.get((share * values.len() as f32) as usize).copied();
            [0.25, 0.4, 0.6, 0.75].map(|share| at(share).unwrap_or(f32::NAN))
        };
        let analysis = |at: usize| &kit.samples()[at].analysis;
        for (quantity, bounds) in [
            (Quantity::Bright(role), quarters(&|at| analysis(at).centroid_hz)),
            (Quantity::Length(role), quarters(&|at| analysis(at).decay_s)),
            (Quantity::Noise(role), quarters(&|at| analysis(at).descriptors[7])),
            (Quantity::Loud(role), quarters(&|at| analysis(at).loudness_db)),
        ] {
            add(quantity, &bounds[2..], &bounds[..2]);
        }
    }
    for &(role, sound) in sounds {
        add(Quantity::Sound(role, sound), &[1.0], &[]);
    }
    add(Quantity::Hits, &[12.0, 16.0, 20.0, 24.0], &[8.0, 10.0, 12.0, 14.0]);
    add(Quantity::Steps, &[10.0, 12.0, 14.0], &[6.0, 8.0, 10.0]);
    add(Quantity::Lanes, &[], &[2.0]);
    add(Quantity::Swing, &[54.0, 58.0], &[50.5]);
    add(Quantity::AllLevel, &[90.0, 100.0], &[65.0, 75.0, 85.0]);
    add(Quantity::Contrast, &[20.0, 28.0], &[6.0, 12.0]);
    add(Quantity::BeatAccents, &[8.0, 16.0], &[-8.0]);
    add(Quantity::Growing, &[6.0, 12.0], &[-6.0]);
    add(Quantity::AllGhosts, &[2.0, 4.0], &[0.0]);
    add(Quantity::Rest, &[4.0, 5.0, 6.0], &[1.0, 2.0]);
    add(Quantity::Together, &[0.5, 0.66], &[0.15, 0.3]);
    add(Quantity::Fill, &[0.35, 0.5], &[0.15]);
    add(Quantity::AllHalves, &[8.0], &[0.0, 2.0]);
    add(Quantity::Threes, &[0.6], &[]);
    found
}
