//! What sounds in bar *n*.
//!
//! Made on a worker, asked on the audio thread.
//!
//! Parts are numbered: 0 is the loop that is current, 1 and on are the sections, and behind them come the further
//! loops that sections of fills take turns with.

use super::{Fills, MAX_VARIANTS, Strip, turn};

/// What the order must know of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionOrder {
    /// It is a fill: it takes turns with its variants, and no other fill comes in its bars.
    pub fills: bool,
    /// Loops that it takes turns with, itself among them, 1 to [`MAX_VARIANTS`].
    pub variants: u8,
}

/// A part that sounds, and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which part.
    pub part: u8,
    /// Bars of the song since it began.
    pub bars_in: i64,
}

/// What sounds in a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// From its beginning; `None` is silence.
    pub first: Option<Piece>,
    /// From the middle of the bar on, where another part takes over there.
    pub second: Option<Piece>,
    /// A fill comes in it: as every so many bars, or since its section is one.
    pub fill: bool,
}

impl Bar {
    const SILENT: Self = Self { first: None, second: None, fill: false };

    const fn of(part: u8, bars_in: i64, fill: bool) -> Self {
        Self { first: Some(Piece { part, bars_in }), second: None, fill }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    section: u8,
    bars_in: u8,
    /// Fills that came before it in the strip.
    fills_before: u8,
}

/// The order of a song's parts. The default is one loop for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    sections: Vec<SectionOrder>,
    /// The strip, where it plays.
    strip: Option<Box<[Cell]>>,
    fills_in_strip: i64,
    looped: bool,
    offset: i64,
    fills: Fills,
    seed: u64,
}

impl Order {
    /// The order of these sections. The strip is `None` while the arrangement does not play; it begins at the
    /// bar `offset` of the song, and comes again where it is `looped`.
    #[must_use]
    pub fn new(
        sections: Vec<SectionOrder>,
        strip: Option<&Strip>,
        (looped, offset): (bool, i32),
        fills: Fills,
        seed: u64,
    ) -> Self {
        let is_fill = |section: u8| {
            section.checked_sub(1).and_then(|at| sections.get(usize::from(at))).is_some_and(|of| of.fills)
        };
        let mut fills_before = 0u8;
        let strip = strip.filter(|strip| !strip.is_empty()).map(|strip| {
            let mut cells = Vec::with_capacity(strip.bars());
            for run in strip.runs() {
                for bars_in in 0..run.bars {
                    cells.push(Cell { section: run.section, bars_in: bars_in as u8, fills_before });
                    fills_before += u8::from(is_fill(run.section));
                }
            }
            cells.into_boxed_slice()
        });
        Self {
            sections,
            strip,
            fills_in_strip: i64::from(fills_before),
            looped,
            offset: i64::from(offset),
            fills: fills.sanitized(),
            seed,
        }
    }

    /// How many sections there are.
    #[must_use]
    pub fn sections(&self) -> usize {
        self.sections.len()
    }

    /// Whether it is more than one loop for ever.
    #[must_use]
    pub fn is_song(&self) -> bool {
        self.strip.is_some() || !self.sections.is_empty()
    }

    /// The song's bars that the strip covers, the first time it plays; `None` while it does not play.
    #[must_use]
    pub fn strip_bars(&self) -> Option<std::ops::Range<i64>> {
        self.strip.as_ref().map(|strip| self.offset..self.offset + strip.len() as i64)
    }

    /// The bar of the strip that a bar of the song is, where the strip plays and has one.
    #[must_use]
    pub fn strip_bar(&self, bar: i64) -> Option<usize> {
        let strip = self.strip.as_ref()?;
        let at = bar - self.offset;
        let at = if self.looped { at.rem_euclid(strip.len() as i64) } else { at };
        usize::try_from(at).ok().filter(|&at| at < strip.len())
    }

    /// What sounds in a bar of the song, its first being 0, while the section `chosen` is held; 0 is none. The
    /// audio thread may ask.
    #[must_use]
    pub fn bar(&self, bar: i64, chosen: u8) -> Bar {
        if chosen > 0 && usize::from(chosen) <= self.sections.len() {
            let fills = self.section(chosen).fills;
            let part = if fills { self.variant(chosen, bar) } else { chosen };
            return self.filled(Bar::of(part, bar, fills), chosen, bar);
        }
        let Some(strip) = &self.strip else { return self.filled(Bar::of(0, bar, false), 0, bar) };
        let Some(at) = self.strip_bar(bar) else { return Bar::SILENT };
        let Cell { section, bars_in, fills_before } = strip[at];
        if section == 0 || usize::from(section) > self.sections.len() {
            return Bar::SILENT;
        }
        let bars_in = i64::from(bars_in);
        if !self.section(section).fills {
            return self.filled(Bar::of(section, bars_in, false), section, bar - self.offset);
        }
        let pass = (bar - self.offset).div_euclid(strip.len() as i64);
        let nth = pass * self.fills_in_strip + i64::from(fills_before);
        Bar::of(self.variant(section, nth), bars_in, true)
    }

    /// Which section a part is of, from 1; 0 for the loop.
    #[must_use]
    pub fn section_of(&self, part: u8) -> u8 {
        let mut further = usize::from(part).saturating_sub(1 + self.sections.len());
        if usize::from(part) <= self.sections.len() {
            return part;
        }
        for (at, section) in self.sections.iter().enumerate() {
            let own = usize::from(section.variants.max(1)) - 1;
            if further < own {
                return at as u8 + 1;
            }
            further -= own;
        }
        0
    }

