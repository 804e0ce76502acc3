//! A small kit for tests: a few short sounds of every role, made of sines and noise.

use crate::kit::{Audio, Kit, Origin, Role, Sample, SampleId};
use crate::rng::Rng;
use crate::units::{SampleRate, Seed};
use std::sync::{Arc, OnceLock};

fn sound(role: Role, variant: usize) -> Audio {
    let mut rng = Rng::stream(Seed(1), role.key(), variant as u64);
    let (hz, noise) = match role {
        Role::Kick => (55.0 + 12.0 * variant as f32, 0.02),
        Role::Tom => (110.0 + 30.0 * variant as f32, 0.05),
        Role::Snare | Role::Clap => (230.0 + 60.0 * variant as f32, 0.5),
        Role::Percussion | Role::Fx => (700.0 + 300.0 * variant as f32, 0.1),
        _ => (7_000.0 + 500.0 * variant as f32, 0.9),
    };
    let length = 2_000 + 2_500 * (variant % 4);
    let left = (0..length)
        .map(|at| {
            let decay = (-5.0 * at as f32 / length as f32).exp();
            let tone = (std::f32::consts::TAU * hz * at as f32 / 44_100.0).sin();
            0.8 * decay * ((1.0 - noise) * tone + noise * rng.range(-1.0, 1.0))
        })
        .collect();
    Audio { rate: SampleRate::CD, left, right: None }
}

/// Six sounds of every role.
pub(crate) fn kit() -> Arc<Kit> {
    static KIT: OnceLock<Arc<Kit>> = OnceLock::new();
    let make = || {
        let samples = Role::ALL.into_iter().flat_map(|role| {
            (0..6).map(move |variant| {
                let id = SampleId(1 + 100 * role.index() as u64 + variant as u64);
                let origin = Origin::Factory { kit: if variant < 3 { "one" } else { "two" }.into() };
                let name = format!("{} {variant}", role.label());
                Arc::new(Sample::decoded(id, name, role, origin, sound(role, variant)))
            })
        });
        Arc::new(Kit::new("test", samples))
    };
    KIT.get_or_init(make).clone()
}
