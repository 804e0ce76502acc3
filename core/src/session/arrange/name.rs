//! What sections are called.

use super::super::Session;
use super::super::song::MOST_NAME_CHARS;
use crate::propose::sections::Maker;

/// A name without what can't be shown, and no longer than allowed.
pub(super) fn cut(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(MOST_NAME_CHARS).collect();
    shown.trim().to_owned()
}

impl Session {
    fn is_named(&self, name: &str) -> bool {
        self.song.sections.iter().any(|section| section.name == name)
    }

    /// The name itself, or the first with a number behind it that no section has.
    pub(super) fn free_name(&self, name: &str) -> String {
        if !self.is_named(name) {
            return name.to_owned();
        }
        let stem = cut(&name.chars().take(MOST_NAME_CHARS - 2).collect::<String>());
        (2..).map(|number| format!("{stem} {number}")).find(|name| !self.is_named(name)).unwrap_or_default()
    }

    /// What a new section is called: a variation by what it is made of, a contrast by the next letter.
    pub(super) fn name_for(&self, maker: Maker, of: &str) -> String {
        match maker {
            Maker::Chosen | Maker::Contrast => {
                let letters = ('A'..='Z').map(String::from);
                letters.into_iter().find(|letter| !self.is_named(letter)).unwrap_or_else(|| "A".to_owned())
            }
            Maker::Variation => {
                let mut name = format!("{of}′");
                while self.is_named(&name) && name.chars().count() < MOST_NAME_CHARS {
                    name.push('′');
                }
                cut(&name)
            }
            Maker::Fill => "Fill".to_owned(),
            Maker::Break => "Break".to_owned(),
            Maker::Build => "Build".to_owned(),
            Maker::Empty => "Empty".to_owned(),
        }
    }
}
