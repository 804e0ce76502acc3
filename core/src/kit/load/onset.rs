//! Where a hit begins in what a lossy encoder left.
//!
//! Such encoders spread an error over a whole block, so a faint noise of it comes before a hit that lies
//! late in its block: the pre-echo. It swells and does not die away, is far below the hit, and is no
//! longer than a block. What begins suddenly and dies away is a hit, however faint; what swells up to its
//! peak is a soft attack. Only a grace note less than a block before its hit can't be told from pre-echo.

/// The longest block of MP3 and Vorbis with the overlap of their filters, in sound frames.
const MOST_FRAMES: usize = 2_600;
/// A hit is so many times what came before it (10 dB), within one or two of [`STEP_S`].
const RISE: f32 = 3.0;
/// Seconds of one value of the envelope.
const STEP_S: f64 = 0.000_5;
/// Of this share of the peak (−14 dB) no pre-echo is.
const CLEAR: f32 = 0.2;
/// From this share on (−40 dB) something that begins suddenly and dies away again is a hit of its own: a
/// grace note, the click of a stick.
const GRACE: f32 = 0.01;
/// What has died away to this share of its level is not swelling.
const FALLEN: f32 = 0.5;

/// The first frame of the hit where only pre-echo lies before it, else `first`, the first frame that sounds.
pub(super) fn behind_pre_echo(channels: &[Vec<f32>], rate_hz: u32, first: usize) -> usize {
    let step = ((f64::from(rate_hz) * STEP_S) as usize).max(4);
    let frames = channels.first().map_or(0, Vec::len);
    let at = |index: usize| channels.iter().fold(0.0f32, |most, channel| most.max(channel[index].abs()));
    let steps = (2 * MOST_FRAMES / step).min((frames - first) / step);
    let envelope: Vec<f32> = (0..steps)
        .map(|number| (0..step).fold(0.0f32, |most, ahead| most.max(at(first + number * step + ahead))))
        .collect();
    let peak = envelope.iter().fold(0.0f32, |most, x| most.max(*x));
    let mut before = 0.0f32;
    for number in 0..steps.min(MOST_FRAMES / step) {
        let level = envelope[number].max(*envelope.get(number + 1).unwrap_or(&0.0));
        let sudden = level >= RISE * before;
        if sudden
            && (level >= CLEAR * peak
                || level >= GRACE * peak
                    && dies_away(envelope.get(number + 2..).unwrap_or_default(), level, peak))
        {
            let from = first + number * step;
            return (from..from + 2 * step).find(|&index| at(index) > 1.5 * before).unwrap_or(from);
        }
        before = before.max(envelope[number]);
    }
    first
}

/// Whether it falls before it is as loud as the hit itself.
fn dies_away(envelope: &[f32], level: f32, peak: f32) -> bool {
    let until =
        envelope.iter().position(|x| *x >= CLEAR * peak && *x > 2.0 * level).unwrap_or(envelope.len());
    envelope[..until].windows(3).any(|three| three.iter().all(|x| *x < FALLEN * level))
}
