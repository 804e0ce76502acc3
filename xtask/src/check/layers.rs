//! Holds the rules of who may know whom: modules import only from layers below their own, the core knows no
//! plugin framework, and nothing knows the laboratory.
//!
//! The layers are read from the table in the package's `src/lib.rs`, so that the documentation is the
//! contract. Modules of one layer may import each other. Code under `#[cfg(test)]` is exempt, and
//! so are the programs in `src/bin`, which stand above all layers.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::workspace;

/// Crates that the core must not depend on: it knows no plugin framework and no window.
const FOREIGN_TO_CORE: &[&str] = &[
    "nice-plug",
    "clack",
    "egui",
    "baseview",
    "x11rb",
    "rfd",
    "drag",
    "deepdrummer-plugin",
    "deepdrummer-tests",
];
/// The packages that have layers.
const LAYERED: &[&str] = &["core", "lab"];

/// Checks the workspace in the current directory.
pub(super) fn check() -> Result<()> {
    let root = read(Path::new("Cargo.toml"))?;
    let mut manifests = vec!["fuzz".to_owned()];
    manifests.extend(members(&root)?);
    for folder in &manifests {
        let manifest = read(&Path::new(folder).join("Cargo.toml"))?;
        check_dependencies(folder, &manifest, &root)?;
    }
    LAYERED.iter().try_for_each(|folder| check_layers(Path::new(folder)))
}

pub(super) fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))
}

/// Checks the imports of the package in `folder`.
fn check_layers(folder: &Path) -> Result<()> {
    let sources = folder.join("src");
    let root = sources.join("lib.rs");
    let layers = Layers::from_docs(&read(&root)?).with_context(|| format!("in {}", root.display()))?;
    let mut violations = Vec::new();
    let mut files = 0;
    for file in rust_files(&sources)? {
        let relative = file.strip_prefix(&sources)?;
        let module = module_path(relative);
        // A file called tests.rs is a module under `#[cfg(test)]`.
        let is_tests = relative.file_name().is_some_and(|name| name == "tests.rs");
        if module.is_empty() || is_tests || relative.starts_with("bin") {
            continue;
        }
        files += 1;
        violations.extend(
            violations_in(&module, &read(&file)?, &layers)
                .with_context(|| format!("could not check {}", file.display()))?
                .into_iter()
                .map(|violation| format!("{}:{violation}", file.display())),
        );
    }
    if !violations.is_empty() {
        bail!("imports go only downwards (table in {}):\n  {}", root.display(), violations.join("\n  "));
    }
    println!("{}: {files} files, {} modules, no import goes upwards", folder.display(), layers.0.len());
    Ok(())
}

/// The layer of each top-level module; 0 is the lowest.
struct Layers(BTreeMap<String, usize>);

impl Layers {
    /// Reads rows such as ``//! | 4 | [`render`], [`export`] |``.
    fn from_docs(text: &str) -> Result<Self> {
        let mut layers = BTreeMap::new();
        for line in text.lines() {
            let Some(row) = line.trim().strip_prefix("//! |") else { continue };
            let mut cells = row.split('|').map(str::trim);
            let (Some(number), Some(modules)) = (cells.next(), cells.next()) else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            for module in modules.split(',') {
                layers.insert(module.trim().trim_matches(['[', ']', '`']).to_owned(), number);
            }
        }
        if layers.is_empty() {
            bail!("there is no table of layers");
        }
        Ok(Self(layers))
    }

