//! Sounds that ring: one-shots read frame by frame, with short fades where they are cut.
//!
//! Audio thread. A voice's state changes only at the frames where something happens, never at block
//! edges, so that the sum is the same bit for bit however time is cut into blocks.

use super::plan::PartLane;
use super::slots::{SlotIndex, Slots};
use super::{PreparedSound, VOICES};
use crate::pattern::MAX_LANES;

/// Frames that are mixed at once.
pub(super) const CHUNK: usize = 64;
/// Places for sounds, those that are fading out within their last 5 ms included.
const PLACES: usize = VOICES + 32;

/// Left and right of each lane for one chunk.
pub(super) type Buses = [[[f32; CHUNK]; 2]; MAX_LANES];

#[derive(Clone, Copy, Debug)]
struct Voice {
    /// The plan whose sound is read, and which lane of it has that.
    slot: SlotIndex,
    sound: PartLane,
    /// The lane it is heard on.
    lane: u8,
    /// Which take of the sound, and which layer of it.
    take: u8,
    layer: u8,
    /// When it began, as a running number, to find the oldest.
    age: u64,
    /// The next frame of the sound.
    at: usize,
    /// Left and right.
    gain: [f32; 2],
    /// Frames left of a fade-out; `None` while it rings freely.
    fade_left: Option<u32>,
}

/// How a sound is struck.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strike {
    /// The part whose sound it is.
    pub part: u8,
    /// The lane whose sound it is, and on which it is heard.
    pub lane: u8,
    /// 0 to 1.
    pub velocity: f32,
    /// Which hit of the lane, to choose the take.
    pub nth: u32,
    /// Left and right.
    pub gain: [f32; 2],
}

/// All voices.
#[derive(Debug)]
pub(super) struct Voices {
    places: [Option<Voice>; PLACES],
    born: u64,
    fade_frames: u32,
}

impl Voices {
    /// `fade_frames` is the length of a cut.
    pub(super) fn new(fade_frames: u32) -> Self {
        Self { places: [None; PLACES], born: 0, fade_frames: fade_frames.max(1) }
    }

    /// Ends everything at once.
    pub(super) fn clear(&mut self, slots: &mut Slots) {
        for voice in self.places.iter_mut().filter_map(Option::take) {
            slots.release(voice.slot);
        }
        self.born = 0;
    }

