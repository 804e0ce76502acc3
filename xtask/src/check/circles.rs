//! Finds modules that import each other in a circle.
//!
//! The modules of one folder are compared, each taken with everything below it: they import each other in one
//! direction. A module and those below it may know each other; that is what a folder is for. Code under
//! `#[cfg(test)]` and the programs in `src/bin` are exempt, as they are for the layers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::layers::{
    after_colons, is_ident, is_module_body, is_punct, module_path, read, rust_files, test_item_end,
};

/// The packages whose modules are compared.
const PACKAGES: &[&str] = &["core", "lab", "plugin"];

/// Circles that stay, and why.
const ALLOWED: &[(&str, &[&str], &str)] = &[(
    "plugin",
    &["params", "state"],
    "the framework keeps a plugin's state inside its object of parameters, and reads it by their table",
)];

/// A module's place under the crate, `["kit", "load"]`.
type Place = Vec<String>;

/// Checks the workspace in the current directory.
pub(super) fn check() -> Result<()> {
    for package in PACKAGES {
        let sources = Path::new(package).join("src");
        let mut files = BTreeMap::new();
        for file in rust_files(&sources)? {
            let relative = file.strip_prefix(&sources)?;
            let is_tests = relative.components().any(|part| {
                let name = Path::new(part.as_os_str()).file_stem();
                name.is_some_and(|name| name == "tests")
            });
            if !is_tests && !relative.starts_with("bin") && relative != Path::new("main.rs") {
                files.insert(module_path(relative), read(&file)?);
            }
        }
        let found = circles(&files).with_context(|| format!("in {}", sources.display()))?;
        let is_allowed = |circle: &Circle| {
            ALLOWED.iter().any(|(of, modules, _)| of == package && circle.modules.iter().eq(modules.iter()))
        };
        let circles: Vec<String> =
            found.iter().filter(|circle| !is_allowed(circle)).map(Circle::to_string).collect();
        if !circles.is_empty() {
            bail!("modules of {} import each other in a circle:\n{}", sources.display(), circles.join("\n"));
        }
        let kept = ALLOWED.iter().filter(|(of, ..)| of == package).count();
        if found.len() < kept {
            bail!("a circle that is allowed in {} is not there any more", sources.display());
        }
        println!("{package}: {} modules, {kept} circles of imports that are allowed", files.len());
    }
    Ok(())
}

/// Modules of one folder that import each other in a circle.
#[derive(Debug, PartialEq)]
struct Circle {
    /// Their paths, in order.
    modules: Vec<String>,
    /// Who imports what of whom.
    imports: Vec<String>,
}

impl std::fmt::Display for Circle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "  {}:\n    {}", self.modules.join(", "), self.imports.join("\n    "))
    }
}

/// What a file names of the crate.
#[derive(Default)]
struct Names {
    /// Paths, as they are written.
    paths: Vec<Vec<String>>,
    /// Names that are brought into the file, and from where: others may take them from here.
    scope: BTreeMap<String, Vec<String>>,
}

/// All circles among files, given by their place.
fn circles(files: &BTreeMap<Place, String>) -> Result<Vec<Circle>> {
    let mut names = BTreeMap::new();
    for (place, text) in files {
        let tokens = TokenStream::from_str(text);
        let tokens = tokens.map_err(|error| anyhow::anyhow!("{}: not Rust: {error}", place.join("/")))?;
        let mut found = Names::default();
        collect(tokens, &mut found);
        names.insert(place.clone(), found);
    }
    // For each folder: which of its modules imports which, and one path that says so.
    let mut folders: BTreeMap<Place, BTreeMap<(Place, Place), String>> = BTreeMap::new();
    for (from, found) in &names {
        for path in &found.paths {
            let Some(to) = resolve(&names, from, path, 0) else { continue };
            let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            if common == from.len() || common == to.len() {
                continue;
            }
            let import = format!("{} names {} of {}", from.join("/"), path.join("::"), to.join("/"));
            let pair = (from[..=common].to_vec(), to[..=common].to_vec());
            folders.entry(from[..common].to_vec()).or_default().entry(pair).or_insert(import);
        }
    }
    Ok(folders.values().flat_map(circles_of).collect())
}

/// The circles among the modules of one folder.
fn circles_of(imports: &BTreeMap<(Place, Place), String>) -> Vec<Circle> {
    let reached = |from: &Place| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(next) = open.pop() {
            let ahead = imports.keys().filter(|(of, _)| *of == next).map(|(_, to)| to.clone());
            open.extend(ahead.filter(|to| reached.insert(to.clone())));
        }
        reached
    };
    let modules: BTreeSet<&Place> = imports.keys().map(|(from, _)| from).collect();
    let reach: BTreeMap<&Place, BTreeSet<Place>> =
        modules.into_iter().map(|module| (module, reached(module))).collect();
    let mut circles: BTreeSet<Vec<&Place>> = BTreeSet::new();
    for (&module, ahead) in &reach {
        let back = |other: &&&Place| ahead.contains(**other) && reach[**other].contains(module);
        let circle: Vec<&Place> = reach.keys().filter(back).copied().collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    let within =
        |circle: &[&Place], (from, to): &(Place, Place)| circle.contains(&from) && circle.contains(&to);
    let named = |circle: Vec<&Place>| Circle {
        modules: circle.iter().map(|place| place.join("/")).collect(),
        imports: imports
            .iter()
            .filter(|(pair, _)| within(&circle, pair))
            .map(|(_, import)| import.clone())
            .collect(),
    };
    circles.into_iter().map(named).collect()
}

