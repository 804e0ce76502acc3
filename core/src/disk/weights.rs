//! The file format of shipped weights: named tensors of 16-bit floats with a checksum.
//!
//! Any thread but the audio thread. Little-endian:
//!
//! ```text
//! "DDNN"  u16 version  u16 count  { u8 name length, name, u8 dimensions, u32 size…, f16 value… }…
//! 32 bytes of BLAKE3 over all that precedes
//! ```
//! The bytes are untrusted: every length is checked against a limit before anything is allocated.

/// Highest version that is read, and the one that is written.
const VERSION: u16 = 1;
const MAGIC: [u8; 4] = *b"DDNN";
/// Largest file, in bytes.
pub const MOST_BYTES: usize = 2 << 20;
const MOST_TENSORS: u16 = 256;
const MOST_DIMENSIONS: u8 = 4;
const CHECKSUM: usize = 32;

/// A named block of values in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its name, at most 255 bytes.
    pub name: String,
    /// Its shape, 1 to 4 dimensions.
    pub shape: Vec<usize>,
    /// Its values.
    pub values: Vec<f32>,
}

/// Why weights could not be read or written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// Not our format, cut off, or changed.
    #[error("reading network weights: {0}")]
    Malformed(&'static str),
    /// From a newer release.
    #[error("reading network weights: version {0} is newer than this release")]
    Unsupported(u16),
    /// Larger than allowed.
    #[error("network weights go beyond the limit of {0}")]
    LimitReached(&'static str),
    /// A tensor that the network needs is not there, or has another shape.
    #[error("network weights have no fitting tensor “{0}”")]
    Missing(String),
}

/// Writes tensors. Values are rounded to 16-bit floats (11 significant bits).
///
/// # Errors
/// A name, a shape or the whole is beyond the limits.
pub fn write(tensors: &[Named]) -> Result<Vec<u8>, WeightsError> {
    let count = u16::try_from(tensors.len()).unwrap_or(u16::MAX);
    if count > MOST_TENSORS {
        return Err(WeightsError::LimitReached("256 tensors"));
    }
    let mut out = Vec::new();
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend(count.to_le_bytes());
    for tensor in tensors {
        let name = u8::try_from(tensor.name.len()).map_err(|_| WeightsError::LimitReached("name length"))?;
        out.push(name);
        out.extend(tensor.name.as_bytes());
        out.push(tensor.shape.len() as u8);
        if tensor.shape.is_empty() || tensor.shape.len() > usize::from(MOST_DIMENSIONS) {
            return Err(WeightsError::LimitReached("four dimensions"));
        }
        if tensor.shape.iter().product::<usize>() != tensor.values.len() {
            return Err(WeightsError::Malformed("shape and values differ"));
        }
        for &size in &tensor.shape {
            out.extend(u32::try_from(size).map_err(|_| WeightsError::LimitReached("size"))?.to_le_bytes());
        }
        for &value in &tensor.values {
            out.extend(half_of(value).to_le_bytes());
        }
        if out.len() + CHECKSUM > MOST_BYTES {
            return Err(WeightsError::LimitReached("2 MB"));
        }
    }
    let sum = blake3::hash(&out);
    out.extend(sum.as_bytes());
    Ok(out)
}

/// Reads tensors.
///
/// # Errors
/// The bytes are not such a file, are damaged, too new or too large.
pub fn read(bytes: &[u8]) -> Result<Vec<Named>, WeightsError> {
    if bytes.len() > MOST_BYTES {
        return Err(WeightsError::LimitReached("2 MB"));
    }
    let mut input = Input { bytes };
    if input.take(4)? != MAGIC {
        return Err(WeightsError::Malformed("not a weights file"));
    }
    let version = input.u16()?;
    if version != VERSION {
        return Err(WeightsError::Unsupported(version));
    }
    let body = bytes.len().checked_sub(CHECKSUM).ok_or(WeightsError::Malformed("cut off"))?;
    if blake3::hash(&bytes[..body]).as_bytes() != &bytes[body..] {
        return Err(WeightsError::Malformed("the checksum does not fit"));
    }
    let count = input.u16()?;
    if count > MOST_TENSORS {
        return Err(WeightsError::LimitReached("256 tensors"));
    }
    let mut tensors = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let length = usize::from(input.take(1)?[0]);
        let name = std::str::from_utf8(input.take(length)?)
            .map_err(|_| WeightsError::Malformed("a name is not text"))?
            .to_owned();
        let dimensions = input.take(1)?[0];
        if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
            return Err(WeightsError::LimitReached("four dimensions"));
        }
        let mut shape = Vec::with_capacity(usize::from(dimensions));
        let mut size = 1usize;
        for _ in 0..dimensions {
            let d = input.take(4)?;
            let d = u32::from_le_bytes([d[0], d[1], d[2], d[3]]) as usize;
            size = size.checked_mul(d).ok_or(WeightsError::LimitReached("size"))?;
            shape.push(d);
        }
        let length = size.checked_mul(2).ok_or(WeightsError::LimitReached("size"))?;
        let values =
            input.take(length)?.chunks_exact(2).map(|b| float_of(u16::from_le_bytes([b[0], b[1]]))).collect();
        tensors.push(Named { name, shape, values });
    }
    if input.bytes.len() != CHECKSUM {
        return Err(WeightsError::Malformed("bytes left over"));
    }
    Ok(tensors)
}

