//! Words and numbers as people read them.
//!
//! Any thread. Pure functions.

use deepdrummer_core::engine::Enter;
use deepdrummer_core::pattern::{Grid, Swing};
use deepdrummer_core::propose::Prediction;
use deepdrummer_core::session::command::{ExportKind, KitChoice, Nearness, Strategy};
use deepdrummer_core::session::preset::Preset;
use deepdrummer_core::session::view::WorkerView;
use std::path::Path;

/// From this many ratings on, a probability is shown in per cent; before, in words: with fewer, a
/// figure would promise more than is known.
pub const RATINGS_FOR_PERCENT: usize = 20;

/// Likes, and dislikes, before anything is stated in words.
pub const LEAST_FOR_WORDS: (usize, usize) = (4, 2);

/// What the critic thinks, in words.
#[must_use]
pub fn prediction_in_words(prediction: Option<Prediction>, ratings: usize) -> &'static str {
    let Some(Prediction { p_like, sd }) = prediction else { return "Listening…" };
    if ratings < 3 {
        return "Too early to say";
    }
    match p_like {
        p if sd > 0.3 && (0.3..0.7).contains(&p) => "Could go either way",
        p if p >= 0.75 => "Very likely",
        p if p >= 0.58 => "Probably",
        p if p > 0.42 => "Could go either way",
        p if p > 0.25 => "Probably not",
        _ => "Hardly",
    }
}

/// The number of ratings.
#[must_use]
pub fn ratings(count: usize) -> String {
    match count {
        0 => "no ratings yet".to_owned(),
        1 => "1 rating".to_owned(),
        n => format!("{n} ratings"),
    }
}

/// A change of P(like) in points of a hundred, with a real minus sign where it falls.
#[must_use]
pub fn points(change: f32) -> String {
    let points = (change * 100.0).round();
    if points < 0.0 { format!("−{:.0}", -points) } else { format!("+{points:.0}") }
}

/// A level.
#[must_use]
pub fn decibels(db: f32) -> String {
    if db <= -60.0 {
        "−∞ dB".to_owned()
    } else {
        let sign = if db < -0.05 { "−" } else { "+" };
        let sign = if db.abs() < 0.05 { "" } else { sign };
        format!("{sign}{:.1} dB", db.abs())
    }
}

/// A tempo, without decimals that say nothing.
#[must_use]
pub fn tempo(bpm: f64) -> String {
    if (bpm - bpm.round()).abs() < 0.005 { format!("{bpm:.0}") } else { format!("{bpm:.2}") }
}

/// A place between left and right.
#[must_use]
pub fn pan(pan: f32) -> String {
    let percent = (pan.abs() * 100.0).round();
    match pan {
        _ if percent < 1.0 => "centre".to_owned(),
        p if p < 0.0 => format!("{percent:.0} left"),
        _ => format!("{percent:.0} right"),
    }
}

/// A transposition.
#[must_use]
pub fn semitones(semitones: f32) -> String {
    let sign = match semitones {
        s if s > 0.04 => "+",
        s if s < -0.04 => "−",
        _ => "",
    };
    format!("{sign}{:.1} st", semitones.abs())
}

/// When the next loop enters, as the end of a sentence.
#[must_use]
pub fn enter(enter: Enter) -> &'static str {
    match enter {
        Enter::NextBar => "at the next bar",
        Enter::LoopEnd => "at the loop's end",
        Enter::Beat => "at the next beat",
        Enter::Now => "at once",
    }
}

/// All kinds of loops to ask for next.
pub const STRATEGIES: [Strategy; 4] = [Strategy::Ask, Strategy::Good, Strategy::Random, Strategy::Bad];

/// Which loops come next: a word for the strip, and what it means.
#[must_use]
pub fn strategy(strategy: Strategy) -> (&'static str, &'static str) {
    match strategy {
        Strategy::Ask => ("Next", "To learn your taste"),
        Strategy::Good => ("Best", "As good as is known"),
        Strategy::Random => ("Any", "At random, the taste ignored"),
        Strategy::Bad => ("Worst", "As bad as is known"),
    }
}

/// How near "more like this" stays.
#[must_use]
pub fn nearness(nearness: Nearness) -> &'static str {
    match nearness {
        Nearness::Near => "Near: a variation",
        Nearness::Middle => "Middle: a sibling",
        Nearness::Far => "Far: a relative",
    }
}

/// What the worker does, in a few words.
#[must_use]
pub fn worker(worker: &WorkerView) -> String {
    match worker {
        WorkerView::Starting => "starting".to_owned(),
        WorkerView::Loading { done, total: 0 } => format!("loading · {done}"),
        WorkerView::Loading { done, total } => format!("loading · {done}/{total}"),
        WorkerView::Searching => "searching".to_owned(),
        WorkerView::Ready { queued } => format!("ready · {queued} queued"),
        WorkerView::Restarted { .. } => "restarted".to_owned(),
    }
}

