//! The person's presets on a disk that others use too.

use super::*;
use crate::pattern::Role;
use crate::propose::Steering;
use crate::session::command::KitChoice;
use crate::units::Seed;
use std::collections::BTreeMap;

fn preset(name: &str) -> Preset {
    Preset {
        name: name.to_owned(),
        category: "Mine".to_owned(),
        tags: Vec::new(),
        kit: KitChoice::Factory,
        lanes: Role::default_lanes(4).to_vec(),
        steering: Steering::default(),
        tempo: None,
        seed: Seed(5),
        sound: None,
    }
}

fn save(shelf: &Shelf, name: &str, replace: bool) -> Result<(), ShelfError> {
    shelf.change(&PresetChange::Save { preset: Box::new(preset(name)), replace })
}

fn rename(shelf: &Shelf, from: &str, to: &str) -> Result<(), ShelfError> {
    shelf.change(&PresetChange::Rename { from: from.to_owned(), to: to.to_owned() })
}

fn favour(shelf: &Shelf, own: bool, name: &str, on: bool) -> Result<(), ShelfError> {
    shelf.change(&PresetChange::Favourite(PresetId { own, name: name.to_owned() }, on))
}

fn own(shelf: &Shelf) -> Vec<String> {
    let library = shelf.read();
    library.all.iter().filter(|listed| listed.own).map(|listed| listed.preset.name.clone()).collect()
}

fn favourites_of(shelf: &Shelf) -> Vec<String> {
    let library = shelf.read();
    library.all.iter().filter(|listed| listed.favourite).map(|listed| listed.preset.name.clone()).collect()
}

/// Every file below a folder and its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), std::fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn presets_are_saved_renamed_removed_and_brought_back() {
    let home = tempfile::tempdir().unwrap();
    let shelf = Shelf::of(Some(home.path()));
    assert_eq!(shelf.read(), *Library::factory(), "nothing yet, and no folder is made for that");
    assert!(!home.path().join("presets").exists());
    save(&shelf, "b", false).unwrap();
    save(&shelf, "A", false).unwrap();
    assert_eq!(own(&shelf), ["A", "b"]);
    let library = shelf.read();
    assert_eq!(library.named("A").unwrap().preset, preset("A"));
    rename(&shelf, "b", "c").unwrap();
    assert_eq!(own(&shelf), ["A", "c"]);
    shelf.change(&PresetChange::Remove("A".to_owned())).unwrap();
    assert_eq!(own(&shelf), ["c"]);
    shelf.change(&PresetChange::Restore("A".to_owned())).unwrap();
    assert_eq!(own(&shelf), ["A", "c"]);
    assert!(shelf.read().problems.is_empty());
}

#[test]
fn nothing_is_overwritten_unasked_and_what_is_replaced_is_laid_aside() {
    let home = tempfile::tempdir().unwrap();
    let shelf = Shelf::of(Some(home.path()));
    save(&shelf, "a", false).unwrap();
    save(&shelf, "b", false).unwrap();
    let before = files(home.path());
    assert!(matches!(save(&shelf, "a", false), Err(ShelfError::Exists(name)) if name == "a"));
    assert!(matches!(rename(&shelf, "a", "b"), Err(ShelfError::Exists(_))));
    assert!(matches!(rename(&shelf, "x", "y"), Err(ShelfError::Missing(_))));
    assert!(matches!(shelf.change(&PresetChange::Remove("x".to_owned())), Err(ShelfError::Missing(_))));
    assert!(matches!(shelf.change(&PresetChange::Restore("a".to_owned())), Err(ShelfError::Exists(_))));
    assert_eq!(files(home.path()), before);
    let other = Preset { seed: Seed(6), ..preset("a") };
    shelf.change(&PresetChange::Save { preset: Box::new(other.clone()), replace: true }).unwrap();
    assert_eq!(shelf.read().named("a").unwrap().preset, other);
    let aside = std::fs::read_to_string(home.path().join("presets/removed/a.toml")).unwrap();
    assert_eq!(Preset::read("a", &aside).unwrap(), preset("a"));
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let outer = tempfile::tempdir().unwrap();
    let home = outer.path().join("home");
    let shelf = Shelf::of(Some(&home));
    for name in ["../../x", "/etc/x", "..", "a/b", "C:\\x", "lock", "favourites.json", "removed", "con", ".x"]
    {
        save(&shelf, name, false).unwrap();
        rename(&shelf, name, "../y").unwrap();
        favour(&shelf, true, "../y", true).unwrap();
        shelf.change(&PresetChange::Remove("../y".to_owned())).unwrap();
        shelf.change(&PresetChange::Restore("../y".to_owned())).unwrap();
        rename(&shelf, "../y", name).unwrap();
        assert!(own(&shelf).contains(&name.to_owned()), "{name}");
    }
    for name in ["", " ", " a", "a\n", &"x".repeat(65)] {
        assert!(matches!(save(&shelf, name, false), Err(ShelfError::Name { .. })), "{name:?}");
        assert!(matches!(rename(&shelf, "lock", name), Err(ShelfError::Name { .. })), "{name:?}");
    }
    let root = home.join("presets");
    let found = files(outer.path());
    assert!(found.keys().all(|file| file.parent() == Some(&root)), "{:?}", found.keys());
    assert!(shelf.read().problems.is_empty(), "{:?}", shelf.read().problems);
}

