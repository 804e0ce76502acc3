//! The editor's own controls: each is one rectangle with a name for the accessibility tree, hover
//! help, a visible focus, and an answer to pointer and keyboard.
//!
//! Editor thread. Controls hold nothing; ids come from fixed words so that focus survives redraws.

mod glyph;
mod knob;
mod slider;
mod turn;

pub use glyph::{Glyph, waveform};
pub use knob::Knob;
pub use slider::Slider;
pub use turn::SliderResponse;

use super::theme::{self, Weight};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, Galley, Id, Painter, Pos2, Rect, Response, Role, Sense, Stroke,
    StrokeKind, TextEdit, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// How a control looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A quiet raised button.
    Plain,
    /// No ground until the pointer is over it.
    Bare,
    /// The accent: this is on.
    On,
    /// An accent edge: this is chosen among others.
    Chosen,
    /// Green.
    Like,
    /// Red.
    Dislike,
}

struct Colours {
    ground: Color32,
    edge: Color32,
    text: Color32,
}

fn colours(look: Look, response: &Response) -> Colours {
    let hovered = response.hovered() && response.enabled();
    let pressed = response.is_pointer_button_down_on() && response.enabled();
    let raised = match (pressed, hovered) {
        (true, _) => theme::PRESSED,
        (false, true) => theme::HOVER,
        _ => theme::RAISED,
    };
    let colours = match look {
        Look::Plain => Colours { ground: raised, edge: theme::EDGE, text: theme::TEXT },
        Look::Bare if hovered || pressed => Colours { ground: raised, edge: raised, text: theme::TEXT },
        Look::Bare => Colours { ground: Color32::TRANSPARENT, edge: Color32::TRANSPARENT, text: theme::DIM },
        Look::On => Colours { ground: theme::ACCENT, edge: theme::ACCENT, text: theme::ON_ACCENT },
        Look::Chosen => Colours { ground: raised, edge: theme::ACCENT, text: theme::TEXT },
        Look::Like | Look::Dislike => {
            let (rest, over, text) = if look == Look::Like {
                (theme::LIKE_GROUND, theme::LIKE_HOVER, theme::LIKE)
            } else {
                (theme::DISLIKE_GROUND, theme::DISLIKE_HOVER, theme::DISLIKE)
            };
            let ground = if hovered || pressed { over } else { rest };
            Colours { ground, edge: theme::mix(rest, text, 0.45), text }
        }
    };
    if response.enabled() {
        colours
    } else {
        Colours { text: theme::mix(theme::PANEL, theme::DIM, 0.55), edge: theme::LINE, ..colours }
    }
}

/// The id of a control: a word and a number that tells its siblings apart.
#[must_use]
pub fn id(word: &str, number: usize) -> Id {
    Id::unique(("deepdrummer", word, number))
}

/// An interactive rectangle with a name and hover help; draws nothing but its focus ring.
pub fn control(ui: &Ui, rect: Rect, id: Id, sense: Sense, name: &str, help: &str) -> Response {
    let response = ui.interact(rect, id, sense);
    named(ui, response, || WidgetInfo::labeled(Role::Button, ui.is_enabled(), name), help)
}

/// Gives a response its name, help and focus ring.
pub fn named(ui: &Ui, response: Response, info: impl Fn() -> WidgetInfo, help: &str) -> Response {
    response.widget_info(info);
    if response.has_focus() {
        focus_ring(&overlay(ui), response.rect);
        if response.gained_focus() && !ui.clip_rect().contains_rect(response.rect) {
            response.scroll_to_me(None);
        }
    }
    if help.is_empty() {
        return response;
    }
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(help));
    let help = help.to_owned();
    let show = move |ui: &mut Ui| {
        ui.set_max_width(280.0);
        ui.label(egui::RichText::new(&help).size(theme::SIZE));
    };
    if response.enabled() { response.on_hover_ui(show) } else { response.on_disabled_hover_ui(show) }
}

/// A field to type into; all are made here. `shown` is [`UiState::text_field`]: while one is on the screen letters
/// are text, whatever has the keyboard.
///
/// [`UiState::text_field`]: super::state::UiState::text_field
pub fn text_field(ui: &mut Ui, field: TextEdit<'_>, name: &str, shown: &mut bool) -> Response {
    *shown = true;
    ui.add(field).accessible_name(name)
}

/// A painter that is not clipped to a panel, for focus rings.
fn overlay(ui: &Ui) -> Painter {
    ui.painter().with_clip_rect(ui.clip_rect().expand(4.0))
}