    fn section(&self, number: u8) -> SectionOrder {
        let none = SectionOrder { fills: false, variants: 1 };
        usize::from(number).checked_sub(1).and_then(|at| self.sections.get(at)).copied().unwrap_or(none)
    }

    /// The part that a section of fills plays the `nth` time.
    fn variant(&self, section: u8, nth: i64) -> u8 {
        let count = usize::from(self.section(section).variants).clamp(1, MAX_VARIANTS);
        match turn(self.seed, nth, count) {
            0 => section,
            further => {
                let before = self.sections.iter().take(usize::from(section) - 1);
                let before: usize = before.map(|of| usize::from(of.variants.max(1)) - 1).sum();
                (1 + self.sections.len() + before + further - 1) as u8
            }
        }
    }

    /// The same bar with the fill that comes in it; `at` counts the bars in which fills come.
    fn filled(&self, of: Bar, section: u8, at: i64) -> Bar {
        let Some(nth) = self.fills.in_bar(at) else { return of };
        if self.section(section).fills {
            return of;
        }
        // Also where there is no loop for it: hits may be meant for such bars.
        let of = Bar { fill: true, ..of };
        let Some(fill) = self.sections.iter().position(|section| section.fills) else { return of };
        let piece = Piece { part: self.variant(fill as u8 + 1, nth), bars_in: 0 };
        if self.fills.half { Bar { second: Some(piece), ..of } } else { Bar { first: Some(piece), ..of } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: SectionOrder = SectionOrder { fills: false, variants: 1 };
    const FILL: SectionOrder = SectionOrder { fills: true, variants: 4 };

    fn parts(order: &Order, bars: std::ops::Range<i64>) -> Vec<Option<u8>> {
        bars.map(|bar| order.bar(bar, 0).first.map(|piece| piece.part)).collect()
    }

    #[test]
    fn without_sections_one_loop_sounds_for_ever() {
        let order = Order::default();
        for bar in -5..50 {
            assert_eq!(order.bar(bar, 0), Bar::of(0, bar, false));
            assert_eq!(order.bar(bar, 3), Bar::of(0, bar, false), "there is no third section");
        }
        assert!(!order.is_song());
    }

    #[test]
    fn the_bar_of_the_song_is_the_bar_of_the_strip() {
        let strip = Strip::of(&[1, 1, 1, 2, 0, 1]);
        let order = Order::new(vec![PLAIN; 2], Some(&strip), (false, 2), Fills::default(), 7);
        let wanted = [None, None, Some(1), Some(1), Some(1), Some(2), None, Some(1), None, None];
        assert_eq!(parts(&order, 0..10), wanted);
        let bars_in = |bar| order.bar(bar, 0).first.map(|piece| piece.bars_in);
        assert_eq!((bars_in(3), bars_in(4), bars_in(5), bars_in(7)), (Some(1), Some(2), Some(0), Some(0)));
        let looped = Order::new(vec![PLAIN; 2], Some(&strip), (true, 2), Fills::default(), 7);
        assert_eq!(parts(&looped, 2..8), parts(&looped, 8..14));
        assert_eq!(parts(&looped, 2..8), parts(&looped, -4..2));
        assert_eq!(
            order.bar(9, 2),
            Bar::of(2, 9, false),
            "a section that is held sounds whatever the strip says"
        );
    }

    #[test]
    fn each_fill_of_an_arrangement_differs_from_the_last() {
        let strip = Strip::of(&[1, 1, 1, 2, 1, 1, 1, 2]);
        for seed in 0..20 {
            let order = Order::new(vec![PLAIN, FILL], Some(&strip), (true, 0), Fills::default(), seed);
            let fills: Vec<Option<u8>> =
                parts(&order, 0..64).into_iter().filter(|part| *part != Some(1)).collect();
            assert_eq!(fills.len(), 16);
            assert!(fills.windows(2).all(|pair| pair[0] != pair[1]));
            assert!(fills.iter().all(|part| [Some(2), Some(3), Some(4), Some(5)].contains(part)));
        }
    }

    #[test]
    fn a_fill_comes_every_so_many_bars_also_without_an_arrangement() {
        let fills = Fills { every: 4, half: true };
        let order = Order::new(vec![FILL], None, (false, 0), fills, 3);
        for bar in -8..32 {
            let of = order.bar(bar, 0);
            assert_eq!(of.first, Some(Piece { part: 0, bars_in: bar }));
            assert_eq!(of.second.is_some(), (bar + 1).rem_euclid(4) == 0);
            assert_eq!(of.fill, of.second.is_some());
            assert_eq!(of, order.bar(bar, 0));
        }
        let whole = Order::new(vec![FILL], None, (false, 0), Fills { half: false, ..fills }, 3);
        assert_eq!(whole.bar(3, 0).first, order.bar(3, 0).second);
        assert_eq!(whole.bar(3, 1).second, None, "a fill is not filled");
        assert!(whole.bar(3, 0).fill && whole.bar(2, 1).fill, "all bars of a fill are");
        let without = Order::new(vec![], None, (false, 0), fills, 3);
        let bars: Vec<bool> = (0..5).map(|bar| without.bar(bar, 0).fill).collect();
        assert_eq!(bars, [false, false, false, true, false], "its bars are there before there is a fill");
    }
}
