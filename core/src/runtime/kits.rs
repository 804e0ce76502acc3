//! Choosing, loading and sharing kits, and finding sounds that a project uses beside its kit.
//!
//! Worker and builder threads, and the headless tool.

use crate::disk::path::file_names;
use crate::kit::analysis::Analysis;
use crate::kit::load::Channels;
use crate::kit::roles::RoleOverrides;
use crate::kit::scan::ScanOptions;
use crate::kit::{
    Kit, Origin, Role, Sample, SampleId, cache, embed, factory, load as load_file, roles, scan,
};
use crate::session::command::KitChoice;
use crate::session::doc::SampleDoc;
use crate::session::sounds::{Found, Wanted};
use crate::session::view::KitView;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// Refused files that a view lists; the rest is a number.
const MOST_PROBLEMS: usize = 100;
/// Folders that a message names.
const MOST_NAMED: usize = 4;
/// The names of the factory kits.
#[must_use]
pub fn factory_names() -> &'static [&'static str] {
    factory::kits()
}

/// A kit as named on a command line: "factory", a factory kit's name (in any case), or a folder.
///
/// # Errors
/// It is none of these; says which kits there are.
pub fn choice(name: impl AsRef<OsStr>) -> Result<KitChoice, String> {
    let name = name.as_ref();
    let is = |kit: &&&str| name.to_str().is_some_and(|name| kit.eq_ignore_ascii_case(name.trim()));
    if name == "factory" {
        return Ok(KitChoice::Factory);
    }
    if let Some(kit) = factory_names().iter().find(is) {
        return Ok(KitChoice::FactoryKit((*kit).to_owned()));
    }
    // A kit is named in full: a project may be opened by a program that works elsewhere.
    let folder = std::path::absolute(name).unwrap_or_else(|_| name.into());
    if folder.exists() {
        return Ok(KitChoice::Folders(vec![folder]));
    }
    let names = factory_names().join(", ");
    Err(format!(
        "no kit is called “{}”, and there is no folder {}; the factory kits are: factory (all of \
         them), {names}",
        name.display(),
        folder.display()
    ))
}

/// Why a kit can't be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// For a person.
    pub reason: String,
    /// The files that could not be used and why, at most 100.
    pub problems: Vec<String>,
}

impl From<String> for Unusable {
    fn from(reason: String) -> Self {
        Self { reason, problems: Vec::new() }
    }
}

impl From<Unusable> for String {
    fn from(unusable: Unusable) -> Self {
        unusable.reason
    }
}

/// The factory kit of this process, shared by all instances: names and measurements. Its sounds are made
/// when they are asked for.
fn factory_kit() -> Arc<Kit> {
    static FACTORY: OnceLock<Arc<Kit>> = OnceLock::new();
    Arc::clone(FACTORY.get_or_init(|| Arc::new(factory::kit())))
}

/// What beside the choice decides how the person's own sounds are loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Own {
    /// Where measurements are kept between sessions; `None` keeps none.
    pub home: Option<PathBuf>,
    /// Mono or as recorded.
    pub channels: Channels,
    /// The person's corrections.
    pub roles: RoleOverrides,
}

impl Own {
    /// How a scan keeps to it.
    #[must_use]
    pub fn scan_options(&self) -> ScanOptions {
        ScanOptions {
            channels: self.channels,
            overrides: self.roles.clone(),
            cache_file: self.home.as_ref().map(|home| home.join("sounds.cache")),
        }
    }
}