/// The ring around whatever has the keyboard.
pub fn focus_ring(painter: &Painter, rect: Rect) {
    painter.rect_stroke(
        rect.expand(2.0),
        CornerRadius::same(7),
        Stroke::new(2.0, theme::ACCENT),
        StrokeKind::Middle,
    );
}

/// What is on a button.
#[derive(Clone, Copy, Debug)]
pub enum Face<'a> {
    /// A word.
    Text(&'a str),
    /// A sign.
    Sign(Glyph),
    /// A sign, then a word.
    Both(Glyph, &'a str),
    /// A word, then a sign: menus.
    Menu(&'a str),
    /// A quiet word, then a word, then the sign of a menu.
    TitledMenu(&'a str, &'a str),
}

/// A button.
pub struct Button<'a> {
    face: Face<'a>,
    name: &'a str,
    help: &'a str,
    look: Look,
    size: f32,
    weight: Weight,
    enabled: bool,
    selected: Option<bool>,
}

impl<'a> Button<'a> {
    /// A plain button; `name` is what assistive tools and tests call it, `help` appears on hover.
    #[must_use]
    pub fn new(face: Face<'a>, name: &'a str, help: &'a str) -> Self {
        Self {
            face,
            name,
            help,
            look: Look::Plain,
            size: theme::SIZE,
            weight: Weight::Regular,
            enabled: true,
            selected: None,
        }
    }

    /// Another look.
    #[must_use]
    pub fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Another text size and weight.
    #[must_use]
    pub fn text(mut self, size: f32, weight: Weight) -> Self {
        self.size = size;
        self.weight = weight;
        self
    }

    /// Whether it can be used.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// A switch that is on or off: on looks like [`Look::On`].
    #[must_use]
    pub fn switch(mut self, on: bool) -> Self {
        self.selected = Some(on);
        if on {
            self.look = Look::On;
            self.weight = Weight::SemiBold;
        }
        self
    }

    /// One of several: the chosen one has an accent edge.
    #[must_use]
    pub fn choice(mut self, chosen: bool) -> Self {
        self.selected = Some(chosen);
        if chosen {
            self.look = Look::Chosen;
        }
        self
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui, rect: Rect, id: Id) -> Response {
        let enabled = self.enabled && ui.is_enabled();
        let response = if enabled {
            ui.interact(rect, id, Sense::click())
        } else {
            // A child takes no place of its own in the layout around it.
            ui.new_child(egui::UiBuilder::new().max_rect(rect).disabled()).interact(rect, id, Sense::click())
        };
        let info = || match self.selected {
            Some(on) => WidgetInfo::selected(Role::Button, enabled, on, self.name),
            None => WidgetInfo::labeled(Role::Button, enabled, self.name),
        };
        let colours = colours(self.look, &response);
        let painter = ui.painter();
        let mut help = String::new();
        if colours.ground != Color32::TRANSPARENT {
            painter.rect(
                rect,
                CornerRadius::same(if rect.height() > 40.0 { 9 } else { 5 }),
                colours.ground,
                Stroke::new(1.0, colours.edge),
                StrokeKind::Inside,
            );
        }
        if let Some(whole) = self.paint_face(painter, rect, colours.text) {
            // What finds no room is told in whole.
            help = format!("{whole}. ");
        }
        help += self.help;
        named(ui, response, info, &help)
    }

    /// Paints it. Gives the word that had to be cut.
    fn paint_face(&self, painter: &Painter, rect: Rect, colour: Color32) -> Option<&'a str> {
        let sign_size = self.size * 1.05;
        let room = rect.shrink2(vec2(5.0, 0.0));
        match self.face {
            Face::Sign(glyph) => {
                glyph.paint(painter, rect.center(), sign_size, colour);
                None
            }
            Face::Text(text) => {
                let galley = line(painter, text, self.size, self.weight, colour, room.width());
                let cut = galley.elided;
                place(painter, room, Align2::CENTER_CENTER, galley);
                cut.then_some(text)
            }
            Face::Both(glyph, text) => {
                let gap = self.size * 0.45;
                let width = room.width() - sign_size - gap;
                let galley = line(painter, text, self.size, self.weight, colour, width);
                let total = galley.size().x + sign_size + gap;
                let left = rect.center().x - total / 2.0;
                glyph.paint(painter, pos2(left + sign_size / 2.0, rect.center().y), sign_size, colour);
                let rest = Rect::from_min_max(pos2(left + sign_size + gap, rect.top()), rect.max);
                let cut = galley.elided;
                place(painter, rest, Align2::LEFT_CENTER, galley);
                cut.then_some(text)
            }
            Face::Menu(_) | Face::TitledMenu(..) => {
                let (title, text) = match self.face {
                    Face::TitledMenu(title, text) => (title, text),
                    Face::Menu(text) => ("", text),
                    _ => ("", ""),
                };
                let mut left = rect.left() + 10.0;
                let middle = rect.center().y;
                if !title.is_empty() {
                    let galley =
                        line(painter, title, self.size, Weight::Regular, theme::DIM, rect.width() / 3.0);
                    let width = galley.size().x;
                    let area = Rect::from_min_max(pos2(left, rect.top()), rect.max);
                    place(painter, area, Align2::LEFT_CENTER, galley);
                    left += width + 6.0;
                }
                let bare = self.look == Look::Bare;
                let width = if bare { rect.width() - 16.0 } else { rect.right() - 22.0 - left };
                let galley = line(painter, text, self.size, self.weight, colour, width);
                let cut = galley.elided.then_some(text);
                if bare {
                    // Without a ground the sign stays with its words.
                    let total = galley.size().x + 16.0;
                    let from = rect.center().x - total / 2.0;
                    let area = Rect::from_min_max(pos2(from, rect.top()), rect.max);
                    place(painter, area, Align2::LEFT_CENTER, galley);
                    Glyph::Down.paint(painter, pos2(from + total - 4.0, middle), 8.0, colour);
                    return cut;
                }
                let area = Rect::from_min_max(pos2(left, rect.top()), rect.max);
                place(painter, area, Align2::LEFT_CENTER, galley);
                Glyph::Down.paint(painter, pos2(rect.right() - 12.0, middle), 8.0, colour);
                cut
            }
        }
    }
}

