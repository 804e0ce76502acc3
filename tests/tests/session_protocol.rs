//! The headless tool's session protocol, spoken by a real process.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use deepdrummer_tests::artifacts;
use serde_json::{Value, json};

struct Tool {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Tool {
    fn start(arguments: &[&str]) -> Self {
        artifacts::enter_own_home();
        let mut child = Command::new(artifacts::tool())
            .arg("session")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    fn ask_raw(&mut self, line: &[u8]) -> Value {
        let input = self.input.as_mut().unwrap();
        input.write_all(line).unwrap();
        input.write_all(b"\n").unwrap();
        input.flush().unwrap();
        let mut answer = String::new();
        assert!(self.output.read_line(&mut answer).unwrap() > 0, "the tool ended without an answer");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("not JSON ({error}): {answer}"))
    }

    fn ask(&mut self, request: &Value) -> Value {
        self.ask_raw(request.to_string().as_bytes())
    }

    fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success(), "the end of input is a good end");
    }
}

fn id(proposal: &Value) -> String {
    proposal["loop"]["id"].as_str().unwrap_or_else(|| panic!("no loop in {proposal}")).to_owned()
}

#[test]
fn a_session_proposes_rates_samples_and_exports() {
    let folder = tempfile::tempdir().unwrap();
    let audio = folder.path().join("audio");
    let mut tool = Tool::start(&[
        "--seed",
        "7",
        "--lanes",
        "4",
        "--steps",
        "16",
        "--bpm",
        "128",
        "--audio",
        audio.to_str().unwrap(),
    ]);
    let mut seen = Vec::new();
    for round in 0..6 {
        let proposal = tool.ask(&json!({"do": "propose"}));
        let pattern = &proposal["loop"];
        assert_eq!(
            (pattern["bpm"].as_f64(), pattern["steps"].as_u64()),
            (Some(128.0), Some(16)),
            "{proposal}"
        );
        let lanes = pattern["lanes"].as_array().unwrap();
        assert_eq!(lanes.len(), 4);
        for lane in lanes {
            assert!(lane["role"].is_string() && lane["sample"].is_string(), "{lane}");
            assert_wav(lane["wav"].as_str().unwrap());
            for hit in lane["hits"].as_array().unwrap() {
                assert!(hit["step"].as_u64().unwrap() < 16);
                assert!((0.0..=1.0).contains(&hit["velocity"].as_f64().unwrap()));
                assert!(hit["offset"].as_f64().unwrap().abs() <= 1.0);
            }
        }
        assert_wav(proposal["wav"].as_str().unwrap());
        assert!(proposal["ms"].as_f64().unwrap() >= 0.0);
        let rated = tool.ask(&json!({"do": "rate", "id": id(&proposal), "like": round % 2 == 0}));
        assert_eq!(rated["rated"].as_u64(), Some(round + 1), "{rated}");
        assert!(rated["ms"].as_f64().unwrap() > 0.0);
        seen.push(id(&proposal));
    }
    let unique: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "every proposal is a new loop");

    let sample = tool.ask(&json!({"do": "sample", "n": 5}));
    assert_eq!(sample["loops"].as_array().map(Vec::len), Some(5), "{sample}");

    let out = folder.path().join("out");
    let export = tool.ask(&json!({"do": "export", "id": seen[0], "dir": out}));
    assert_wav(export["wav"].as_str().unwrap());
    let midi = std::fs::read(export["midi"].as_str().unwrap()).unwrap();
    let midi = midly::Smf::parse(&midi).unwrap();
    assert!(!midi.tracks.is_empty());
    tool.ask(&json!({"do": "quit"}));
    tool.end();
}

