//! The report as tables in Markdown.

use super::loops::HeardLoop;
use super::signal::{BAND_EDGES_HZ, Balance, OCTAVES_HZ, SILENCE_DB};
use super::{Report, TARGET, TOLERANCE_DB};
use deepdrummer_core::pattern::Role;
use std::fmt::Write as _;

/// The tables.
#[must_use]
pub fn page(report: &Report) -> String {
    let settings = &report.settings;
    let mut out = format!(
        "<!-- Written by `deepdrummer sounds --loops`; do not edit. -->\n\
         {} sessions of {} loops that nobody rated, {} lanes, {} quarter notes a minute, first seed {}; the first\n\
         loops of all presets; eight loops of each kit. Median, and in brackets the 5th to the 95th percentile.\n",
        settings.sessions, settings.each, settings.lanes, settings.bpm, settings.seed
    );
    loudness(&mut out, report);
    balance(&mut out, report);
    spectrum(&mut out, report);
    coherence(&mut out, report);
    directions(&mut out, report);
    out
}

/// Sets of loops by name.
fn sets(report: &Report) -> Vec<(String, Vec<&HeardLoop>)> {
    let first = report.sessions.iter().filter_map(|session| session.first()).collect();
    let mut sets = vec![
        ("proposals".to_owned(), report.proposals().collect()),
        ("first loops of sessions".to_owned(), first),
        ("presets".to_owned(), report.presets.iter().map(|(_, heard)| heard).collect()),
    ];
    sets.extend(report.kits.iter().map(|(name, heard)| (name.clone(), heard.iter().collect())));
    sets
}

/// The value below which a share lies, of values in any order; 0 of none.
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (below, part) = (place as usize, place.fract());
    let low = sorted.get(below).copied().unwrap_or(0.0);
    low + part * (sorted.get(below + 1).copied().unwrap_or(low) - low)
}

fn spread(values: &[f64]) -> String {
    let at = |share| quantile(values, share);
    format!("{:.1} ({:.1} to {:.1})", at(0.5), at(0.05), at(0.95))
}

fn loudness(out: &mut String, report: &Report) {
    out.push_str(
        "\n## Loudness\n\n| loops | n | loudness (LUFS) | true peak (dBTP) | crest (dB) | side under mid (dB) \
         | correlation | lost in mono (dB) |\n|---|---|---|---|---|---|---|---|\n",
    );
    let mut row = |name: &str, of: Vec<&super::Signal>| {
        let cell = |value: &dyn Fn(&super::Signal) -> f64| {
            spread(&of.iter().map(|signal| value(signal)).collect::<Vec<_>>())
        };
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {} | {} | {} |",
            of.len(),
            cell(&|s| s.lufs),
            cell(&|s| s.true_peak_db),
            cell(&|s| s.crest_db),
            cell(&|s| s.width_db.max(-60.0)),
            cell(&|s| s.correlation),
            cell(&|s| s.mono_loss_db),
        );
    };
    for (name, heard) in sets(report) {
        row(&name, heard.iter().map(|heard| &heard.signal).collect());
    }
    if !report.produced.is_empty() {
        row("produced loops", report.produced.iter().map(|named| &named.signal).collect());
    }
    let jumps = jumps(report);
    let small = jumps.iter().filter(|jump| **jump <= 1.5).count() as f64 / jumps.len().max(1) as f64;
    let _ = writeln!(
        out,
        "\nFrom one proposal to the next the loudness jumps by {} LU; {:.0} % of the jumps are within 1.5 LU.",
        spread(&jumps),
        100.0 * small
    );
}

/// Jumps of loudness between consecutive loops of a session, in LU.
pub(super) fn jumps(report: &Report) -> Vec<f64> {
    let pairs = report.sessions.iter().flat_map(|session| session.windows(2));
    pairs.map(|pair| (pair[1].signal.lufs - pair[0].signal.lufs).abs()).collect()
}

/// Loudness of each sounding lane of a role relative to the loudest kick of its loop, in LU.
pub(super) fn beside_the_kick<'a>(heard: impl Iterator<Item = &'a HeardLoop>, role: Role) -> Vec<f64> {
    let mut found = Vec::new();
    for heard in heard {
        let kicks = heard.lanes.iter().filter(|lane| lane.role == Role::Kick).map(|lane| lane.lufs);
        let kick = kicks.fold(SILENCE_DB, f64::max);
        if kick > -70.0 {
            let lanes = heard.lanes.iter().filter(|lane| lane.role == role && lane.lufs > -70.0);
            found.extend(lanes.map(|lane| lane.lufs - kick));
        }
    }
    found
}

fn balance(out: &mut String, report: &Report) {
    out.push_str(
        "\n## Balance\n\nLoudness of each lane by itself relative to the kick, in LU.\n\n\
         | lane | n | relative to the kick (LU) | least | more than 18 under it |\n|---|---|---|---|---|\n",
    );
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Kick) {
        let all = report.proposals().chain(report.presets.iter().map(|(_, heard)| heard));
        let found = beside_the_kick(all, role);
        if found.is_empty() {
            continue;
        }
        let under = found.iter().filter(|level| **level < -18.0).count() as f64 / found.len() as f64;
        let least = quantile(&found, 0.0);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {least:.1} | {:.0} % |",
            role.label(),
            found.len(),
            spread(&found),
            100.0 * under
        );
    }
}

