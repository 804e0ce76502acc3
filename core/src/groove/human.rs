//! How a loop is played: velocity and micro-timing of its hits from the feel net.
//!
//! Any thread but the audio thread; nothing allocates. The one place where the velocities and offsets of a loop
//! that sounds are made: plans, exports, bounces and what is judged all come from here.
//!
//! One feel is drawn for a loop: its seed decides, for every cell, how many standard deviations a hit there lies
//! from what the net expects of it, and in which order the hits are asked. A hit that is edited therefore leaves
//! its neighbours nearly as they were, and the dial turns one feel up and down instead of drawing others.

use super::{Family, FeelBar, Frame, Kind, Nets, Part, Said, Sway, Template, Windows, template};
use crate::pattern::{Hit, Loop, MAX_LANES, Role};
use crate::rng::Rng;
use crate::units::Seed;

/// How a loop is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Human<'a> {
    /// 0 (as it is written) to 1 (as a drummer would).
    pub amount: f32,
    /// Lanes that are played as they are written (bit = lane).
    pub written: u8,
    /// Hits of each lane that keep what is written of them (bit = step): the person set them.
    pub kept: [u128; MAX_LANES],
    /// The family, where it is known.
    pub family: Option<Family>,
    /// Which feel.
    pub seed: Seed,
    /// The feel of a clip, in the place of a drawn one.
    pub template: Option<&'a Template>,
}

/// Below this the dial leads over from what is written to a feel of [`CALM`]; above it that feel grows freer.
const LEAD_IN: f32 = 0.25;
/// The share of the net's spread that is drawn where the dial has led over.
const CALM: f32 = 0.75;
/// How much of a hit's deviation is that of the same cell in every bar: a drummer who repeats a bar plays it much
/// as before, but never twice the same.
const STEADY: f32 = 0.85;
/// How much of its variance a lane's hits deviate together: what lies between two bars of a drummer is more than what
/// the net believes hit by hit.
const TOGETHER: f32 = 0.3;
/// By how much deviations are larger than the net's own spread, for the same reason.
const FREELY: f32 = 1.15;
/// How far the tempi of those who play lie apart, in beats a minute.
const TEMPI: f32 = 30.0;