/// Loads a kit; `stop` ends it early.
///
/// # Errors
/// Why it can't be had, with every file that was refused.
pub fn load(
    choice: &KitChoice,
    own: &Own,
    stop: &AtomicBool,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(Arc<Kit>, KitView), Unusable> {
    let mut view = KitView { factory: factory_list(), ..KitView::default() };
    let kit = match choice {
        KitChoice::Factory => factory_kit(),
        KitChoice::FactoryKit(name) => {
            let all = factory_kit();
            let of_kit =
                |sample: &&Arc<Sample>| matches!(&sample.origin, Origin::Factory { kit } if **kit == **name);
            let samples: Vec<Arc<Sample>> = all.samples().iter().filter(of_kit).cloned().collect();
            if samples.is_empty() {
                return Err(format!("There is no factory kit “{name}”.").into());
            }
            shared(Kit::new(name.clone(), samples))
        }
        KitChoice::Folders(folders) => {
            if let Some(folder) = folders.iter().find(|folder| !folder.is_absolute()) {
                return Err(format!("{} is not a whole path.", folder.display()).into());
            }
            if let Some(first) = folders.first().filter(|_| folders.iter().all(|folder| !folder.exists())) {
                return Err(format!("There is no folder {}.", first.display()).into());
            }
            let found = scan::scan(folders, &own.scan_options(), stop, progress);
            let found = found.map_err(|error| error.to_string())?;
            let refused = found.refused.iter().take(MOST_PROBLEMS);
            view.problems = refused.map(|file| format!("{}: {}", file.path.display(), file.reason)).collect();
            if found.kit.samples().is_empty() {
                let names = folders.iter().take(MOST_NAMED).map(|folder| folder.display().to_string());
                let names: Vec<String> = names.collect();
                let why = why_none(&view.problems, found.refused.len());
                let reason = format!("No usable sounds in {}{why}.", names.join(", "));
                return Err(Unusable { reason, problems: view.problems });
            }
            shared(found.kit)
        }
    };
    view.name.clone_from(&kit.name);
    view.sounds = kit.samples().len();
    Ok((kit, view))
}

/// What follows “No usable sounds in …”: the first files that were refused, and how many more there are.
fn why_none(problems: &[String], refused: usize) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let named = problems[..problems.len().min(MOST_NAMED)].join("; ");
    match refused.saturating_sub(MOST_NAMED) {
        0 => format!(" ({named})"),
        more => format!(" ({named}; and {more} more)"),
    }
}

/// The factory kits by name for the menu; the first stands for all of them together.
#[must_use]
pub(crate) fn factory_list() -> Vec<String> {
    std::iter::once(factory::EVERYTHING).chain(factory_names().iter().copied()).map(str::to_owned).collect()
}

/// The same kit as another instance already has, where there is one: twenty thousand measurements are
/// held once in the process.
fn shared(kit: Kit) -> Arc<Kit> {
    static KITS: Mutex<Vec<Weak<Kit>>> = Mutex::new(Vec::new());
    let mut kits = KITS.lock().unwrap_or_else(PoisonError::into_inner);
    kits.retain(|kit| kit.strong_count() > 0);
    if let Some(there) = kits.iter().filter_map(Weak::upgrade).find(|there| there.holds_the_same_as(&kit)) {
        return there;
    }
    let kit = Arc::new(kit);
    kits.push(Arc::downgrade(&kit));
    kit
}

/// Loads one file for a lane.
///
/// # Errors
/// Why it can't be used, for a person.
pub(crate) fn load_sample(path: &Path, own: &Own) -> Result<Arc<Sample>, String> {
    if !load_file::is_sound_file(path) {
        // A project that named it would not find it again: see `may_look_at`.
        return Err(format!("{} can't be used: its name does not end like a sound's", path.display()));
    }
    let loaded = load_file::load(path, own.channels)
        .map_err(|error| format!("{} can't be used: {error}", path.display()))?;
    let analysis = Arc::new(Analysis::of(&loaded.audio));
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let role = own.roles.get(loaded.id).unwrap_or_else(|| roles::role_of(path, &analysis));
    cache::shared().put(loaded.id, own.channels, &Arc::new(loaded.audio));
    Ok(Arc::new(Sample::in_file(loaded.id, name, role, path.into(), own.channels, analysis)))
}