/// One line of text, cut with an ellipsis at `width`.
#[must_use]
pub fn line(
    painter: &Painter,
    text: &str,
    size: f32,
    weight: Weight,
    colour: Color32,
    width: f32,
) -> Arc<Galley> {
    let format = TextFormat { font_id: theme::font(size, weight), color: colour, ..TextFormat::default() };
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap = TextWrapping {
        max_width: width.max(1.0),
        max_rows: 1,
        break_anywhere: true,
        overflow_character: Some('…'),
    };
    painter.layout_job(job)
}

/// Several lines of text within `width`.
#[must_use]
pub fn paragraph(painter: &Painter, text: &str, size: f32, colour: Color32, width: f32) -> Arc<Galley> {
    painter.layout(text.to_owned(), theme::font(size, Weight::Regular), colour, width.max(1.0))
}

/// Draws laid-out text in a rectangle.
pub fn place(painter: &Painter, rect: Rect, align: Align2, galley: Arc<Galley>) -> Rect {
    let at = align.align_size_within_rect(galley.size(), rect);
    painter.galley(at.min, galley, theme::TEXT);
    at
}

/// A label: text that assistive tools and tests find too.
pub fn label(ui: &Ui, rect: Rect, align: Align2, text: &str, style: Style) -> Rect {
    let galley = line(ui.painter(), text, style.size, style.weight, style.colour, rect.width());
    let cut = galley.elided;
    let placed = place(ui.painter(), rect, align, galley);
    tell(ui, placed, text);
    if cut {
        let whole = Id::unique(("deepdrummer cut", text, rect.min.x.to_bits(), rect.min.y.to_bits()));
        ui.interact(placed, whole, Sense::hover()).on_hover_text(text);
    }
    placed
}

/// Puts text that was painted into the accessibility tree.
pub fn tell(ui: &Ui, rect: Rect, text: &str) {
    let id = Id::unique(("deepdrummer text", text, rect.min.x.to_bits(), rect.min.y.to_bits()));
    let response = ui.interact(rect, id, Sense::empty());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
}

/// How a label is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Size in logical pixels.
    pub size: f32,
    /// Weight.
    pub weight: Weight,
    /// Colour.
    pub colour: Color32,
}

impl Style {
    /// Plain text.
    pub const TEXT: Self = Self { size: theme::SIZE, weight: Weight::Regular, colour: theme::TEXT };
    /// Secondary text.
    pub const DIM: Self = Self { size: theme::SIZE, weight: Weight::Regular, colour: theme::DIM };
    /// Small secondary text.
    pub const SMALL: Self = Self { size: theme::SMALL, weight: Weight::Regular, colour: theme::DIM };
    /// A name.
    pub const NAME: Self = Self { size: theme::SIZE, weight: Weight::SemiBold, colour: theme::TEXT };
    /// The heading of a section; write it in capitals.
    pub const HEADING: Self = Self { size: 10.5, weight: Weight::SemiBold, colour: theme::DIM };
}

