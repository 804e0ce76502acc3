//! What makes a hit sound otherwise from pass to pass: its chance, its repeats, its condition.
//!
//! Any thread, the audio thread included: plain data of two bytes. Which hits of a pass sound is decided in one
//! place, [`sounding`](super::sounding).

use serde::{Deserialize, Serialize};
use std::fmt;

/// How often a hit may sound within its step.
pub const REPEATS: [u8; 5] = [1, 2, 3, 4, 6];
/// The most strikes of a step.
pub const MOST_REPEATS: usize = 6;
/// The longest round of passes that a condition may count.
pub const MOST_EVERY: u8 = 8;

/// How loud a hit's repeats are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Curve {
    /// All as loud as the hit.
    #[default]
    Even,
    /// From four tenths of the hit's velocity up to it.
    Rising,
    /// From the hit's velocity down to four tenths of it.
    Falling,
}

impl Curve {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Even, Self::Rising, Self::Falling];
}

/// In which passes of its loop a hit may sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Condition {
    /// In all.
    #[default]
    Always,
    /// In the first pass only, counted from where the section, or else the song, begins.
    First,
    /// In all but the first.
    NotFirst,
    /// Only in bars in which a fill comes.
    Fill,
    /// Only in bars in which none comes.
    NotFill,
    /// In one of every so many passes.
    Every {
        /// Every so many, 2 to [`MOST_EVERY`].
        passes: u8,
        /// Which of them, from 0.
        at: u8,
    },
}

/// How many conditions there are.
const CONDITIONS: u16 = 40;
/// How many ways to repeat there are: once, or one of the other numbers on one of the curves.
const WAYS: u16 = 13;
/// How many chances there are.
const CHANCES: u16 = 100;

impl Condition {
    /// The number of a condition of passes, before which come all of shorter rounds.
    const fn every_from(passes: u16) -> u16 {
        5 + (passes - 2) * (passes + 1) / 2
    }

    fn code(self) -> u16 {
        match self.sanitized() {
            Self::Always => 0,
            Self::First => 1,
            Self::NotFirst => 2,
            Self::Fill => 3,
            Self::NotFill => 4,
            Self::Every { passes, at } => Self::every_from(passes.into()) + u16::from(at),
        }
    }

    fn of_code(code: u16) -> Self {
        match code {
            1 => Self::First,
            2 => Self::NotFirst,
            3 => Self::Fill,
            4 => Self::NotFill,
            5..CONDITIONS => {
                let mut passes = 2;
                while code >= Self::every_from(passes + 1) {
                    passes += 1;
                }
                Self::Every { passes: passes as u8, at: (code - Self::every_from(passes)) as u8 }
            }
            _ => Self::Always,
        }
    }

    /// The nearest condition that there is.
    #[must_use]
    pub fn sanitized(self) -> Self {
        match self {
            Self::Every { passes: 0 | 1, .. } => Self::Always,
            Self::Every { passes, at } => {
                let passes = passes.min(MOST_EVERY);
                Self::Every { passes, at: at.min(passes - 1) }
            }
            other => other,
        }
    }

    /// Whether it holds in a pass, and in a bar in which a fill comes or none.
    #[must_use]
    pub fn holds(self, pass: i64, fill: bool) -> bool {
        match self {
            Self::Always => true,
            Self::First => pass == 0,
            Self::NotFirst => pass != 0,
            Self::Fill => fill,
            Self::NotFill => !fill,
            Self::Every { passes, at } => pass.rem_euclid(i64::from(passes.max(1))) == i64::from(at),
        }
    }
}

/// Chance, repeats and condition of a hit, packed. The default is a hit that always sounds, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Life(u16);

impl Life {
    /// A hit that always sounds, once.
    pub const NONE: Self = Self(0);

