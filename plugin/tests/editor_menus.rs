//! Menus, dialogs and settings of the editor, through the accessibility tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::pattern::{Grid, Hit, MAX_STEPS, Role, SampleId};
use deepdrummer_core::propose::Onsets;
use deepdrummer_core::session::command::{
    Command, ExportSettings, KitChoice, LoopAction, MidiMap, MidiTracks, NoteMap, RatingKeys, Strategy, Tail,
};
use deepdrummer_core::session::midi_map::OwnMaps;
use deepdrummer_core::session::view::{RiffView, Settings};
use deepdrummer_plugin::app::{Audio, Device};
use deepdrummer_plugin::editor::actions::Dialog;
use deepdrummer_plugin::editor::{Answer, HostParam, WindowRequests};
use editor_support::harness::Editor;
use editor_support::{FOUR, Fake, session};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use std::path::PathBuf;
use std::sync::Arc;

/// Answers every dialog with a path that tells which one it was.
fn answered(dialog: &Dialog) -> Answer {
    Answer::Path(PathBuf::from(match dialog {
        Dialog::KitFolder => "/chosen/kit",
        Dialog::LaneSample(_) => "/chosen/sound.wav",
        Dialog::Locate(..) => "/chosen/found.wav",
        Dialog::Reference { folder: false } => "/chosen/groove.mid",
        Dialog::Reference { folder: true } => "/chosen/loops",
        Dialog::Friend => "/chosen/anna.deepdrummer-taste",
        Dialog::ImportProfile => "/chosen/in.deepdrummer-taste",
        Dialog::ExportProfile(_) => "/chosen/out.deepdrummer-taste",
        Dialog::ManyFolder(_) => "/loops",
        Dialog::ExportFolder => "/chosen/exports",
        Dialog::Feel => "/chosen/feel.mid",
        Dialog::SaveAs(..) => "/chosen/loop.mid",
    }))
}

fn with_dialogs() -> Editor {
    Editor::with(session(&FOUR, Grid::default()), (1080.0, 660.0), answered)
}

/// Clicks an entry that asks for a path; returns what is sent once it was given.
fn answer(editor: &mut Editor, entry: &str) -> Command {
    let mut sent = editor.click(entry);
    if sent.is_empty() {
        sent = editor.sent_after_the_dialog();
    }
    assert_eq!(sent.len(), 1, "{sent:?}");
    sent.remove(0)
}

/// The settings that the window wants, of the one command that it sent.
fn settings_wanted(sent: &[Command]) -> Settings {
    let [Command::ChangeSettings { to, .. }] = sent else { panic!("{sent:?}") };
    to.clone()
}

/// The same of exports.
fn export_wanted(sent: &[Command]) -> ExportSettings {
    let [Command::ChangeExport { to, .. }] = sent else { panic!("{sent:?}") };
    to.clone()
}

#[test]
fn own_sounds_come_from_a_folder_or_a_file() {
    let mut editor = with_dialogs();
    editor.click("Kit");
    let folder = KitChoice::Folders(vec!["/chosen/kit".into()]);
    assert_eq!(answer(&mut editor, "Load a folder of samples…"), Command::ChooseKit(folder));
    editor.click("Kit");
    let recent = KitChoice::Folders(vec!["/home/someone/Samples/Techno".into()]);
    assert_eq!(editor.click("/home/someone/Samples/Techno"), [Command::ChooseKit(recent)]);
    editor.click("Drag Snare out");
    assert_eq!(
        answer(&mut editor, "Load a file…"),
        Command::LoadSample(1, "/chosen/sound.wav".into()),
        "a lane's name opens its menu"
    );
}

#[test]
fn a_missing_sound_is_located_from_its_lane_and_from_the_kit() {
    let mut view = session(&FOUR, Grid::default());
    view.lanes[1].missing = true;
    view.kit.missing = vec![(SampleId(101), "Clap tight 11".to_owned())];
    let mut editor = Editor::with(view, (1080.0, 660.0), answered);
    let found = Command::Locate(SampleId(101), "/chosen/found.wav".into());
    assert_eq!(answer(&mut editor, "Sound of Snare: Clap tight 11 missing"), found);
    editor.click("Kit");
    assert_eq!(answer(&mut editor, "Locate “Clap tight 11”…"), found);
}

