//! `{"do":"explain"}` of the session protocol, spoken by a real process.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use deepdrummer_tests::artifacts;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

struct Tool {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Tool {
    fn start() -> Self {
        artifacts::enter_own_home();
        let mut command = Command::new(artifacts::tool());
        let command = command.args(["session", "--seed", "1"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output) }
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.input, "{request}").unwrap();
        self.input.flush().unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    fn end(mut self) {
        assert_eq!(self.ask(&json!({"do": "quit"})), json!({"bye": true}));
        assert!(self.child.wait().unwrap().success());
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Marks and sounds of an answer sum to what the loop is ahead of its baseline.
fn is_complete(explained: &Value) {
    let sum: f64 = ["marks", "sounds"]
        .iter()
        .flat_map(|of| explained[*of].as_array().unwrap())
        .map(|mark| number(&mark["points"]))
        .sum();
    let ahead = number(&explained["p_like"]) - number(&explained["baseline"]);
    assert!((sum - ahead).abs() <= 0.02 * ahead.abs().max(0.05), "{sum} {ahead}");
}

#[test]
fn a_session_says_why() {
    let mut tool = Tool::start();
    let first = tool.ask(&json!({"do": "propose"}))["loop"].clone();
    let explained = tool.ask(&json!({"do": "explain", "id": first["id"]}));
    let all = ["baseline", "lift", "marks", "p_like", "rhythm_share", "sounds", "statements"];
    assert_eq!(keys(&explained), all);
    // Nothing was said that anything could rest on.
    for of in ["marks", "sounds", "statements", "lift"] {
        assert_eq!(explained[of], json!([]), "{of}");
    }
    assert_eq!(explained["rhythm_share"], Value::Null);

    let (mut rated, mut last) = (Vec::new(), first);
    for _ in 0..30 {
        let hats = last["lanes"][2]["hits"].as_array().unwrap().len();
        let (id, like) = (last["id"].clone(), hats >= 8);
        tool.ask(&json!({"do": "rate", "id": id, "like": like}));
        rated.push((id, like));
        last = tool.ask(&json!({"do": "propose"}))["loop"].clone();
    }
    let explained = tool.ask(&json!({"do": "explain", "id": last["id"]}));
    assert_eq!(keys(&explained), all);
    is_complete(&explained);
    let hits: usize =
        last["lanes"].as_array().unwrap().iter().map(|lane| lane["hits"].as_array().unwrap().len()).sum();
    assert_eq!(explained["marks"].as_array().unwrap().len(), hits);
    for mark in explained["marks"].as_array().unwrap() {
        let (lane, step) = (mark["lane"].as_u64().unwrap() as usize, &mark["step"]);
        let of_lane = last["lanes"][lane]["hits"].as_array().unwrap();
        assert!(of_lane.iter().any(|hit| hit["step"] == *step), "a mark where nothing sounds: {mark}");
    }
    let share = number(&explained["rhythm_share"]);
    assert!((0.0..=1.0).contains(&share), "{share}");
    let statements = explained["statements"].as_array().unwrap();
    // Where hardly anything was disliked there is nothing to tell.
    let disliked = rated.iter().filter(|(_, like)| !like).count();
    assert!(!statements.is_empty() || disliked < 3, "{disliked} disliked and nothing said");
    for statement in statements {
        assert_eq!(keys(statement), ["liked", "loops", "of", "text"]);
        let loops = statement["loops"].as_array().unwrap();
        let liked = loops.iter().filter(|id| rated.iter().any(|(known, like)| known == *id && *like)).count();
        assert_eq!(statement["of"], json!(loops.len()), "{statement}");
        assert_eq!(statement["liked"], json!(liked), "{statement}");
    }
    for lift in explained["lift"].as_array().unwrap() {
        assert_eq!(keys(lift), ["gain", "text"]);
        assert!(number(&lift["gain"]) > 0.0);
    }
    // The same question has the same answer, and loops that were sampled have one too.
    assert_eq!(tool.ask(&json!({"do": "explain", "id": last["id"]})), explained);
    let sampled = tool.ask(&json!({"do": "sample", "n": 1}));
    is_complete(&tool.ask(&json!({"do": "explain", "id": sampled["loops"][0]["loop"]["id"]})));
    assert!(tool.ask(&json!({"do": "explain", "id": "0"}))["error"].is_string());
    tool.end();
}
