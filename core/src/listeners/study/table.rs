//! A study's figures as text tables.

use super::{Summary, critic_key};
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
            critic_key(row.critic).to_owned(),
            row.group.label().to_owned(),
            row.listeners.to_string(),
            format!("{:.2}", row.base.mean),
        ];
        cells.extend(row.like_rate.iter().map(|v| format!("{:.3} ±{:.3}", v.mean, v.se)));
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
        "observe ms",
        "propose ms",
        "next p50 ms",
        "next p99 ms",
        "1000 predictions ms",
    ]);
    for row in summary.rows.iter().filter(|r| r.group == super::Group::All) {
        let late = row.calibration_late;
        quality.add_row([
            critic_key(row.critic).to_owned(),
            format!("{:.3}", row.phase_two_first.mean),
            format!("{:.3}", row.phase_two_last.mean),
            format!("{:.3}", late.ece),
            format!("{:.3}", late.brier),
            format!("{:.3}", late.log_loss),
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
            Some(at) => format!(
                "{} reaches the classic critic's last like rate after {at} ratings\n",
                critic_key(*critic)
            ),
            None => format!("{} does not reach the classic critic's last like rate\n", critic_key(*critic)),
        };
        out.push_str(&text);
    }
    out
}
