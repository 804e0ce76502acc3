//! Measurements as bytes: in the table that ships and in what scans remember.
//!
//! Little-endian: descriptors, layers, mel energies, length, decay, centroid, loudness as 32-bit floats,
//! then the peaks. What is read back is the same to the bit. The bytes are untrusted.

use super::{Analysis, DESCRIPTORS, MEL_BANDS, MEL_STEPS, PEAKS};

impl Analysis {
    /// Appends the measurements.
    pub(in crate::kit) fn write(&self, out: &mut Vec<u8>) {
        let single = [self.duration_s, self.decay_s, self.centroid_hz, self.loudness_db];
        let many = self.descriptors.iter().chain(&self.layers).chain(self.mel.iter().flatten());
        many.chain(&single).for_each(|x| out.extend(x.to_le_bytes()));
        out.extend(self.peaks);
    }

    /// Takes measurements from the head of `rest`; `None` where there are too few bytes or a value is not
    /// finite.
    pub(in crate::kit) fn parse(rest: &mut &[u8]) -> Option<Self> {
        let mut analysis = Self {
            descriptors: [0.0; DESCRIPTORS],
            layers: [0.0; 3],
            mel: [[0.0; MEL_BANDS]; MEL_STEPS],
            duration_s: 0.0,
            decay_s: 0.0,
            centroid_hz: 0.0,
            loudness_db: 0.0,
            peaks: [0; PEAKS],
        };
        let single = [
            &mut analysis.duration_s,
            &mut analysis.decay_s,
            &mut analysis.centroid_hz,
            &mut analysis.loudness_db,
        ];
        let many = analysis.descriptors.iter_mut().chain(&mut analysis.layers);
        for slot in many.chain(analysis.mel.iter_mut().flatten()).chain(single) {
            *slot = f32::from_le_bytes(take(rest)?);
        }
        analysis.peaks = take(rest)?;
        analysis.is_finite().then_some(analysis)
    }
}

/// The next bytes.
pub(in crate::kit) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*head)
}
