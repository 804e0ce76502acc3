//! Pictures and tables of the factory sounds for `docs/sounds.md`.
//!
//! The headless tool's thread only.

use deepdrummer_core::kit::analysis::spectrogram;
use deepdrummer_core::kit::{Audio, Kit, KitError, Role, Sample, factory};
use std::fmt::Write as _;
use std::path::Path;

/// Pictures of one role show so many sounds beside each other.
const SHOWN: usize = 3;
/// Columns and rows of a spectrogram.
const GRID: (usize, usize) = (110, 44);
/// Size of one sound's panel in the picture, in pixels.
pub(crate) const PANEL: (f32, f32) = (260.0, 230.0);
/// Height of the waveform within it.
const WAVE: f32 = 84.0;
/// Shades of the spectrogram from quiet to loud, 8 dB each, 64 dB in all.
const SHADES: [&str; 8] =
    ["#1b1033", "#3a0f5c", "#641a80", "#8c2981", "#b73779", "#de4968", "#fb8861", "#fed395"];

/// Writes `figures.md` (a table of all roles and kits) and `kick.svg` … `fx.svg` (waveform and
/// spectrogram of three sounds a role) into a folder, which is made if it isn't there.
///
/// # Errors
/// [`KitError::Io`] where a file can't be written.
pub fn write(folder: &Path) -> Result<(), KitError> {
    let kit = factory::kit();
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        let io = |source| KitError::Io { what: "writing the report on sounds", path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(io)?;
        std::fs::write(&path, text).map_err(io)
    };
    put("figures.md", &figures(&kit))?;
    for role in Role::ALL {
        put(&format!("{}.svg", role.key()), &picture(&kit, role)?)?;
    }
    Ok(())
}

/// A table of the roles in Markdown: median, and 5th to 95th percentile.
fn figures(kit: &Kit) -> String {
    let mut out = String::from(
        "<!-- Written by `deepdrummer sounds`; do not edit. -->\n\
         Median, and in brackets the 5th to the 95th percentile. Centroid: of the first 300 ms. Decay: until\n\
         95 % of the energy has passed. Loudness: K-weighted, loudest 200 ms. Attack: until the mean magnitude of\n\
         1.5 ms has 80 % of its highest value. To −20 dB: from where the power of 5 ms is highest until it is 20 dB\n\
         lower for good.\n\n\
         | role | sounds | centroid (Hz) | attack (ms) | to −20 dB (ms) | decay (ms) | loudness (dB) | length (s) \
         |\n|---|---|---|---|---|---|---|---|\n",
    );
    for role in Role::ALL {
        let of = |value: &dyn Fn(&Sample) -> f32| -> Vec<f32> {
            let mut values: Vec<f32> =
                kit.of_role(role).iter().map(|&at| value(&kit.samples()[at as usize])).collect();
            values.sort_by(f32::total_cmp);
            values
        };
        let cell = |values: Vec<f32>, digits: usize| {
            let at = |share: f32| values.get((share * (values.len().max(1) - 1) as f32).round() as usize);
            let at = |share: f32| at(share).copied().unwrap_or(0.0);
            format!("{:.digits$} ({:.digits$} to {:.digits$})", at(0.5), at(0.05), at(0.95))
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            role.label(),
            kit.of_role(role).len(),
            cell(of(&|s| s.analysis.centroid_hz), 0),
            cell(of(&|s| attack_ms(s).unwrap_or(0.0)), 1),
            cell(of(&|s| fall_ms(s).unwrap_or(0.0)), 0),
            cell(of(&|s| s.analysis.decay_s * 1_000.0), 0),
            cell(of(&|s| s.analysis.loudness_db), 1),
            cell(of(&|s| s.analysis.duration_s), 2),
        );
    }
    out
}

/// Sums of `of` over stretches of so many seconds that end at each frame.
fn running(audio: &Audio, seconds: f64, of: impl Fn(f32) -> f64) -> Vec<f64> {
    let span = ((seconds * audio.rate.hz()) as usize).max(1);
    let mut sum = 0.0;
    let ending_at = |(at, &x): (usize, &f32)| {
        sum += of(x);
        if at >= span {
            sum -= of(audio.left[at - span]);
        }
        sum
    };
    audio.left.iter().enumerate().map(ending_at).collect()
}

/// Until the mean magnitude of 1.5 ms has 80 % of its highest value, in milliseconds.
fn attack_ms(sample: &Sample) -> Option<f32> {
    let audio = sample.audio().ok()?;
    let envelope = running(&audio, 0.001_5, |x| f64::from(x.abs()));
    let top = envelope.iter().copied().fold(0.0, f64::max);
    let at = envelope.iter().position(|level| *level >= 0.8 * top)?;
    Some((at as f64 / audio.rate.hz() * 1e3) as f32)
}

