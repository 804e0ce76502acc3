use super::*;
use crate::pattern::Swing;
use proptest::prelude::*;
use std::sync::LazyLock;

/// What may stand in the place of any value of a document.
const ODD: [&str; 16] = [
    "1e39",
    "-1e39",
    "1e999",
    "NaN",
    "-Infinity",
    "-1",
    "0.5",
    "18446744073709551615",
    "99999999999999999999",
    "null",
    "true",
    "\"x\"",
    "\"\"",
    "[]",
    "[1,{\"a\":2}]",
    "{\"of\":\"tomorrow\"}",
];

fn stored(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

static STORED: LazyLock<[Value; 4]> =
    LazyLock::new(|| [1, 2, 3, 4].map(|version| stored(&format!("session_v{version}.json"))));

/// The places of all values within one, as JSON pointers.
fn places(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), all));
        }
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(n, value)| places(value, format!("{at}/{n}"), all));
        }
        _ => {}
    }
    if !at.is_empty() {
        all.push(at);
    }
}

/// A document with other values in some places.
fn changed(document: &Value, changes: &[(&str, &str)]) -> String {
    let mut document = document.clone();
    for (n, (place, _)) in changes.iter().enumerate() {
        if let Some(value) = document.pointer_mut(place) {
            *value = format!("<{n}>").into();
        }
    }
    let mut text = document.to_string();
    for (n, (_, instead)) in changes.iter().enumerate() {
        text = text.replace(&format!("\"<{n}>\""), instead);
    }
    text
}