/// The spectra of some loops.
pub(super) fn balances<'a>(heard: impl Iterator<Item = &'a HeardLoop>) -> Vec<Balance> {
    heard.map(|heard| heard.signal.balance).collect()
}

fn spectrum(out: &mut String, report: &Report) {
    let _ = write!(
        out,
        "\n## Spectrum\n\nMean shares of the energy from 20 Hz to 20 kHz, in dB; octaves that are further than\n\
         {TOLERANCE_DB} dB from the target are in bold.\n\n| loops |"
    );
    for edges in BAND_EDGES_HZ.windows(2) {
        let _ = write!(out, " {:.0}–{:.0} |", edges[0], edges[1]);
    }
    out.push_str("\n|---|---|---|---|---|---|---|\n");
    // Whether a row is to be as the target is: a mean of shares in decibels.
    let mut rows: Vec<(String, Balance, bool)> = vec![("target".to_owned(), TARGET, true)];
    let produced: Vec<Balance> = report.produced.iter().map(|named| named.signal.balance).collect();
    if !produced.is_empty() {
        rows.push(("produced loops".to_owned(), Balance::mean(&produced), true));
    }
    for (name, heard) in sets(report) {
        rows.push((name, Balance::mean(&balances(heard.into_iter())), true));
    }
    let together = Balance::together(&balances(report.proposals()));
    rows.push(("proposals, their energy added".to_owned(), together, false));
    if !produced.is_empty() {
        rows.push(("produced loops, their energy added".to_owned(), Balance::together(&produced), false));
    }
    for (name, balance, _) in &rows {
        let _ = write!(out, "| {name} |");
        for share in balance.bands {
            let _ = write!(out, " {share:.1} |");
        }
        out.push('\n');
    }
    out.push_str("\n| octave (Hz) |");
    for middle in OCTAVES_HZ {
        let _ = write!(out, " {middle} |");
    }
    out.push_str(" 16000 |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (name, balance, compared) in &rows {
        let _ = write!(out, "| {name} |");
        for (share, wanted) in balance.octaves.iter().zip(TARGET.octaves) {
            let mark = if *compared && (share - wanted).abs() > TOLERANCE_DB { "**" } else { "" };
            let _ = write!(out, " {mark}{share:.1}{mark} |");
        }
        out.push('\n');
    }
}

fn coherence(out: &mut String, report: &Report) {
    out.push_str(
        "\n## Sounds that belong together\n\n| loops | sounding lanes with a sound of their role | loops in which \
         all are | kits in a loop | strangers to the kit | silent lanes | sounds changed from the loop before \
         |\n|---|---|---|---|---|---|---|\n",
    );
    for (name, heard) in sets(report) {
        let n = heard.len().max(1) as f64;
        let sum =
            |of: &dyn Fn(&HeardLoop) -> usize| heard.iter().map(|heard| of(heard)).sum::<usize>() as f64;
        let changes: Vec<f64> =
            heard.iter().filter_map(|heard| Some(heard.coherence.changed? as f64)).collect();
        let whole = sum(&|h| usize::from(h.coherence.true_roles == h.coherence.sounding));
        let change = match changes.len() {
            0 => "–".to_owned(),
            count => format!("{:.1}", changes.iter().sum::<f64>() / count as f64),
        };
        let _ = writeln!(
            out,
            "| {name} | {:.1} % | {:.0} % | {:.2} | {:.2} | {:.2} | {change} |",
            100.0 * sum(&|h| h.coherence.true_roles) / sum(&|h| h.coherence.sounding).max(1.0),
            100.0 * whole / n,
            sum(&|h| h.coherence.kits) / n,
            sum(&|h| h.coherence.strangers) / n,
            sum(&|h| h.coherence.silent) / n,
        );
    }
}

fn directions(out: &mut String, report: &Report) {
    if report.directions.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "\n## Directions\n\nShare of loops whose nearest style is one of the preset's: of fresh ones before any \
         rating, of those that were rated,\nand of fresh ones after {} ratings by a simulated listener (two each); \
         and how many sounds change from a loop that is\nrated to the next.\n\n\
         | preset | before | rated | after | liked | sounds changed |\n|---|---|---|---|---|---|\n",
        report.settings.ratings
    );
    let n = report.directions.len() as f64;
    let mean = |of: &dyn Fn(&super::Direction) -> f64| report.directions.iter().map(of).sum::<f64>() / n;
    let mut row = |name: &str, of: [f64; 5]| {
        let [before, rated, after, liked, changed] = of;
        let _ =
            writeln!(out, "| {name} | {before:.2} | {rated:.2} | {after:.2} | {liked:.2} | {changed:.1} |");
    };
    let values = |d: &super::Direction| [d.before, d.rated, d.after, d.liked, d.changed];
    row("**all**", std::array::from_fn(|at| mean(&|d| values(d)[at])));
    for found in &report.directions {
        row(&found.preset, values(found));
    }
}