#[test]
fn profiles_are_renamed_exported_and_imported() {
    let mut editor = with_dialogs();
    editor.click("Taste profile");
    editor.click("Rename…");
    editor.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    assert_eq!(editor.type_in("Late techno"), [], "letters rate nothing while a name is typed");
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [Command::RenameProfile("Late techno".to_owned())]);
    editor.click("Taste profile");
    let to = PathBuf::from("/chosen/out.deepdrummer-taste");
    assert_eq!(answer(&mut editor, "Export to a file…"), Command::ExportProfile(to));
    editor.click("Taste profile");
    let from = PathBuf::from("/chosen/in.deepdrummer-taste");
    assert_eq!(answer(&mut editor, "Import from a file…"), Command::ImportProfile(from));
}

#[test]
fn a_question_for_a_name_is_left_with_escape() {
    let mut editor = with_dialogs();
    editor.click("Taste profile");
    editor.click("New profile…");
    assert!(editor.exists("OK"));
    assert_eq!(editor.key(Modifiers::NONE, Key::Escape), []);
    assert!(!editor.exists("OK"));
}

#[test]
fn exports_are_set_up_in_the_settings() {
    let mut editor = with_dialogs();
    editor.click("Settings");
    assert!(editor.exists("/home/someone/Music/DeepDrummer"), "the folder is shown");
    assert!(editor.exists(concat!("DeepDrummer ", env!("CARGO_PKG_VERSION"))), "and which version this is");
    let mut wanted = ExportSettings { folder: Some("/chosen/exports".into()), ..ExportSettings::default() };
    assert_eq!(export_wanted(&[answer(&mut editor, "Change the export folder")]), wanted);
    editor.harness.run();
    assert!(editor.exists("/chosen/exports"));
    wanted.note_map = NoteMap::ChromaticC1;
    assert_eq!(export_wanted(&editor.click("MIDI keys: Chromatic from C1")), wanted);
    wanted.midi_tracks = MidiTracks::One;
    assert_eq!(export_wanted(&editor.click("MIDI tracks: All on one track")), wanted);
    wanted.tail = Tail::Keep;
    assert_eq!(export_wanted(&editor.click("Tails: Kept after the end")), wanted);
    wanted.folder = None;
    assert_eq!(export_wanted(&editor.click("Reset the export folder")), wanted);
}

#[test]
fn notes_for_another_instrument_are_set_up_in_the_settings() {
    let mut editor = Editor::new();
    editor.click("Settings");
    assert!(!editor.exists("Notes only is on"));
    // Below the edge of the list: the keyboard brings it into view.
    editor.harness.get_by_label("Notes only").focus();
    editor.harness.run();
    editor.key(Modifiers::NONE, Key::Enter);
    assert_eq!(editor.fake.0.lock().unwrap().params[&HostParam::NotesOnly], 1.0);
    editor.harness.run();
    editor.harness.get_by_label("Drum map").focus();
    editor.harness.run();
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [Command::ReadMidiMaps], "files put there are seen");
    let map = MidiMap::of(NoteMap::AddictiveDrums);
    assert_eq!(editor.click("Addictive Drums"), [Command::SetMidiMap(Some(map))]);
    let own = NoteMap::Toontrack.as_own();
    editor.fake.change(|view| {
        view.midi_map = Some(MidiMap { map: NoteMap::Own(own), name: "My pads".to_owned() });
        view.own_maps = Arc::new(OwnMaps { all: vec![("My pads".to_owned(), own)], problems: Vec::new() });
    });
    editor.harness.run();
    editor.harness.get_by_label("Higher key for Snare").focus();
    editor.harness.run();
    let higher = MidiMap { map: NoteMap::Own(own.with_main(Role::Snare, 39)), name: "My pads".to_owned() };
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [Command::SetMidiMap(Some(higher))]);
    editor.harness.get_by_label("Save the drum map").focus();
    editor.harness.run();
    editor.key(Modifiers::NONE, Key::Enter);
    assert!(editor.exists("This replaces your drum map of that name."));
    assert_eq!(editor.click("Replace"), [Command::SaveMidiMap("My pads".to_owned())]);
    // Also where one looks for the sound.
    editor.click("Close the settings");
    editor.click("Notes only is on");
    assert_eq!(editor.fake.0.lock().unwrap().params[&HostParam::NotesOnly], 0.0);
}