#[test]
fn what_cannot_be_read_is_named_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let shelf = Shelf::of(Some(home.path()));
    save(&shelf, "good", false).unwrap();
    let root = home.path().join("presets");
    let good = std::fs::read_to_string(root.join("good.toml")).unwrap();
    for (name, bytes) in [
        ("damaged", good.as_bytes()[..good.len() / 2].to_vec()),
        ("newer", good.replacen("version = 3", "version = 4", 1).into_bytes()),
        ("too large", format!("{good}# {}", "x".repeat(MOST_BYTES)).into_bytes()),
        ("no text", vec![0xff, 0xfe, 0x00]),
        ("of another kit", good.replacen("\"Factory\"", "\"Tomorrow\"", 1).into_bytes()),
        ("empty", Vec::new()),
    ] {
        std::fs::write(root.join(format!("{name}.toml")), bytes).unwrap();
    }
    std::fs::create_dir(root.join("a folder.toml")).unwrap();
    let before = files(home.path());
    let library = shelf.read();
    assert_eq!(own(&shelf), ["good"]);
    for name in ["damaged", "newer", "too large", "no text", "of another kit", "empty"] {
        let named = library.problems.iter().filter(|problem| problem.starts_with(&format!("{name}.toml: ")));
        assert_eq!(named.count(), 1, "{name}: {:?}", library.problems);
    }
    assert!(library.problems.iter().any(|problem| problem.contains("a newer DeepDrummer wrote it")));
    assert!(matches!(save(&shelf, "damaged", false), Err(ShelfError::Exists(_))));
    assert_eq!(files(home.path()), before);
}

#[test]
fn favourites_are_shared_follow_a_rename_and_survive_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let (one, other) = (Shelf::of(Some(home.path())), Shelf::of(Some(home.path())));
    let factory = Library::factory().all[3].preset.name.clone();
    save(&one, "a", false).unwrap();
    favour(&one, false, &factory, true).unwrap();
    favour(&other, true, "a", true).unwrap();
    favour(&one, true, "not there", true).unwrap();
    assert_eq!(favourites_of(&one), [factory.clone(), "a".to_owned()]);
    rename(&other, "a", "b").unwrap();
    assert_eq!(favourites_of(&one), [factory.clone(), "b".to_owned()]);
    one.change(&PresetChange::Remove("b".to_owned())).unwrap();
    other.change(&PresetChange::Restore("b".to_owned())).unwrap();
    favour(&one, false, &factory, false).unwrap();
    assert_eq!(favourites_of(&other), ["b"], "what is brought back is what it was");
    let file = home.path().join("presets").join(FAVOURITES);
    for bytes in
        [&b"{"[..], br#"{"format":"deepdrummer-favourites","version":2,"factory":[],"own":[]}"#, b"\xff"]
    {
        std::fs::write(&file, bytes).unwrap();
        assert_eq!(favourites_of(&one), Vec::<String>::new());
        assert_eq!(one.read().problems.len(), 1);
        assert!(matches!(favour(&one, true, "b", true), Err(ShelfError::Favourites(_))));
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "left as it is");
    }
}

/// Tries again what another one's turn was too long for.
fn at_last(mut attempt: impl FnMut() -> Result<(), ShelfError>) -> Result<(), ShelfError> {
    loop {
        match attempt() {
            Err(ShelfError::Locked { .. }) => {}
            other => return other,
        }
    }
}

#[test]
fn two_instances_at_once_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for instance in 0..4 {
            let shelf = Shelf::of(Some(home.path()));
            scope.spawn(move || {
                for number in 0..12 {
                    let name = format!("{instance} {number}");
                    at_last(|| save(&shelf, &name, false)).unwrap();
                    at_last(|| favour(&shelf, true, &name, true)).unwrap();
                    // Of four that want one name, one gets it.
                    let _ = at_last(|| save(&shelf, &format!("wanted by all {number}"), false));
                    if number % 3 == 0 {
                        at_last(|| rename(&shelf, &name, &format!("{name} renamed"))).unwrap();
                    }
                }
            });
        }
    });
    let shelf = Shelf::of(Some(home.path()));
    assert_eq!((own(&shelf).len(), favourites_of(&shelf).len()), (60, 48));
    assert!(shelf.read().problems.is_empty());
}

#[test]
fn a_folder_that_somebody_holds_is_waited_for_and_then_told() {
    let home = tempfile::tempdir().unwrap();
    let shelf = Shelf::of(Some(home.path()));
    save(&shelf, "a", false).unwrap();
    let turn = disk::take_turn(&home.path().join("presets"), PATIENCE).unwrap().unwrap();
    assert!(matches!(save(&shelf, "b", false), Err(ShelfError::Locked { .. })));
    assert_eq!(own(&shelf), ["a"], "reading waits for nobody");
    drop(turn);
    save(&shelf, "b", false).unwrap();
}

#[test]
fn limits_are_told() {
    let home = tempfile::tempdir().unwrap();
    let shelf = Shelf::of(Some(home.path()));
    save(&shelf, "0", false).unwrap();
    let root = home.path().join("presets");
    for number in 1..MOST_PRESETS + 5 {
        std::fs::copy(root.join("0.toml"), root.join(format!("{number}.toml"))).unwrap();
    }
    assert_eq!(own(&shelf).len(), MOST_PRESETS);
    assert_eq!(shelf.read().problems.len(), 1);
    assert!(matches!(save(&shelf, "one more", false), Err(ShelfError::LimitReached(_))));
    save(&shelf, "7", true).unwrap();
    let none = Shelf::of(None);
    assert_eq!(none.read(), *Library::factory());
    assert!(matches!(save(&none, "a", false), Err(ShelfError::NoHome)));
}
