//! How large things are drawn, and how large the window may be.
//!
//! Arithmetic without a window; any thread. Sizes are in the units of the host's pixels unless they are
//! called points, which are pixels at a scale of 1 and a zoom of 100 %.
//!
//! A host, the system and the person each say how large the editor is to be, and none of them knows the others:
//! a scale of 2, a zoom of 200 % and a small screen, together, would put the settings outside of what can be seen,
//! with no way back. So what was asked for is only a wish. What is drawn is as large as the least editor still
//! fits into the window, and what is asked of the host fits into the screen.

use crate::editor::screens::MIN_SIZE;
use std::ops::RangeInclusive;

/// Pixels a point, from any source: the host, the system, scale and zoom together.
pub(super) const SCALES: RangeInclusive<f64> = 0.25..=8.0;
/// Zoom of the settings, in per cent.
pub(super) const ZOOMS: RangeInclusive<u16> = 75..=200;
/// The longest side of a window: beyond an 8K screen there is nothing but a mistake, and every pixel costs
/// the graphics driver some 8 to 16 bytes.
pub(super) const MOST_SIDE: u32 = 8_192;
/// The most pixels of a window: an 8K screen.
pub(super) const MOST_PIXELS: u64 = 7_680 * 4_320;

/// Below this nothing could be read: the least editor at the least scale. A window that a host makes smaller is cut
/// off instead.
pub(super) const FLOOR: Pixels = Pixels::new(215, 140);
/// A new window, in points; what a host is told where nothing better can be said.
pub(super) const DEFAULT_SIZE: Pixels = Pixels::new(1_080, 660);

/// Width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pixels {
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

impl Pixels {
    /// A size.
    pub(super) const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// As large as both are.
    pub(super) fn within(self, other: Self) -> Self {
        Self::new(self.width.min(other.width), self.height.min(other.height))
    }

    /// At least as large as another.
    pub(super) fn at_least(self, other: Self) -> Self {
        Self::new(self.width.max(other.width), self.height.max(other.height))
    }

    /// Larger than another in any direction, by more than a pixel of rounding.
    pub(super) fn exceeds(self, other: Self) -> bool {
        self.width > other.width.saturating_add(1) || self.height > other.height.saturating_add(1)
    }

    /// Without a part on each axis.
    #[cfg(any(target_os = "linux", test))]
    pub(super) fn less(self, other: Self) -> Self {
        Self::new(self.width.saturating_sub(other.width), self.height.saturating_sub(other.height))
    }

    /// Whether a window may be so large: something can be seen, and no driver runs out of memory.
    pub(super) fn is_sane(self) -> bool {
        let pixels = u64::from(self.width) * u64::from(self.height);
        self.width > 0 && self.height > 0 && self.width.max(self.height) <= MOST_SIDE && pixels <= MOST_PIXELS
    }

    /// The nearest size that a window may have.
    pub(super) fn sane(self) -> Self {
        let Self { width, height } = self.at_least(Self::new(1, 1)).within(Self::new(MOST_SIDE, MOST_SIDE));
        let most = u32::try_from(MOST_PIXELS / u64::from(width)).unwrap_or(MOST_SIDE);
        Self::new(width, height.min(most))
    }

    /// Points as pixels.
    fn of(points: (u32, u32), pixels_per_point: f64) -> Self {
        let scaled = |points: u32| (f64::from(points) * pixels_per_point).round() as u32;
        Self::new(scaled(points.0), scaled(points.1))
    }
}

/// A scale that a host or the system tells: within [`SCALES`], and `None` if it is none at all (0, negative,
/// infinite, no number).
pub(super) fn told(scale: f64) -> Option<f64> {
    (scale.is_finite() && scale > 0.0).then(|| scale.clamp(*SCALES.start(), *SCALES.end()))
}

/// Per cent as a factor within the range on offer.
pub(super) fn zoom_factor(percent: u16) -> f64 {
    f64::from(percent.clamp(*ZOOMS.start(), *ZOOMS.end())) / 100.0
}

/// How large the editor is to be: what the host or the system says, and what the person chose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wish {
    /// Within [`SCALES`].
    pub scale: f64,
    /// A factor of [`zoom_factor`].
    pub zoom: f64,
}

impl Wish {
    fn pixels_per_point(self) -> f64 {
        (self.scale * self.zoom).clamp(*SCALES.start(), *SCALES.end())
    }

    /// Pixels a point in a window of some size: as was wished, or as little as it takes for the least editor
    /// to fit.
    pub(super) fn drawn(self, window: Pixels) -> f64 {
        let across = f64::from(window.width) / f64::from(MIN_SIZE.0);
        let down = f64::from(window.height) / f64::from(MIN_SIZE.1);
        self.pixels_per_point().min(across).min(down).clamp(*SCALES.start(), *SCALES.end())
    }

    /// Whether a window is so small that the editor is drawn smaller than was wished.
    pub(super) fn gives_way(self, window: Pixels) -> bool {
        self.drawn(window) < self.pixels_per_point()
    }

    /// The zoom that is seen in a window of some size, in per cent.
    pub(super) fn seen_percent(self, window: Pixels) -> u16 {
        (self.drawn(window) / self.scale * 100.0).round() as u16
    }

