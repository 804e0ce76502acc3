//! What the parameters that are chosen from a list offer. Ids stand in saved states and are for ever; new
//! choices go to the end, since automation holds positions.

use deepdrummer_core::pattern::Meter;
use deepdrummer_core::session::command::Enter;
use nice_plug::prelude::Enum;

/// Bars of the loop.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// One bar.
    #[id = "1"]
    #[name = "1 bar"]
    One,
    /// Two bars.
    #[id = "2"]
    #[name = "2 bars"]
    Two,
    /// Four bars.
    #[id = "4"]
    #[name = "4 bars"]
    Four,
}

impl Length {
    /// All of them, in the parameter's order.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Four];

    /// How many bars these are.
    #[must_use]
    pub fn bars(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
        }
    }
}

/// Time signatures to choose from.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeterChoice {
    /// 4/4.
    #[id = "4/4"]
    #[name = "4/4"]
    FourFour,
    /// 2/4.
    #[id = "2/4"]
    #[name = "2/4"]
    TwoFour,
    /// 3/4.
    #[id = "3/4"]
    #[name = "3/4"]
    ThreeFour,
    /// 5/4.
    #[id = "5/4"]
    #[name = "5/4"]
    FiveFour,
    /// 6/4.
    #[id = "6/4"]
    #[name = "6/4"]
    SixFour,
    /// 7/4.
    #[id = "7/4"]
    #[name = "7/4"]
    SevenFour,
    /// 5/8.
    #[id = "5/8"]
    #[name = "5/8"]
    FiveEight,
    /// 6/8.
    #[id = "6/8"]
    #[name = "6/8"]
    SixEight,
    /// 7/8.
    #[id = "7/8"]
    #[name = "7/8"]
    SevenEight,
    /// 9/8.
    #[id = "9/8"]
    #[name = "9/8"]
    NineEight,
    /// 12/8.
    #[id = "12/8"]
    #[name = "12/8"]
    TwelveEight,
}

impl MeterChoice {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::FourFour,
        Self::TwoFour,
        Self::ThreeFour,
        Self::FiveFour,
        Self::SixFour,
        Self::SevenFour,
        Self::FiveEight,
        Self::SixEight,
        Self::SevenEight,
        Self::NineEight,
        Self::TwelveEight,
    ];

    /// The time signature.
    #[must_use]
    pub fn meter(self) -> Meter {
        let (numerator, denominator) = match self {
            Self::FourFour => (4, 4),
            Self::TwoFour => (2, 4),
            Self::ThreeFour => (3, 4),
            Self::FiveFour => (5, 4),
            Self::SixFour => (6, 4),
            Self::SevenFour => (7, 4),
            Self::FiveEight => (5, 8),
            Self::SixEight => (6, 8),
            Self::SevenEight => (7, 8),
            Self::NineEight => (9, 8),
            Self::TwelveEight => (12, 8),
        };
        Meter { numerator, denominator }
    }

    /// The choice that is a time signature, where there is one.
    #[must_use]
    pub fn of(meter: Meter) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.meter() == meter)
    }
}

/// When the next loop enters.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnterChoice {
    /// Next bar line.
    #[id = "next_bar"]
    #[name = "Next bar"]
    NextBar,
    /// End of the loop.
    #[id = "loop_end"]
    #[name = "Loop end"]
    LoopEnd,
    /// Next beat.
    #[id = "beat"]
    #[name = "Next beat"]
    Beat,
    /// At once.
    #[id = "now"]
    #[name = "Now"]
    Now,
}

impl EnterChoice {
    /// All of them, in the parameter's order.
    pub const ALL: [Self; 4] = [Self::NextBar, Self::LoopEnd, Self::Beat, Self::Now];

    /// The same in the session's terms.
    #[must_use]
    pub fn enter(self) -> Enter {
        match self {
            Self::NextBar => Enter::NextBar,
            Self::LoopEnd => Enter::LoopEnd,
            Self::Beat => Enter::Beat,
            Self::Now => Enter::Now,
        }
    }
}

/// The section of the song that is held.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionChoice {
    /// What the window has: the arrangement, or the loop.
    #[id = "window"]
    #[name = "As in the window"]
    Window,
    /// The section number 1.
    #[id = "1"]
    #[name = "Section 1"]
    One,
    /// The section number 2.
    #[id = "2"]
    #[name = "Section 2"]
    Two,
    /// The section number 3.
    #[id = "3"]
    #[name = "Section 3"]
    Three,
    /// The section number 4.
    #[id = "4"]
    #[name = "Section 4"]
    Four,
    /// The section number 5.
    #[id = "5"]
    #[name = "Section 5"]
    Five,
    /// The section number 6.
    #[id = "6"]
    #[name = "Section 6"]
    Six,
    /// The section number 7.
    #[id = "7"]
    #[name = "Section 7"]
    Seven,
    /// The section number 8.
    #[id = "8"]
    #[name = "Section 8"]
    Eight,
}

/// The choice at a position of a list; beyond its end the last one.
pub(super) fn nth<T: Copy, const N: usize>(all: [T; N], at: f32) -> T {
    // A cast saturates, and makes not-a-number 0.
    all[(at.round() as usize).min(N - 1)]
}

/// The position of what is wanted in a list, where it is in it.
pub(super) fn position<T: Copy, const N: usize>(all: [T; N], wanted: impl Fn(T) -> bool) -> Option<f32> {
    all.into_iter().position(wanted).map(|at| at as f32)
}
