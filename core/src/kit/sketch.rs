//! What a project keeps of a sound's measurements, so that the one that is most like it can stand in for
//! it where it is missing.
//!
//! Worker and builder threads.

use super::analysis::{Analysis, DESCRIPTORS};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The descriptors of a sound, to eight binary digits each: 120 letters in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sketch([u16; DESCRIPTORS]);

impl Sketch {
    /// What is kept of a sound.
    #[must_use]
    pub fn of(analysis: &Analysis) -> Self {
        // The upper half of a single-precision number has its sign, its exponent and eight digits.
        Self(analysis.descriptors.map(|x| (x.to_bits() >> 16) as u16))
    }

    /// The descriptors, rounded towards zero; what is not finite in a damaged project is zero.
    #[must_use]
    pub fn descriptors(&self) -> [f32; DESCRIPTORS] {
        self.0.map(|half| {
            let x = f32::from_bits(u32::from(half) << 16);
            if x.is_finite() { x } else { 0.0 }
        })
    }
}

impl Serialize for Sketch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.0.iter().map(|half| format!("{half:04x}")).collect();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Sketch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = |at: usize| text.get(4 * at..4 * at + 4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
        if text.len() != 4 * DESCRIPTORS {
            return Err(D::Error::custom("a sketch of a sound has 120 letters"));
        }
        let mut halves = [0; DESCRIPTORS];
        for (at, half) in halves.iter_mut().enumerate() {
            *half = read(at).ok_or_else(|| D::Error::custom("a sketch of a sound is hexadecimal"))?;
        }
        Ok(Self(halves))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::factory;

    #[test]
    fn a_sketch_survives_as_text_and_still_names_its_own_sound_as_the_most_alike() {
        let kit = factory::kit_named("Analog Club").unwrap();
        for (at, sample) in kit.samples().iter().enumerate() {
            let sketch = Sketch::of(&sample.analysis);
            let text = serde_json::to_string(&sketch).unwrap();
            let back: Sketch = serde_json::from_str(&text).unwrap();
            assert_eq!(back, sketch);
            assert_eq!(kit.most_like(&back.descriptors(), sample.role), Some(at as u32), "{}", sample.name);
        }
        for damaged in ["\"\"", "\"12\"", "\"zz\"", "7", &format!("\"{}\"", "é".repeat(60))] {
            assert!(serde_json::from_str::<Sketch>(damaged).is_err(), "{damaged}");
        }
    }
}