    /// The size to ask for where the editor is to have so many points. It fits into `room`, where that is
    /// known; the zoom gives way before the editor does.
    pub(super) fn size(self, points: (u32, u32), room: Option<Pixels>) -> Pixels {
        let points = (points.0.max(MIN_SIZE.0), points.1.max(MIN_SIZE.1));
        let wished = Pixels::of(points, self.pixels_per_point()).sane();
        room.map_or(wished, |room| wished.within(room)).at_least(FLOOR)
    }

    /// The least size to accept from a person who drags the host's edge: the least editor at the least zoom on
    /// offer, or what there is room for.
    pub(super) fn least(self, room: Option<Pixels>) -> Pixels {
        let least = Pixels::of(MIN_SIZE, (self.scale * zoom_factor(0)).min(*SCALES.end()));
        room.map_or(least, |room| least.within(room)).at_least(FLOOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::screens::settings;

    const WISHED: Wish = Wish { scale: 1.0, zoom: 1.0 };
    /// Whether the least editor is within a window at what is drawn.
    fn all_is_reachable(wish: Wish, window: Pixels) -> bool {
        let drawn = wish.drawn(window);
        f64::from(window.width) / drawn >= f64::from(MIN_SIZE.0) - 1.0
            && f64::from(window.height) / drawn >= f64::from(MIN_SIZE.1) - 1.0
    }

    #[test]
    fn a_scale_that_is_none_is_refused_and_any_other_is_brought_into_range() {
        for none in [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -f64::MIN_POSITIVE] {
            assert_eq!(told(none), None, "{none}");
        }
        for (scale, right) in
            [(1e30, 8.0), (100.0, 8.0), (1e-300, 0.25), (f64::MIN_POSITIVE, 0.25), (1.5, 1.5)]
        {
            assert_eq!(told(scale), Some(right), "{scale}");
        }
    }

    #[test]
    fn sizes_have_a_limit_whatever_is_asked_for() {
        for side in [0, 1, 3, 860, 8_192, 8_193, 65_535, 100_000, u32::MAX] {
            for other in [0, 1, 660, 5_000, u32::MAX] {
                let sane = Pixels::new(side, other).sane();
                assert!(sane.is_sane(), "{side} x {other} becomes {sane:?}");
                assert_eq!(Pixels::new(side, other).is_sane(), sane == Pixels::new(side, other));
            }
        }
        for scale in [0.25, 1.0, 2.0, 8.0] {
            for zoom in [75, 100, 200] {
                for points in [(0, 0), (1_080, 660), (u32::MAX, u32::MAX)] {
                    let wish = Wish { scale, zoom: zoom_factor(zoom) };
                    assert!(wish.size(points, None).is_sane(), "{wish:?} {points:?}");
                }
            }
        }
    }

    #[test]
    fn at_every_zoom_and_scale_all_is_reachable_on_every_screen() {
        for screen in [(1_024, 600), (1_366, 768), (1_600, 1_200), (1_920, 1_080), (3_840, 2_160)] {
            let screen = Pixels::new(screen.0, screen.1);
            for scale in [0.25, 0.5, 1.0, 1.37, 2.0, 8.0] {
                for zoom in settings::ZOOMS {
                    for points in [(860, 560), (1_080, 660), (1_600, 1_000)] {
                        let wish = Wish { scale, zoom: zoom_factor(zoom) };
                        let size = wish.size(points, Some(screen));
                        assert!(!size.exceeds(screen), "{wish:?} on {screen:?}: {size:?}");
                        assert!(all_is_reachable(wish, size), "{wish:?} on {screen:?}: {size:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_least_window_is_the_least_editor_at_the_least_scale() {
        assert_eq!(FLOOR, Pixels::of(MIN_SIZE, *SCALES.start()));
    }

    #[test]
    fn a_window_that_someone_makes_smaller_lowers_the_zoom() {
        let wish = Wish { scale: 1.0, zoom: 2.0 };
        assert_eq!(wish.seen_percent(Pixels::new(2_160, 1_320)), 200);
        assert_eq!(wish.seen_percent(Pixels::new(1_600, 1_200)), 186);
        assert_eq!(wish.seen_percent(Pixels::new(1_600, 560)), 100);
        assert!(wish.gives_way(Pixels::new(1_600, 1_200)) && !wish.gives_way(Pixels::new(1_720, 1_120)));
        for window in [(215, 140), (300, 200), (645, 420), (1_366, 728)] {
            assert!(all_is_reachable(wish, Pixels::new(window.0, window.1)), "{window:?}");
        }
    }

    #[test]
    fn the_usual_window_is_drawn_as_it_was_wished() {
        for zoom in settings::ZOOMS {
            let wish = Wish { scale: 1.0, zoom: zoom_factor(zoom) };
            let size = wish.size((1_080, 660), None);
            assert!((wish.drawn(size) - zoom_factor(zoom)).abs() < 1e-9);
            assert_eq!(wish.seen_percent(size), zoom);
        }
        assert_eq!(WISHED.size((1_080, 660), Some(Pixels::new(1_366, 728))), Pixels::new(1_080, 660));
    }

    #[test]
    fn a_person_can_always_make_it_smaller_than_the_screen() {
        for (scale, zoom) in [(1.0, 1.0), (2.0, 2.0), (8.0, 2.0)] {
            let wish = Wish { scale, zoom };
            let room = Pixels::new(1_366, 700);
            assert!(!wish.least(Some(room)).exceeds(room));
            assert_eq!(wish.least(None), Pixels::of((645, 420), scale));
        }
    }
}
