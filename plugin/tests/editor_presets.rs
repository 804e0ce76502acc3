//! The browser of presets, through the accessibility tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::features::StyleSet;
use deepdrummer_core::pattern::Grid;
use deepdrummer_core::propose::Steering;
use deepdrummer_core::session::ForTheHost;
use deepdrummer_core::session::command::{Command, PresetId};
use deepdrummer_core::session::preset::Library;
use deepdrummer_core::session::view::View;
use deepdrummer_plugin::editor::HostParam;
use editor_support::harness::{Editor, nothing_chosen};
use editor_support::{FOUR, directed, session};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

fn factory(name: &str) -> Command {
    Command::LoadPreset(PresetId { own: false, name: name.to_owned() })
}

fn own(name: &str) -> PresetId {
    PresetId { own: true, name: name.to_owned() }
}

fn save(name: &str, category: &str, replace: bool) -> Command {
    Command::SavePreset { name: name.to_owned(), category: category.to_owned(), replace }
}

fn names() -> Vec<String> {
    Library::factory().all.iter().map(|listed| listed.preset.name.clone()).collect()
}

fn open() -> Editor {
    let mut editor = Editor::new();
    assert_eq!(editor.click("Presets"), [Command::ReadPresets], "another instance may have changed them");
    editor
}

#[test]
fn the_arrows_walk_through_the_presets_and_around_their_ends() {
    let mut editor = Editor::new();
    let names = names();
    assert_eq!(editor.click("Preset after"), [factory(&names[1])]);
    assert_eq!(editor.click("Preset after"), [factory(&names[2])]);
    assert_eq!(editor.click("Preset before"), [factory(&names[1])]);
    assert_eq!(editor.click("Preset before"), [factory(&names[0])]);
    assert_eq!(editor.click("Preset before"), [Command::LoadPreset(own("Sunday"))]);
    editor.fake.change(|view| view.presets.current = None);
    editor.harness.run();
    assert_eq!(editor.click("Preset after"), [factory(&names[0])]);
}

#[test]
fn two_quick_clicks_pass_two_presets_although_the_first_is_still_being_loaded() {
    let mut editor = Editor::new();
    let names = names();
    let arrow = editor.centre("Preset after");
    editor.fake.change(|view| view.worker = deepdrummer_core::session::view::WorkerView::Searching);
    editor.fake.0.lock().unwrap().full = true;
    editor.click("Preset after");
    assert_eq!(editor.centre("Preset after"), arrow, "it stays under the pointer whatever the worker does");
    editor.click("Preset after");
    editor.fake.0.lock().unwrap().full = false;
    editor.harness.run();
    assert_eq!(editor.fake.sent(), [factory(&names[1]), factory(&names[2])]);
}

#[test]
fn what_is_typed_is_searched_in_names_tags_and_kits_and_enter_loads() {
    let mut editor = open();
    assert!(editor.exists("Preset Warehouse"));
    assert_eq!(editor.type_in("lo-fi swung"), [], "letters rate nothing while they search");
    assert!(editor.exists("Preset Study Room") && !editor.exists("Preset Warehouse"));
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [factory("Study Room")]);
    assert!(editor.exists("Preset Study Room"), "it stays open, for the next one");
    editor.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    editor.type_in("nothing is like this");
    assert!(!editor.exists("Preset Study Room"));
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), []);
    editor.click("Show all");
    assert!(editor.exists("Preset Warehouse"));
}

#[test]
fn arrows_move_in_the_list_and_escape_closes_it() {
    let mut editor = open();
    let names = names();
    editor.key(Modifiers::NONE, Key::ArrowDown);
    editor.key(Modifiers::NONE, Key::ArrowDown);
    editor.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [factory(&names[1])]);
    for _ in 0..60 {
        editor.key(Modifiers::NONE, Key::ArrowDown);
    }
    assert!(editor.exists("Preset Sunday"), "the list scrolls with the keyboard");
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [Command::LoadPreset(own("Sunday"))]);
    editor.key(Modifiers::NONE, Key::PageUp);
    editor.key(Modifiers::NONE, Key::Escape);
    assert!(!editor.exists("Search presets"));
    assert_eq!(editor.key(Modifiers::NONE, Key::L).len(), 1, "keys rate again");
}

