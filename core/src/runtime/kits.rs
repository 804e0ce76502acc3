//! Choosing, loading and sharing kits.
//!
//! Worker and builder threads, and the headless tool.

use crate::kit::load::Channels;
use crate::kit::scan::ScanOptions;
use crate::kit::{Kit, Origin, Role, Sample, factory, load as load_file, roles, scan};
use crate::session::command::KitChoice;
use crate::session::view::KitView;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

/// Refused files that a view lists; the rest is a number.
const MOST_PROBLEMS: usize = 100;
/// How often a builder that waits for another one's factory kit looks at its stop flag.
const LOOK: Duration = Duration::from_millis(5);

/// The factory kit of this process, shared by all instances. It stays (some 40 MB) once it was made:
/// a second of synthesis each time a project is opened would cost more than that.
static FACTORY: Mutex<Option<Arc<Kit>>> = Mutex::new(None);

/// The names of the factory kits.
#[must_use]
pub fn factory_names() -> &'static [&'static str] {
    factory::kits()
}

/// A kit as named on a command line: "factory", a factory kit's name, or a folder.
#[must_use]
pub fn choice(name: &str) -> KitChoice {
    match name {
        "factory" => KitChoice::Factory,
        name if factory_names().contains(&name) => KitChoice::FactoryKit(name.to_owned()),
        folder => KitChoice::Folders(vec![PathBuf::from(folder)]),
    }
}

fn factory_kit(stop: &AtomicBool, progress: &(dyn Fn(usize, usize) + Sync)) -> Option<Arc<Kit>> {
    let mut shared: MutexGuard<'_, Option<Arc<Kit>>> = loop {
        match FACTORY.try_lock() {
            Ok(shared) => break shared,
            Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
            // Another instance is making it; an instance that is closed must not wait for it.
            Err(TryLockError::WouldBlock) if stop.load(Ordering::Acquire) => return None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
        }
    };
    if shared.is_none() {
        *shared = factory::kit_until(None, stop, progress).map(Arc::new);
    }
    shared.clone()
}

/// Loads a kit; `stop` ends it early. Measurements of own sounds are kept in `home` between sessions.
///
/// # Errors
/// Why it can't be had, for a person.
pub fn load(
    choice: &KitChoice,
    home: Option<&Path>,
    stop: &AtomicBool,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(Arc<Kit>, KitView), String> {
    let mut view = KitView {
        factory: factory_names().iter().map(|&name| name.to_owned()).collect(),
        ..KitView::default()
    };
    let stopped = || "Stopped.".to_owned();
    let kit = match choice {
        KitChoice::Factory => factory_kit(stop, progress).ok_or_else(stopped)?,
        KitChoice::FactoryKit(name) => {
            let all = factory_kit(stop, progress).ok_or_else(stopped)?;
            let of_kit =
                |sample: &&Arc<Sample>| matches!(&sample.origin, Origin::Factory { kit } if **kit == **name);
            let samples: Vec<Arc<Sample>> = all.samples().iter().filter(of_kit).cloned().collect();
            if samples.is_empty() {
                return Err(format!("There is no factory kit “{name}”."));
            }
            Arc::new(Kit::new(name.clone(), samples))
        }
        KitChoice::Folders(folders) => {
            let options = ScanOptions {
                cache_file: home.map(|home| home.join("sounds.cache")),
                ..ScanOptions::default()
            };
            let found = scan::scan(folders, &options, stop, progress).map_err(|error| error.to_string())?;
            let refused = found.refused.iter().take(MOST_PROBLEMS);
            view.problems = refused.map(|file| format!("{}: {}", file.path.display(), file.reason)).collect();
            if found.kit.samples().is_empty() {
                let names: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
                let why = view.problems.first().map_or_else(String::new, |problem| format!(" ({problem})"));
                return Err(format!("No usable sounds in {}{why}.", names.join(", ")));
            }
            Arc::new(found.kit)
        }
    };
    view.name.clone_from(&kit.name);
    view.sounds = kit.samples().len();
    Ok((kit, view))
}

/// Loads one file for a lane.
///
/// # Errors
/// Why it can't be used, for a person.
pub fn load_sample(path: &Path) -> Result<Arc<Sample>, String> {
    let loaded = load_file::load(path, Channels::Keep)
        .map_err(|error| format!("{} can't be used: {error}", path.display()))?;
    let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let origin = Origin::File { path: path.to_owned() };
    let mut sample = Sample::decoded(loaded.id, name, Role::Fx, origin, loaded.audio);
    sample.role = roles::role_of(path, &sample.analysis);
    Ok(Arc::new(sample))
}
