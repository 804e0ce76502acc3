//! Words for measures: what a person reads when one matters.

#[cfg(test)]
use super::measures::Group;
use super::measures::{CLASSES, MEASURES};
use super::sounds::{CLUSTERS, DIRECTIONS, FAMILIES, PLAIN_TRAITS};

/// What to call much and little of a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// A phrase for much of it; empty where people have no word for it.
    pub much: String,
    /// A phrase for little of it; empty where people have no word for it.
    pub little: String,
}

fn pair(much: &str, little: &str) -> Words {
    Words { much: much.to_owned(), little: little.to_owned() }
}

const LAYERS: [&str; 3] = ["Low sounds", "Mid sounds", "Bright sounds"];

fn sound_words() -> Vec<Words> {
    let mut words = vec![
        pair("Bright sounds", "Dark sounds"),
        pair("Long sounds", "Short, dry sounds"),
        pair("Sounds that ring on", "Sounds that stop early"),
        pair("Soft attacks", "Hard attacks"),
        pair("Noisy sounds", "Tonal sounds"),
        pair("Punchy sounds", "Sounds without punch"),
        pair("Loud sounds", "Quiet sounds"),
        pair("Deep sounds", "Sounds without bass"),
        pair("Lots of treble", "Little treble"),
        pair("Late energy", "All energy at the start"),
        pair("Rising tone", "Falling tone"),
        pair("Wide spectrum", "Narrow spectrum"),
    ];
    debug_assert_eq!(words.len(), PLAIN_TRAITS);
    words.extend((0..CLUSTERS).map(|_| pair("Sounds of one kind", "Without sounds of one kind")));
    words.extend((0..DIRECTIONS).map(|_| pair("", "")));
    words.extend((0..FAMILIES).map(|_| pair("Sounds of one kit", "Without the sounds of one kit")));
    words.extend([
        pair("Dark against bright", "Sounds alike in brightness"),
        pair("Short against long", "Sounds alike in length"),
        pair("A bright kit", "A dark kit"),
        pair("A long-ringing kit", "A dry kit"),
        pair("A loud kit", "A quiet kit"),
        pair("One very bright sound", "Nothing very bright"),
        pair("One long sound", "Nothing long"),
        pair("No very short sound", "One very short sound"),
    ]);
    for layer in ["low", "mid", "bright"] {
        words.push(pair(&format!("Brighter {layer} sounds"), &format!("Darker {layer} sounds")));
        words.push(pair(&format!("Long {layer} sounds"), &format!("Short {layer} sounds")));
        words.push(pair(&format!("Noisy {layer} sounds"), &format!("Tonal {layer} sounds")));
        words.push(pair(&format!("Loud {layer} sounds"), &format!("Quiet {layer} sounds")));
    }
    words
}

fn density_words() -> Vec<Words> {
    vec![
        pair("Busy loops", "Sparse loops"),
        pair("Something on many steps", "Room between hits"),
        pair("Busy low end", "Few low hits"),
        pair("Busy middle", "Few mid hits"),
        pair("Busy treble", "Few bright hits"),
        pair("Mostly low sounds", "Low sounds in the background"),
        pair("Mostly mid sounds", "Mid sounds in the background"),
        pair("Mostly bright sounds", "Bright sounds in the background"),
        pair("Busy kick", "Few kicks"),
        pair("Busy snare", "Few snares"),
        pair("Busy hats", "Few hats"),
        pair("Busy percussion", "Little percussion"),
        pair("All lanes playing", "Few lanes playing"),
        pair("Long rests", "No long rest"),
        pair("Many hits together", "One hit at a time"),
        pair("One busy lane", "No busy lane"),
        pair("Every lane busy", "One lane with few hits"),
        pair("One lane in the lead", "Lanes in balance"),
    ]
}

const PLACES: [&str; CLASSES.len()] = [
    "on the one",
    "on the beat",
    "on the off-beats",
    "between the eighths",
    "on the backbeat",
    "on the three",
    "in the last quarter",
    "in the first half",
    "in the second half",
    "on the last eighth",
];
const VOICES: [&str; 4] = ["Kick", "Snare", "Hats", "Hits"];