#[test]
fn the_search_field_has_the_keys_and_what_is_not_typed_reaches_the_host() {
    let mut editor = open();
    let takes = |editor: &Editor, key: Key| {
        editor.harness.state().takes_key(&editor.harness.ctx, key, Modifiers::NONE)
    };
    assert!(takes(&editor, Key::Space) && takes(&editor, Key::L) && !takes(&editor, Key::Escape));
    editor.harness.get_by_label("Favourites only").focus();
    editor.harness.run();
    assert!(!takes(&editor, Key::Space) && !takes(&editor, Key::Escape) && takes(&editor, Key::L));
    assert_eq!(editor.key(Modifiers::NONE, Key::Space), [], "the host's transport, not this button");
    assert!(editor.exists("Preset Vocoder") || editor.exists("Preset Warehouse"));
    editor.click("Presets");
    assert!(
        !takes(&editor, Key::ArrowDown) || editor.harness.ctx.memory(|memory| memory.focused().is_some())
    );
}

#[test]
fn groups_and_favourites_narrow_the_list_and_the_arrows_keep_to_it() {
    let mut editor = open();
    editor.click("Group Yours · 2");
    assert!(editor.exists("Preset Late night") && !editor.exists("Preset Warehouse"));
    editor.click("Group Techno");
    assert!(editor.exists("Preset Peak Time") && !editor.exists("Preset Warehouse"));
    editor.click("Close the presets");
    assert_eq!(editor.click("Preset after"), [factory("Peak Time")]);
    assert_eq!(editor.click("Preset after"), [factory("Broken Machine")]);
    editor.click("Presets");
    editor.click("Group All");
    editor.click("Favourites only");
    assert!(editor.exists("Preset Warehouse") && !editor.exists("Preset Peak Time"));
    let starred = |id: PresetId, on: bool| [Command::FavouritePreset(id, on)];
    let warehouse = PresetId { own: false, name: "Warehouse".to_owned() };
    assert_eq!(editor.click("Remove the star of Warehouse"), starred(warehouse, false));
    assert!(!editor.exists("Preset Warehouse"), "no favourites are left");
    editor.click("Show all");
    assert_eq!(
        editor.click("Star Peak Time"),
        starred(PresetId { own: false, name: "Peak Time".to_owned() }, true)
    );
}

#[test]
fn a_click_loads_a_preset_and_the_hosts_parameters_follow_as_gestures() {
    let mut editor = open();
    editor.type_in("waltz");
    let sent = editor.click("Preset Waltz in the Dark");
    assert_eq!(sent, [factory("Waltz in the Dark")]);
    let fake = editor.fake.0.lock().unwrap();
    let wanted = Library::factory();
    let wanted = &wanted.named("Waltz in the Dark").unwrap().preset.steering;
    let param = |which: HostParam| fake.params[&which];
    // No parameter holds the styles.
    let steering = Steering { styles: wanted.styles, ..HostParam::controls(param).steering };
    assert!(steering.is_like(wanted), "all of it, the meter too");
    assert_eq!((param(HostParam::Length), param(HostParam::Steps)), (1.0, 12.0));
    assert_eq!((param(HostParam::Density), param(HostParam::Adventure)), (wanted.density, wanted.adventure));
    assert_eq!(param(HostParam::Swing), wanted.swing.unwrap().percent());
    for which in [HostParam::Length, HostParam::Density, HostParam::Meter] {
        let of: Vec<&str> = fake.gestures.iter().filter(|g| g.0 == which).map(|g| g.1).collect();
        assert_eq!(of, ["begin", "set", "end"], "{which:?}");
    }
    assert!(!fake.gestures.iter().any(|g| g.0 == HostParam::FourOnTheFloor), "what is right stays untouched");
}

#[test]
fn the_list_says_which_tempo_a_preset_suggests() {
    let mut editor = open();
    editor.type_in("waltz");
    let library = Library::factory();
    let tempo = library.named("Waltz in the Dark").unwrap().preset.tempo.unwrap();
    assert!(editor.exists(&format!("{tempo} BPM")));
    let help = |name: &str| {
        let row = editor.harness.get_by_label(name);
        row.accesskit_node().description().unwrap_or_default()
    };
    let said = format!("Preset suggests {tempo} BPM; your host's tempo stays.");
    assert!(help("Preset Waltz in the Dark").ends_with(&said));
    editor.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    editor.type_in("sunday");
    let help = editor.harness.get_by_label("Preset Sunday").accesskit_node().description();
    assert!(help.is_some_and(|help| !help.contains("suggests")), "it has none");
}

