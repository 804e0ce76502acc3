//! The listening sheet: ten loops to look at, the first loops of the first sessions.

use super::Report;
use crate::report::{PANEL, shades, waveform};
use std::fmt::Write as _;

/// Loops on the sheet.
const SHOWN: usize = 10;
/// Loops beside each other.
const COLUMNS: usize = 5;
/// Seconds of each that are shown.
const SECONDS: f32 = 2.0;

/// Waveform and spectrogram of ten loops as one SVG.
#[must_use]
pub fn sheet(report: &Report) -> String {
    let first = report.sessions.iter().filter_map(|session| session.first());
    let shown: Vec<_> =
        first.filter_map(|heard| Some((heard, heard.audio.as_deref()?))).take(SHOWN).collect();
    let (width, height) = PANEL;
    let rows = shown.len().div_ceil(COLUMNS).max(1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        width * COLUMNS as f32,
        height * rows as f32 + 12.0,
    );
    for (at, (heard, audio)) in shown.iter().enumerate() {
        let (x, y) = ((at % COLUMNS) as f32 * width + 4.0, (at / COLUMNS) as f32 * height);
        let _ = writeln!(out, "<g transform=\"translate({x},{y})\">");
        let _ = writeln!(
            out,
            "<text x=\"2\" y=\"13\">seed {} · {:.1} LUFS · {:.1} dBTP · {} kits</text>",
            report.settings.seed + at as u64,
            heard.signal.lufs,
            heard.signal.true_peak_db,
            heard.coherence.kits,
        );
        waveform(&mut out, audio, SECONDS);
        shades(&mut out, audio, SECONDS);
        out.push_str("</g>\n");
    }
    let _ = writeln!(
        out,
        "<text x=\"6\" y=\"{}\" fill=\"#555\">{SECONDS:.1} s across; 40 Hz to 20 kHz, 64 dB</text>",
        height * rows as f32 + 4.0
    );
    out.push_str("</svg>\n");
    out
}