    fn of(&self, module: &str) -> Option<usize> {
        self.0.get(module).copied()
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Violation {
    line: usize,
    from: String,
    to: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` imports `{}`, which is in a higher layer", self.line, self.from, self.to)
    }
}

/// Finds upward imports in a file that is the module at `path` (its segments under the crate).
fn violations_in(path: &[String], text: &str, layers: &Layers) -> Result<Vec<Violation>> {
    let Some(from) = path.first() else { return Ok(Vec::new()) };
    let Some(own) = layers.of(from) else {
        bail!("module `{from}` is in no layer: add it to the table in lib.rs");
    };
    let tokens = TokenStream::from_str(text).map_err(|error| anyhow::anyhow!("not Rust: {error}"))?;
    let mut uses = Vec::new();
    collect_uses(tokens, path.len(), &mut uses);
    Ok(uses
        .into_iter()
        .filter(|to| layers.of(to).is_some_and(|layer| layer > own))
        .map(|to| Violation { line: line_of(text, &to), from: from.clone(), to })
        .collect())
}

/// The first line that names a module of the crate, from 1. (Tokens know their lines only with a
/// feature of proc-macro2 that would make every other build compile its dependencies once more.)
fn line_of(text: &str, module: &str) -> usize {
    let names = |line: &str| {
        let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.any(|word| word == module)
    };
    let rooted = |line: &&str| names(line) && (line.contains("crate") || line.contains("super"));
    let found = text.lines().position(|line| rooted(&line)).or_else(|| text.lines().position(names));
    found.map_or(1, |at| at + 1)
}

/// Collects the top-level name of every path that starts at the crate's root: `crate::name…`,
/// `crate::{name, …}`, and enough `super::` to get there. `depth` is how many modules deep the
/// tokens are. Tokens inside macros count, for a macro can import as well.
fn collect_uses(tokens: TokenStream, depth: usize, uses: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(end) = test_item_end(&tokens, at) {
            at = end;
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => {
                let opens_module = group.delimiter() == Delimiter::Brace && is_module_body(&tokens, at);
                collect_uses(group.stream(), depth + usize::from(opens_module), uses);
                at += 1;
            }
            TokenTree::Ident(ident) if *ident == "crate" => {
                at = collect_names(&tokens, after_colons(&tokens, at + 1), uses).unwrap_or(at + 1);
            }
            TokenTree::Ident(ident) if *ident == "super" => {
                // `super::super::…`: count how far up it goes.
                let (mut levels, mut next) = (1, after_colons(&tokens, at + 1));
                while let Some(index) = next
                    && is_ident(tokens.get(index), "super")
                {
                    levels += 1;
                    next = after_colons(&tokens, index + 1);
                }
                let reaches_root = levels == depth;
                at = match next {
                    Some(index) if reaches_root => collect_names(&tokens, Some(index), uses).unwrap_or(index),
                    Some(index) => index,
                    None => at + 1,
                };
            }
            _ => at += 1,
        }
    }
}

/// Collects the first names of the path or `{…}` list that starts at `start`; returns what follows.
fn collect_names(tokens: &[TokenTree], start: Option<usize>, uses: &mut Vec<String>) -> Option<usize> {
    let start = start?;
    match tokens.get(start)? {
        TokenTree::Ident(name) => uses.push(name.to_string()),
        TokenTree::Group(list) => {
            let mut first = true;
            for token in list.stream() {
                match token {
                    TokenTree::Ident(name) if first => {
                        uses.push(name.to_string());
                        first = false;
                    }
                    TokenTree::Punct(punct) if punct.as_char() == ',' => first = true,
                    _ => {}
                }
            }
        }
        _ => return None,
    }
    Some(start + 1)
}

/// The index after `::`, if it stands at `at`.
pub(super) fn after_colons(tokens: &[TokenTree], at: usize) -> Option<usize> {
    (is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')).then_some(at + 2)
}

/// If a `#[cfg(test)]` attribute stands at `at`, the index after the item that it belongs to.
pub(super) fn test_item_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    if !is_punct(tokens.get(at), '#') {
        return None;
    }
    let Some(TokenTree::Group(attribute)) = tokens.get(at + 1) else { return None };
    let compact: String = attribute.stream().to_string().split_whitespace().collect();
    if attribute.delimiter() != Delimiter::Bracket || compact != "cfg(test)" {
        return None;
    }
    // Further attributes belong to the item; it ends with a brace group or a semicolon.
    let item = &tokens[at + 2..];
    let ends = item.iter().position(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !is_use_list(item),
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    });
    Some(ends.map_or(tokens.len(), |end| at + 2 + end + 1))
}

fn is_use_list(item: &[TokenTree]) -> bool {
    item.iter()
        .take_while(
            |token| !matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
        )
        .any(|token| matches!(token, TokenTree::Ident(ident) if *ident == "use"))
}

pub(super) fn is_module_body(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_ident(tokens.get(at - 2), "mod") && matches!(tokens[at - 1], TokenTree::Ident(_))
}

pub(super) fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if *ident == name)
}

