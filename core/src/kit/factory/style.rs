//! What a factory kit's direction is: which models it uses, and how it bends and colours them.

use super::draws::Rng;

/// A way to synthesise a sound: parameters are drawn from the generator, within the style's direction.
pub(super) type Model = fn(&mut Rng, &KitStyle) -> Vec<f32>;

/// What is done to every sound of a kit after its model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Colour {
    /// Nothing.
    Clean,
    /// A 12-bit sampler at 26 kHz and a small room, as on sampled breaks.
    Sampler,
    /// A soft, dark finish with a small, warm room.
    Warm,
    /// Hard edges: folded, then clipped.
    Broken,
    /// Wow, a worn head and saturation of a cassette.
    Tape,
    /// A bright lift and no room.
    Crisp,
}

/// One kit's direction.
#[derive(Clone, Debug)]
pub(super) struct KitStyle {
    pub name: &'static str,
    /// Part of the permanent names: never change it.
    pub slug: &'static str,
    /// Semitones by which all pitches are moved.
    pub tune: f32,
    /// Factor on decay times.
    pub length: f32,
    /// Factor on filter corners and levels of bright parts, around 1.
    pub brightness: f32,
    /// Added to the drive, −1 to 1.
    pub push: f32,
    pub colour: Colour,
    /// The models of each role in the order of [`Role::ALL`](crate::pattern::Role::ALL), taken in turn.
    pub models: [&'static [Model]; 9],
}

impl KitStyle {
    /// A frequency moved by the kit's tuning.
    pub(super) fn tuned(&self, hz: f32) -> f32 {
        hz * (self.tune / 12.0).exp2()
    }

    /// A decay time scaled by the kit.
    pub(crate) fn lasting(&self, seconds: f32) -> f32 {
        seconds * self.length
    }

    /// A drive amount pushed by the kit, 0 to 1.
    pub(crate) fn pushed(&self, amount: f32) -> f32 {
        (amount + self.push).clamp(0.0, 1.0)
    }
}
