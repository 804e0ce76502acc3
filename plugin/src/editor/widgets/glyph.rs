//! Signs drawn as shapes, so that they look the same with every font.

use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2};

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// Liked.
    Heart,
    /// Disliked, close.
    Cross,
    /// Undo.
    Undo,
    /// Redo.
    Redo,
    /// Settings.
    Gear,
    /// To the left: back, previous.
    Left,
    /// To the right: forward, next.
    Right,
    /// A menu opens below.
    Down,
    /// Re-roll.
    Die,
    /// Locked.
    Locked,
    /// Not locked.
    Unlocked,
    /// A place to drag by.
    Grip,
    /// More.
    Dots,
    /// Level, pan, tune.
    Faders,
    /// Starred.
    Star,
    /// Not starred.
    StarOutline,
    /// For.
    Plus,
    /// Against.
    Minus,
    /// Steps of a rhythm.
    Steps,
    /// A sound.
    Wave,
    /// Play.
    Play,
    /// Stop.
    Stop,
    /// A warning.
    Warning,
    /// Done, chosen.
    Check,
    /// Take out of the window.
    Export,
    /// Draw.
    Pencil,
    /// Select.
    Marquee,
}

impl Glyph {
    /// Draws the sign in a square of `size` around `centre`.
    pub fn paint(self, painter: &Painter, centre: Pos2, size: f32, colour: Color32) {
        let unit = size / 16.0;
        let at = |x: f32, y: f32| pos2(centre.x + x * unit, centre.y + y * unit);
        let stroke = Stroke::new((1.6 * unit).max(1.0), colour);
        let line = |points: &[(f32, f32)]| {
            painter.add(Shape::line(points.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
        };
        let fill = |points: &[(f32, f32)]| {
            let points = points.iter().map(|&(x, y)| at(x, y)).collect();
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        };
        let dot = |x: f32, y: f32, radius: f32| {
            painter.circle_filled(at(x, y), radius * unit, colour);
        };
        let rect = |x0: f32, y0: f32, x1: f32, y1: f32| Rect::from_min_max(at(x0, y0), at(x1, y1));
        match self {
            Self::Heart => {
                // Two discs and the triangle that touches both.
                dot(-3.0, -2.0, 3.4);
                dot(3.0, -2.0, 3.4);
                fill(&[(-6.0, -0.4), (0.0, -3.6), (6.0, -0.4), (0.0, 6.6)]);
            }
            Self::Cross => {
                let stroke = Stroke::new((2.4 * unit).max(1.2), colour);
                painter.line_segment([at(-4.6, -4.6), at(4.6, 4.6)], stroke);
                painter.line_segment([at(4.6, -4.6), at(-4.6, 4.6)], stroke);
            }
            Self::Undo | Self::Redo => {
                let side = if self == Self::Undo { 1.0 } else { -1.0 };
                let mut arc = vec![(-5.0 * side, -2.5)];
                for step in 0..=8 {
                    let angle = std::f32::consts::PI * (step as f32 / 8.0 - 0.5);
                    arc.push(((1.5 + angle.cos() * 3.8) * side, 1.3 + angle.sin() * 3.8));
                }
                arc.push((-2.0 * side, 5.1));
                line(&arc);
                line(&[(-2.0 * side, -5.6), (-5.2 * side, -2.5), (-2.0 * side, 0.6)]);
            }
            Self::Gear => {
                painter.circle_stroke(centre, 3.9 * unit, Stroke::new(2.2 * unit, colour));
                for tooth in 0..8 {
                    let (sin, cos) = (std::f32::consts::TAU * tooth as f32 / 8.0).sin_cos();
                    let ends = [at(cos * 4.6, sin * 4.6), at(cos * 7.0, sin * 7.0)];
                    painter.line_segment(ends, Stroke::new(2.2 * unit, colour));
                }
            }
            Self::Pencil => {
                line(&[(-5.4, 5.4), (-4.2, 1.6), (3.2, -5.8), (5.8, -3.2), (-1.6, 4.2), (-5.4, 5.4)]);
                line(&[(-4.2, 1.6), (-1.6, 4.2)]);
            }
            Self::Marquee => {
                // A frame with gaps.
                for side in [-5.6f32, 5.6] {
                    for from in [-5.6f32, -1.4, 2.8] {
                        line(&[(from, side), (from + 2.8, side)]);
                        line(&[(side, from), (side, from + 2.8)]);
                    }
                }
            }
            Self::Left => fill(&[(3.6, -5.0), (3.6, 5.0), (-4.6, 0.0)]),
            Self::Right | Self::Play => fill(&[(-3.6, -5.0), (4.6, 0.0), (-3.6, 5.0)]),
            Self::Down => fill(&[(-4.4, -2.4), (4.4, -2.4), (0.0, 3.4)]),
            Self::Stop => {
                painter.rect_filled(rect(-4.2, -4.2, 4.2, 4.2), CornerRadius::same(1), colour);
            }
            Self::Die => {
                painter.rect_stroke(
                    rect(-5.8, -5.8, 5.8, 5.8),
                    CornerRadius::same(2),
                    Stroke::new((1.4 * unit).max(1.0), colour),
                    StrokeKind::Middle,
                );
                for (x, y) in [(-2.8, -2.8), (2.8, -2.8), (0.0, 0.0), (-2.8, 2.8), (2.8, 2.8)] {
                    dot(x, y, 1.25);
                }
            }
            Self::Locked | Self::Unlocked => {
                painter.rect_filled(rect(-4.6, -0.6, 4.6, 6.2), CornerRadius::same(1), colour);
                let lift = if self == Self::Locked { 0.0 } else { 1.6 };
                let mut shackle = vec![(-2.9, -0.4)];
                for step in 0..=8 {
                    let angle = std::f32::consts::PI * (1.0 + step as f32 / 8.0);
                    shackle.push((angle.cos() * 2.9, -3.0 - lift + angle.sin() * 2.9));
                }
                if self == Self::Locked {
                    shackle.push((2.9, -0.4));
                }
                line(&shackle);
            }
            Self::Grip => {
                for x in [-2.0, 2.0] {
                    for y in [-4.2, 0.0, 4.2] {
                        dot(x, y, 1.3);
                    }
                }
            }
            Self::Dots => {
                for x in [-4.6, 0.0, 4.6] {
                    dot(x, 0.0, 1.5);
                }
            }
            Self::Faders => {
                for (x, knob) in [(-4.6, 1.6), (0.0, -2.4), (4.6, 0.4)] {
                    line(&[(x, -5.8), (x, 5.8)]);
                    painter.rect_filled(
                        rect(x - 1.9, knob - 1.2, x + 1.9, knob + 1.2),
                        CornerRadius::ZERO,
                        colour,
                    );
                }
            }
            Self::Star | Self::StarOutline => {
                let point = |index: usize| {
                    let angle = std::f32::consts::TAU * index as f32 / 10.0 - std::f32::consts::FRAC_PI_2;
                    let radius = if index.is_multiple_of(2) { 6.8 } else { 2.9 };
                    at(angle.cos() * radius, 0.4 + angle.sin() * radius)
                };
                let outline: Vec<Pos2> = (0..10).map(point).collect();
                if self == Self::Star {
                    // Not convex: five kites from the middle.
                    for tip in (0..10).step_by(2) {
                        let kite = vec![at(0.0, 0.4), point((tip + 9) % 10), point(tip), point(tip + 1)];
                        painter.add(Shape::convex_polygon(kite, colour, Stroke::NONE));
                    }
                } else {
                    painter.add(Shape::closed_line(outline, Stroke::new((1.2 * unit).max(1.0), colour)));
                }
            }
            Self::Plus | Self::Minus => {
                let stroke = Stroke::new((2.2 * unit).max(1.2), colour);
                painter.line_segment([at(-5.0, 0.0), at(5.0, 0.0)], stroke);
                if self == Self::Plus {
                    painter.line_segment([at(0.0, -5.0), at(0.0, 5.0)], stroke);
                }
            }
            Self::Steps => {
                for (index, x) in [-6.0, -2.0, 2.0, 6.0].into_iter().enumerate() {
                    let top = if index.is_multiple_of(2) { -5.0 } else { 0.0 };
                    painter.rect_filled(rect(x - 1.3, top, x + 1.3, 5.0), CornerRadius::ZERO, colour);
                }
            }
            Self::Wave => {
                for (x, half) in [(-6.0, 1.5), (-3.0, 5.5), (0.0, 3.0), (3.0, 4.2), (6.0, 1.2)] {
                    line(&[(x, -half), (x, half)]);
                }
            }
            Self::Warning => {
                painter.add(Shape::closed_line(vec![at(0.0, -6.0), at(6.6, 5.4), at(-6.6, 5.4)], stroke));
                line(&[(0.0, -2.2), (0.0, 1.6)]);
                dot(0.0, 3.6, 0.9);
            }
            Self::Check => line(&[(-5.0, 0.2), (-1.6, 3.8), (5.2, -4.2)]),
            Self::Export => {
                line(&[(-5.4, 1.0), (-5.4, 5.4), (5.4, 5.4), (5.4, 1.0)]);
                line(&[(0.0, 2.4), (0.0, -5.6)]);
                line(&[(-3.0, -2.8), (0.0, -5.8), (3.0, -2.8)]);
            }
        }
    }

    /// The square that [`Glyph::paint`] fills.
    #[must_use]
    pub fn bounds(centre: Pos2, size: f32) -> Rect {
        Rect::from_center_size(centre, Vec2::splat(size))
    }
}

/// Peaks below this are silence: a long tail of them would leave the sound itself a few pixels.
const SILENT: u8 = 4;
/// At least this many peaks are shown, so that a click does not look like a pad.
const FEWEST_PEAKS: usize = 20;

/// A row of bars for up to 64 peaks, mirrored at the middle line. It is a picture of the shape and no
/// measure of level: the loudest peak fills the height, and quiet ones are raised.
pub fn waveform(painter: &Painter, rect: Rect, peaks: &[u8], colour: Color32) {
    let end = peaks.iter().rposition(|peak| *peak > SILENT).map_or(0, |last| last + 1);
    let peaks = &peaks[..end.max(FEWEST_PEAKS).min(peaks.len())];
    let loudest = f32::from(peaks.iter().copied().max().unwrap_or(0).max(1));
    if peaks.is_empty() || rect.width() < 8.0 {
        return;
    }
    let bars = ((rect.width() / 2.5) as usize).clamp(1, peaks.len().max(1));
    let pitch = rect.width() / bars as f32;
    for bar in 0..bars {
        let from = bar * peaks.len() / bars;
        let to = ((bar + 1) * peaks.len() / bars).max(from + 1).min(peaks.len());
        let peak = peaks[from..to].iter().copied().max().unwrap_or(0);
        let height = ((f32::from(peak) / loudest).powf(0.6) * rect.height()).max(1.0);
        let centre = pos2(rect.left() + (bar as f32 + 0.5) * pitch, rect.center().y);
        let bar = Rect::from_center_size(centre, vec2((pitch * 0.6).max(1.0), height));
        painter.rect_filled(bar, CornerRadius::ZERO, colour);
    }
}
