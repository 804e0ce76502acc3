//! A study's figures as text tables.

use super::{Comparison, Summary, Value};
use comfy_table::{Cell, CellAlignment, Table, presets};

/// Like rates by critic and family, then quality and speed by critic.
#[must_use]
pub fn tables(summary: &Summary) -> String {
    let mut rates = Table::new();
    rates.load_style(presets::ASCII_MARKDOWN);
    let mut head = vec!["critic".to_owned(), "listeners".to_owned(), "n".to_owned(), "base".to_owned()];
    head.extend(summary.settings.checkpoints.iter().map(|k| format!("after {k}")));
    head.extend(["in session", "no gain", "under .5", "Hamming", "samples"].map(str::to_owned));
    rates.set_header(head);
    for row in &summary.rows {
        let mut cells = vec![
            row.critic.key().to_owned(),
            row.group.label().to_owned(),
            row.listeners.to_string(),
            format!("{:.2}", row.base.mean),
        ];
        cells.extend(row.like_rate.iter().map(|v| with_error(*v, row.listeners)));
        cells.extend([
            format!("{:.2}", row.in_session.mean),
            format!("{:.0} %", row.no_gain * 100.0),
            format!("{:.0} %", row.under_half * 100.0),
            row.hamming.last().map_or_else(String::new, |h| format!("{h:.1}")),
            row.samples.last().map_or_else(String::new, |s| format!("{s:.0}")),
        ]);
        rates.add_row(cells.into_iter().enumerate().map(|(at, text)| {
            let side = if at < 2 { CellAlignment::Left } else { CellAlignment::Right };
            Cell::new(text).set_alignment(side)
        }));
    }

    let mut quality = Table::new();
    quality.load_style(presets::ASCII_MARKDOWN);
    quality.set_header([
        "critic",
        "Phase II first",
        "Phase II last",
        "ECE",
        "Brier",
        "log-loss",
        "retrain ms",
        "propose ms",
        "next p50 ms",
        "next p99 ms",
        "1000 predictions ms",
    ]);
    for row in summary.rows.iter().filter(|r| r.group == super::Group::All) {
        let late = row.calibration_late;
        let honesty = |value: f32| if late.n == 0 { "–".to_owned() } else { format!("{value:.3}") };
        quality.add_row([
            row.critic.key().to_owned(),
            format!("{:.3}", row.phase_two_first.mean),
            format!("{:.3}", row.phase_two_last.mean),
            honesty(late.ece),
            honesty(late.brier),
            honesty(late.log_loss),
            format!("{:.2}", row.observe_ms),
            format!("{:.2}", row.propose_ms),
            format!("{:.2}", row.next_p50_ms),
            format!("{:.2}", row.next_p99_ms),
            format!("{:.1}", row.predict_1000_ms),
        ]);
    }

    let mut out = format!(
        "Like rate of fresh loops (mean true P(like) ± standard error over listeners)\n{rates}\n\n\
         Blind test, honesty of predictions from the 20th rating on, wall times (medians)\n{quality}\n"
    );
    for (critic, at) in &summary.reaches_classic {
        let text = match at {
            Some(at) => {
                format!("{} reaches the classic critic's last like rate after {at} ratings\n", critic.key())
            }
            None => format!("{} does not reach the classic critic's last like rate\n", critic.key()),
        };
        out.push_str(&text);
    }
    out
}

/// How varied the proposals of a session were from the first like on, by critic and family.
#[must_use]
pub fn variety_table(summary: &Summary) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([
        "critic",
        "listeners",
        "proposals",
        "within 4 of 96 cells of the last 20",
        "cells apart, mean",
        "least",
        "lanes with other sounds, mean",
        "least",
        "than the loop before",
    ]);
    for row in &summary.rows {
        let v = row.variety;
        table.add_row([
            row.critic.key().to_owned(),
            row.group.label().to_owned(),
            v.n.to_string(),
            format!("{:.1} %", v.same * 100.0),
            format!("{:.1} of {}", v.rhythm_mean, v.cells),
            format!("{:.1}", v.rhythm_least),
            format!("{:.1} of {}", v.sound_mean, v.lanes),
            format!("{:.1}", v.sound_least),
            format!("{:.1}", v.changed),
        ]);
    }
    format!("Variety of 20 proposals in a row, from the first like on\n{table}\n")
}

/// A mean with its error, which one listener does not have.
fn with_error(value: Value, listeners: usize) -> String {
    if listeners > 1 { format!("{:.3} ±{:.3}", value.mean, value.se) } else { format!("{:.3}", value.mean) }
}

/// How much each named variant is ahead of `base`. Differences of less than two standard errors are
/// put into brackets.
#[must_use]
pub fn comparison(base: &str, rows: &[(String, Vec<Comparison>)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    let Some(first) = rows.iter().find_map(|(_, found)| found.first()) else { return String::new() };
    let mut head = vec![format!("beside {base}"), "critic".to_owned(), "n".to_owned()];
    head.extend(first.like_rate.iter().map(|(ratings, _)| format!("after {ratings}")));
    head.extend(["mean of all later", "in session"].map(str::to_owned));
    table.set_header(head);
    for (name, found) in rows {
        for row in found {
            let cell = |value: Value| {
                let text = format!("{:+.3} ±{:.3}", value.mean, value.se);
                if value.mean.abs() < 2.0 * value.se { format!("({text})") } else { text }
            };
            let mut cells = vec![name.clone(), row.critic.key().to_owned(), row.listeners.to_string()];
            cells.extend(row.like_rate.iter().map(|(_, value)| cell(*value)));
            cells.extend([cell(row.learning), cell(row.in_session)]);
            table.add_row(cells);
        }
    }
    format!(
        "Differences of like rates (mean over listeners of each one's own difference ± standard error; \
         in brackets: less than two standard errors)\n{table}\n"
    )
}