fn metre_words() -> Vec<Words> {
    let mut words = Vec::new();
    for place in PLACES {
        for voice in VOICES {
            words.push(pair(&format!("{voice} {place}"), &format!("No {} {place}", voice.to_lowercase())));
        }
    }
    for place in ["on the beat", "on the off-beats", "between the eighths"] {
        for voice in VOICES {
            words.push(pair(&format!("{voice} mostly {place}"), &format!("{voice} seldom {place}")));
        }
    }
    words
}

fn texture_words() -> Vec<Words> {
    vec![
        pair("Syncopated kick", "Straight kick"),
        pair("Syncopated snare", "Straight snare"),
        pair("Syncopated hats", "Straight hats"),
        pair("Syncopation", "Straight rhythm"),
        pair("Repeats every eighth", "No repeat every eighth"),
        pair("Threes against the beat", "No threes against the beat"),
        pair("Repeats every beat", "Different beats"),
        pair("Repeats every half bar", "Different halves"),
        pair("Same beat in every lane", "Varied beats in every lane"),
        pair("Same half in every lane", "Varied halves in every lane"),
        pair("Fuller second half", "Fuller first half"),
        pair("A fill at the end", "Quiet last quarter"),
        pair("Lanes that change halves", "Lanes that stay"),
        pair("Kick and snare together", "Kick and snare apart"),
        pair("Kick and hats together", "Kick and hats apart"),
        pair("Snare and hats together", "Snare and hats apart"),
        pair("Uneven gaps", "Even gaps"),
        pair("Runs of sixteenths", "No runs"),
        pair("Rolls", "No rolls"),
        pair("Triplets", "No triplets"),
        pair("Bars that differ", "Bars that repeat"),
        pair("Lanes that answer each other", "Lanes together"),
        pair("Strong half notes", "Weak half notes"),
    ]
}

fn dynamics_words() -> Vec<Words> {
    let mut words = vec![
        pair("Loud hits", "Soft hits"),
        pair("Strong dynamics", "Even dynamics"),
        pair("No soft hits", "Some very soft hits"),
        pair("Some very loud hits", "No very loud hits"),
        pair("Loud against soft", "All at one level"),
        pair("Ghost notes", "No ghost notes"),
        pair("Many accents", "Few accents"),
        pair("Accents on the beat", "Accents off the beat"),
        pair("Accents on the backbeat", "Soft backbeat"),
        pair("Accent on the one", "Soft one"),
        pair("Eighths above sixteenths", "Sixteenths above eighths"),
        pair("Growing louder", "Growing softer"),
        pair("Loud beats", "Soft beats"),
        pair("Loud off-beats", "Soft off-beats"),
        pair("Loud sixteenths", "Soft sixteenths"),
        pair("Backbeat above the beat", "Backbeat level with the beat"),
    ];
    for layer in ["low", "mid", "bright"] {
        words.push(pair(&format!("{layer} hits loud"), &format!("{layer} hits soft")));
        words.push(pair(&format!("Dynamics in the {layer} hits"), &format!("{layer} hits at one level")));
        words.push(pair(&format!("Ghost notes in the {layer} hits"), &format!("No {layer} ghost notes")));
    }
    words.extend([
        pair("Changing levels", "Steady levels"),
        pair("Swing", "Straight timing"),
        pair("Swung sixteenths", "No swung sixteenths"),
        pair("Loose timing", "Tight timing"),
        pair("Late backbeat", "Early backbeat"),
    ]);
    words
}

impl Words {
    /// Words for every measure, in order.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut words = sound_words();
        words.extend(density_words());
        words.extend(metre_words());
        words.extend(texture_words());
        words.extend(dynamics_words());
        debug_assert_eq!(words.len(), MEASURES);
        words
    }

    /// What to call the layers of a figure.
    #[must_use]
    pub fn layer(layer: usize) -> &'static str {
        LAYERS.get(layer).copied().unwrap_or("Hits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_words_in_its_group() {
        let counts = [sound_words(), density_words(), metre_words(), texture_words(), dynamics_words()];
        for (words, group) in counts.iter().zip(Group::ALL) {
            assert_eq!(words.len(), group.range().len(), "{group:?}");
        }
    }
}
