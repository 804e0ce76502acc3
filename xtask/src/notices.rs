//! `notices`: whose work is shipped, and under which licences.
//!
//! What counts is what the bundles, the app and the tool link on any system; crates that only build or test are
//! not passed on. The licences that are allowed stand in `deny.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{command, workspace};

const RULES: &str = "deny.toml";
/// Files that a crate keeps its licence in begin so.
const LICENCE_FILES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT"];
/// What is shipped beside crates: file and what it is.
const OTHERS: &[(&str, &str)] = &[
    ("plugin/src/editor/fonts/LICENSE.txt", "Inter, the typeface of the window"),
    ("core/data/groove-attribution.txt", "Groove MIDI Dataset, which the groove nets were trained on"),
];

/// One crate that is linked into something that people get.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shipped {
    name: String,
    version: String,
    licence: String,
    repository: String,
}

/// Fails where a crate is shipped under no licence that is allowed.
pub(crate) fn check() -> Result<()> {
    let allowed = allowed()?;
    let shipped = shipped()?;
    let refused: Vec<String> = shipped
        .iter()
        .filter(|of| !is_allowed(&of.licence, &allowed))
        .map(|of| format!("{} {}: {}", of.name, of.version, of.licence))
        .collect();
    if !refused.is_empty() {
        bail!("not allowed by {RULES}:\n  {}", refused.join("\n  "));
    }
    println!("{} crates are shipped, all under licences that {RULES} allows", shipped.len());
    Ok(())
}

/// Writes `target/THIRD-PARTY-NOTICES.txt`: each crate with its licence, and each licence's text once.
pub(crate) fn write() -> Result<PathBuf> {
    check()?;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut out = String::from(
        "DeepDrummer is made with the work of others, under these licences.\n\
         DeepDrummer itself is under MIT or Apache-2.0, at your choice.\n\n",
    );
    for of in shipped()? {
        out.push_str(&format!("{} {} ({}) {}\n", of.name, of.version, of.licence, of.repository));
        for file in licence_files(&of) {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("could not read {}", file.display()))?;
            texts.entry(text.trim().replace("\r\n", "\n")).or_default().insert(of.name.clone());
        }
    }
    for (file, what) in OTHERS {
        let text = std::fs::read_to_string(file).with_context(|| format!("could not read {file}"))?;
        out.push_str(&format!("{what}\n"));
        texts.entry(text.trim().to_owned()).or_default().insert((*what).to_owned());
    }
    for (text, names) in texts {
        let names: Vec<String> = names.into_iter().collect();
        out.push_str(&format!("\n{}\n{}\n{0}\n\n{text}\n", "-".repeat(78), names.join(", ")));
    }
    let path = workspace::target().join("THIRD-PARTY-NOTICES.txt");
    std::fs::write(&path, out).with_context(|| format!("could not write {}", path.display()))?;
    println!("{}", path.display());
    Ok(path)
}

/// Everything that is linked into the plugin, the app and the tool, on all systems, in the order of names.
fn shipped() -> Result<Vec<Shipped>> {
    let mut tree = command::cargo(&["tree", "--edges", "normal", "--prefix", "none", "--target", "all"]);
    tree.args(["--format", "{p}|{l}|{r}", "--workspace"]);
    tree.args(["--exclude", "xtask", "--exclude", workspace::TESTS_PACKAGE]);
    tree.args(["--features", "deepdrummer-plugin/standalone"]);
    let listing = command::output(&mut tree).context("`cargo tree` gave nothing")?;
    let all: BTreeSet<Shipped> = listing.lines().filter_map(parsed).collect();
    if all.is_empty() {
        bail!("`cargo tree` named no crate");
    }
    Ok(all.into_iter().collect())
}

/// A line of the listing; `None` for the workspace's own packages and for lines that are none.
fn parsed(line: &str) -> Option<Shipped> {
    let mut fields = line.split('|');
    let (package, licence, repository) = (fields.next()?, fields.next()?, fields.next()?);
    // `name v1.2.3`, and behind it where it is, if that is not the registry.
    let mut words = package.split_whitespace();
    let (name, version, rest) = (words.next()?, words.next()?, words.next());
    if rest.is_some_and(|place| place.starts_with("(/") || place.starts_with("(\\") || place.contains(":\\"))
    {
        return None;
    }
    Some(Shipped {
        name: name.to_owned(),
        version: version.trim_start_matches('v').to_owned(),
        licence: licence.trim_end_matches(" (*)").to_owned(),
        repository: repository.trim_end_matches(" (*)").to_owned(),
    })
}

fn allowed() -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(RULES).with_context(|| format!("could not read {RULES}"))?;
    let rules: toml::Table = text.parse().with_context(|| format!("{RULES} can't be understood"))?;
    let list = rules.get("licenses").and_then(|of| of.get("allow")).and_then(toml::Value::as_array);
    let list = list.with_context(|| format!("{RULES} has no list licenses.allow"))?;
    Ok(list.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect())
}

/// Whether an SPDX expression can be met with the licences that are allowed. `/` is an old way to write OR.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut at = 0;
    !words.is_empty() && any(&words, &mut at, allowed) && at == words.len()
}

/// Alternatives: terms joined by OR.
fn any(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at, allowed);
    }
    met
}

/// Terms joined by AND, which binds closer.
fn all(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(&word) = words.get(*at) else { return false };
    *at += 1;
    if word == "(" {
        let met = any(words, at, allowed);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return met && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return allowed.contains(&format!("{word} WITH {exception}"));
    }
    allowed.contains(word)
}

/// A crate's licence files where cargo keeps its sources.
fn licence_files(of: &Shipped) -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let Some(sources) = home.map(|home| home.join("registry/src")) else { return Vec::new() };
    let registries = std::fs::read_dir(sources).into_iter().flatten().flatten();
    let folder = registries
        .map(|registry| registry.path().join(format!("{}-{}", of.name, of.version)))
        .find(|path| path.is_dir());
    let Some(folder) = folder else { return Vec::new() };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            path.is_file() && LICENCE_FILES.iter().any(|start| name.starts_with(start))
        })
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_by_one_of_several_or_by_all_that_are_asked_for() {
        let allowed: BTreeSet<String> =
            ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
        for met in [
            "MIT",
            "GPL-2.0-only OR MIT",
            "Apache-2.0/MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(is_allowed(met, &allowed), "{met}");
        }
        for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT", "Apache-2.0 WITH other", "MIT MIT"] {
            assert!(!is_allowed(refused, &allowed), "{refused}");
        }
    }

    #[test]
    fn lines_of_the_listing_are_read_and_our_own_packages_left_out() {
        let read = parsed("serde v1.0.229|MIT OR Apache-2.0|somewhere (*)").unwrap();
        assert_eq!((read.name.as_str(), read.version.as_str()), ("serde", "1.0.229"));
        assert_eq!((read.licence.as_str(), read.repository.as_str()), ("MIT OR Apache-2.0", "somewhere"));
        assert_eq!(parsed("deepdrummer-core v0.1.0 (/somewhere/core)|MIT|"), None);
        assert!(parsed("serde_derive v1.0.229 (proc-macro)|MIT|").is_some());
        assert_eq!(parsed(""), None);
    }
}