impl Human<'_> {
    fn amount(&self) -> f32 {
        if self.amount.is_finite() { self.amount.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// How much of the drawn feel is heard, and the share of the net's spread that it is drawn with.
    fn mapping(&self) -> (f32, f32) {
        let amount = self.amount();
        let over = (amount - LEAD_IN).max(0.0) / (1.0 - LEAD_IN);
        ((amount / LEAD_IN).min(1.0), CALM + (1.0 - CALM) * over)
    }
}

/// A loop as it is played. At 0 it is what is written, bit by bit.
///
/// The mean offset of a bar is taken out (a loop that is late as a whole is no feel), and where the loop swings
/// so is the part of the feel that is a swing: how far swung steps are swung is the loop's to say.
#[must_use]
pub fn play(pattern: &Loop, human: &Human<'_>) -> Loop {
    if let Some(of) = human.template {
        // No draw that would have to be whole: the dial is a straight line, as people know it of templates.
        return template::play(pattern, of, human.amount(), human.written, &human.kept);
    }
    let (heard, spread) = human.mapping();
    let Some(nets) = Nets::builtin().filter(|_| heard > 0.0) else { return *pattern };
    let mut played = *pattern;
    for frame in Windows::of(pattern.grid) {
        play_window(nets, pattern, human, &frame, (heard, spread), &mut played);
    }
    played
}

/// Who plays: of the family that is known, else of one that is drawn, and in a tempo that is drawn, since loops know
/// none; what differs between drummers is more than what one of them varies.
fn drummer(human: &Human<'_>) -> Said {
    const FAMILIES: [(Family, f32); 6] = [
        (Family::Rock, 0.3),
        (Family::FunkSoul, 0.3),
        (Family::JazzShuffle, 0.12),
        (Family::Latin, 0.12),
        (Family::HipHop, 0.08),
        (Family::AfroCaribbean, 0.08),
    ];
    let mut rng = Rng::stream(human.seed, "drummer", 0);
    let drawn = rng.weighted(&FAMILIES.map(|(_, weight)| weight)).map(|at| FAMILIES[at].0);
    let bpm = 110.0 + TEMPI * rng.normal();
    Said {
        family: human.family.or(drawn),
        kind: Some(Kind::Played),
        part: Some(Part::Beat),
        bpm: Some(bpm.clamp(60.0, 200.0)),
        density: None,
    }
}

/// Deviations of a cell, and its place in the order of asking.
fn lot(seed: Seed, name: &str, index: usize) -> (Sway, u64) {
    let mut rng = Rng::stream(seed, name, index as u64);
    (Sway { velocity: rng.normal(), offset: rng.normal() }, rng.bits())
}

fn play_window(
    nets: &Nets,
    pattern: &Loop,
    human: &Human<'_>,
    frame: &Frame,
    (heard, spread): (f32, f32),
    played: &mut Loop,
) {
    let lanes = pattern.lanes().len();
    let mut roles = [Role::Kick; MAX_LANES];
    let mut hits = [0u16; MAX_LANES];
    for (lane, of) in pattern.lanes().iter().enumerate() {
        roles[lane] = of.role;
        hits[lane] = frame.cells(of.mask());
    }
    let said = drummer(human);
    let mut bar = FeelBar::new(&nets.feel, &roles[..lanes], &hits, &said.condition(frame.triplets));
    // What is asked, in the order of asking.
    let mut asked = [(0u64, 0u8, 0u8, Sway::default()); MAX_LANES * super::CELLS];
    let mut count = 0;
    for (lane, of) in pattern.lanes().iter().enumerate() {
        let stays = human.written >> lane & 1 == 1;
        for cell in (0..super::CELLS).filter(|cell| hits[lane] >> cell & 1 == 1) {
            let Some(step) = frame.step(cell) else { continue };
            if stays || human.kept[lane] >> step & 1 == 1 {
                let hit = of.hits[step];
                bar.show(lane, cell, Sway::of(hit.velocity, hit.offset_steps() as f32));
                continue;
            }
            // The same cell of another bar has the same index; the bar adds a little of its own.
            let (own, order) = lot(human.seed, "feel", lane * super::CELLS + cell);
            let (fresh, _) = lot(human.seed, "feel of a bar", step * MAX_LANES + lane);
            let (of_lane, _) = lot(human.seed, "feel of a lane", lane);
            let blend = |own: f32, fresh: f32, of_lane: f32| {
                let own = STEADY * own + (1.0 - STEADY * STEADY).sqrt() * fresh;
                FREELY * (TOGETHER.sqrt() * of_lane + (1.0 - TOGETHER).sqrt() * own)
            };
            let sway = Sway {
                velocity: spread * blend(own.velocity, fresh.velocity, of_lane.velocity),
                offset: spread * blend(own.offset, fresh.offset, of_lane.offset),
            };
            asked[count] = (order, lane as u8, cell as u8, sway);
            count += 1;
        }
    }
    let asked = &mut asked[..count];
    asked.sort_unstable_by_key(|(order, lane, cell, _)| (*order, *lane, *cell));
    for &mut (_, lane, cell, deviations) in asked.iter_mut() {
        let (lane, cell) = (usize::from(lane), usize::from(cell));
        let sway = bar.belief(lane, cell).at(deviations);
        bar.show(lane, cell, sway);
    }
    let offsets = asked.iter().map(|&(_, lane, cell, _)| bar.feel(lane.into(), cell.into()).steps());
    let common = offsets.sum::<f32>() / count.max(1) as f32;
    let swing = own_swing(pattern, frame, &bar, asked);
    for &mut (_, lane, cell, _) in asked.iter_mut() {
        let (lane, cell) = (usize::from(lane), usize::from(cell));
        let Some(step) = frame.step(cell) else { continue };
        let sway = bar.feel(lane, cell);
        let swung = if pattern.is_swung(step) { swing } else { 0.0 };
        let hit = &mut played.lanes_mut()[lane].hits[step];
        let mix = |from: f32, to: f32| from + heard * (to - from);
        *hit = Hit {
            velocity: mix(hit.velocity.into(), sway.midi_velocity()).round().clamp(1.0, 127.0) as u8,
            offset: mix(hit.offset.into(), 256.0 * (sway.steps() - common - swung))
                .round()
                .clamp(-127.0, 127.0) as i8,
            ..*hit
        };
    }
}

/// How much later swung steps are than the others on average, in steps, where the loop swings by itself.
fn own_swing(pattern: &Loop, frame: &Frame, bar: &FeelBar<'_>, asked: &[(u64, u8, u8, Sway)]) -> f32 {
    template::swing_among(
        pattern,
        asked.iter().filter_map(|&(_, lane, cell, _)| {
            Some((frame.step(cell.into())?, bar.feel(lane.into(), cell.into()).steps()))
        }),
    )
}
