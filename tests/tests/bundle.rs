//! What a host meets when it scans.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use deepdrummer_plugin::params::HostParam;
use deepdrummer_tests::artifacts;
use deepdrummer_tests::clap_host::{Input, Library, frozen_ids, parameter_id};

#[test]
fn the_library_offers_one_plugin_under_its_id() {
    assert_eq!(Library::bundled().plugin_ids(), ["org.deepdrummer.deepdrummer"]);
}

#[test]
fn the_parameters_are_those_of_the_table_under_the_ids_that_were_ever_published() {
    let named: Vec<String> = HostParam::all().map(HostParam::id).collect();
    assert_eq!(named, frozen_ids(), "an id is for ever; a new one is frozen with its row");
    let parameters = Library::bundled().open().parameters();
    let ids: Vec<u32> = parameters.iter().map(|parameter| parameter.id).collect();
    let wanted: Vec<u32> = named.iter().map(|id| parameter_id(id).get()).collect();
    assert_eq!(ids, wanted, "hosts see them in the table's order");
    let mut unique = ids;
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), wanted.len(), "no two parameters share an id");
    for (parameter, param) in parameters.iter().zip(HostParam::all()) {
        assert_eq!((&parameter.name, &parameter.module), (&param.name(), &param.group()));
    }
}

#[test]
fn no_parameter_takes_a_value_that_is_no_number() {
    let mut plugin = Library::bundled().open();
    let before: Vec<f64> = HostParam::all().map(|param| plugin.value(&param.id())).collect();
    let mut session = plugin.activate(48_000.0, 64);
    let adventure = |value| [(0, Input::Parameter { id: "adventure", value })];
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        session.process(64, None, &adventure(value));
        let now = plugin.value("adventure");
        assert!((0.0..=1.0).contains(&now), "{value} makes it {now}");
    }
    session.process(64, None, &adventure(before[HostParam::Adventure.index()]));
    plugin.deactivate(session);
    let after: Vec<f64> = HostParam::all().map(|param| plugin.value(&param.id())).collect();
    assert_eq!(after, before);
    let saved = plugin.save();
    assert!(Library::bundled().open().load(&saved), "what was saved can be read");
}

#[test]
fn every_parameter_reads_back_the_text_that_it_shows() {
    let mut plugin = Library::bundled().open();
    for parameter in plugin.parameters() {
        for part in 0..=97 {
            let value = parameter.min + (parameter.max - parameter.min) * f64::from(part) / 97.0;
            let text = plugin.text_of(parameter.id, value).unwrap();
            let back = plugin
                .value_of(parameter.id, &text)
                .unwrap_or_else(|| panic!("{} does not read '{text}'", parameter.name));
            let again = plugin.text_of(parameter.id, back).unwrap();
            assert_eq!(again, text, "{} at {value}", parameter.name);
        }
    }
}

#[test]
fn no_text_gives_a_value_that_is_no_number_or_beyond_the_range() {
    let mut plugin = Library::bundled().open();
    let odd = [
        "nan",
        "NaN",
        "-nan",
        "inf",
        "-inf",
        "infinity",
        "1e39",
        "-1e39",
        "1e999",
        "99999999999",
        "-2147483648",
    ];
    let odd = odd
        .into_iter()
        .chain(["", " ", "%", "-", "dB", "x", "on off", "1 2", "\u{ff11}", "-inf dB", "1e39 %"]);
    for parameter in plugin.parameters() {
        for text in odd.clone() {
            if let Some(value) = plugin.value_of(parameter.id, text) {
                let range = parameter.min..=parameter.max;
                assert!(range.contains(&value), "{} reads '{text}' as {value}", parameter.name);
            }
        }
        for nonsense in ["nan", "1e39", "infinity", "x"] {
            assert_eq!(plugin.value_of(parameter.id, nonsense), None, "{}: {nonsense}", parameter.name);
        }
        for value in [-1e30, -7.0, 7e9, f64::from(f32::MAX)] {
            let text = plugin.text_of(parameter.id, value).unwrap();
            let back = plugin.value_of(parameter.id, &text).unwrap_or_else(|| panic!("'{text}'"));
            assert_eq!(plugin.text_of(parameter.id, back).unwrap(), text, "{} at {value}", parameter.name);
        }
    }
}

#[test]
fn controllers_find_rating_and_steering_on_the_first_page_and_the_locks_behind_it() {
    let mut plugin = Library::bundled().open();
    let known: Vec<u32> = plugin.parameters().iter().map(|parameter| parameter.id).collect();
    let pages = plugin.remote_controls();
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Rate and steer", "Loop and output", "Lock beats", "Lock sounds", "Drum bus"]);
    for id in ["dislike", "like", "skip", "back", "adventure", "density", "swing"] {
        assert!(pages[0].1.contains(&parameter_id(id).get()), "{id}");
    }
    assert!(pages.iter().flat_map(|(_, ids)| ids).all(|id| known.contains(id)), "{pages:?}");
    assert!(pages[2].1.len() == 8 && pages[3].1.len() == 8, "a lock for each lane");
}