    /// Of its three parts, each brought into range: a chance of 1 to 100 per cent, one of [`REPEATS`], a condition.
    #[must_use]
    pub fn new(chance: u8, (repeats, curve): (u8, Curve), condition: Condition) -> Self {
        let missing = 100 - u16::from(chance.clamp(1, 100));
        let number = REPEATS.iter().rposition(|&of| of <= repeats).unwrap_or(0) as u16;
        let way = if number == 0 { 0 } else { 1 + (number - 1) * 3 + curve as u16 };
        Self(missing + CHANCES * (way + WAYS * condition.code()))
    }

    /// Whether it is that of a hit that always sounds, once.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0 == 0
    }

    /// In how many of a hundred passes in which its condition holds it sounds, 1 to 100.
    #[must_use]
    pub fn chance(self) -> u8 {
        (100 - self.0 % CHANCES) as u8
    }

    fn way(self) -> u16 {
        self.0 / CHANCES % WAYS
    }

    /// How often it sounds within its step, one of [`REPEATS`].
    #[must_use]
    pub fn repeats(self) -> u8 {
        let way = self.way();
        if way == 0 { 1 } else { REPEATS[usize::from(1 + (way - 1) / 3).min(REPEATS.len() - 1)] }
    }

    /// How loud its repeats are; even where it has none.
    #[must_use]
    pub fn curve(self) -> Curve {
        let way = self.way();
        if way == 0 { Curve::Even } else { Curve::ALL[usize::from((way - 1) % 3)] }
    }

    /// In which passes it may sound.
    #[must_use]
    pub fn condition(self) -> Condition {
        Condition::of_code(self.0 / (CHANCES * WAYS))
    }

    /// The same with another chance.
    #[must_use]
    pub fn with_chance(self, chance: u8) -> Self {
        Self::new(chance, (self.repeats(), self.curve()), self.condition())
    }

    /// The same with other repeats.
    #[must_use]
    pub fn with_repeats(self, repeats: u8, curve: Curve) -> Self {
        Self::new(self.chance(), (repeats, curve), self.condition())
    }

    /// The same with another condition.
    #[must_use]
    pub fn with_condition(self, condition: Condition) -> Self {
        Self::new(self.chance(), (self.repeats(), self.curve()), condition)
    }

    /// The velocity of the `nth` of its repeats, 1 to 127, where the hit's own is `velocity`.
    #[must_use]
    pub fn velocity(self, velocity: u8, nth: u8) -> u8 {
        let last = u32::from(self.repeats() - 1);
        let nth = u32::from(nth).min(last);
        let along = match self.curve() {
            Curve::Even => return velocity,
            Curve::Rising => nth,
            Curve::Falling => last - nth,
        };
        let full = 100 * last.max(1);
        ((u32::from(velocity) * (40 * last + 60 * along) + full / 2) / full).clamp(1, 127) as u8
    }
}

/// `?50` a chance, `*3` repeats, with `<` where they rise and `>` where they fall, and after a colon the condition:
/// `:1st`, `:!1st`, `:fill`, `:!fill`, or `:2/4` for the second of every four passes. Nothing for no life.
impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.chance() < 100 {
            write!(f, "?{}", self.chance())?;
        }
        if self.repeats() > 1 {
            let curve = match self.curve() {
                Curve::Even => "",
                Curve::Rising => "<",
                Curve::Falling => ">",
            };
            write!(f, "*{}{curve}", self.repeats())?;
        }
        match self.condition() {
            Condition::Always => Ok(()),
            Condition::First => write!(f, ":1st"),
            Condition::NotFirst => write!(f, ":!1st"),
            Condition::Fill => write!(f, ":fill"),
            Condition::NotFill => write!(f, ":!fill"),
            Condition::Every { passes, at } => write!(f, ":{}/{passes}", at + 1),
        }
    }
}

/// Text that is no life of a hit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no chance, repeats and condition of a hit")]
pub struct LifeError(String);

impl std::str::FromStr for Life {
    type Err = LifeError;

