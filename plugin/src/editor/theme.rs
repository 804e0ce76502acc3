//! Colours, type and the style of egui's own widgets. One accent, one colour a lane, calm greys.
//!
//! Editor thread. [`TEXT_PAIRS`] lists every pair of text on ground that the editor uses; a test holds
//! each to a contrast of 4.5 : 1 (WCAG 2.2, success criterion 1.4.3).

use deepdrummer_core::pattern::Role;
use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, Vec2};
use std::sync::Arc;

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// The window's ground.
pub const GROUND: Color32 = rgb(0x15_171c);
/// Bars and panels.
pub const PANEL: Color32 = rgb(0x1c_1f26);
/// Controls that lie on a panel.
pub const RAISED: Color32 = rgb(0x23_272f);
/// A raised control under the pointer.
pub const HOVER: Color32 = rgb(0x2d_323c);
/// A raised control being pressed.
pub const PRESSED: Color32 = rgb(0x36_3c48);
/// An empty cell of the grid on a beat.
pub const CELL: Color32 = rgb(0x25_2932);
/// An empty cell between beats.
pub const CELL_OFF_BEAT: Color32 = rgb(0x1f_222a);
/// Hairlines between areas and around controls.
pub const LINE: Color32 = rgb(0x2c_313a);
/// The edge of a control that must be seen without its fill (3 : 1 is not needed: labels carry it).
pub const EDGE: Color32 = rgb(0x3a_404c);
/// Text.
pub const TEXT: Color32 = rgb(0xe9_ebee);
/// Secondary text.
pub const DIM: Color32 = rgb(0x9f_a6b2);
/// The one accent: selection, focus, playhead.
pub const ACCENT: Color32 = rgb(0xf5_b83d);
/// Text on the accent.
pub const ON_ACCENT: Color32 = rgb(0x1c_1504);
/// Liked, for.
pub const LIKE: Color32 = rgb(0x40_d28f);
/// Ground of the like button.
pub const LIKE_GROUND: Color32 = rgb(0x1b_3a2b);
/// The like button under the pointer.
pub const LIKE_HOVER: Color32 = rgb(0x20_4834);
/// Disliked, against.
pub const DISLIKE: Color32 = rgb(0xff_7a6b);
/// Ground of the dislike button.
pub const DISLIKE_GROUND: Color32 = rgb(0x3a_2224);
/// The dislike button under the pointer.
pub const DISLIKE_HOVER: Color32 = rgb(0x48_292b);
/// Ground of a text field.
pub const FIELD: Color32 = rgb(0x10_1216);

/// The colour of a lane's role.
#[must_use]
pub fn role(role: Role) -> Color32 {
    match role {
        Role::Kick => rgb(0xee_845b),
        Role::Snare => rgb(0xee_c662),
        Role::Clap => rgb(0xf0_8fb3),
        Role::ClosedHat => rgb(0x76_c6f2),
        Role::OpenHat => rgb(0x62_d2c3),
        Role::Tom => rgb(0xd9_a97c),
        Role::Percussion => rgb(0xae_95f3),
        Role::Cymbal => rgb(0xb5_d36c),
        Role::Fx => rgb(0xc8_c6d6),
    }
}

/// Every pair of text on ground in use, with a name for the test's message.
pub const TEXT_PAIRS: &[(&str, Color32, Color32)] = &[
    ("text on ground", TEXT, GROUND),
    ("text on panel", TEXT, PANEL),
    ("text on control", TEXT, RAISED),
    ("text on hovered control", TEXT, HOVER),
    ("text on pressed control", TEXT, PRESSED),
    ("text on field", TEXT, FIELD),
    ("dim on ground", DIM, GROUND),
    ("dim on panel", DIM, PANEL),
    ("dim on control", DIM, RAISED),
    ("dim on hovered control", DIM, HOVER),
    ("dim on pressed control", DIM, PRESSED),
    ("text on accent", ON_ACCENT, ACCENT),
    ("accent on ground", ACCENT, GROUND),
    ("accent on panel", ACCENT, PANEL),
    ("accent on control", ACCENT, RAISED),
    ("like on its button", LIKE, LIKE_GROUND),
    ("like on its hovered button", LIKE, LIKE_HOVER),
    ("like on panel", LIKE, PANEL),
    ("like on ground", LIKE, GROUND),
    ("like on control", LIKE, RAISED),
    ("dislike on its button", DISLIKE, DISLIKE_GROUND),
    ("dislike on its hovered button", DISLIKE, DISLIKE_HOVER),
    ("dislike on panel", DISLIKE, PANEL),
    ("dislike on ground", DISLIKE, GROUND),
    ("dislike on control", DISLIKE, RAISED),
    ("ground on like", GROUND, LIKE),
    ("ground on dislike", GROUND, DISLIKE),
    ("text on like button", TEXT, LIKE_GROUND),
    ("text on dislike button", TEXT, DISLIKE_GROUND),
];