pub(super) fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// `kit/analysis.rs` → `["kit", "analysis"]`, `kit/mod.rs` → `["kit"]`, `lib.rs` → `[]`.
pub(super) fn module_path(relative: &Path) -> Vec<String> {
    let mut path: Vec<String> =
        relative.with_extension("").iter().map(|segment| segment.to_string_lossy().into_owned()).collect();
    if path.last().is_some_and(|last| last == "mod" || (last == "lib" && path.len() == 1)) {
        path.pop();
    }
    path
}

pub(super) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The folders of the workspace's members.
fn members(root: &str) -> Result<Vec<String>> {
    let root: toml::Table = root.parse().context("Cargo.toml is not TOML")?;
    let members = root.get("workspace").and_then(|workspace| workspace.get("members"));
    let members = members.and_then(toml::Value::as_array).context("Cargo.toml has no members")?;
    Ok(members.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect())
}

/// The packages that a manifest depends on in any way, by their own names: an alias hides nothing, whether
/// it is given here or in the workspace's manifest `root`.
fn dependencies(manifest: &str, root: &str) -> Result<Vec<String>> {
    let manifest: toml::Table = manifest.parse().context("the manifest is not TOML")?;
    let root: toml::Table = root.parse().context("the workspace's manifest is not TOML")?;
    let shared = root.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let package = |entry: &toml::Value| entry.get("package").and_then(toml::Value::as_str).map(str::to_owned);
    let platforms = manifest.get("target").and_then(toml::Value::as_table);
    let platforms = platforms.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let mut found = Vec::new();
    for table in std::iter::once(&manifest).chain(platforms) {
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            let Some(entries) = table.get(section).and_then(toml::Value::as_table) else { continue };
            found.extend(entries.iter().map(|(name, entry)| {
                let inherited = || shared.and_then(|shared| shared.get(name)).and_then(package);
                package(entry).or_else(inherited).unwrap_or_else(|| name.clone())
            }));
        }
    }
    Ok(found)
}