#[test]
fn what_is_followed_is_shown_held_and_cleared_above_the_grid() {
    let mut editor = Editor::new();
    assert!(!editor.exists("Clear the heard notes"), "the first page stays calm");
    editor.fake.0.lock().unwrap().params.insert(HostParam::Follow, 0.5);
    let mut strengths = [0; MAX_STEPS];
    (strengths[0], strengths[3], strengths[10]) = (100, 60, 127);
    editor.fake.change(|view| {
        view.riff = RiffView { onsets: Onsets::new(strengths), bars: 4, hold: false, notes: 12 };
    });
    editor.harness.run();
    assert!(editor.exists("Heard notes on steps 1, 4, 11"));
    assert_eq!(editor.click("Hold the heard notes"), [Command::HoldRiff(true)]);
    assert_eq!(editor.click("Clear the heard notes"), [Command::ClearRiff]);
    editor.click("Bars to follow");
    assert_eq!(editor.click("8 bars"), [Command::SetRiffBars(8)]);
    editor.harness.get_by_label("Follow").focus();
    editor.harness.run();
    editor.key(Modifiers::NONE, Key::ArrowRight);
    assert!((editor.fake.0.lock().unwrap().params[&HostParam::Follow] - 0.55).abs() < 1e-4);
}

#[test]
fn the_window_and_learning_are_set_up_in_the_settings() {
    let mut editor = with_dialogs();
    editor.click("Settings");
    editor.click("Default size");
    let requests = editor.harness.state_mut().take_requests();
    assert_eq!(requests, WindowRequests { size: Some((1080, 660)), ..WindowRequests::default() });
    let mut wanted = Settings { implicit_judgements: false, ..Settings::default() };
    assert_eq!(settings_wanted(&editor.click("Learn from what I do")), wanted);
    wanted.embed_samples = true;
    assert_eq!(settings_wanted(&editor.click("Embed sounds in project")), wanted);
    // Below the edge of the list: the keyboard brings it into view.
    editor.harness.get_by_label("Limiter").focus();
    editor.harness.run();
    editor.key(Modifiers::NONE, Key::Enter);
    assert_eq!(editor.fake.0.lock().unwrap().params[&HostParam::Limiter], 0.0);
}

#[test]
fn keys_that_rate_are_learned_cancelled_and_cleared_in_the_settings() {
    let mut editor = Editor::new();
    editor.click("Settings");
    assert!(editor.exists("D-2 · 2") && editor.exists("C-2 · 0"), "the keys in use");
    assert!(
        editor.harness.get_by_label("Clear the key for Skip").accesskit_node().is_disabled(),
        "there is none to clear"
    );
    // Below the edge of the list: the keyboard brings it into view.
    editor.harness.get_by_label("Learn the key for Back").focus();
    editor.harness.run();
    assert_eq!(editor.click("Learn the key for Skip"), [Command::LearnKey(Some(LoopAction::Skip))]);
    assert!(!editor.exists("Learn the key for Skip"));
    assert_eq!(editor.click("Waiting for the key for Skip"), [Command::LearnKey(None)]);
    // The keyboard does the same; the key that is heard is shown.
    editor.harness.get_by_label("Learn the key for Back").focus();
    editor.harness.run();
    assert_eq!(editor.key(Modifiers::NONE, Key::Enter), [Command::LearnKey(Some(LoopAction::Back))]);
    editor.fake.change(|view| {
        view.learns_key = None;
        view.settings.rating_keys = view.settings.rating_keys.with(LoopAction::Back, Some(2));
    });
    editor.harness.run();
    assert!(editor.exists("Learn the key for Back") && editor.exists("D-2 · 2"));
    assert!(
        editor.harness.get_by_label("Clear the key for Like").accesskit_node().is_disabled(),
        "the key moved"
    );
    let rating_keys = RatingKeys { like: None, back: None, ..RatingKeys::default() };
    let cleared = Settings { rating_keys, ..Settings::default() };
    assert_eq!(settings_wanted(&editor.click("Clear the key for Back")), cleared);
}

#[test]
fn a_key_is_no_longer_waited_for_once_nobody_sees_that_it_is() {
    let mut editor = Editor::new();
    editor.click("Settings");
    editor.click("Learn the key for Like");
    assert_eq!(editor.click("Close the settings"), [Command::LearnKey(None)]);
    editor.harness.run();
    assert_eq!(editor.fake.sent(), [], "told once");
    editor.click("Settings");
    editor.click("Learn the key for Like");
    editor.harness.state_mut().close();
    assert_eq!(editor.fake.sent(), [Command::LearnKey(None)], "the window closed");
}