/// The contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2, "contrast ratio").
#[must_use]
pub fn contrast(a: Color32, b: Color32) -> f32 {
    fn luminance(colour: Color32) -> f32 {
        let channel = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    }
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Mixes `over` onto `under`; `amount` 0 to 1.
#[must_use]
pub fn mix(under: Color32, over: Color32, amount: f32) -> Color32 {
    under.lerp_to_gamma(over, amount.clamp(0.0, 1.0))
}

/// A weight of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Running text.
    Regular,
    /// Names and labels that head something.
    SemiBold,
    /// The big figures and the two rating buttons.
    Bold,
}

/// A font of the given size in logical pixels.
#[must_use]
pub fn font(size: f32, weight: Weight) -> FontId {
    let family = match weight {
        Weight::Regular => FontFamily::Proportional,
        Weight::SemiBold => FontFamily::Name("semibold".into()),
        Weight::Bold => FontFamily::Name("bold".into()),
    };
    FontId::new(size, family)
}

/// Text size of most things.
pub const SIZE: f32 = 12.5;
/// Text size of secondary things.
pub const SMALL: f32 = 11.0;

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let files: [(&str, &'static [u8]); 3] = [
        ("regular", include_bytes!("fonts/Inter-Regular.otf")),
        ("semibold", include_bytes!("fonts/Inter-SemiBold.otf")),
        ("bold", include_bytes!("fonts/Inter-Bold.otf")),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let mut family = |family, name: &str| {
        fonts.families.insert(family, vec![name.to_owned(), "regular".to_owned()]);
    };
    family(FontFamily::Proportional, "regular");
    family(FontFamily::Monospace, "regular");
    family(FontFamily::Name("semibold".into()), "semibold");
    family(FontFamily::Name("bold".into()), "bold");
    fonts
}

/// Sets fonts and style. Once per window.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    ctx.set_theme(egui::Theme::Dark);
    ctx.all_styles_mut(|style| {
        for id in style.text_styles.values_mut() {
            *id = font(SIZE, Weight::Regular);
        }
        let visuals = &mut style.visuals;
        visuals.panel_fill = GROUND;
        visuals.window_fill = RAISED;
        visuals.window_stroke = Stroke::new(1.0, EDGE);
        visuals.window_corner_radius = CornerRadius::same(8);
        visuals.menu_corner_radius = CornerRadius::same(8);
        visuals.popup_shadow =
            egui::Shadow { offset: [0, 6], blur: 18, spread: 0, color: Color32::from_black_alpha(120) };
        visuals.extreme_bg_color = FIELD;
        visuals.text_edit_bg_color = Some(FIELD);
        visuals.override_text_color = Some(TEXT);
        visuals.weak_text_color = Some(DIM);
        visuals.selection.bg_fill = mix(RAISED, ACCENT, 0.35);
        visuals.selection.stroke = Stroke::new(1.0, ACCENT);
        let widgets = &mut visuals.widgets;
        for (widget, fill, edge) in [
            (&mut widgets.noninteractive, PANEL, LINE),
            (&mut widgets.inactive, RAISED, EDGE),
            (&mut widgets.hovered, HOVER, EDGE),
            (&mut widgets.active, PRESSED, ACCENT),
            (&mut widgets.open, HOVER, EDGE),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::new(1.0, edge);
            widget.fg_stroke = Stroke::new(1.2, TEXT);
            widget.corner_radius = CornerRadius::same(5);
            widget.expansion = 0.0;
        }
        style.spacing.item_spacing = Vec2::new(8.0, 4.0);
        style.spacing.button_padding = Vec2::new(10.0, 5.0);
        style.spacing.menu_margin = egui::Margin::same(6);
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.6;
        // Nothing fades or slides: an idle window must not repaint.
        style.animation_time = 0.0;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_can_be_read_on_its_ground() {
        for (name, text, ground) in TEXT_PAIRS {
            let ratio = contrast(*text, *ground);
            assert!(ratio >= 4.5, "{name}: {ratio:.2} : 1");
        }
        for lane in Role::ALL {
            for ground in [GROUND, PANEL, CELL] {
                let ratio = contrast(role(lane), ground);
                assert!(ratio >= 4.5, "{lane:?}: {ratio:.2} : 1");
            }
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-3);
        assert!((contrast(rgb(0x77_7777), Color32::WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn lanes_are_told_apart() {
        for (at, a) in Role::ALL.iter().enumerate() {
            for b in &Role::ALL[at + 1..] {
                assert_ne!(role(*a), role(*b));
            }
        }
    }
}