#[test]
fn the_styles_of_a_preset_are_shown_and_freed_by_a_click_or_a_key() {
    let view = directed(&FOUR, Grid::default());
    let names = view.steering.styles.names().join(", ");
    assert_eq!(names.matches(", ").count(), 2, "{names}");
    let mut editor = Editor::of(view);
    assert!(editor.exists("Style") && editor.exists(&names), "all of them, however few find room");
    let help = editor.harness.get_by_label("Any style").accesskit_node().description();
    assert!(help.is_some_and(|help| help.contains(&names)));
    let open = |sent: &[Command], editor: &Editor| {
        let [Command::Steer(steering)] = sent else { panic!("{sent:?}") };
        let fake = editor.fake.0.lock().unwrap();
        let host = HostParam::controls(|param| fake.params[&param]).steering;
        assert_eq!(*steering, Steering { styles: StyleSet::OPEN, ..host }, "nothing else of it changes");
    };
    let sent = editor.click("Any style");
    open(&sent, &editor);
    for gone in ["Style", "Any style", &names] {
        assert!(!editor.exists(gone), "{gone}");
    }
    editor.key(Modifiers::COMMAND, Key::Z);
    assert!(editor.exists("Any style"), "it can be undone");
    editor.harness.get_by_label("Any style").focus();
    editor.harness.run();
    let sent = editor.key(Modifiers::NONE, Key::Enter);
    open(&sent, &editor);
}

#[test]
fn the_styles_find_room_in_every_window() {
    for size in [(860.0, 560.0), (1080.0, 660.0), (1600.0, 1000.0)] {
        let view = directed(&FOUR, Grid::default());
        let names = view.steering.styles.names().join(", ");
        let editor = Editor::with(view, size, nothing_chosen);
        let rect = |label: &str| editor.harness.get_by_label(label).rect();
        let row = [rect("STEER"), rect("Style"), rect(&names), rect("Any style")];
        for pair in row.windows(2) {
            assert!(pair[0].right() < pair[1].left(), "{size:?}: {row:?}");
        }
        assert!(row[2].width() > 40.0 && row[3].right() <= size.0 - 10.0, "{size:?}: {row:?}");
        let below = rect("Adventure").top();
        assert!(row.iter().all(|rect| rect.bottom() <= below + 1.0), "{size:?}: {row:?} over {below}");
    }
}

#[test]
fn a_window_that_opens_later_brings_the_parameters_up_to_what_the_session_took_on() {
    let mut view: View = session(&FOUR, Grid::default());
    let steering = deepdrummer_core::propose::Steering { density: 0.9, ..view.steering };
    view.for_the_host = Some(ForTheHost { serial: 1, steering });
    let editor = Editor::with(view, (1080.0, 660.0), nothing_chosen);
    assert_eq!(editor.fake.0.lock().unwrap().params[&HostParam::Density], 0.9);
    editor.fake.0.lock().unwrap().params.insert(HostParam::Density, 0.1);
    let mut editor = editor;
    editor.harness.run();
    assert_eq!(
        editor.fake.0.lock().unwrap().params[&HostParam::Density],
        0.1,
        "set once, then the host rules"
    );
}

#[test]
fn a_preset_is_saved_under_a_typed_name_and_replaced_only_knowingly() {
    let mut editor = open();
    editor.click("Save as preset…");
    assert_eq!(editor.type_in("Late shift"), []);
    assert_eq!(editor.click("OK"), [save("Late shift", "House", false)]);
    editor.click("Save as preset…");
    assert!(editor.exists("This replaces your preset of that name."), "the present one's name is proposed");
    assert_eq!(editor.click("Replace"), [save("Late shift", "House", true)]);
    editor.click("Save as preset…");
    editor.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    editor.type_in("warehouse");
    assert!(editor.exists("A factory preset has this name."));
    assert!(editor.harness.get_by_label("OK").accesskit_node().is_disabled());
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), []);
    editor.key(Modifiers::NONE, Key::Escape);
    assert!(!editor.exists("OK") && editor.exists("Search presets"), "only the question is left");
}