#[test]
fn rating_goes_on_while_the_settings_are_open() {
    let mut editor = Editor::new();
    editor.click("Settings");
    assert_eq!(editor.key(Modifiers::NONE, Key::L).len(), 1);
    editor.key(Modifiers::NONE, Key::Escape);
    assert!(!editor.exists("Close the settings"));
}

#[test]
fn which_loops_come_next_is_chosen_beside_the_queue() {
    let mut editor = Editor::new();
    for (words, strategy) in [
        ("As good as is known", Strategy::Good),
        ("At random, the taste ignored", Strategy::Random),
        ("As bad as is known", Strategy::Bad),
        ("To learn your taste", Strategy::Ask),
    ] {
        editor.click("Which loops come next");
        assert_eq!(editor.click(words), [Command::SetStrategy(strategy)]);
        assert_eq!(editor.fake.view_now().strategy, strategy);
    }
}

#[test]
fn a_cell_has_a_menu_for_its_velocity_timing_and_lock() {
    let mut editor = Editor::new();
    editor.menu("Kick step 1");
    let ghost = Command::EditHit { lane: 0, step: 0, hit: Hit::new(35) };
    assert_eq!(editor.click("Ghost"), [ghost, Command::EndGesture]);
    editor.menu("Kick step 1");
    assert_eq!(editor.click("Lock this step"), [Command::LockSteps(0, 1)]);
    editor.menu("Kick step 1");
    let cleared = Command::EditHit { lane: 0, step: 0, hit: Hit::NONE };
    assert_eq!(editor.click("Clear"), [cleared, Command::EndGesture]);
    let late = Hit { velocity: 90, offset: 40, ..Hit::NONE };
    editor.fake.change(|view| view.current.pattern.lanes_mut()[0].hits[3] = late);
    editor.harness.run();
    editor.menu("Kick step 4");
    let straight = Command::EditHit { lane: 0, step: 3, hit: Hit::new(90) };
    assert_eq!(editor.click("Back onto the grid"), [straight, Command::EndGesture]);
}

#[test]
fn kits_and_profiles_are_chosen() {
    let mut editor = Editor::new();
    editor.click("Kit");
    let chosen = Command::ChooseKit(KitChoice::FactoryKit("Dusty Breaks".to_owned()));
    assert_eq!(editor.click("Dusty Breaks"), [chosen]);
    editor.click("Taste profile");
    assert_eq!(editor.click("Hip-hop"), [Command::ChooseProfile("Hip-hop".to_owned())]);
}

#[test]
fn a_new_profile_gets_a_typed_name_with_a_space() {
    let mut editor = Editor::new();
    editor.click("Taste profile");
    editor.click("New profile…");
    assert_eq!(editor.type_in("Late lead"), [], "letters rate nothing while a name is typed");
    assert_eq!(editor.click("OK"), [Command::ChooseProfile("Late lead".to_owned())]);
}

#[test]
fn settings_change_the_session_and_the_window() {
    let mut editor = Editor::new();
    editor.click("Settings");
    let zoomed = Settings { zoom_percent: 150, ..Settings::default() };
    assert_eq!(settings_wanted(&editor.click("Zoom: 150 %")), zoomed);
    let requests = editor.harness.state_mut().take_requests();
    assert_eq!(requests, WindowRequests { zoom: Some(150), ..WindowRequests::default() });
    let muted = Settings { mute_after_drag: true, ..zoomed };
    assert_eq!(settings_wanted(&editor.click("Mute after dragging")), muted);
    let sent = editor.click("MIDI keys: Chromatic from C1");
    assert!(matches!(sent.as_slice(), [Command::ChangeExport { .. }]), "{sent:?}");
    editor.click("Close the settings");
    assert!(!editor.exists("Close the settings"));
}

