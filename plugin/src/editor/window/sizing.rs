//! Brings the window to the size that the editor wants, one request at a time.
//!
//! Window thread. A host follows a new size of our window and then tells it back. While the window has gone
//! on meanwhile, what is told is the size before, and taking it as it comes makes the window stay behind or
//! leap between two sizes for ever. So the next size waits until the last one has come to rest, and a size
//! that the host's answer undid is asked for again.

use baseview::dpi::LogicalSize;
use std::time::{Duration, Instant};

/// A window that has not changed for this long is at rest: hosts answer within some 30 ms, on a
/// busy machine within twice that.
const REST: Duration = Duration::from_millis(100);
/// A host that does not give the size after so many requests refuses it.
const TRIES: u8 = 5;

/// The way to a size.
#[derive(Debug, Default)]
pub struct Sizing {
    wanted: Option<LogicalSize<f64>>,
    tries: u8,
    /// When a size was asked for, or the window changed, last.
    moved: Option<Instant>,
}

impl Sizing {
    /// From now on this size is wanted.
    pub fn want(&mut self, size: LogicalSize<f64>) {
        (self.wanted, self.tries) = (Some(size), 0);
    }

    /// The window has another size, whoever gave it.
    pub fn changed(&mut self, now: Instant) {
        self.moved = Some(now);
    }

    /// The size to ask for now, where the window has the size `is`. To be asked again and again.
    pub fn next(&mut self, is: LogicalSize<f64>, now: Instant) -> Option<LogicalSize<f64>> {
        let wanted = self.wanted?;
        if self.moved.is_some_and(|moved| now.saturating_duration_since(moved) < REST) {
            return None;
        }
        let there = (is.width - wanted.width).abs() < 1.0 && (is.height - wanted.height).abs() < 1.0;
        if there || self.tries == TRIES {
            self.wanted = None;
            return None;
        }
        self.tries += 1;
        self.moved = Some(now);
        Some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: LogicalSize<f64> = LogicalSize::new(1080.0, 660.0);

    fn size(step: u32) -> LogicalSize<f64> {
        LogicalSize::new(SMALL.width + f64::from(step), SMALL.height)
    }

    /// A drag of 50 steps, one each 10 ms, in a host that tells a window's size back after `delay` ms, and in
    /// the editor's window that is polled each 33 ms; the sizes that it had at the end of each ms.
    fn drag(delay: usize) -> Vec<LogicalSize<f64>> {
        let (mut sizing, start) = (Sizing::default(), Instant::now());
        let mut sizes = vec![SMALL];
        let mut told: Vec<(usize, LogicalSize<f64>)> = Vec::new();
        for ms in 0..2_000 {
            let now = start + Duration::from_millis(ms as u64);
            let mut is = *sizes.last().unwrap();
            if ms % 10 == 0 && ms < 500 {
                sizing.want(size(ms as u32 / 10 + 1));
            }
            let polled = ms % 33 == 0 || (ms % 10 == 0 && ms < 500);
            let answer = told.iter().position(|(at, _)| *at == ms).map(|at| told.remove(at).1);
            // What a host says is not told back to it.
            let asked = if polled && answer.is_none() { sizing.next(is, now) } else { None };
            told.extend(asked.filter(|size| *size != is).map(|size| (ms + delay, size)));
            if let Some(size) = answer.or(asked).filter(|size| *size != is) {
                is = size;
                sizing.changed(now);
            }
            sizes.push(is);
        }
        sizes
    }

    #[test]
    fn the_window_ends_where_the_drag_ends_however_late_the_host_answers() {
        for delay in [1, 20, 50, 90, 150] {
            let sizes = drag(delay);
            assert_eq!(sizes[1_500..], vec![size(50); sizes.len() - 1_500], "{delay} ms");
        }
    }

    #[test]
    fn a_host_that_answers_in_time_never_sends_the_window_back() {
        for delay in [1, 20, 50, 90] {
            assert!(drag(delay).is_sorted_by(|a, b| a.width <= b.width), "{delay} ms");
        }
    }

    #[test]
    fn a_host_that_refuses_is_asked_a_few_times_only() {
        let (mut sizing, start) = (Sizing::default(), Instant::now());
        sizing.want(size(100));
        let asked = (0..100).filter(|tick| sizing.next(SMALL, start + *tick * REST).is_some()).count();
        assert_eq!(asked, usize::from(TRIES));
        sizing.want(size(99));
        assert_eq!(sizing.next(SMALL, start + 101 * REST), Some(size(99)), "another size is another request");
    }

    #[test]
    fn a_size_that_a_host_gives_on_its_own_is_left_alone() {
        let (mut sizing, now) = (Sizing::default(), Instant::now());
        sizing.changed(now);
        assert_eq!(sizing.next(size(7), now + 2 * REST), None);
    }
}
