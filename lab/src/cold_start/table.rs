//! The comparison as text tables.

use super::{CLASSES, LAYERS, Quartiles, Report};
use comfy_table::{Table, presets};

/// Distances and variety, then what the loops are made of.
#[must_use]
pub fn table(report: &Report) -> String {
    let quartiles = |q: Quartiles| format!("{:.2} ({:.2} to {:.2})", q.median, q.low, q.high);
    let sets = || std::iter::once(&report.published).chain(&report.sets);
    let mut near = Table::new();
    near.load_style(presets::ASCII_MARKDOWN);
    near.set_header(["loops", "n", "to the nearest published", "covers", "variety", "cells apart"]);
    for set in sets() {
        near.add_row([
            set.name.clone(),
            set.count.to_string(),
            quartiles(set.nearest),
            format!("{:.0} %", set.coverage * 100.0),
            format!("{:.2}", set.variety),
            format!("{:.1}", set.variety_cells),
        ]);
    }
    let mut made = Table::new();
    made.load_style(presets::ASCII_MARKDOWN);
    let mut head = vec!["loops".to_owned()];
    head.extend(LAYERS.map(|layer| format!("{layer}, hits")));
    head.extend(CLASSES.map(|class| format!("{class}, %")));
    head.push("syncopation".to_owned());
    made.set_header(head);
    for set in sets() {
        let mut cells = vec![set.name.clone()];
        cells.extend(set.density.map(|hits| format!("{hits:.1}")));
        cells.extend(set.metric.map(|share| format!("{:.0}", share * 100.0)));
        cells.push(format!("{:.2}", set.syncopation));
        made.add_row(cells);
    }
    format!(
        "Distance: share of the hits of either that only one has; median (quartiles).\n{near}\n\
         A groove's nearest of another genre: {}; grooves in triplets, left out: {}\n\n{made}\n",
        quartiles(report.apart),
        report.left_out
    )
}
