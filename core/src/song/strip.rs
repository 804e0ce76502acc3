//! The strip of an arrangement: a section, or nothing, for each bar; and how a person changes it.

use super::{MAX_SECTIONS, MAX_STRIP_BARS};

/// A section for each bar: 1 to [`MAX_SECTIONS`], 0 where nothing sounds. At most [`MAX_STRIP_BARS`] bars.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip(Vec<u8>);

/// Bars in a row of one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first bar.
    pub from: usize,
    /// How many.
    pub bars: usize,
    /// Which section; 0 for silence.
    pub section: u8,
}

impl Strip {
    /// A strip of these sections, brought into range; what is too much is left out.
    #[must_use]
    pub fn of(cells: &[u8]) -> Self {
        let section = |&cell: &u8| if usize::from(cell) > MAX_SECTIONS { 0 } else { cell };
        Self(cells.iter().take(MAX_STRIP_BARS).map(section).collect())
    }

    /// The section of each bar.
    #[must_use]
    pub fn cells(&self) -> &[u8] {
        &self.0
    }

    /// How many bars.
    #[must_use]
    pub fn bars(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bars in a row of one section, in order.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (at, &section) in self.0.iter().enumerate() {
            match runs.last_mut() {
                Some(run) if run.section == section => run.bars += 1,
                _ => runs.push(Run { from: at, bars: 1, section }),
            }
        }
        runs
    }

    /// The run that a bar is in.
    #[must_use]
    pub fn run_at(&self, bar: usize) -> Option<Run> {
        self.runs().into_iter().find(|run| (run.from..run.from + run.bars).contains(&bar))
    }

    /// Puts a section into bars; beyond the end the strip grows, with silence in between.
    pub fn paint(&mut self, from: usize, bars: usize, section: u8) {
        let to = from.saturating_add(bars).min(MAX_STRIP_BARS);
        if self.0.len() < to {
            self.0.resize(to, 0);
        }
        if usize::from(section) <= MAX_SECTIONS && from < to {
            self.0[from..to].fill(section);
        }
    }

    /// Takes bars out; what comes after moves up.
    pub fn remove(&mut self, from: usize, bars: usize) {
        let from = from.min(self.0.len());
        let to = from.saturating_add(bars).min(self.0.len());
        self.0.drain(from..to);
    }

    /// Puts a copy of bars behind them; what comes after makes room, and what finds none is cut.
    pub fn repeat(&mut self, from: usize, bars: usize) {
        let from = from.min(self.0.len());
        let to = from.saturating_add(bars).min(self.0.len());
        let copy = self.0[from..to].to_vec();
        self.insert(to, &copy);
    }

    /// Moves bars so that they begin at `to`, counted in the strip without them.
    pub fn shift(&mut self, from: usize, bars: usize, to: usize) {
        let from = from.min(self.0.len());
        let end = from.saturating_add(bars).min(self.0.len());
        let moved: Vec<u8> = self.0.drain(from..end).collect();
        self.insert(to, &moved);
    }

    /// Makes a run so many bars long, 1 at the least; what comes after moves.
    pub fn stretch(&mut self, run: Run, bars: usize) {
        let bars = bars.max(1);
        if bars < run.bars {
            self.remove(run.from + bars, run.bars - bars);
        } else {
            self.insert(run.from + run.bars, &vec![run.section; (bars - run.bars).min(MAX_STRIP_BARS)]);
        }
    }

    fn insert(&mut self, at: usize, cells: &[u8]) {
        let at = at.min(self.0.len());
        self.0.splice(at..at, cells.iter().copied());
        self.0.truncate(MAX_STRIP_BARS);
    }

    /// Calls sections by other numbers; one that `number` has no name for falls silent.
    pub fn renumber(&mut self, number: impl Fn(u8) -> u8) {
        for cell in self.0.iter_mut().filter(|cell| **cell != 0) {
            *cell = number(*cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn strip(cells: &[u8]) -> Strip {
        Strip::of(cells)
    }

    #[test]
    fn bars_are_painted_moved_stretched_and_repeated() {
        let mut of = strip(&[1, 1, 2]);
        of.paint(5, 2, 3);
        assert_eq!(of.cells(), [1, 1, 2, 0, 0, 3, 3]);
        of.remove(3, 2);
        of.shift(0, 2, 1);
        assert_eq!(of.cells(), [2, 1, 1, 3, 3]);
        let run = of.run_at(2).unwrap();
        assert_eq!(run, Run { from: 1, bars: 2, section: 1 });
        of.stretch(run, 4);
        assert_eq!(of.cells(), [2, 1, 1, 1, 1, 3, 3]);
        of.stretch(of.run_at(1).unwrap(), 0);
        assert_eq!(of.cells(), [2, 1, 3, 3]);
        of.repeat(1, 2);
        assert_eq!(of.cells(), [2, 1, 3, 1, 3, 3]);
        of.renumber(|section| if section == 3 { 1 } else { 0 });
        assert_eq!(of.cells(), [0, 0, 1, 0, 1, 1]);
    }

    proptest! {
        #[test]
        fn no_change_leaves_the_range(
            cells in prop::collection::vec(any::<u8>(), 0..200),
            changes in prop::collection::vec((0u8..5, 0usize..300, 0usize..300, 0usize..300), 0..20),
        ) {
            let mut of = Strip::of(&cells);
            for (kind, a, b, c) in changes {
                match kind {
                    0 => of.paint(a, b, c as u8),
                    1 => of.remove(a, b),
                    2 => of.repeat(a, b),
                    3 => of.shift(a, b, c),
                    _ => if let Some(run) = of.run_at(a) { of.stretch(run, b) },
                }
                prop_assert!(of.bars() <= MAX_STRIP_BARS);
                prop_assert!(of.cells().iter().all(|&cell| usize::from(cell) <= MAX_SECTIONS));
                prop_assert_eq!(of.runs().iter().map(|run| run.bars).sum::<usize>(), of.bars());
            }
        }
    }
}