/// Fails if the manifest of the package in `folder` names a package that it must not know.
fn check_dependencies(folder: &str, manifest: &str, root: &str) -> Result<()> {
    for name in dependencies(manifest, root).with_context(|| format!("{folder}/Cargo.toml"))? {
        if name == workspace::LAB_PACKAGE {
            bail!("{folder}/Cargo.toml depends on `{name}`: nothing knows the laboratory");
        }
        if folder == "core" && FOREIGN_TO_CORE.iter().any(|foreign| name.starts_with(foreign)) {
            bail!(
                "{folder}/Cargo.toml depends on `{name}`: the core knows no plugin framework and no window"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCS: &str = "//! | layer | modules |\n//! |---|---|\n//! | 0 | [`units`], [`rng`] |\n//! | 1 | [`pattern`] |\n//! | 2 | [`engine`] |\n//! | 3 | [`session`] |\n";

    fn upward(path: &[&str], text: &str) -> Vec<(usize, String)> {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        let layers = Layers::from_docs(DOCS).unwrap();
        violations_in(&path, text, &layers).unwrap().into_iter().map(|v| (v.line, v.to)).collect()
    }

    #[test]
    fn an_import_that_goes_upwards_is_found() {
        assert_eq!(
            upward(&["pattern"], "use crate::units::Bpm;\nuse crate::session::View;"),
            [(2, "session".into())]
        );
    }

    #[test]
    fn imports_downwards_and_within_a_layer_are_fine() {
        assert_eq!(upward(&["session", "view"], "use crate::engine::A; use crate::session::command::B;"), []);
        assert_eq!(upward(&["rng"], "use crate::units::Seed;"), []);
    }

    #[test]
    fn lists_full_paths_and_macros_are_searched() {
        assert_eq!(
            upward(&["units"], "use crate::{rng::Rng, pattern::{Loop, engine}};"),
            [(1, "pattern".into())]
        );
        assert_eq!(
            upward(&["engine"], "fn f() -> crate::session::View { loop {} }"),
            [(1, "session".into())]
        );
        assert_eq!(
            upward(&["engine"], "fn f() {\n vec![crate::session::View::new()];\n}"),
            [(2, "session".into())]
        );
        assert_eq!(
            upward(&["engine"], "pub(crate) fn f(x: &crate::session::View) {}"),
            [(1, "session".into())]
        );
    }

    #[test]
    fn super_is_followed_up_to_the_root() {
        assert_eq!(upward(&["engine"], "use super::session::View;"), [(1, "session".into())]);
        assert_eq!(upward(&["engine", "voice"], "use super::super::session::View;"), [(1, "session".into())]);
        assert_eq!(upward(&["engine", "voice"], "use super::session::Local;"), []);
        assert_eq!(
            upward(&["engine"], "mod inner { use super::super::session::View; }"),
            [(1, "session".into())]
        );
        assert_eq!(upward(&["engine"], "mod inner { use super::session::Local; }"), []);
    }

    #[test]
    fn tests_comments_and_strings_are_exempt() {
        assert_eq!(upward(&["engine"], "#[cfg(test)]\nmod tests { use crate::session::View; }"), []);
        assert_eq!(upward(&["engine"], "#[cfg(test)] use crate::session::{View, Other}; fn f() {}"), []);
        assert_eq!(
            upward(
                &["engine"],
                "// crate::session\n/// [`crate::session`]\nconst A: &str = \"crate::session\";"
            ),
            []
        );
        assert_eq!(
            upward(&["engine"], "#[cfg(test)]\nmod tests {}\nuse crate::session::View;"),
            [(3, "session".into())]
        );
        assert_eq!(
            upward(&["engine"], "#[cfg(feature = \"x\")] use crate::session::View;"),
            [(1, "session".into())]
        );
    }

    #[test]
    fn a_module_without_a_layer_is_refused() {
        let layers = Layers::from_docs(DOCS).unwrap();
        assert!(violations_in(&["novel".into()], "", &layers).is_err());
    }

    #[test]
    fn the_core_may_not_depend_on_a_framework() {
        assert!(check_dependencies("core", "[dependencies]\nserde = \"1\"", "").is_ok());
        assert!(check_dependencies("core", "[dependencies]\nnice-plug-egui = \"1\"", "").is_err());
        assert!(check_dependencies("core", "[dev-dependencies]\negui_kittest = \"1\"", "").is_err());
        assert!(check_dependencies("plugin", "[dependencies]\negui = \"1\"", "").is_ok());
    }

    /// The manifests of this very workspace, with one line too many.
    #[test]
    fn nothing_may_depend_on_the_laboratory() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let root = read(&folder.join("Cargo.toml")).unwrap();
        let aliased = format!("{root}\n[workspace.dependencies.helper]\npackage = \"deepdrummer-lab\"\n");
        let aliased = aliased.as_str();
        let planted = [
            ("dependencies", "deepdrummer-lab.workspace = true", root.as_str()),
            ("dev-dependencies", "deepdrummer-lab = { path = \"../lab\" }", &root),
            ("build-dependencies", "lab = { package = \"deepdrummer-lab\", path = \"../lab\" }", &root),
            ("dependencies", "helper.workspace = true", aliased),
        ];
        let mut checked = 0;
        for member in members(&root).unwrap() {
            let manifest = read(&folder.join(&member).join("Cargo.toml")).unwrap();
            assert!(check_dependencies(&member, &manifest, &root).is_ok(), "{member}");
            for (section, line, root) in planted {
                let only = format!("[{section}]\n{line}\n");
                assert!(check_dependencies(&member, &only, root).is_err(), "{member}: {line}");
                let one_platform = format!("{manifest}\n[target.'cfg(unix)'.{section}]\n{line}\n");
                if !manifest.contains("target.'cfg(unix)'") {
                    assert!(check_dependencies(&member, &one_platform, root).is_err(), "{member}: {line}");
                }
                checked += 1;
            }
        }
        assert!(checked >= 4 * 7, "{checked}");
    }

    /// A module of the laboratory that imports from one above it.
    #[test]
    fn the_laboratory_has_layers_of_its_own() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("lab/src");
        let layers = Layers::from_docs(&read(&sources.join("lib.rs")).unwrap()).unwrap();
        let path = ["listeners".to_owned()];
        let found = |text: &str| violations_in(&path, text, &layers).unwrap().len();
        assert_eq!(found("use crate::study::Outcome;"), 1);
        assert_eq!(found("use crate::baselines::Contender;"), 0);
    }

    #[test]
    fn files_map_to_modules() {
        assert_eq!(module_path(Path::new("kit/analysis.rs")), ["kit", "analysis"]);
        assert_eq!(module_path(Path::new("kit/mod.rs")), ["kit"]);
        assert!(module_path(Path::new("lib.rs")).is_empty());
    }
}