    /// Only what [`Life`] writes is read: one text for each.
    fn from_str(text: &str) -> Result<Self, LifeError> {
        let life = parse(text).ok_or_else(|| LifeError(text.to_owned()))?;
        if life.to_string() == text { Ok(life) } else { Err(LifeError(text.to_owned())) }
    }
}

fn parse(text: &str) -> Option<Life> {
    let (text, condition) = match text.split_once(':') {
        None => (text, Condition::Always),
        Some((text, "1st")) => (text, Condition::First),
        Some((text, "!1st")) => (text, Condition::NotFirst),
        Some((text, "fill")) => (text, Condition::Fill),
        Some((text, "!fill")) => (text, Condition::NotFill),
        Some((text, every)) => {
            let (at, passes) = every.split_once('/')?;
            let at = at.parse::<u8>().ok()?.checked_sub(1)?;
            (text, Condition::Every { passes: passes.parse().ok()?, at })
        }
    };
    let (text, repeats) = match text.split_once('*') {
        None => (text, (1, Curve::Even)),
        Some((text, repeats)) => {
            let (number, curve) = match repeats.strip_suffix(['<', '>']) {
                None => (repeats, Curve::Even),
                Some(number) if repeats.ends_with('<') => (number, Curve::Rising),
                Some(number) => (number, Curve::Falling),
            };
            (text, (number.parse().ok()?, curve))
        }
    };
    let chance = if text.is_empty() { 100 } else { text.strip_prefix('?')?.parse().ok()? };
    Some(Life::new(chance, repeats, condition))
}

impl TryFrom<String> for Life {
    type Error = LifeError;

    fn try_from(text: String) -> Result<Self, LifeError> {
        text.parse()
    }
}

impl From<Life> for String {
    fn from(life: Life) -> Self {
        life.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every life that there is.
    fn all() -> impl Iterator<Item = Life> {
        (0..CHANCES * WAYS * CONDITIONS).map(Life)
    }

    #[test]
    fn every_life_is_that_of_its_parts_and_of_its_text() {
        for life in all() {
            let parts = (life.chance(), (life.repeats(), life.curve()), life.condition());
            assert_eq!(Life::new(parts.0, parts.1, parts.2), life, "{parts:?}");
            assert_eq!(life.to_string().parse(), Ok(life), "{life}");
            assert!(life.is_none() == life.to_string().is_empty());
        }
        assert_eq!(
            Life::new(50, (3, Curve::Rising), Condition::Every { passes: 4, at: 1 }).to_string(),
            "?50*3<:2/4"
        );
    }

    #[test]
    fn what_is_out_of_range_is_brought_into_it_and_no_text() {
        assert_eq!(
            Life::new(0, (5, Curve::Falling), Condition::Every { passes: 9, at: 200 }).to_string(),
            "?1*4>:8/8"
        );
        assert_eq!(Life::new(255, (0, Curve::Rising), Condition::Every { passes: 1, at: 0 }), Life::NONE);
        for text in [
            "?0", "?100", "?101", "*5", "*1", ":0/2", ":3/2", ":1/9", ":", "x", "*3?50", "?", "*", "?+5",
            "?5 ",
        ] {
            assert!(text.parse::<Life>().is_err(), "{text}");
        }
    }

    #[test]
    fn repeats_rise_to_the_hit_and_fall_from_it() {
        let of = |curve| {
            let life = Life::NONE.with_repeats(4, curve);
            (0..4).map(|nth| life.velocity(100, nth)).collect::<Vec<u8>>()
        };
        assert_eq!(of(Curve::Even), [100; 4]);
        assert_eq!(of(Curve::Rising), [40, 60, 80, 100]);
        assert_eq!(of(Curve::Falling), [100, 80, 60, 40]);
        assert_eq!(Life::NONE.with_repeats(2, Curve::Rising).velocity(1, 0), 1);
    }
}