/// Reads, writes and reads again: nothing changes any more, and nothing more is missed.
fn settles(text: &str) -> Document {
    let (document, _) = Document::read_and_tell(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let written = document.write().unwrap();
    assert!(json::is_json(&written), "{written}");
    let again = Document::read(&written).unwrap();
    assert_eq!(again, document, "{text}");
    assert_eq!(again.write().unwrap(), written);
    for lane in &document.lanes {
        assert!(lane.mix.level.0.abs() <= 60.0 && lane.mix.pan.abs() <= 1.0);
    }
    assert!(!document.lanes.is_empty() && document.steering.sanitized() == document.steering);
    document
}

#[test]
fn whatever_stands_in_one_place_the_rest_of_a_project_is_there() {
    for stored in &*STORED {
        let whole = settles(&stored.to_string());
        let mut all = Vec::new();
        places(stored, String::new(), &mut all);
        for place in all.iter().filter(|place| !matches!(place.as_str(), "/format" | "/version")) {
            let lists = |name: &str| place.strip_prefix(name);
            for odd in ODD {
                let read = settles(&changed(stored, &[(place, odd)]));
                let lost = |name: &str, before: usize, now: usize| match lists(name) {
                    None => assert_eq!(now, before, "{place}: {odd}"),
                    Some("") => {}
                    Some(_) => assert!(now + 1 >= before, "{place}: {odd}"),
                };
                lost("/history", whole.history.entries().len(), read.history.entries().len());
                lost("/judgements", whole.judgements.len(), read.judgements.len());
                lost("/samples", whole.samples.len(), read.samples.len());
                lost("/lanes", whole.lanes.len(), read.lanes.len());
            }
        }
    }
}

#[test]
fn what_is_not_understood_goes_along_byte_for_byte() {
    let odd = "{\"of\" : [ 12345678901234567890123, \"tomor\\u0072ow\"]}";
    for place in
        ["/kit", "/strategy", "/history/1", "/judgements/0", "/lanes/2", "/lanes/2/role", "/steering/grid"]
    {
        let text = changed(&STORED[2], &[(place, odd)]);
        let (document, missed) = Document::read_and_tell(&text).unwrap();
        assert_eq!(missed.len(), 1, "{place}: {missed:?}");
        let written = document.write().unwrap();
        assert!(written.contains(odd), "{place}: {written}");
        assert_eq!(Document::read_and_tell(&written).unwrap().1, Vec::<String>::new(), "{place}: told once");
    }
    let text = STORED[2].to_string().replacen('{', &format!("{{\"new\":{odd},"), 1);
    let (document, missed) = Document::read_and_tell(&text).unwrap();
    assert_eq!(missed, ["what is called “new”"]);
    assert!(document.write().unwrap().ends_with(&format!(",\"new\":{odd}}}")), "under its own name");
    let extra =
        changed(&STORED[2], &[("/history/0/starred", "true"), ("/history/0/number", "7,\"mood\":\"odd\"")]);
    let (document, missed) = Document::read_and_tell(&extra).unwrap();
    assert_eq!(
        (missed.as_slice(), document.history.entries().len()),
        (&["1 loop of the history".to_owned()][..], 4)
    );
    assert!(document.write().unwrap().contains("\"mood\":\"odd\""));
}

#[test]
fn numbers_are_brought_to_the_nearest_that_is_allowed() {
    let changes = [
        ("/lanes/0/mix/level", "1e39"),
        ("/lanes/0/mix/pan", "-1e999"),
        ("/lanes/1/mix/level", "null"),
        ("/lanes/1/mix/choke", "-3"),
        ("/steering/adventure", "1e39"),
        ("/steering/swing", "1e39"),
        ("/steering/grid/steps_per_bar", "9999999999"),
        ("/position", "1e39"),
        ("/last_number", "1e39"),
        ("/next_serial", "1e39"),
        ("/judgements/0/serial", "1e39"),
        ("/judgements/1/weight", "-1e39"),
    ];
    let (read, missed) = Document::read_and_tell(&changed(&STORED[2], &changes)).unwrap();
    assert_eq!(missed, Vec::<String>::new(), "all of it was understood");
    assert_eq!((read.lanes[0].mix.level.0, read.lanes[0].mix.pan), (12.0, -1.0));
    assert_eq!((read.lanes[1].mix.level.0, read.lanes[1].mix.choke), (0.0, 0));
    assert_eq!((read.steering.adventure, read.steering.swing), (1.0, Some(Swing::from_percent(75.0))));
    assert_eq!(read.steering.grid.steps_per_bar, 24);
    assert_eq!((read.history.position(), read.history.last_number()), (3, 4));
    let serials: Vec<u64> = read.judgements.iter().map(|judgement| judgement.serial).collect();
    assert_eq!((serials.as_slice(), read.next_serial), (&[3, 2][..], 4));
    assert!((read.judgements[1].weight - 0.01).abs() < 1e-6);
}

#[test]
fn a_loop_that_is_left_out_moves_the_current_one_nowhere() {
    let current = Document::read(&STORED[2].to_string()).unwrap().history.current().unwrap().id;
    for place in ["/history/0", "/history/1", "/history/2"] {
        let read = Document::read(&changed(&STORED[2], &[(place, "7")])).unwrap();
        assert_eq!(read.history.current().unwrap().id, current, "{place}");
    }
    let before = Document::read(&changed(&STORED[2], &[("/history/3", "7")])).unwrap();
    assert_eq!(before.history.current().unwrap().number, 3, "the one before it");
}

#[test]
fn more_than_a_limit_allows_goes_along_unread() {
    let mut large = STORED[2].clone();
    let lane = large["lanes"][0].clone();
    large["lanes"] = vec![lane; 11].into();
    let entry = large["history"][0].clone();
    large["history"] = vec![entry; MOST_ENTRIES + 5].into();
    large["kit"] = serde_json::json!({"folders": vec!["/a"; MOST_FOLDERS + 2]});
    let text = large.to_string();
    let (read, missed) = Document::read_and_tell(&text).unwrap();
    assert_eq!((read.lanes.len(), read.history.entries().len()), (MAX_LANES, MOST_ENTRIES));
    assert_eq!(missed.len(), 3, "{missed:?}");
    let written = read.write().unwrap();
    for part in [("lanes", 3), ("history", 5), ("kit", 2)] {
        assert_eq!(written.matches(&format!("{{\"part\":\"{}\"", part.0)).count(), part.1, "{part:?}");
    }
    settles(&text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_stands_in_several_places_a_project_settles(
        which in 0..4_usize,
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0..ODD.len()), 1..8),
    ) {
        let stored = &STORED[which];
        let mut all = Vec::new();
        places(stored, String::new(), &mut all);
        all.retain(|place| !matches!(place.as_str(), "/format" | "/version"));
        let changes: Vec<(&str, &str)> =
            picks.iter().map(|(at, odd)| (at.get(&all).as_str(), ODD[*odd])).collect();
        settles(&changed(stored, &changes));
    }
}