/// From where the power of 5 ms is highest until it is 20 dB lower for good, in milliseconds.
fn fall_ms(sample: &Sample) -> Option<f32> {
    let audio = sample.audio().ok()?;
    let power = running(&audio, 0.005, |x| f64::from(x * x));
    let (from, top) = power.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let last = power.iter().rposition(|level| *level >= 0.01 * top)?;
    Some((last.saturating_sub(from) as f64 / audio.rate.hz() * 1e3) as f32)
}

/// Three sounds of a role, from different kits, as one SVG.
fn picture(kit: &Kit, role: Role) -> Result<String, KitError> {
    let members = kit.of_role(role);
    let shown: Vec<&Sample> = (0..SHOWN.min(members.len()))
        .filter_map(|i| members.get(i * members.len() / SHOWN + i))
        .map(|&at| &*kit.samples()[at as usize])
        .collect();
    let seconds = shown.iter().fold(0.05f32, |m, s| m.max(s.analysis.duration_s)).min(2.0);
    let (width, height) = PANEL;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        width * shown.len() as f32,
    );
    for (index, sample) in shown.iter().enumerate() {
        let audio = sample.audio()?;
        let _ = writeln!(out, "<g transform=\"translate({},0)\">", index as f32 * width + 4.0);
        let _ = writeln!(
            out,
            "<text x=\"2\" y=\"13\">{} · {:.0} Hz · {:.0} ms</text>",
            sample.name,
            sample.analysis.centroid_hz,
            sample.analysis.decay_s * 1_000.0
        );
        waveform(&mut out, &audio, seconds);
        shades(&mut out, &audio, seconds);
        out.push_str("</g>\n");
    }
    let _ = writeln!(
        out,
        "<text x=\"6\" y=\"{}\" fill=\"#555\">{seconds:.2} s across; 40 Hz to 20 kHz, 64 dB</text>",
        height - 4.0
    );
    out.push_str("</svg>\n");
    Ok(out)
}

/// The waveform as highest and lowest value per column.
pub(crate) fn waveform(out: &mut String, audio: &Audio, seconds: f32) {
    let columns = 240;
    let per = (f64::from(seconds) * audio.rate.hz() / f64::from(columns)).max(1.0);
    let peak = audio.left.iter().fold(1e-6f32, |m, x| m.max(x.abs()));
    let (middle, scale) = (20.0 + WAVE / 2.0, WAVE / 2.0 / peak);
    let mut path = String::new();
    for column in 0..columns {
        let from = (f64::from(column) * per) as usize;
        let to = ((f64::from(column + 1) * per) as usize).max(from + 1);
        let Some(part) = audio.left.get(from..to.min(audio.left.len()).max(from)) else { break };
        let high = part.iter().fold(0.0f32, |m, &x| m.max(x));
        let low = part.iter().fold(0.0f32, |m, &x| m.min(x));
        let _ = write!(path, "M{column} {:.1}V{:.1}", middle - high * scale, middle - low * scale + 0.4);
    }
    let _ = writeln!(out, "<path d=\"{path}\" stroke=\"#2a6f97\" stroke-width=\"1\" fill=\"none\"/>");
}

/// The spectrogram as one path a shade, runs of one shade joined.
pub(crate) fn shades(out: &mut String, audio: &Audio, seconds: f32) {
    let (columns, rows) = GRID;
    let levels = spectrogram(audio, columns, rows, f64::from(seconds));
    let top = levels.iter().flatten().copied().fold(f32::MIN, f32::max);
    let (x_step, y_step) = (240.0 / columns as f32, (PANEL.1 - WAVE - 44.0) / rows as f32);
    let base = 24.0 + WAVE;
    let _ = writeln!(
        out,
        "<rect y=\"{base}\" width=\"240\" height=\"{:.1}\" fill=\"#0b0716\"/>",
        y_step * rows as f32
    );
    for (shade, colour) in SHADES.iter().enumerate() {
        let of = |db: f32| ((db - top + 64.0) / 8.0).floor() as i32;
        let mut path = String::new();
        let mut row = 0;
        while row < rows {
            let mut column = 0;
            while column < columns {
                let from = column;
                while column < columns && of(levels[column][row]).min(7) == shade as i32 {
                    column += 1;
                }
                if column > from {
                    let y = base + (rows - 1 - row) as f32 * y_step;
                    let (x, wide) = (from as f32 * x_step, (column - from) as f32 * x_step);
                    let _ = write!(path, "M{x:.1} {y:.1}h{wide:.1}v{:.1}h-{wide:.1}z", y_step + 0.2);
                }
                column += 1;
            }
            row += 1;
        }
        let _ = writeln!(out, "<path d=\"{path}\" fill=\"{colour}\"/>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_a_small_picture_a_role_and_a_table() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        for role in Role::ALL {
            let picture = std::fs::read_to_string(folder.path().join(format!("{}.svg", role.key()))).unwrap();
            assert!((5_000..100_000).contains(&picture.len()), "{}: {} bytes", role.key(), picture.len());
        }
        let figures = std::fs::read_to_string(folder.path().join("figures.md")).unwrap();
        assert_eq!(figures.lines().filter(|line| line.starts_with("| ")).count(), 10);
    }
}
