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
    ] {
        let output = Command::new(artifacts::tool()).args(arguments).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?} says why");
    }
}

#[test]
fn help_names_every_command() {
    let output = Command::new(artifacts::tool()).arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success());
    for command in ["demo", "study", "session"] {
        assert!(help.contains(command), "{help}");
    }
}
