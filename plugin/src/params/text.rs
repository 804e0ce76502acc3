//! How numbers are written and read. What is no number is refused here, and what is out of range brought
//! into it by [`Text::value`], the one way in.

use deepdrummer_core::engine::LaneShape;

/// How the values of a parameter are written and read.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Follows the written value.
    pub unit: &'static str,
    /// Writes a value of the range, without the unit.
    pub write: fn(f32) -> String,
    /// Reads what people write, with or without the unit; in lower case and trimmed.
    read: fn(&str) -> Option<f32>,
}

impl Text {
    /// The value that a text means, within `least` and `most`; `None` where it means none.
    pub fn value(&self, text: &str, least: f32, most: f32) -> Option<f32> {
        let value = (self.read)(&text.trim().to_lowercase())?;
        value.is_finite().then(|| value.clamp(least, most))
    }
}

/// Shares of 1 as per cent.
pub const PERCENT: Text = Text {
    unit: " %",
    write: |share| format!("{:.0}", share * 100.0),
    read: |text| text.trim_end_matches([' ', '%']).parse().ok().map(|percent: f32| percent / 100.0),
};

/// The swing parameter below this means "as the loop has it".
pub const SWING_AUTO_BELOW: f32 = 49.95;
/// Where the swing parameter stands for "as the loop has it": the bottom of its range.
pub const SWING_AUTO: f32 = 49.0;

/// Swing in per cent, or "auto". Of "1/16 swing 54 %" the last number counts; what is no swing is refused.
pub const SWING: Text = Text {
    unit: "",
    write: |value| if value < SWING_AUTO_BELOW { "auto".to_owned() } else { format!("{value:.1} %") },
    read: |text| {
        if text.contains("auto") {
            return Some(SWING_AUTO);
        }
        let number = text.trim_end_matches('%').split_whitespace().next_back()?;
        number.parse().ok().filter(|percent| (50.0..=75.0).contains(percent))
    },
};

/// Level in decibels; the bottom is silence.
pub const DECIBELS: Text = Text {
    unit: " dB",
    write: |value| match format!("{value:.1}") {
        _ if value <= -60.0 => "-inf".to_owned(),
        nothing if nothing == "-0.0" => "0.0".to_owned(),
        text => text,
    },
    read: |text| {
        let text = text.trim_end_matches("db").trim();
        if text == "-inf" { Some(-60.0) } else { text.parse().ok() }
    },
};

/// Differences and thresholds in decibels.
pub const PLAIN_DECIBELS: Text = Text {
    unit: " dB",
    write: |value| one_place(value),
    read: |text| text.trim_end_matches("db").trim().parse().ok(),
};

/// Semitones.
pub const SEMITONES: Text = Text {
    unit: " st",
    write: |value| one_place(value),
    read: |text| text.trim_end_matches("st").trim().parse().ok(),
};

/// Milliseconds.
pub const MILLISECONDS: Text = Text {
    unit: " ms",
    write: |value| if value < 10.0 { one_place(value) } else { format!("{value:.0}") },
    read: milliseconds,
};

/// How long a sound takes to die away, or that it ends as it does.
pub const DECAY: Text = Text {
    unit: "",
    write: |value| {
        if value >= LaneShape::NO_DECAY_MS { "as it is".to_owned() } else { format!("{value:.0} ms") }
    },
    read: |text| if text == "as it is" { Some(LaneShape::NO_DECAY_MS) } else { milliseconds(text) },
};

fn milliseconds(text: &str) -> Option<f32> {
    match text.strip_suffix("ms") {
        Some(number) => number.trim().parse().ok(),
        None => match text.strip_suffix('s') {
            Some(seconds) => seconds.trim().parse().ok().map(|seconds: f32| seconds * 1e3),
            None => text.parse().ok(),
        },
    }
}

/// Frequencies in hertz; also read in kilohertz.
pub const HERTZ: Text = Text {
    unit: " Hz",
    write: |value| format!("{value:.0}"),
    read: |text| {
        let number = text.trim_end_matches("hz").trim();
        match number.strip_suffix('k') {
            Some(kilo) => kilo.trim().parse().ok().map(|kilo: f32| kilo * 1e3),
            None => number.parse().ok(),
        }
    },
};

/// A lane's swing in per cent, or the loop's.
pub const LANE_SWING: Text = Text {
    unit: "",
    write: |value| if value < SWING_AUTO_BELOW { "loop".to_owned() } else { format!("{value:.1} %") },
    read: |text| if text == "loop" { Some(SWING_AUTO) } else { (SWING.read)(text) },
};

fn one_place(value: f32) -> String {
    match format!("{value:.1}") {
        nothing if nothing == "-0.0" => "0.0".to_owned(),
        text => text,
    }
}

/// Whole numbers.
pub const COUNT: Text = Text {
    unit: "",
    write: |value| format!("{value:.0}"),
    read: |text| text.parse().ok().map(|value: i32| value as f32),
};

/// Whether a text means on or off; `None` where it means neither.
pub fn switch(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "on" | "true" | "yes" | "1" => Some(true),
        "off" | "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swing(text: &str) -> Option<f32> {
        SWING.value(text, SWING_AUTO, 75.0)
    }

    #[test]
    fn swing_reads_back_what_it_shows() {
        for tenths in 500..=750u16 {
            let value = f32::from(tenths) / 10.0;
            let back = swing(&(SWING.write)(value)).unwrap();
            assert!((back - value).abs() < 0.05, "{value} -> {back}");
        }
        assert_eq!(swing("auto"), Some(SWING_AUTO));
        assert_eq!(swing("1/16 swing 54 %"), Some(54.0));
        assert_eq!(swing("200"), None);
    }

    #[test]
    fn decibels_read_back_what_they_show() {
        let decibels = |text: &str| DECIBELS.value(text, -60.0, 12.0);
        for value in [-60.0, -12.5, 0.0, 12.0] {
            assert_eq!(decibels(&(DECIBELS.write)(value)), Some(value));
        }
        assert_eq!(decibels("-6 dB"), Some(-6.0));
        assert_eq!(decibels("999"), Some(12.0), "the loudest there is");
    }

    #[test]
    fn what_is_no_number_is_refused_by_every_text() {
        for text in [PERCENT, SWING, DECIBELS, COUNT] {
            for no_number in ["nan", "NaN %", "inf", "infinity", "1e99", "", "loud", "--3"] {
                assert_eq!(text.value(no_number, -1e9, 1e9), None, "{no_number}{}", text.unit);
            }
        }
        for neither in ["nan", "maybe", "", "2"] {
            assert_eq!(switch(neither), None, "{neither}");
        }
    }
}
