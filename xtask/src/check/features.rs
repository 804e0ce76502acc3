//! Holds that every selection of packages compiles the core's dependencies with one set of features: else cargo
//! compiles them, and the core, once for each.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use crate::{command, workspace};

/// What is built and tested by itself, as arguments of `cargo tree`: the tool, the bundle, the app, tests.
const SELECTIONS: &[(&str, &[&str])] = &[
    (workspace::LAB_PACKAGE, &["--edges", "no-dev"]),
    (workspace::PLUGIN_PACKAGE, &["--edges", "no-dev"]),
    (workspace::PLUGIN_PACKAGE, &["--edges", "no-dev", "--features", "standalone"]),
    (workspace::CORE_PACKAGE, &[]),
    (workspace::LAB_PACKAGE, &[]),
    (workspace::PLUGIN_PACKAGE, &[]),
    (workspace::TESTS_PACKAGE, &[]),
];

/// The features of each crate of a selection; of one that is compiled several times, all of them.
type Features = BTreeMap<String, BTreeSet<String>>;

/// Checks the workspace in the current directory.
pub(super) fn check() -> Result<()> {
    let core = features(workspace::CORE_PACKAGE, &["--edges", "no-dev"])?;
    let mut apart = Vec::new();
    for (package, arguments) in SELECTIONS {
        let found = features(package, arguments)?;
        let differ = differences(&core, &found).into_iter();
        apart.extend(differ.map(|line| format!("{package} {}: {line}", arguments.join(" "))));
    }
    if !apart.is_empty() {
        bail!(
            "what the core depends on is compiled once more for some packages; add the features to \
             shared-features/Cargo.toml:\n  {}",
            apart.join("\n  ")
        );
    }
    println!("{} crates, compiled once for {} selections of packages", core.len(), SELECTIONS.len());
    Ok(())
}

fn features(package: &str, arguments: &[&str]) -> Result<Features> {
    let mut tree = command::cargo(&["tree", "--prefix", "none", "--format", "{p}|{f}", "--package", package]);
    let listing = command::output(tree.args(arguments)).context("`cargo tree` failed")?;
    Ok(read(&listing))
}

/// Reads lines such as `rustix v1.1.6|alloc,fs (*)`.
fn read(listing: &str) -> Features {
    let mut found = Features::new();
    for (name, features) in listing.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('|')) {
        found.entry(name.to_owned()).or_default().insert(features.to_owned());
    }
    found
}

/// The crates of `core` that another selection has with other features.
fn differences(core: &Features, other: &Features) -> Vec<String> {
    let said = |features: &BTreeSet<String>| features.iter().cloned().collect::<Vec<_>>().join(" and ");
    let pairs = core.iter().filter_map(|(name, features)| Some((name, features, other.get(name)?)));
    let apart = pairs.filter(|(_, features, found)| features != found);
    apart.map(|(name, own, found)| format!("{name} with {}, not {}", said(found), said(own))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_another_selection_wants_more_of_is_found() {
        let core = read("a v1.0.0|std\nb v2.0.0 (proc-macro)|\na v1.0.0|std (*)\n");
        assert!(differences(&core, &read("a v1.0.0|std\nc v3.0.0|x\n")).is_empty());
        assert_eq!(differences(&core, &read("a v1.0.0|net,std\n")), ["a v1.0.0 with net,std, not std"]);
    }
}