/// The same where there is little room.
#[must_use]
pub fn worker_in_short(worker: &WorkerView) -> String {
    match worker {
        WorkerView::Loading { .. } => "loading".to_owned(),
        WorkerView::Ready { queued } => format!("ready · {queued}"),
        other => self::worker(other),
    }
}

/// A MIDI key as most hosts name it (60 is C3).
#[must_use]
pub fn midi_key(key: u8) -> String {
    const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    let octave = i16::from(key) / 12 - 2;
    let octave = if octave < 0 { format!("-{}", -octave) } else { octave.to_string() };
    format!("{}{octave}", NAMES[usize::from(key % 12)])
}

/// The same with its number.
#[must_use]
pub fn midi_key_and_number(key: u8) -> String {
    format!("{} · {key}", midi_key(key))
}

/// What a preset is made of, in a line.
#[must_use]
pub fn preset(preset: &Preset) -> String {
    let kit = match &preset.kit {
        KitChoice::Factory => "all factory sounds".to_owned(),
        KitChoice::FactoryKit(name) => name.clone(),
        KitChoice::Folders(folders) => folders.first().map_or_else(String::new, |folder| file_name(folder)),
    };
    let Grid { bars, steps_per_bar, meter } = preset.steering.grid;
    let bars = if bars == 1 { "1 bar".to_owned() } else { format!("{bars} bars") };
    let lanes = preset.lanes.len();
    let swing = preset.steering.swing.filter(|swing| *swing != Swing::STRAIGHT);
    let swing = swing.map_or_else(String::new, |swing| format!(" · swing {:.0}%", swing.percent()));
    let (beats, unit) = (meter.numerator, meter.denominator);
    format!("{kit} · {lanes} lanes · {bars} of {beats}/{unit} in {steps_per_bar}{swing}")
}

/// What is exported, as a noun.
#[must_use]
pub fn export(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Midi => "MIDI",
        ExportKind::Audio => "Audio",
        ExportKind::Stems => "Stems",
        ExportKind::LaneMidi(_) => "Lane MIDI",
        ExportKind::LaneAudio(_) => "Lane audio",
        ExportKind::SongMidi => "Song MIDI",
        ExportKind::SongAudio => "Song audio",
        ExportKind::SongStems => "Song stems",
    }
}

/// A name to start from in "save as…".
#[must_use]
pub fn export_name(number: u32, bpm: Option<f64>, lane: Option<&str>, kind: ExportKind) -> String {
    let tempo = bpm.map(|bpm| format!(" {}bpm", bpm.round())).unwrap_or_default();
    let lane = lane.map(|lane| format!(" {}", lane.to_lowercase())).unwrap_or_default();
    let extension = match kind {
        ExportKind::Midi | ExportKind::LaneMidi(_) | ExportKind::SongMidi => ".mid",
        ExportKind::Audio | ExportKind::LaneAudio(_) | ExportKind::SongAudio => ".wav",
        ExportKind::Stems | ExportKind::SongStems => "",
    };
    let song = if kind.is_of_the_song() { " song" } else { "" };
    format!("DeepDrummer {number:04}{song}{tempo}{lane}{extension}")
}

/// The last part of a path.
#[must_use]
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_ratings_never_sound_sure() {
        let sure = Some(Prediction { p_like: 0.99, sd: 0.01 });
        assert_eq!(prediction_in_words(sure, 2), "Too early to say");
        assert_eq!(prediction_in_words(sure, 10), "Very likely");
        assert_eq!(prediction_in_words(None, 10), "Listening…");
        let unsure = Some(Prediction { p_like: 0.62, sd: 0.4 });
        assert_eq!(prediction_in_words(unsure, 10), "Could go either way");
    }

    #[test]
    fn numbers_carry_real_signs() {
        assert_eq!(points(-0.18), "−18");
        assert_eq!(points(0.311), "+31");
        assert_eq!(decibels(-60.0), "−∞ dB");
        assert_eq!(decibels(0.0), "0.0 dB");
        assert_eq!(decibels(-3.0), "−3.0 dB");
        assert_eq!(pan(-0.5), "50 left");
        assert_eq!((tempo(124.0).as_str(), tempo(97.3).as_str()), ("124", "97.30"));
        assert_eq!(semitones(1.0), "+1.0 st");
    }

    #[test]
    fn keys_are_named_as_hosts_do() {
        assert_eq!(midi_key(60), "C3");
        assert_eq!(midi_key(0), "C-2");
        assert_eq!(midi_key(2), "D-2");
        assert_eq!(midi_key_and_number(24), "C0 · 24");
    }

    #[test]
    fn file_names_say_number_and_tempo() {
        let name = export_name(42, Some(124.0), Some("Kick"), ExportKind::LaneMidi(0));
        assert_eq!(name, "DeepDrummer 0042 124bpm kick.mid");
    }
}