#[test]
fn steps_and_meter_are_chosen_from_menus() {
    let mut editor = Editor::new();
    editor.click("Steps per bar");
    editor.click("12 · eighth triplets");
    assert_eq!(editor.fake.0.lock().unwrap().params[&HostParam::Steps], 12.0);
    editor.click("Meter");
    assert_eq!(editor.click("7/8"), [], "it is a parameter like the others");
    let params = editor.fake.0.lock().unwrap().params.clone();
    let meter = HostParam::controls(|param| params[&param]).steering.grid.meter;
    assert_eq!((meter.numerator, meter.denominator), (7, 8));
    // With steps that fit it and are as long, or half as long.
    assert_eq!(params[&HostParam::Steps], 21.0);
    editor.click("Steps per bar");
    assert!(editor.exists("14 · sixteenths") && editor.exists("21 · sixteenth triplets"));
    assert!(!editor.exists("16 · sixteenths"), "what does not fit the meter is no proposal");
}

#[test]
fn the_app_names_its_audio_device_and_offers_others() {
    let jack = (Device::Jack, "JACK".to_owned());
    let card = (Device::Named("USB Audio".to_owned()), "USB Audio".to_owned());
    let audio = |device: Device, name: &str| {
        Some(Arc::new(Audio { device, name: name.to_owned(), choices: vec![jack.clone(), card.clone()] }))
    };
    let open = |audio| {
        let fake = Fake::new(session(&FOUR, Grid::default()));
        fake.0.lock().unwrap().audio = audio;
        Editor::over(fake, (1080.0, 660.0), answered)
    };
    let mut editor = open(audio(Device::Jack, "JACK"));
    assert!(editor.exists("Playing on JACK. Another device is chosen in the settings, under Audio."));
    editor.click("Settings");
    editor.click("Audio device");
    editor.click("USB Audio");
    assert_eq!(editor.fake.0.lock().unwrap().device, Some(card.0.clone()));
    assert!(editor.harness.state_mut().take_requests().close, "the app begins anew with it");
    let editor = open(audio(Device::Nothing, "no audio device"));
    assert!(editor.exists(
        "No audio device could be opened: nothing can be heard. Connect one, or choose another in the \
         settings, under Audio."
    ));
    // A plugin leaves that to its host.
    let mut editor = open(None);
    editor.click("Settings");
    assert!(!editor.exists("Audio device"));
}

#[test]
fn gear_and_corner_are_within_the_least_window() {
    let (width, height) = (860.0, 560.0);
    let editor = Editor::with(
        session(&FOUR, Grid::default()),
        (width, height),
        editor_support::harness::nothing_chosen,
    );
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
    for name in ["Settings", "Resize the window", "Like", "Dislike"] {
        let rect = editor.harness.get_by_label(name).rect();
        assert!(window.contains_rect(rect), "{name} is at {rect:?}");
    }
}

#[test]
fn the_zoom_has_keys_that_work_everywhere() {
    let zooms = |sent: Vec<Command>| {
        let zoom = |command| match command {
            Command::ChangeSettings { to, .. } => Some(to.zoom_percent),
            _ => None,
        };
        sent.into_iter().filter_map(zoom).collect::<Vec<_>>()
    };
    let mut editor = Editor::new();
    assert_eq!(zooms(editor.key(Modifiers::COMMAND, Key::Plus)), [125]);
    assert_eq!(zooms(editor.key(Modifiers::COMMAND, Key::Equals)), [150]);
    assert_eq!(zooms(editor.key(Modifiers::COMMAND, Key::Minus)), [125]);
    assert_eq!(zooms(editor.key(Modifiers::COMMAND, Key::Num0)), [100]);
    assert!(zooms(editor.key(Modifiers::NONE, Key::Minus)).is_empty());
    editor.click("Presets");
    assert_eq!(zooms(editor.key(Modifiers::COMMAND, Key::Minus)), [75], "also while a search is typed");
    assert!(zooms(editor.key(Modifiers::COMMAND, Key::Minus)).is_empty(), "it is the least");
}

#[test]
fn every_text_field_tells_that_it_is_there() {
    // While one is, letters rate nothing: they must all be made in the one place that says so.
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/editor"))];
    let mut own = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|ending| ending != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let fields = [
                "TextEdit::singleline",
                "TextEdit::multiline",
                "text_edit_singleline",
                "text_edit_multiline",
            ];
            let made: usize = fields.iter().map(|field| text.matches(field).count()).sum();
            let shown = text.matches("text_field(").count();
            if made > shown {
                own.push(path);
            }
        }
    }
    assert!(own.is_empty(), "text fields that do not use widgets::text_field: {own:?}");
}