/// The values of one tensor, if it has the shape that is wanted.
///
/// # Errors
/// It is not there or has another shape.
pub fn find(tensors: &[Named], name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
    tensors
        .iter()
        .find(|t| t.name == name && t.shape == shape)
        .map(|t| t.values.clone())
        .ok_or_else(|| WeightsError::Missing(name.to_owned()))
}

struct Input<'a> {
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], WeightsError> {
        let (head, rest) = self.bytes.split_at_checked(n).ok_or(WeightsError::Malformed("cut off"))?;
        self.bytes = rest;
        Ok(head)
    }

    fn u16(&mut self) -> Result<u16, WeightsError> {
        let b = self.take(2)?;
        Ok(u16::from_le_bytes([b[0], b[1]]))
    }
}

/// The nearest 16-bit float (IEEE 754 binary16), ties to even; what is too large becomes the largest
/// finite one, so that no infinity is ever stored.
fn half_of(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let magnitude = f32::from_bits(bits & 0x7fff_ffff);
    if magnitude.is_nan() {
        return sign;
    }
    if magnitude >= 65_504.0 {
        return sign | 0x7bff;
    }
    if magnitude < 6.103_515_6e-5 {
        // Subnormal: a multiple of 2^-24; rounding to 1024 gives the smallest normal one.
        return sign | (magnitude * 16_777_216.0).round_ties_even() as u16;
    }
    let m = magnitude.to_bits();
    let rounded = m + 0x0fff + ((m >> 13) & 1);
    sign | ((rounded - (112 << 23)) >> 13) as u16
}

/// The value of a 16-bit float.
fn float_of(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = ((half >> 10) & 0x1f, f32::from(half & 0x3ff));
    match exponent {
        0 => sign * fraction / 16_777_216.0,
        // Infinities and NaN are never written; a file that has them reads as zero.
        31 => 0.0,
        e => sign * (1.0 + fraction / 1024.0) * 2f32.powi(i32::from(e) - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<Named> {
        let values = vec![0.0, 1.0, -0.5, 0.333_25, 1e-6, -65_504.0];
        vec![
            Named { name: "a".into(), shape: vec![2, 3], values },
            Named { name: "bias".into(), shape: vec![1], values: vec![2.0] },
        ]
    }

    #[test]
    fn what_is_written_is_read_back_to_half_precision() {
        let back = read(&write(&sample()).unwrap()).unwrap();
        assert_eq!(back.len(), 2);
        for (a, b) in back[0].values.iter().zip(&sample()[0].values) {
            assert!((a - b).abs() <= b.abs() / 2048.0 + 1e-7, "{a} {b}");
        }
        assert_eq!(find(&back, "bias", &[1]).unwrap(), [2.0]);
        assert_eq!(find(&back, "bias", &[2]), Err(WeightsError::Missing("bias".into())));
    }

    #[test]
    fn every_half_survives_the_round_trip() {
        for half in 0..=u16::MAX {
            if (half >> 10) & 0x1f != 31 && half != 0x8000 {
                assert_eq!(half_of(float_of(half)), half);
            }
        }
        assert_eq!(float_of(half_of(1.0e9)), 65_504.0);
    }

    #[test]
    fn files_cut_or_changed_anywhere_are_refused() {
        let bytes = write(&sample()).unwrap();
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "cut at {end}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x40;
            assert!(read(&changed).is_err(), "changed at {at}");
        }
    }
}