/// The module that has what a path in the module `from` names, however many modules hand it on.
fn resolve(names: &BTreeMap<Place, Names>, from: &Place, path: &[String], depth: usize) -> Option<Place> {
    let mut place = from.clone();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => (place, rest) = (Place::new(), &rest[1..]),
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|step| step == "super") {
                place.pop();
                rest = &rest[1..];
            }
        }
        child => {
            place.push(child.to_owned());
            rest = &rest[1..];
            names.get(&place)?;
        }
    }
    while let Some(step) = rest.first() {
        let below: Place = place.iter().chain([step]).cloned().collect();
        if names.contains_key(&below) {
            (place, rest) = (below, &rest[1..]);
            continue;
        }
        // Deep enough for any honest chain; a name that hands on itself must not go round for ever.
        let handed_on = names.get(&place)?.scope.get(step).filter(|_| depth < 8);
        return match handed_on {
            Some(origin) => {
                let whole: Vec<String> = origin.iter().chain(&rest[1..]).cloned().collect();
                resolve(names, &place, &whole, depth + 1).or(Some(place))
            }
            None => Some(place),
        };
    }
    Some(place)
}

/// Collects what a file names. Modules that stand within it are left out: they are part of it.
fn collect(tokens: TokenStream, found: &mut Names) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(end) = test_item_end(&tokens, at) {
            at = end;
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(ident) if *ident == "use" => {
                at = collect_tree(&tokens, at + 1, &[], found);
            }
            TokenTree::Ident(_) => {
                let (mut path, mut end) = (vec![tokens[at].to_string()], at + 1);
                while let Some(next) = after_colons(&tokens, end)
                    && let Some(TokenTree::Ident(step)) = tokens.get(next)
                {
                    path.push(step.to_string());
                    end = next + 1;
                }
                if path.len() > 1 {
                    found.paths.push(path);
                }
                at = end;
            }
            TokenTree::Group(group) => {
                let is_module = group.delimiter() == Delimiter::Brace && is_module_body(&tokens, at);
                if !is_module {
                    collect(group.stream(), found);
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Collects the paths of a `use` from `at` on, each behind `before`; returns where it ends.
fn collect_tree(tokens: &[TokenTree], at: usize, before: &[String], found: &mut Names) -> usize {
    let (mut path, mut at) = (before.to_vec(), at);
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(step)) if *step == "as" => {
                if let Some(name) = tokens.get(at + 1) {
                    found.scope.insert(name.to_string(), path.clone());
                }
                found.paths.push(path);
                return at + 2;
            }
            Some(TokenTree::Ident(step)) => {
                if *step != "self" || path.is_empty() {
                    path.push(step.to_string());
                }
                at += 1;
                if after_colons(tokens, at).is_none() && !is_ident(tokens.get(at), "as") {
                    if let Some(name) = path.last() {
                        found.scope.insert(name.clone(), path.clone());
                    }
                    found.paths.push(path);
                    return at;
                }
            }
            Some(TokenTree::Group(list)) => {
                let list: Vec<TokenTree> = list.stream().into_iter().collect();
                let mut inner = 0;
                while inner < list.len() {
                    inner = collect_tree(&list, inner, &path, found);
                    while inner < list.len() && !is_punct(list.get(inner), ',') {
                        inner += 1;
                    }
                    inner += 1;
                }
                return at + 1;
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => at += 1,
            Some(TokenTree::Punct(punct)) if punct.as_char() == '*' => {
                found.paths.push(path);
                return at + 1;
            }
            _ => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let place = |path: &str| path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
        let files = files.iter().map(|(path, text)| (place(path), (*text).to_owned())).collect();
        circles(&files).unwrap().into_iter().map(|circle| circle.modules).collect()
    }

    #[test]
    fn modules_beside_each_other_may_not_go_round() {
        let one_way = [("", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "pub struct B;")];
        assert!(found(&one_way).is_empty());
        let round =
            [("", ""), ("a", "use crate::b::B;"), ("b", "fn f() { super::c::g() }"), ("c", "use crate::a;")];
        assert_eq!(found(&round), [["a", "b", "c"]]);
        let nested = [
            ("", ""),
            ("a", ""),
            ("a/x", "use super::super::b::{self, deep::{More, Other}};"),
            ("b", ""),
            ("b/deep", "use crate::{a::x::X as Y};"),
        ];
        assert_eq!(found(&nested), [["a", "b"]]);
    }

    #[test]
    fn a_folder_and_what_is_in_it_may_know_each_other() {
        let files = [
            ("", ""),
            ("a", "mod x; use x::X; fn f() { x::g() }"),
            ("a/x", "use super::A; use crate::a::B;"),
        ];
        assert!(found(&files).is_empty());
    }

    #[test]
    fn what_a_module_hands_on_counts_where_it_comes_from() {
        let files = [
            ("", ""),
            ("a", "mod x; mod y; pub use x::X; use y::*;"),
            ("a/x", "pub struct X; use super::y::Y;"),
            ("a/y", "use super::X;"),
        ];
        assert_eq!(found(&files), [["a/x", "a/y"]]);
    }

    #[test]
    fn tests_and_modules_within_a_file_are_exempt() {
        let files = [
            ("", ""),
            ("a", "#[cfg(test)] mod tests { use crate::b::B; } mod own { use super::super::b; }"),
            ("b", "use crate::a::A;"),
        ];
        assert!(found(&files).is_empty());
    }
}