/// The height of one line of text of a size.
#[must_use]
pub fn text_width(painter: &Painter, text: &str, size: f32, weight: Weight) -> f32 {
    line(painter, text, size, weight, theme::TEXT, f32::INFINITY).size().x
}

/// A menu is as wide as its widest entry so far, within reason.
fn menu_width(ui: &Ui, wanted: f32) -> f32 {
    wanted.max(ui.min_rect().width()).clamp(190.0, 420.0)
}

/// An entry of a menu.
pub fn menu_item(ui: &mut Ui, chosen: bool, text: &str) -> bool {
    let width = menu_width(ui, text_width(ui.painter(), text, theme::SIZE, Weight::Regular) + 46.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, ui.is_enabled(), chosen, text));
    let lit = response.hovered() || response.has_focus();
    if lit {
        ui.painter().rect_filled(rect, CornerRadius::same(4), theme::PRESSED);
    }
    if chosen {
        Glyph::Check.paint(ui.painter(), pos2(rect.left() + 10.0, rect.center().y), 11.0, theme::ACCENT);
    }
    let colour = if ui.is_enabled() { theme::TEXT } else { theme::DIM };
    let galley = line(ui.painter(), text, theme::SIZE, Weight::Regular, colour, rect.width() - 30.0);
    let room = Rect::from_min_max(pos2(rect.left() + 22.0, rect.top()), rect.max);
    place(ui.painter(), room, Align2::LEFT_CENTER, galley);
    let clicked = response.clicked();
    if clicked {
        ui.close();
    }
    clicked
}

/// A heading within a menu.
pub fn menu_heading(ui: &mut Ui, text: &str) {
    let (rect, _) = ui.allocate_exact_size(vec2(menu_width(ui, 0.0), 22.0), Sense::empty());
    let room = rect.shrink2(vec2(6.0, 0.0));
    label(ui, room, Align2::LEFT_CENTER, text, Style::HEADING);
}

/// Splits a rectangle into a left part of `width` and the rest after `gap`.
#[must_use]
pub fn cut_left(rect: Rect, width: f32, gap: f32) -> (Rect, Rect) {
    let at = (rect.left() + width).min(rect.right());
    (
        Rect::from_min_max(rect.min, pos2(at, rect.bottom())),
        Rect::from_min_max(pos2((at + gap).min(rect.right()), rect.top()), rect.max),
    )
}

/// Splits a rectangle into a right part of `width` and the rest before `gap`.
#[must_use]
pub fn cut_right(rect: Rect, width: f32, gap: f32) -> (Rect, Rect) {
    let at = (rect.right() - width).max(rect.left());
    (
        Rect::from_min_max(pos2(at, rect.top()), rect.max),
        Rect::from_min_max(rect.min, pos2((at - gap).max(rect.left()), rect.bottom())),
    )
}

/// Splits a rectangle into an upper part of `height` and the rest after `gap`.
#[must_use]
pub fn cut_top(rect: Rect, height: f32, gap: f32) -> (Rect, Rect) {
    let at = (rect.top() + height).min(rect.bottom());
    (
        Rect::from_min_max(rect.min, pos2(rect.right(), at)),
        Rect::from_min_max(pos2(rect.left(), (at + gap).min(rect.bottom())), rect.max),
    )
}

/// Splits a rectangle into a lower part of `height` and the rest before `gap`.
#[must_use]
pub fn cut_bottom(rect: Rect, height: f32, gap: f32) -> (Rect, Rect) {
    let at = (rect.bottom() - height).max(rect.top());
    (
        Rect::from_min_max(pos2(rect.left(), at), rect.max),
        Rect::from_min_max(rect.min, pos2(rect.right(), (at - gap).max(rect.top()))),
    )
}

/// A rectangle of the given height in the vertical middle of another.
#[must_use]
pub fn middle(rect: Rect, height: f32) -> Rect {
    Rect::from_center_size(rect.center(), Vec2::new(rect.width(), height.min(rect.height())))
}

/// A dashed outline: this can be dragged out.
pub fn dashed_outline(painter: &Painter, rect: Rect, colour: Color32) {
    let rect = rect.shrink(0.5);
    let corners: [Pos2; 5] =
        [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    painter.extend(egui::Shape::dashed_line(&corners, Stroke::new(1.0, colour), 4.0, 3.5));
}