fn assert_wav(path: &str) {
    let bytes = std::fs::read(Path::new(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(bytes.len() > 44 && &bytes[..4] == b"RIFF" && &bytes[8..12] == b"WAVE", "{path} is no WAV file");
}

#[test]
fn presets_are_listed_and_loaded_by_name() {
    let mut tool = Tool::start(&["--seed", "5"]);
    let listed = tool.ask(&json!({"do": "presets"}));
    let presets = listed["presets"].as_array().unwrap();
    assert!(presets.len() >= 20 && listed["problems"] == json!([]), "{listed}");
    let before = id(&tool.ask(&json!({"do": "propose"})));
    tool.ask(&json!({"do": "rate", "id": before, "like": true}));
    for name in ["Seven Steps", "Waltz in the Dark"] {
        let wanted = presets.iter().find(|preset| preset["name"] == name).unwrap();
        let loaded = tool.ask(&json!({"do": "preset", "name": name}));
        assert_eq!(loaded["preset"], *wanted);
        let proposal = tool.ask(&json!({"do": "propose"}));
        let pattern = &proposal["loop"];
        assert_eq!((&pattern["bars"], &pattern["steps"]), (&wanted["bars"], &wanted["steps"]));
        let roles: Vec<&Value> =
            pattern["lanes"].as_array().unwrap().iter().map(|lane| &lane["role"]).collect();
        assert_eq!(roles, wanted["lanes"].as_array().unwrap().iter().collect::<Vec<_>>());
        let kit = wanted["kit"].as_str().unwrap();
        for lane in pattern["lanes"].as_array().unwrap() {
            assert!(lane["sample"].as_str().unwrap().ends_with(kit), "{lane} is of {kit}");
        }
    }
    let rated = tool.ask(&json!({"do": "rate", "id": before, "like": false}));
    assert_eq!(rated["rated"].as_u64(), Some(1), "what was rated stays, and loading rates nothing: {rated}");
    for bad in [json!({"do": "preset"}), json!({"do": "preset", "name": "../../etc/passwd"})] {
        assert!(tool.ask(&bad)["error"].is_string(), "{bad}");
    }
    tool.end();
}

#[test]
fn a_bad_line_gives_an_error_and_the_session_goes_on() {
    let mut tool = Tool::start(&["--seed", "1"]);
    let proposal = tool.ask(&json!({"do": "propose"}));
    let unwritable = if cfg!(unix) { "/proc/nowhere" } else { "NUL\\nowhere" };
    let long = format!("{{\"do\":\"{}\"}}", "x".repeat(2 << 20));
    let bad: Vec<Vec<u8>> = vec![
        b"hello".to_vec(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        br#"{"do":"dance"}"#.to_vec(),
        br#"{"do":"rate"}"#.to_vec(),
        br#"{"do":"rate","id":"no such loop","like":true}"#.to_vec(),
        br#"{"do":"rate","id":42,"like":true}"#.to_vec(),
        br#"{"do":"sample","n":-1}"#.to_vec(),
        br#"{"do":"sample","n":99999999999}"#.to_vec(),
        br#"{"do":"propose","extra":1}"#.to_vec(),
        format!(r#"{{"do":"export","id":"{}","dir":"{unwritable}"}}"#, id(&proposal)).into_bytes(),
        "[".repeat(100_000).into_bytes(),
        long.into_bytes(),
    ];
    for line in bad {
        let answer = tool.ask_raw(&line);
        let shown = String::from_utf8_lossy(&line[..line.len().min(60)]).into_owned();
        assert!(answer["error"].as_str().is_some_and(|error| !error.is_empty()), "{shown} got {answer}");
    }
    let rated = tool.ask(&json!({"do": "rate", "id": id(&proposal), "like": true}));
    assert_eq!(rated["rated"].as_u64(), Some(1), "the session goes on: {rated}");
    tool.end();
}

#[test]
fn the_same_seed_and_the_same_answers_give_the_same_session() {
    let run = || {
        let mut tool = Tool::start(&["--seed", "99"]);
        let mut said = Vec::new();
        for round in 0..4 {
            let mut proposal = tool.ask(&json!({"do": "propose"}));
            proposal.as_object_mut().unwrap().remove("ms");
            tool.ask(&json!({"do": "rate", "id": id(&proposal), "like": round % 3 == 0}));
            said.push(proposal);
        }
        tool.end();
        said
    };
    assert_eq!(run(), run());
}

#[test]
fn wrong_arguments_are_refused_with_a_hint() {
    artifacts::enter_own_home();
    for arguments in [
        &["session", "--lanes", "99"][..],
        &["session", "--bpm", "fast"],
        &["jam"],
        &["demo", "--ratings", "many"],
        &["demo", "--preset", "no such preset"],
        &["demo", "--kit", "no such kit"],
    ] {
        let output = Command::new(artifacts::tool()).args(arguments).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?} says why");
    }
}

#[test]
fn a_mistyped_kit_says_what_is_wrong_and_the_version_names_the_tool() {
    artifacts::enter_own_home();
    let run = |arguments: &[&str]| Command::new(artifacts::tool()).args(arguments).output().unwrap();
    let output = run(&["session", "--kit", "Analog Klub"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("no kit is called “Analog Klub”") && error.contains("factory"), "{error}");
    let version = String::from_utf8_lossy(&run(&["--version"]).stdout).into_owned();
    assert!(version.starts_with("deepdrummer "), "{version}");
}

#[test]
fn options_beside_a_preset_hold_and_a_demo_says_where_its_loops_go() {
    artifacts::enter_own_home();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(artifacts::tool())
        .args(["demo", "--ratings", "2", "--preset", "Warehouse", "--lanes", "2", "--bars", "4"])
        .env_remove("XDG_DATA_HOME")
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let to = said.lines().find_map(|line| line.strip_prefix("loops go to ")).unwrap().to_owned();
    assert!(Path::new(&to).starts_with(folder.path()) && to.contains("DeepDrummer"), "{to}");
    assert!(!folder.path().join("target").exists(), "nothing is left where one happens to be");
    let midi = std::fs::read_dir(&to)
        .unwrap()
        .flatten()
        .find(|file| file.path().extension().is_some_and(|end| end == "mid"));
    let bytes = std::fs::read(midi.expect("a loop was written").path()).unwrap();
    let smf = midly::Smf::parse(&bytes).unwrap();
    let notes = |track: &Vec<midly::TrackEvent>| {
        track.iter().any(|event| {
            matches!(
                event.kind,
                midly::TrackEventKind::Midi { message: midly::MidiMessage::NoteOn { .. }, .. }
            )
        })
    };
    assert!(smf.tracks.iter().filter(|track| notes(track)).count() <= 2, "two lanes");
}

#[test]
fn help_names_every_command() {
    let output = Command::new(artifacts::tool()).arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success());
    for command in ["demo", "study", "session", "score", "sounds"] {
        assert!(help.contains(command), "{help}");
    }
}

/// Writes a decaying tone as a file of a person's.
fn write_drum(path: &Path, hz: f32, seconds: f32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for i in 0..(44_100.0 * seconds) as u32 {
        let t = i as f32 / 44_100.0;
        let x = (-9.0 * t).exp() * (std::f32::consts::TAU * hz * t).sin();
        writer.write_sample((x * 20_000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

#[test]
fn every_lane_count_grid_and_tempo_is_kept_to() {
    for (lanes, steps, bpm) in [(1, 12, "40"), (3, 20, "97.5"), (8, 24, "300")] {
        let tool =
            &mut Tool::start(&["--lanes", &lanes.to_string(), "--steps", &steps.to_string(), "--bpm", bpm]);
        for like in [true, false, true] {
            let proposal = tool.ask(&json!({"do": "propose"}));
            let pattern = &proposal["loop"];
            assert_eq!(pattern["bpm"].as_f64(), bpm.parse().ok());
            assert_eq!(pattern["steps"].as_u64(), Some(steps));
            assert_eq!(pattern["lanes"].as_array().unwrap().len(), lanes);
            for hit in
                pattern["lanes"].as_array().unwrap().iter().flat_map(|lane| lane["hits"].as_array().unwrap())
            {
                assert!(hit["step"].as_u64().unwrap() < steps);
                assert!(hit["velocity"].as_f64().unwrap() > 0.0);
            }
            assert!((0.0..=1.0).contains(&proposal["p_like"].as_f64().unwrap()));
            assert!(proposal["wav"].is_null() && pattern["lanes"][0]["wav"].is_null(), "only with --audio");
            tool.ask(&json!({"do": "rate", "id": id(&proposal), "like": like}));
        }
    }
}

#[test]
fn a_loop_may_be_rated_again_later_and_in_parts() {
    let mut tool = Tool::start(&["--seed", "3"]);
    let first = id(&tool.ask(&json!({"do": "propose"})));
    let mut rate = |said: Value| {
        let answer = tool.ask(&said);
        answer["rated"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    };
    assert_eq!(rate(json!({"do": "rate", "id": first, "like": true})), 1);
    assert_eq!(rate(json!({"do": "rate", "id": first, "like": true})), 1, "the same again says nothing new");
    assert_eq!(rate(json!({"do": "rate", "id": first, "like": false})), 1, "a change of mind replaces it");
    let second = id(&tool.ask(&json!({"do": "propose"})));
    assert_ne!(first, second);
    let mut rate = |said: Value| tool.ask(&said)["rated"].as_u64();
    assert_eq!(rate(json!({"do": "rate", "id": second, "rhythm": true, "sound": false})), Some(2));
    assert_eq!(rate(json!({"do": "rate", "id": first, "sound": true})), Some(2));
    let nothing = tool.ask(&json!({"do": "rate", "id": second}));
    assert!(nothing["error"].as_str().unwrap().contains("like, rhythm or sound"), "{nothing}");
}

#[test]
fn samples_are_fresh_have_ids_of_their_own_and_wavs_with_audio() {
    let folder = tempfile::tempdir().unwrap();
    let audio = folder.path().join("made/on the way");
    let mut tool = Tool::start(&["--audio", audio.to_str().unwrap()]);
    assert_eq!(tool.ask(&json!({"do": "sample", "n": 0})), json!({"loops": []}));
    for mode in ["good", "bad", "random", "ask"] {
        let sampled = tool.ask(&json!({"do": "sample", "n": 2, "mode": mode}));
        let loops = sampled["loops"].as_array().unwrap_or_else(|| panic!("{sampled}"));
        assert_eq!(loops.len(), 2, "{mode}");
        for one in loops {
            assert_wav(one["wav"].as_str().unwrap());
            one["loop"]["lanes"]
                .as_array()
                .unwrap()
                .iter()
                .for_each(|lane| assert_wav(lane["wav"].as_str().unwrap()));
            assert!(one["p_like"].is_f64());
        }
        assert_ne!(id(&loops[0]), id(&loops[1]));
        let export = tool.ask(&json!({"do": "export", "id": id(&loops[0]), "dir": folder.path()}));
        assert_wav(export["wav"].as_str().unwrap());
        let rated = tool.ask(&json!({"do": "rate", "id": id(&loops[0]), "like": true}));
        assert!(rated["error"].is_string(), "samples are not to be rated: {rated}");
    }
    let many = tool.ask(&json!({"do": "sample", "n": 1001}));
    assert!(many["error"].as_str().unwrap().contains("1000"), "{many}");
    // A folder that vanishes meanwhile is made again, or told.
    std::fs::remove_dir_all(&audio).unwrap();
    let proposal = tool.ask(&json!({"do": "propose"}));
    assert_wav(proposal["wav"].as_str().unwrap());
}

#[test]
fn a_wall_of_good_loops_is_rated_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    let wall = || {
        let mut tool = Tool::start(&["--lanes", "4", "--seed", "5"]);
        for round in 0..8 {
            let proposal = tool.ask(&json!({"do": "propose"}));
            tool.ask(&json!({"do": "rate", "id": id(&proposal), "like": round % 3 == 0}));
        }
        let answer = tool.ask(&json!({"do": "wall", "n": 9}));
        (tool, answer)
    };
    let (mut tool, first) = wall();
    let loops = first["loops"].as_array().unwrap_or_else(|| panic!("{first}")).clone();
    assert_eq!(loops.len(), 9);
    let likely: Vec<f64> = loops.iter().map(|of| of["p_like"].as_f64().unwrap()).collect();
    assert!(likely.is_sorted_by(|a, b| a >= b), "best first: {likely:?}");
    let hits = |of: &Value| of["loop"]["lanes"].to_string();
    for (at, of) in loops.iter().enumerate() {
        assert!(loops[..at].iter().all(|other| hits(other) != hits(of)));
    }
    let (_, again) = wall();
    assert_eq!(again, first, "the same requests find the same");
    let rated = tool.ask(&json!({"do": "rate", "id": id(&loops[0]), "like": true}));
    assert_eq!(rated["rated"], 9, "{rated}");
    let files: Vec<Value> =
        loops[1..3].iter().map(|of| tool.ask(&json!({"do": "export", "id": id(of), "dir": dir}))).collect();
    assert!(files.iter().all(|file| Path::new(file["midi"].as_str().unwrap()).exists()), "{files:?}");
    assert_ne!(files[0]["midi"], files[1]["midi"], "each has a name of its own");
    let sounds = tool.ask(&json!({"do": "sounds", "lane": 0}));
    let sounds = sounds["sounds"].as_array().unwrap_or_else(|| panic!("{sounds}"));
    let ranked: Vec<f64> = sounds.iter().map(|sound| sound["p_like"].as_f64().unwrap()).collect();
    assert!(ranked.len() > 9 && ranked.is_sorted_by(|a, b| a >= b), "{ranked:?}");
    assert!(tool.ask(&json!({"do": "sounds", "lane": 4}))["error"].is_string());
    assert!(tool.ask(&json!({"do": "friend", "path": dir}))["error"].is_string(), "a folder is no profile");
    let explained = tool.ask(&json!({"do": "explain", "id": id(&loops[1])}));
    assert!(explained["p_like"].is_number(), "{explained}");
    let next = tool.ask(&json!({"do": "wall"}));
    let ids: Vec<String> = next["loops"].as_array().unwrap().iter().map(id).collect();
    assert!(!ids.contains(&id(&loops[0])), "what was rated is off the wall");
    assert!(tool.ask(&json!({"do": "wall", "n": 31}))["error"].is_string());
}

#[test]
fn a_thousand_samples_are_had_in_one_go() {
    let mut tool = Tool::start(&["--seed", "4"]);
    let proposal = tool.ask(&json!({"do": "propose"}));
    tool.ask(&json!({"do": "rate", "id": id(&proposal), "like": true}));
    let sampled = tool.ask(&json!({"do": "sample", "n": 1000}));
    let ids: std::collections::BTreeSet<String> =
        sampled["loops"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(ids.len(), 1000);
}

#[test]
fn a_folder_of_ones_own_is_the_kit_even_where_it_lacks_roles() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..3 {
        write_drum(&folder.path().join(format!("Kick {n}.wav")), 50.0 + 7.0 * n as f32, 0.3);
    }
    write_drum(&folder.path().join("hat.wav"), 8_000.0, 0.05);
    std::fs::write(folder.path().join("broken.wav"), b"RIFF").unwrap();
    let mut tool = Tool::start(&["--kit", folder.path().to_str().unwrap(), "--lanes", "6"]);
    for like in [true, false, true, false] {
        let proposal = tool.ask(&json!({"do": "propose"}));
        for lane in proposal["loop"]["lanes"].as_array().unwrap() {
            let name = lane["sample"].as_str().unwrap();
            assert!(name.starts_with("Kick") || name == "hat", "{lane}");
        }
        tool.ask(&json!({"do": "rate", "id": id(&proposal), "like": like}));
    }
}

#[cfg(unix)]
#[test]
fn folders_whose_names_are_no_text_are_kits_and_places_for_exports() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = tempfile::tempdir().unwrap();
    let sounds = place.path().join(std::ffi::OsStr::from_bytes(b"tr\xe4ume 100%"));
    artifacts::write_one_shots(&sounds, 6);
    artifacts::enter_own_home();
    let mut child = Command::new(artifacts::tool())
        .args(["session", "--lanes", "2", "--kit"])
        .arg(&sounds)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = child.stdin.take();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut tool = Tool { child, input, output };
    let proposal = tool.ask(&json!({"do": "propose"}));
    let folder = format!("%bytes:{}/tr%E4ume 100%25", place.path().display());
    let exported = tool.ask(&json!({"do": "export", "id": id(&proposal), "dir": folder}));
    for kind in ["midi", "wav"] {
        let named = exported[kind].as_str().unwrap_or_else(|| panic!("{exported}"));
        let name = named.strip_prefix(&format!("{folder}/")).unwrap_or_else(|| panic!("{named}"));
        assert!(sounds.join(name).is_file(), "{named}");
    }
    tool.end();
}

#[test]
fn a_home_that_is_named_by_nothing_or_by_a_part_of_a_path_is_never_the_current_folder() {
    let place = tempfile::tempdir().unwrap();
    let (here, user) = (place.path().join("here"), place.path().join("user"));
    std::fs::create_dir_all(&here).unwrap();
    std::fs::create_dir_all(&user).unwrap();
    // A scan is remembered in the home.
    let sounds = place.path().join("sounds");
    artifacts::write_one_shots(&sounds, 6);
    let data = user.join(".local/share");
    for (named, xdg, kept) in [
        ("", None, None),
        ("", Some("data"), None),
        ("drums", None, Some(user.join("drums"))),
        ("./drums/..", Some("data"), Some(user.join("drums/.."))),
    ] {
        let mut command = Command::new(artifacts::tool());
        command.args(["session", "--kit"]).arg(&sounds).current_dir(&here);
        command.env("HOME", &user).env("DEEPDRUMMER_HOME", named).env_remove("XDG_DATA_HOME");
        if let Some(xdg) = xdg {
            command.env("XDG_DATA_HOME", xdg).env("XDG_CONFIG_HOME", xdg).env("XDG_CACHE_HOME", xdg);
        }
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(std::fs::read_dir(&here).unwrap().count(), 0, "{named:?}: nothing is written here");
        #[cfg(target_os = "linux")]
        {
            let kept = kept.unwrap_or_else(|| data.join("deepdrummer"));
            assert!(kept.join("sounds.cache").is_file(), "{named:?}: it is in {}", kept.display());
            std::fs::remove_file(kept.join("sounds.cache")).unwrap();
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (kept, &data);
    }
}

#[test]
fn what_cannot_be_begun_ends_with_a_reason_and_no_answer() {
    artifacts::enter_own_home();
    let empty = tempfile::tempdir().unwrap();
    let file = empty.path().join("a file");
    std::fs::write(&file, b"").unwrap();
    let inside = file.join("folder");
    let none = empty.path().join("none");
    for (arguments, word) in [
        (["--kit", empty.path().to_str().unwrap()], "No usable sounds"),
        (["--kit", none.to_str().unwrap()], "none"),
        (["--audio", inside.to_str().unwrap()], "a file"),
    ] {
        let output = Command::new(artifacts::tool())
            .arg("session")
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert!(reason.contains(word), "{arguments:?}: {reason}");
    }
}

#[test]
fn an_input_that_breaks_off_and_a_goodbye_are_good_ends() {
    artifacts::enter_own_home();
    for (input, last) in [
        (&b"{\"do\":\"propose\"}\n{\"do\":\"prop"[..], "error"),
        (b"\n  \r\n{\"do\":\"quit\"}\n{\"do\":\"propose\"}\n", "bye"),
        (b"", ""),
    ] {
        let mut child = Command::new(artifacts::tool())
            .arg("session")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        match last {
            "" => assert!(text.is_empty(), "{text}"),
            key => {
                let line: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
                assert!(!line[key].is_null(), "{text}");
            }
        }
    }
}

#[test]
fn a_loop_becomes_sections_and_a_song_of_whole_bars() {
    let folder = tempfile::tempdir().unwrap();
    let mut tool = Tool::start(&["--seed", "3", "--lanes", "4", "--bpm", "120"]);
    let liked = id(&tool.ask(&json!({"do": "propose"})));
    tool.ask(&json!({"do": "rate", "id": liked, "like": true}));
    let answer = tool.ask(&json!({"do": "sections", "of": liked}));
    let sections = answer["sections"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let names: Vec<&str> = sections.iter().map(|section| section["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["A", "A′", "B", "Fill", "Break", "Build"]);
    for section in sections {
        assert!((0.0..=1.0).contains(&section["p_like"].as_f64().unwrap()), "{section}");
        assert_eq!(section["loop"]["lanes"].as_array().map(Vec::len), Some(4));
    }
    let made = id(&sections[1]);
    let rated = tool.ask(&json!({"do": "rate", "id": made, "like": true}));
    assert_eq!(rated["rated"].as_u64(), Some(2), "a section is rated as a loop: {rated}");
    let exported = tool.ask(&json!({"do": "export", "id": made, "dir": folder.path()}));
    assert_wav(exported["wav"].as_str().unwrap());
    let arranged = tool.ask(&json!({"do": "arrange", "bars": 16, "dir": folder.path()}));
    let order = arranged["order"].as_array().unwrap_or_else(|| panic!("{arranged}"));
    assert_eq!(order.len(), 16);
    assert!(order.iter().all(|name| names.contains(&name.as_str().unwrap())));
    assert!(order.iter().any(|name| name == "Fill") && order.iter().any(|name| name == "B"));
    let wav = hound::WavReader::open(arranged["wav"].as_str().unwrap()).unwrap();
    assert_eq!(wav.duration(), 16 * 4 * 44_100 / 2, "exactly sixteen bars");
    let midi = std::fs::read(arranged["midi"].as_str().unwrap()).unwrap();
    let midi = midly::Smf::parse(&midi).unwrap();
    let marker = |event: &midly::TrackEvent<'_>| match event.kind {
        midly::TrackEventKind::Meta(midly::MetaMessage::Marker(name)) => {
            Some(String::from_utf8(name.to_vec()).unwrap())
        }
        _ => None,
    };
    let markers: Vec<String> = midi.tracks[0].iter().filter_map(marker).collect();
    assert_eq!(markers.first().map(String::as_str), order[0].as_str());
    assert!(markers.iter().any(|name| name == "Fill"));
    let next = tool.ask(&json!({"do": "propose"}));
    assert!(sections.iter().all(|section| id(section) != id(&next)), "a section is no proposal");
    assert!(tool.ask(&json!({"do": "arrange", "bars": 15}))["error"].is_string());
    assert!(tool.ask(&json!({"do": "sections", "of": "0"}))["error"].is_string());
    tool.end();
}

/// A bass line as a MIDI file: a format 0 file on channel 1, with notes on these sixteenths of one bar.
fn write_bass(path: &Path, steps: &[u32]) {
    let mut track = Vec::new();
    // 120 ticks a sixteenth; a note is 60 long.
    let mut now = 0;
    for &step in steps {
        let delta = step * 120 - now;
        track.extend([0x80 | (delta >> 7) as u8, (delta & 0x7f) as u8, 0x90, 40, 100, 60, 0x80, 40, 0]);
        now = step * 120 + 60;
    }
    track.extend([0, 0xff, 0x2f, 0]);
    let mut file = b"MThd\0\0\0\x06\0\0\0\x01\x01\xe0MTrk".to_vec();
    file.extend((track.len() as u32).to_be_bytes());
    file.extend(track);
    std::fs::write(path, file).unwrap();
}

#[test]
fn a_session_follows_a_bass_and_says_on_which_steps_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let bass = folder.path().join("bass.mid");
    let steps = [0, 3, 6, 10];
    write_bass(&bass, &steps);
    let kicks_met = |amount: f64| {
        let mut tool = Tool::start(&["--seed", "3", "--lanes", "4", "--human", "0"]);
        let told = tool.ask(&json!({"do": "follow", "midi": bass, "amount": amount}));
        assert_eq!(told, json!({"onsets": steps}));
        let mut met = 0;
        for round in 0..6 {
            let proposal = tool.ask(&json!({"do": "propose"}));
            let lanes = proposal["loop"]["lanes"].as_array().unwrap();
            let kick = lanes.iter().find(|lane| lane["role"] == "kick").unwrap();
            let hits = kick["hits"].as_array().unwrap().iter();
            met += hits.filter(|hit| steps.iter().any(|step| hit["step"] == *step)).count();
            tool.ask(&json!({"do": "rate", "id": id(&proposal), "like": round % 2 == 0}));
        }
        tool.end();
        met
    };
    let (with, against) = (kicks_met(1.0), kicks_met(-1.0));
    assert!(with > against + 6, "{with} {against}");
    let mut tool = Tool::start(&[]);
    for bad in [json!(2.0), json!(-1.01), json!("much")] {
        assert!(tool.ask(&json!({"do": "follow", "midi": bass, "amount": bad}))["error"].is_string());
    }
    let none = folder.path().join("none.mid");
    let error = tool.ask(&json!({"do": "follow", "midi": none, "amount": 1.0}));
    assert!(error["error"].as_str().unwrap().contains("none.mid"), "{error}");
    tool.end();
}