#[test]
fn swing_is_read_as_people_write_it() {
    let mut plugin = Library::bundled().open();
    let swing = parameter_id("swing").get();
    let straight = plugin.value_of(swing, "54").unwrap();
    for text in ["54 %", "54%", "1/16 swing 54 %", "Swing 54.0 %"] {
        assert_eq!(plugin.value_of(swing, text), Some(straight), "{text}");
    }
    assert_eq!(plugin.text_of(swing, straight).as_deref(), Some("54.0 %"));
}

#[test]
fn the_default_output_is_plain_stereo() {
    assert_eq!(Library::bundled().open().output_ports(), [("Main".to_owned(), 2)]);
}

#[test]
fn a_host_may_choose_a_named_stereo_output_for_every_lane_or_mono() {
    let mut plugin = Library::bundled().open();
    plugin.choose_ports("Stereo and lanes");
    let ports = plugin.output_ports();
    assert_eq!(ports[0], ("Main".to_owned(), 2));
    assert_eq!(ports.len(), 9);
    for (lane, port) in ports[1..].iter().enumerate() {
        assert_eq!(*port, (format!("Lane {}", lane + 1), 2));
    }
    plugin.choose_ports("Mono");
    assert_eq!(plugin.output_ports(), [("Main".to_owned(), 1)]);
}

/// Without symbols, and without what nobody meant to link. Raise it knowingly.
#[cfg(target_os = "linux")]
#[test]
fn the_library_stays_within_its_size() {
    for library in [artifacts::clap_bundle(), vst3_library(&artifacts::vst3_bundle())] {
        let bytes = std::fs::metadata(&library).unwrap().len();
        assert!(bytes < 23_800_000, "{} has {bytes} bytes", library.display());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_plugin_links_no_sound_library() {
    for library in [artifacts::clap_bundle(), vst3_library(&artifacts::vst3_bundle())] {
        let output = std::process::Command::new("ldd").arg(&library).output().unwrap();
        let linked = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && linked.contains("libc.so"), "ldd works: {linked}");
        for foreign in ["asound", "jack", "pulse", "pipewire", "not found"] {
            assert!(!linked.contains(foreign), "{} links {foreign}:\n{linked}", library.display());
        }
    }
}

#[cfg(target_os = "linux")]
fn vst3_library(bundle: &Path) -> PathBuf {
    let contents = bundle.join("Contents").join(format!("{}-linux", std::env::consts::ARCH));
    contents.join("DeepDrummer.so")
}

#[test]
fn the_vst3_bundle_says_what_is_in_it_before_it_is_loaded() {
    let text = std::fs::read_to_string(artifacts::vst3_bundle().join("Contents/Resources/moduleinfo.json"));
    let told: serde_json::Value = serde_json::from_str(&text.unwrap()).unwrap();
    assert_eq!(told["Version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(told["Classes"][0]["Name"], "DeepDrummer");
}

/// What a VST3 host does first on Windows.
#[cfg(target_os = "windows")]
#[test]
#[expect(unsafe_code, reason = "a VST3 factory is a table of C functions")]
fn the_vst3_bundle_is_laid_out_for_windows_and_has_one_class() {
    use std::ffi::c_void;
    use windows::Win32::Foundation::FreeLibrary;
    use windows::Win32::System::LibraryLoader::{GetProcAddress, LoadLibraryW};
    use windows::core::{HSTRING, PCSTR, s};

    /// `FUnknown` (three functions), then `IPluginFactory`: information, the number of classes, …
    type Factory = *const *const [*const c_void; 7];
    artifacts::enter_own_home();
    let path = artifacts::vst3_bundle().join("Contents/x86_64-win/DeepDrummer.vst3");
    // SAFETY: the library is this workspace's own; its entries have the types that VST3 gives them, and nothing of
    // it is used once it is unloaded.
    unsafe {
        let library = LoadLibraryW(&HSTRING::from(path.as_path())).unwrap();
        let entry = |name: PCSTR| GetProcAddress(library, name).expect("a VST3 library has this entry");
        let [init, exit] = [s!("InitDll"), s!("ExitDll")]
            .map(|name| std::mem::transmute::<_, unsafe extern "system" fn() -> bool>(entry(name)));
        let get: unsafe extern "system" fn() -> Factory = std::mem::transmute(entry(s!("GetPluginFactory")));
        assert!(init());
        let factory = get();
        let functions = **factory;
        let count: unsafe extern "system" fn(Factory) -> i32 = std::mem::transmute(functions[4]);
        assert_eq!(count(factory), 1);
        let release: unsafe extern "system" fn(Factory) -> u32 = std::mem::transmute(functions[2]);
        release(factory);
        assert!(exit());
        FreeLibrary(library).unwrap();
    }
}
