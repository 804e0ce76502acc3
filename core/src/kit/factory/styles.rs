//! The directions of the factory kits: the table.

use super::style::{Colour, KitStyle, Model};
use super::{clap, fx, kick, metal, percussion, snare, tom};
use crate::pattern::Role;

/// Sounds of each role in every kit that take its models in turn, in the order of [`Role::ALL`].
const COUNTS: [usize; 9] = [8, 8, 7, 7, 6, 5, 9, 4, 4];
/// Further sounds of every kit. They come after the others, so that those keep their names and sound.
const FURTHER: [&[Model]; 9] = [&[], &[snare::sampled, snare::sampled], &[], &[], &[], &[], &[], &[], &[]];

impl KitStyle {
    pub(super) fn count(&self, role: Role) -> usize {
        COUNTS[role.index()] + FURTHER[role.index()].len()
    }

    pub(super) fn model(&self, role: Role, number: usize) -> Model {
        let models = self.models[role.index()];
        let further = number.checked_sub(COUNTS[role.index()]).and_then(|at| FURTHER[role.index()].get(at));
        further.copied().unwrap_or(models[number % models.len()])
    }
}

pub(super) const STYLES: &[KitStyle] = &[
    KitStyle {
        name: "Analog Club",
        slug: "analog-club",
        tune: 0.0,
        length: 1.0,
        brightness: 1.0,
        push: 0.0,
        colour: Colour::Clean,
        models: [
            &[kick::swept, kick::bridged, kick::swept, kick::two_oscillators],
            &[snare::two_shells, snare::two_bands, snare::noisy],
            &[clap::bursts, clap::rim, clap::bursts, clap::snap],
            &[metal::closed_squares, metal::closed_squares, metal::closed_noise],
            &[metal::open_squares, metal::open_squares, metal::open_noise],
            &[tom::bridged, tom::bridged, tom::falling],
            &[
                percussion::cowbell,
                percussion::conga,
                percussion::clave,
                percussion::shaker,
                percussion::wood,
            ],
            &[metal::cymbal_squares, metal::ride],
            &[fx::zap, fx::sweep, fx::impact, fx::backward],
        ],
    },
    KitStyle {
        name: "Dusty Break",
        slug: "dusty-break",
        tune: 0.6,
        length: 0.95,
        brightness: 0.9,
        push: 0.1,
        colour: Colour::Sampler,
        models: [
            &[kick::skin, kick::skin, kick::two_oscillators],
            &[snare::membrane, snare::membrane, snare::two_bands],
            &[clap::hands, clap::side_stick, clap::snap, clap::rim],
            &[metal::closed_plate, metal::closed_noise, metal::closed_plate],
            &[metal::open_plate, metal::open_noise],
            &[tom::skin],
            &[
                percussion::conga,
                percussion::tambourine,
                percussion::shaker,
                percussion::wood,
                percussion::bell,
                percussion::cowbell,
            ],
            &[metal::ride, metal::crash],
            &[fx::sweep, fx::backward, fx::impact, fx::glitch],
        ],
    },
    KitStyle {
        name: "Deep House",
        slug: "deep-house",
        tune: -0.8,
        length: 0.9,
        brightness: 0.8,
        push: -0.05,
        colour: Colour::Warm,
        models: [
            &[kick::two_oscillators, kick::swept, kick::two_oscillators, kick::bridged],
            &[snare::two_bands, snare::noisy, snare::two_shells],
            &[clap::bursts, clap::snap, clap::hands, clap::rim],
            &[metal::closed_noise, metal::closed_squares, metal::closed_plate],
            &[metal::open_noise, metal::open_squares, metal::open_plate],
            &[tom::bridged, tom::skin],
            &[
                percussion::conga,
                percussion::shaker,
                percussion::conga,
                percussion::tambourine,
                percussion::clave,
                percussion::bell,
            ],
            &[metal::ride, metal::cymbal_squares],
            &[fx::sweep, fx::backward, fx::zap, fx::impact],
        ],
    },
    KitStyle {
        name: "Trap Sub",
        slug: "trap-sub",
        tune: -1.5,
        length: 1.25,
        brightness: 1.15,
        push: 0.12,
        colour: Colour::Crisp,
        models: [
            &[kick::bridged, kick::bridged, kick::swept, kick::noise_layered],
            &[snare::two_bands, snare::fm, snare::noisy, snare::two_shells],
            &[clap::bursts, clap::snap, clap::hands, clap::rim],
            &[metal::closed_squares, metal::closed_fm, metal::closed_noise],
            &[metal::open_squares, metal::open_fm, metal::open_noise],
            &[tom::bridged, tom::fm, tom::falling],
            &[percussion::cowbell, percussion::blip, percussion::wood, percussion::shaker, percussion::bell],
            &[metal::crash, metal::cymbal_squares],
            &[fx::zap, fx::impact, fx::backward, fx::glitch],
        ],
    },
    KitStyle {
        name: "Industrial",
        slug: "industrial",
        tune: -2.0,
        length: 0.9,
        brightness: 1.1,
        push: 0.35,
        colour: Colour::Broken,
        models: [
            &[kick::noise_layered, kick::fm, kick::swept, kick::fm],
            &[snare::fm, snare::two_bands, snare::membrane],
            &[clap::bursts, clap::side_stick, clap::hands, clap::rim],
            &[metal::closed_fm, metal::closed_plate, metal::closed_squares],
            &[metal::open_fm, metal::open_plate, metal::open_squares],
            &[tom::fm, tom::falling, tom::skin],
            &[
                percussion::blip,
                percussion::bell,
                percussion::wood,
                percussion::cowbell,
                percussion::tambourine,
            ],
            &[metal::crash, metal::cymbal_squares],
            &[fx::impact, fx::glitch, fx::zap, fx::sweep],
        ],
    },
    KitStyle {
        name: "Lo-Fi Tape",
        slug: "lo-fi-tape",
        tune: -0.4,
        length: 0.85,
        brightness: 0.75,
        push: 0.08,
        colour: Colour::Tape,
        models: [
            &[kick::skin, kick::two_oscillators, kick::bridged, kick::fm],
            &[snare::membrane, snare::two_shells, snare::noisy],
            &[clap::snap, clap::hands, clap::side_stick, clap::bursts],
            &[metal::closed_noise, metal::closed_plate, metal::closed_fm],
            &[metal::open_noise, metal::open_plate],
            &[tom::skin, tom::bridged, tom::fm],
            &[
                percussion::shaker,
                percussion::wood,
                percussion::conga,
                percussion::clave,
                percussion::tambourine,
                percussion::blip,
            ],
            &[metal::ride, metal::crash],
            &[fx::glitch, fx::backward, fx::sweep, fx::zap],
        ],
    },
];