/// Looks for sounds that a project uses and the kit does not have: those that it carries, then its files
/// where they were, then the same contents anywhere in `folders`. For the rest the factory sound that is
/// most like each.
#[must_use]
pub fn find(kit: &Kit, wanted: &Wanted, folders: &[PathBuf], own: &Own, stop: &AtomicBool) -> Found {
    let mut found = Found::default();
    let mut lost: Vec<(SampleId, Role)> =
        wanted.ids.iter().filter(|(id, _)| kit.get(*id).is_none()).copied().collect();
    if lost.is_empty() {
        return found;
    }
    let doc = |id: SampleId| wanted.known.iter().find(|doc| doc.id == id);
    let mut take = |lost: &mut Vec<(SampleId, Role)>, get: &dyn Fn(SampleId) -> Option<Arc<Sample>>| {
        lost.retain(|&(id, _)| match get(id).filter(|_| !stop.load(Ordering::Acquire)) {
            Some(sample) => {
                found.samples.push(sample);
                false
            }
            None => true,
        });
    };
    // A file that is still there is preferred to its copy: it can be measured and shown where it is.
    take(&mut lost, &|id| {
        let path = doc(id)?.path.as_ref().filter(|path| may_look_at(path))?;
        load_sample(path, own).ok().filter(|sample| sample.id == id)
    });
    take(&mut lost, &|id| carried(doc(id)?));
    let factory = (!lost.is_empty()).then(factory_kit);
    take(&mut lost, &|id| factory.as_ref()?.get(id).cloned());
    if !lost.is_empty()
        && let Ok(scanned) = scan::scan(folders, &own.scan_options(), stop, &|_, _| {})
    {
        take(&mut lost, &|id| scanned.kit.get(id).cloned());
    }
    let Some(factory) = factory else { return found };
    for (id, role) in lost {
        let like = doc(id).and_then(|doc| doc.sound).map(|sketch| sketch.descriptors());
        let at = match like {
            Some(like) => factory.most_like(&like, role),
            None => factory.of_role(role).first().copied(),
        };
        if let Some(sample) = at.and_then(|at| factory.samples().get(at as usize)) {
            found.stand_ins.push((id, Arc::clone(sample)));
        }
    }
    found
}

/// Whether a file that a project names is opened to see if it is the sound that the project means. A
/// project may come from anybody and may name anything: only what is named in full and like a sound is.
fn may_look_at(path: &Path) -> bool {
    path.is_absolute() && load_file::is_sound_file(path)
}

/// Looks for sounds of a project in one folder, under the names that their files had.
#[must_use]
pub(crate) fn find_beside(folder: &Path, wanted: &Wanted, own: &Own) -> Vec<Arc<Sample>> {
    // A project may come from another system, with other separators.
    let files = wanted.known.iter().flat_map(|doc| {
        let names = doc.path.as_deref().map(file_names).unwrap_or_default();
        names.into_iter().map(move |name| (doc.id, folder.join(name)))
    });
    files
        .filter(|(_, path)| path.is_file())
        .filter_map(|(id, path)| load_sample(&path, own).ok().filter(|sample| sample.id == id))
        .collect()
}

/// The sound that a project carries inside it.
fn carried(doc: &SampleDoc) -> Option<Arc<Sample>> {
    let bytes = BASE64.decode(doc.embedded.as_ref()?.as_bytes()).ok()?;
    let audio = embed::decode_embedded(bytes).ok()?;
    Some(Arc::new(Sample::decoded(doc.id, doc.name.clone(), doc.role, Origin::Embedded, audio)))
}

/// A sound as a project carries it.
///
/// # Errors
/// Why it can't be embedded, for a person.
pub fn carry(sample: &Sample) -> Result<Arc<str>, String> {
    let audio = sample.audio().map_err(|error| error.to_string())?;
    let bytes = embed::encode(&audio).map_err(|error| error.to_string())?;
    Ok(BASE64.encode(bytes).into())
}

#[cfg(test)]
mod tests;