    /// Voices that ring, fading ones included.
    pub(super) fn count(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// Starts a sound of a plan on a lane.
    pub(super) fn start(&mut self, slots: &mut Slots, slot: SlotIndex, strike: Strike) {
        let Strike { part, lane, velocity, nth, gain } = strike;
        let of = PartLane { part, lane };
        let Some(sound) = slots.sound(slot, of) else { return };
        let (take, layer) = (sound.take(nth), sound.layer(velocity));
        if sound.wave(take, layer).frames() == 0 {
            return;
        }
        if self.places.iter().flatten().filter(|voice| voice.fade_left.is_none()).count() >= VOICES {
            self.fade_quietest(slots);
        }
        let Some(place) = self.free_place(slots) else { return };
        slots.hold(slot);
        self.born += 1;
        self.places[place] =
            Some(Voice { slot, sound: of, lane, take, layer, age: self.born, at: 0, gain, fade_left: None });
    }

    /// Fades out what rings on the lanes that `cut` names.
    pub(crate) fn fade_lanes(&mut self, cut: impl Fn(u8) -> bool) {
        self.fade(|voice| cut(voice.lane));
    }

    /// Fades out what reads a plan that `cut` names.
    pub(crate) fn fade_slots(&mut self, cut: impl Fn(SlotIndex) -> bool) {
        self.fade(|voice| cut(voice.slot));
    }

    fn fade(&mut self, cut: impl Fn(&Voice) -> bool) {
        for voice in self.places.iter_mut().flatten() {
            if voice.fade_left.is_none() && cut(voice) {
                voice.fade_left = Some(self.fade_frames);
            }
        }
    }

    /// Lets voices read their sound from another plan that has the very same one, so that the plan
    /// they came with can go home.
    pub(crate) fn move_to(&mut self, slots: &mut Slots, to: SlotIndex) {
        for voice in self.places.iter_mut().flatten().filter(|voice| voice.slot != to) {
            let found =
                slots.plan(voice.slot).and_then(|from| slots.plan(to)?.find(from.sound(voice.sound)?));
            if let Some(sound) = found {
                slots.release(voice.slot);
                slots.hold(to);
                (voice.slot, voice.sound) = (to, sound);
            }
        }
    }

    /// Adds `frames` (at most [`CHUNK`]) of all voices to the buses, which must be clear, and says
    /// which lanes were written (bit = lane).
    pub(super) fn render(&mut self, slots: &mut Slots, buses: &mut Buses, frames: usize) -> u8 {
        let mut written = 0;
        for place in &mut self.places {
            let Some(voice) = place else { continue };
            let lane = usize::from(voice.lane);
            let ended = match slots.sound(voice.slot, voice.sound) {
                Some(sound) => {
                    written |= 1 << lane;
                    voice.add_to(sound, &mut buses[lane], frames, self.fade_frames)
                }
                None => true,
            };
            if ended {
                slots.release(voice.slot);
                *place = None;
            }
        }
        written
    }

    /// Cuts the voice whose sound is the quietest around here; of equals the oldest.
    fn fade_quietest(&mut self, slots: &Slots) {
        let loudness = |voice: &Voice| {
            slots
                .sound(voice.slot, voice.sound)
                .map_or(0.0, |sound| sound.peak_near(voice.at) * voice.gain[0].max(voice.gain[1]))
        };
        let quietest = self
            .places
            .iter_mut()
            .flatten()
            .filter(|voice| voice.fade_left.is_none())
            .min_by(|a, b| loudness(a).total_cmp(&loudness(b)).then(a.age.cmp(&b.age)));
        if let Some(voice) = quietest {
            voice.fade_left = Some(self.fade_frames);
        }
    }

    /// A free place; when all are taken the voice that is nearest to the end of its fade goes.
    fn free_place(&mut self, slots: &mut Slots) -> Option<usize> {
        if let Some(free) = self.places.iter().position(Option::is_none) {
            return Some(free);
        }
        let nearest = self
            .places
            .iter()
            .enumerate()
            .min_by_key(|(_, voice)| voice.and_then(|voice| voice.fade_left).unwrap_or(u32::MAX))
            .map(|(place, _)| place)?;
        if let Some(voice) = self.places[nearest].take() {
            slots.release(voice.slot);
        }
        Some(nearest)
    }
}

impl Voice {
    /// Adds up to `frames` frames to a bus; true when nothing is left of it.
    fn add_to(
        &mut self,
        sound: &PreparedSound,
        bus: &mut [[f32; CHUNK]; 2],
        frames: usize,
        fade_frames: u32,
    ) -> bool {
        let wave = sound.wave(self.take, self.layer);
        let left = wave.frames().saturating_sub(self.at);
        let fade_left = self.fade_left.map_or(usize::MAX, |left| left as usize);
        let count = frames.min(left).min(fade_left);
        let range = self.at..self.at + count;
        let sources = [&wave.left()[range.clone()], &wave.right()[range]];
        for ((bus, source), gain) in bus.iter_mut().zip(sources).zip(self.gain) {
            match self.fade_left {
                None => {
                    for (to, from) in bus.iter_mut().zip(source) {
                        *to += from * gain;
                    }
                }
                Some(fade) => {
                    for (index, (to, from)) in bus.iter_mut().zip(source).enumerate() {
                        let gain = gain * ((fade - index as u32) as f32 / fade_frames as f32);
                        *to += from * gain;
                    }
                }
            }
        }
        self.at += count;
        if let Some(fade) = &mut self.fade_left {
            *fade -= count as u32;
        }
        self.at >= wave.frames() || self.fade_left == Some(0)
    }
}