#[test]
fn the_category_is_chosen_when_a_preset_is_saved_and_proposed_for_the_next_one() {
    let mut editor = open();
    editor.click("Save as preset…");
    let category = |editor: &Editor, shown: &str| {
        let list = editor.harness.get_by_label("Category of the preset");
        let help = list.accesskit_node().description().unwrap_or_default();
        assert!(help.ends_with(&format!(": {shown}.")), "{help}");
    };
    category(&editor, "House");
    editor.click("Category of the preset");
    assert_eq!(editor.click("Dub"), []);
    category(&editor, "Dub");
    editor.type_in("Echo");
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [save("Echo", "Dub", false)], "Enter saves at once");
    editor.click("Group Dub");
    assert!(editor.exists("Preset Echo") && !editor.exists("Preset Warehouse"), "it is listed there");
    // A preset of one's own keeps its category when it is replaced; a new one goes where the last one went.
    editor.fake.change(|view| view.presets.current.as_mut().unwrap().id = own("Sunday"));
    editor.harness.run();
    editor.click("Save as preset…");
    category(&editor, "House");
    editor.key(Modifiers::NONE, Key::Escape);
    editor.fake.change(|view| view.presets.current = None);
    editor.harness.run();
    editor.click("Save as preset…");
    category(&editor, "Dub");
    // By keyboard; Escape leaves the list first, then the question.
    editor.key(Modifiers::NONE, Key::Tab);
    editor.key(Modifiers::NONE, Key::Enter);
    assert!(editor.exists("Other"), "none of them fits");
    editor.key(Modifiers::NONE, Key::Escape);
    assert!(!editor.exists("Other") && editor.exists("Category of the preset"));
    editor.key(Modifiers::NONE, Key::Escape);
    assert!(!editor.exists("Category of the preset") && editor.exists("Search presets"));
}

#[test]
fn an_own_preset_is_renamed_removed_and_brought_back() {
    let mut editor = open();
    editor.click("Group Yours · 2");
    editor.click("More about Sunday");
    editor.click("Rename…");
    editor.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    editor.type_in("Late night");
    assert!(editor.exists("One of your presets has this name."));
    editor.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    editor.type_in("Monday");
    let renamed = Command::RenamePreset { from: "Sunday".to_owned(), to: "Monday".to_owned() };
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [renamed]);
    editor.click("More about Monday");
    assert_eq!(editor.click("Remove"), [Command::RemovePreset("Monday".to_owned())]);
    assert!(editor.exists("“Monday” was removed."));
    assert_eq!(editor.click("Bring back"), [Command::RestorePreset("Monday".to_owned())]);
    assert!(editor.harness.query_by_label("More about Warehouse").is_none(), "the factory's are as they are");
}

#[test]
fn what_cannot_be_read_and_what_was_changed_is_told() {
    let mut editor = Editor::new();
    editor.fake.change(|view| {
        let library = std::sync::Arc::make_mut(&mut view.presets.library);
        library.problems = (1..=5).map(|n| format!("bad {n}.toml: it is damaged")).collect();
        view.presets.current.as_mut().unwrap().changed = true;
    });
    editor.click("Presets");
    assert!(editor.exists("Left alone: bad 1.toml: it is damaged"));
    assert!(editor.exists("and 3 more that can't be read"));
    let described = editor.harness.get_by_label("Presets").accesskit_node().description();
    assert!(described.is_some_and(|words| words.contains("changed since")));
}

#[test]
fn the_least_window_holds_the_browser() {
    let mut view = session(&FOUR, Grid::default());
    // What can be brought back stands at its foot.
    view.presets.removed = Some("Yesterday".to_owned());
    let mut editor = Editor::with(view, (860.0, 560.0), nothing_chosen);
    editor.click("Presets");
    for label in [
        "Search presets",
        "Favourites only",
        "Save as preset…",
        "Close the presets",
        "Preset Warehouse",
        "Bring back",
    ] {
        let rect = editor.harness.get_by_label(label).rect();
        assert!(rect.min.x >= 0.0 && rect.max.x <= 860.0 && rect.max.y <= 560.0, "{label}: {rect}");
    }
}

#[test]
fn every_control_of_the_browser_says_what_it_does() {
    let mut editor = open();
    editor.click("Group Yours · 2");
    let mut controls = 0;
    for node in editor.harness.root().children_recursive() {
        let node = node.accesskit_node();
        if node.role() == egui::accesskit::Role::Button {
            controls += 1;
            let name = node.label().unwrap_or_default();
            assert!(!name.is_empty(), "a control has no name: {:?}", node.id());
            assert!(node.description().is_some_and(|help| !help.is_empty()), "“{name}” has no help");
        }
    }
    assert!(controls > 40, "{controls}");
}
