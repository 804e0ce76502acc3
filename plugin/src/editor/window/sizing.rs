//! Brings the window to the size that the editor wants, one request at a time, and back to what is granted.
//!
//! Window thread. A host follows a new size of our window and then tells it back. While the window has gone
//! on meanwhile, what is told is the size before, and taking it as it comes makes the window stay behind or
//! leap between two sizes for ever. So the next size waits until the last one has come to rest, and a size
//! that the host's answer undid is asked for again.
//!
//! A host that grants less than was asked for may say nothing: it then shows a part of the window. Once all is
//! at rest the window takes the size that is shown, so that its edges, and all that lies there, can be reached.

use super::scale::{FLOOR, Pixels};
use std::time::{Duration, Instant};

/// A window that has not changed for this long is at rest: hosts answer within some 30 ms, on a
/// busy machine within twice that.
const REST: Duration = Duration::from_millis(100);
/// What is shown of a window is what the host grants when nothing has changed for this long: hosts make their
/// window before they give it its size.
const GRANTED: Duration = Duration::from_millis(900);
/// So often what is shown must have been seen to be the same.
const LOOKS: u8 = 3;
/// A host that does not give the size after so many requests refuses it.
const TRIES: u8 = 5;
/// How often the window follows what is shown of it before the person asks for another size: a host whose
/// window is always a little smaller than ours would draw it smaller and smaller.
const FOLLOWS: u8 = 3;

/// The way to a size.
#[derive(Debug, Default)]
pub(super) struct Sizing {
    wanted: Option<Pixels>,
    tries: u8,
    /// When a size was asked for, or the window changed, last.
    moved: Option<Instant>,
    follows: u8,
    /// What was shown of the window when it was looked at last, and how often that was the same.
    shown: Option<Pixels>,
    looks: u8,
}

impl Sizing {
    /// From now on this size is wanted.
    pub(super) fn want(&mut self, size: Pixels) {
        (self.wanted, self.tries, self.follows) = (Some(size), 0, 0);
    }

    /// The window has another size, whoever gave it.
    pub(super) fn changed(&mut self, now: Instant) {
        self.moved = Some(now);
    }

    fn rests(&self, now: Instant, long: Duration) -> bool {
        self.moved.is_none_or(|moved| now.saturating_duration_since(moved) >= long)
    }

    /// The size to ask for now, where the window has the size `is`. To be asked again and again.
    pub(super) fn next(&mut self, is: Pixels, now: Instant) -> Option<Pixels> {
        let wanted = self.wanted?;
        if !self.rests(now, REST) {
            return None;
        }
        if is == wanted || self.tries == TRIES {
            self.wanted = None;
            return None;
        }
        self.tries += 1;
        self.moved = Some(now);
        Some(wanted)
    }

    /// Takes in how much the host would show of the window. Whether that is what it grants.
    pub(super) fn looked(&mut self, shown: Pixels, now: Instant) -> bool {
        let same = self.shown.replace(shown) == Some(shown);
        self.looks = if same { self.looks.saturating_add(1) } else { 1 };
        self.looks >= LOOKS && self.wanted.is_none() && self.rests(now, GRANTED)
    }

    /// The size to take because no more of the window is granted, if it is larger.
    pub(super) fn granted(&mut self, is: Pixels, granted: Pixels, now: Instant) -> Option<Pixels> {
        // What shows less than that shows nothing yet, or no more.
        let some = !FLOOR.exceeds(granted);
        if !some || !is.exceeds(granted) || self.follows == FOLLOWS {
            return None;
        }
        self.follows += 1;
        self.moved = Some(now);
        Some(is.within(granted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Pixels = Pixels::new(1_080, 660);

    fn size(step: u32) -> Pixels {
        Pixels::new(SMALL.width + step, SMALL.height)
    }

    /// A drag of 50 steps, one each 10 ms, in a host that tells a window's size back after `delay` ms, and in
    /// the editor's window that is polled each 33 ms; the sizes that it had at the end of each ms.
    fn drag(delay: usize) -> Vec<Pixels> {
        let (mut sizing, start) = (Sizing::default(), Instant::now());
        let mut sizes = vec![SMALL];
        let mut told: Vec<(usize, Pixels)> = Vec::new();
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

    /// A host that shows `shows` of a window of some size, looked at each 330 ms; the sizes it comes to have.
    fn followed(mut is: Pixels, shows: impl Fn(Pixels) -> Pixels) -> Vec<Pixels> {
        let (mut sizing, mut now) = (Sizing::default(), Instant::now());
        sizing.changed(now);
        let mut sizes = vec![is];
        for _ in 0..50 {
            now += Duration::from_millis(330);
            let granted = sizing.looked(shows(is), now);
            if let Some(size) = granted.then(|| sizing.granted(is, shows(is), now)).flatten() {
                is = size;
                sizes.push(is);
            }
        }
        sizes
    }

    #[test]
    fn a_host_that_shows_a_part_gets_a_window_of_that_size() {
        let large = Pixels::new(2_160, 1_320);
        assert_eq!(followed(large, |_| SMALL), [large, SMALL]);
        assert_eq!(followed(SMALL, |_| large), [SMALL], "a larger frame changes nothing");
        assert_eq!(followed(SMALL, |is| is), [SMALL]);
        assert_eq!(followed(SMALL, |_| Pixels::new(1, 1)), [SMALL], "a frame that has no size yet");
    }

    #[test]
    fn a_host_whose_frame_is_always_smaller_does_not_shrink_the_window_away() {
        let sizes = followed(SMALL, |is| is.less(Pixels::new(0, 20)));
        assert_eq!(sizes.len(), 1 + usize::from(FOLLOWS));
    }

    #[test]
    fn a_host_that_follows_late_keeps_its_size() {
        let (mut sizing, start) = (Sizing::default(), Instant::now());
        let large = size(100);
        sizing.want(large);
        assert_eq!(sizing.next(SMALL, start), Some(large));
        sizing.changed(start);
        // Its frame follows 700 ms later.
        for ms in (330..3_000).step_by(330) {
            let now = start + Duration::from_millis(ms);
            assert_eq!(sizing.next(large, now), None);
            let shown = if ms < 700 { SMALL } else { large };
            assert!(!sizing.looked(shown, now) || sizing.granted(large, shown, now).is_none(), "{ms} ms");
        }
    }
}
