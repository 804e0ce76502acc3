use super::*;

fn state(params: &[(&str, ParamValue)]) -> PluginState {
    PluginState {
        version: String::new(),
        params: params.iter().map(|(id, value)| ((*id).to_owned(), value.clone())).collect(),
        fields: Default::default(),
    }
}

fn json(state: &PluginState) -> serde_json::Value {
    serde_json::to_value(state).unwrap()
}

#[test]
fn a_damaged_field_reaches_the_session_as_it_is() {
    let damaged = "{\"half\": ";
    let mut state = state(&[]);
    state.fields.insert(FIELD.to_owned(), damaged.to_owned());
    keep_damaged_bytes(&mut state);
    assert_eq!(serde_json::from_str::<String>(&state.fields[FIELD]).unwrap(), damaged);
    let before = state.fields.clone();
    keep_damaged_bytes(&mut state);
    assert_eq!(state.fields, before, "a sound field stays as it is");
}

#[test]
fn values_are_brought_into_range_and_what_is_of_another_kind_is_kept() {
    let mut state = state(&[
        ("output", ParamValue::F32(f32::INFINITY)),
        ("swing", ParamValue::F32(f32::NAN)),
        ("density", ParamValue::I32(-7)),
        ("steps", ParamValue::I32(i32::MIN)),
        ("changes", ParamValue::F32(1e9)),
        ("length", ParamValue::I32(2)),
        ("meter", ParamValue::String("13/8".to_owned())),
        ("bypass", ParamValue::F32(1.0)),
        ("of tomorrow", ParamValue::Bool(true)),
    ]);
    bring_into_range(&mut state);
    let written = json(&state);
    let params = serde_json::json!({"output": {"f32": 12.0}, "density": {"f32": 0.0}, "steps": {"i32": 1},
        "changes": {"i32": 999}, "length": {"string": "4"}});
    assert_eq!(written["params"], params);
    let odd = r#"{"bypass":{"f32":1.0},"meter":{"string":"13/8"},"of tomorrow":{"bool":true}}"#;
    assert_eq!(state.fields["unread"], odd);
    bring_into_range(&mut state);
    assert_eq!(json(&state)["params"], params);
    assert_eq!(state.fields["unread"], odd, "what is kept stays");
}

#[test]
fn a_state_that_the_framework_would_refuse_is_read_part_by_part() {
    let text = r#"{"version": 7, "params": {"output": {"f64": -6.5}, "adventure": {"f32": null},
        "density": 1e999, "steps": {"u64": 99999999999999999999}, "limiter": {"curve": [1, 2]},
        "like": {"bool": "yes"}, "four_floor": true, "new": {"vector": [1,  2]}},
        "fields": {"session": {"not": "text"}, "other": "kept"}}"#;
    let read: PluginState = serde_json::from_slice(&readable(text.as_bytes()).unwrap()).unwrap();
    let params = &json(&read)["params"];
    assert_eq!(params["output"]["f32"], -6.5);
    assert_eq!((&params["four_floor"]["bool"], params.get("adventure")), (&true.into(), None));
    assert!(
        params["density"]["f32"].as_f64().unwrap() > 1e38 && params["steps"]["f32"].as_f64().unwrap() > 1e18
    );
    assert_eq!(read.fields["session"], r#"{"not": "text"}"#);
    assert_eq!(read.fields["other"], "kept");
    let odd = r#"{"like":{"bool": "yes"},"limiter":{"curve": [1, 2]},"new":{"vector": [1,  2]}}"#;
    assert_eq!(read.fields["unread"], odd, "byte for byte");
    let far = r#"{"params": {"output": {"f32": 1e39}, "adventure": {"f32": -1e39}, "steps": {"i32": 1e39}}}"#;
    let far: PluginState = serde_json::from_slice(&readable(far.as_bytes()).unwrap()).unwrap();
    assert_eq!(json(&far)["params"]["output"]["f32"].as_f64(), Some(f64::from(f32::MAX)));
    assert_eq!(json(&far)["params"]["adventure"]["f32"].as_f64(), Some(f64::from(f32::MIN)));
    for whole in ["{\"params\": 5, \"fields\": []}", "{\"params\": null}", "{\"fields\": {}}"] {
        assert!(
            serde_json::from_slice::<PluginState>(&readable(whole.as_bytes()).unwrap()).is_ok(),
            "{whole}"
        );
    }
    for none in ["", "null", "[]", "{}", "7", "{\"params\"", "{\"params\": {\"a\": {]}", "\"params\""] {
        assert_eq!(readable(none.as_bytes()), None, "{none}");
    }
    let good = serde_json::to_vec(&read).unwrap();
    assert_eq!(readable(&good), None, "what the framework reads is not touched");
}

#[test]
fn a_state_from_before_there_was_a_parameter_sounds_as_it_did() {
    let mut old = state(&[("output", ParamValue::F32(-3.0)), ("limiter", ParamValue::Bool(false))]);
    old.fields.insert(FIELD.to_owned(), "\"\"".to_owned());
    before_load(&mut old);
    params::end_load(&[]);
    let params = &json(&old)["params"];
    assert_eq!(
        (params["bus"]["bool"].as_bool(), params["levelled"]["bool"].as_bool()),
        (Some(false), Some(false))
    );
    assert_eq!(params["velocity_tone_3"]["f32"].as_f64(), Some(0.0));
    assert_eq!(params["human"]["f32"].as_f64(), Some(0.0));
    assert_eq!((params["takes_8"]["i32"].as_i64(), params["output"]["f32"].as_f64()), (Some(1), Some(-3.0)));
    let mut new = state(&[("output", ParamValue::F32(0.0)), ("bus", ParamValue::Bool(true))]);
    new.fields.insert(FIELD.to_owned(), "\"\"".to_owned());
    before_load(&mut new);
    params::end_load(&[]);
    assert_eq!(json(&new)["params"]["bus"]["bool"], true, "what it says holds");
    let mut nothing = state(&[]);
    nothing.fields.insert(FIELD.to_owned(), "\"\"".to_owned());
    before_load(&mut nothing);
    params::end_load(&[]);
    assert!(nothing.params.is_empty(), "parameters of which nothing is said stay as they are");
}
