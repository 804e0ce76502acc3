//! What is measured of the factory sounds, as it ships: so that none has to be made before it is played.
//!
//! `data/factory.bin` is written by `deepdrummer measure`. Little-endian: eight letters, then an identity of
//! 64 bits and the measurements of each sound. A sound that is not in it is measured when its kit is made,
//! so a table that is too old costs time and nothing else; a test holds it to what is measured.
//!
//! Arithmetic differs in the last digits between processors and even between builds, and proposals follow the
//! last digit. With the table they don't: it stays as it is where nothing but last digits differ.

use super::super::analysis::{Analysis, take};
use super::SampleId;
use std::collections::HashMap;

static SHIPPED: &[u8] = include_bytes!("../../../data/factory.bin");
/// Changes whenever what is measured changes.
const MAGIC: &[u8; 8] = b"DDMEAS01";

/// The table that ships, by the sounds' identities.
pub(super) fn shipped() -> HashMap<SampleId, Analysis> {
    read(SHIPPED)
}

/// A table. What follows damage is left out.
fn read(bytes: &[u8]) -> HashMap<SampleId, Analysis> {
    let mut rest = bytes.strip_prefix(MAGIC).unwrap_or_default();
    let entries = std::iter::from_fn(|| {
        let id = SampleId(u64::from_le_bytes(take(&mut rest)?));
        Some((id, Analysis::parse(&mut rest)?))
    });
    entries.collect()
}

/// Whether two measurements differ in nothing but last digits. A change of a sound or of what is measured is
/// far larger.
pub(super) fn alike(a: &Analysis, b: &Analysis) -> bool {
    let near = |a: &f32, b: &f32| (a - b).abs() <= 1e-3 * a.abs().max(b.abs()) + 1e-4;
    let many = |of: &Analysis| -> Vec<f32> {
        let single = [of.duration_s, of.decay_s, of.centroid_hz, of.loudness_db];
        of.descriptors
            .iter()
            .chain(&of.layers)
            .chain(of.mel.iter().flatten())
            .chain(&single)
            .copied()
            .collect()
    };
    many(a).iter().zip(&many(b)).all(|(a, b)| near(a, b))
        && a.peaks.iter().zip(b.peaks).all(|(a, b)| a.abs_diff(b) <= 1)
}

/// The bytes of a table. What ships stays where nothing but last digits differ.
pub(super) fn write(entries: impl Iterator<Item = (SampleId, Analysis)>) -> Vec<u8> {
    let mut shipped = shipped();
    let mut bytes = MAGIC.to_vec();
    for (id, measured) in entries {
        bytes.extend(id.0.to_le_bytes());
        shipped.remove(&id).filter(|ships| alike(ships, &measured)).unwrap_or(measured).write(&mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::{Recipe, STYLES};
    use super::*;

    #[test]
    fn the_table_that_ships_is_what_is_measured_of_every_factory_sound() {
        let mut shipped = shipped();
        for recipe in STYLES.iter().flat_map(Recipe::all_of) {
            let measured = Analysis::of(&recipe.synthesise());
            let table = shipped.remove(&recipe.id());
            let same = table.as_ref().is_some_and(|table| alike(table, &measured));
            assert!(same, "{}: run `deepdrummer measure`; {table:?}, not {measured:?}", recipe.path());
        }
        assert!(shipped.is_empty(), "of sounds that are not there: {:?}", shipped.keys());
    }

    #[test]
    fn another_measurement_is_told_from_another_last_digit() {
        let recipe = STYLES.iter().flat_map(Recipe::all_of).next().unwrap();
        let of = Analysis::of(&recipe.synthesise());
        let mut other = of.clone();
        other.descriptors[4] = of.descriptors[4].next_up();
        assert!(alike(&of, &other));
        other.descriptors[4] *= 1.01;
        assert!(!alike(&of, &other));
    }

    #[test]
    fn a_damaged_table_gives_what_is_before_the_damage() {
        assert!(read(b"").is_empty() && read(b"DDMEAS00").is_empty());
        for length in [0, 7, 8, 9, 500, SHIPPED.len() - 1] {
            let whole = length.saturating_sub(MAGIC.len()) * shipped().len() / (SHIPPED.len() - MAGIC.len());
            assert_eq!(read(&SHIPPED[..length]).len(), whole, "{length}");
        }
    }
}
