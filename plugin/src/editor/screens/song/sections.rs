//! The sections: a card each, and one to make more.

use super::colour;
use crate::editor::actions::Cx;
use crate::editor::screens::history::miniature;
use crate::editor::state::{Prompt, PromptFor};
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, Style, cut_bottom, cut_left, cut_right, cut_top, dashed_outline, id, label,
    menu_heading, menu_item, named,
};
use deepdrummer_core::propose::sections::Maker;
use deepdrummer_core::session::command::{Command, LoopAction, SongCommand};
use deepdrummer_core::session::view::SectionView;
use deepdrummer_core::song::MAX_SECTIONS;
use deepdrummer_core::taste::Verdict;
use egui::{Align2, CornerRadius, Popup, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

const GAP: f32 = 8.0;

/// What a menu calls a way to make a section, and what it makes.
const MAKERS: [(Maker, &str, &str); 6] = [
    (Maker::Variation, "Variation", "small moves that keep what carries it"),
    (Maker::Contrast, "Contrast", "the same kit and feel, another rhythm"),
    (Maker::Fill, "Fill", "the last half bar or bar; another one each time"),
    (Maker::Break, "Break", "sparse"),
    (Maker::Build, "Build", "denser towards its end"),
    (Maker::Empty, "Empty", "to draw in by hand"),
];

pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let view = cx.view;
    let count = view.song.sections.len();
    let places = (count + 1).min(MAX_SECTIONS) as f32;
    let width = ((rect.width() + GAP) / places - GAP).min(124.0);
    let place = |at: usize| {
        Rect::from_min_size(
            pos2(rect.left() + at as f32 * (width + GAP), rect.top()),
            vec2(width, rect.height()),
        )
    };
    for (at, section) in view.song.sections.iter().enumerate() {
        card(ui, place(at), at, section, cx);
    }
    if count < MAX_SECTIONS {
        more(ui, place(count), cx);
    }
}

fn card(ui: &mut Ui, rect: Rect, at: usize, section: &SectionView, cx: &mut Cx) {
    let number = at as u8 + 1;
    let (foot, rest) = cut_bottom(rect, 18.0, 0.0);
    let (head, thumb) = cut_bottom(rest, 18.0, 3.0);
    let sounds = cx.meters.is_some_and(|meters| meters.playing && meters.section == number);
    let verdict = match section.verdict {
        Some(true) => ", liked",
        Some(false) => ", disliked",
        None => "",
    };
    let percent = section.prediction.map(|prediction| (100.0 * prediction.p_like).round());
    let name = format!("Section {}{verdict}", section.name);
    let response = ui.interact(thumb, id("section", at), Sense::click());
    let painter = ui.painter();
    let edge = match (section.chosen, response.hovered()) {
        (true, _) => Stroke::new(1.5, theme::ACCENT),
        (_, true) => Stroke::new(1.0, theme::DIM),
        _ => Stroke::new(1.0, theme::EDGE),
    };
    let ground = if response.hovered() { theme::RAISED } else { theme::PANEL };
    painter.rect(thumb, CornerRadius::same(5), ground, edge, StrokeKind::Inside);
    miniature(painter, thumb.shrink2(vec2(8.0, 7.0)), &section.pattern, 1.0);
    let mark = Rect::from_min_size(thumb.left_bottom() - vec2(0.0, 3.0), vec2(thumb.width(), 3.0));
    painter.rect_filled(mark.shrink2(vec2(6.0, 0.0)), CornerRadius::same(1), colour(section.maker, at));
    if sounds {
        Glyph::Play.paint(painter, thumb.right_top() + vec2(-10.0, 10.0), 9.0, theme::TEXT);
    }
    let bars = section.pattern.grid.bars;
    let length = if bars == 1 { "1 bar".to_owned() } else { format!("{bars} bars") };
    let turns = if section.variants > 1 { format!(", {} in turn", section.variants) } else { String::new() };
    let help = format!("{length}{turns}. Click to play and edit it, right-click for more.");
    let response =
        named(ui, response, || WidgetInfo::selected(Role::Button, true, section.chosen, &name), &help);
    if response.clicked() {
        cx.send(Command::Song(SongCommand::Choose(number)));
    }
    Popup::context_menu(&response).show(|ui| menu(ui, number, section, cx));

    let placed = label(
        ui,
        cut_left(head, head.width() * 0.62, 0.0).0,
        Align2::LEFT_CENTER,
        &section.name,
        Style::NAME,
    );
    let mut x = placed.right() + 6.0;
    if let Some(liked) = section.verdict {
        let (glyph, colour) =
            if liked { (Glyph::Heart, theme::LIKE) } else { (Glyph::Cross, theme::DISLIKE) };
        glyph.paint(ui.painter(), pos2(x + 5.0, head.center().y), 9.0, colour);
        x += 14.0;
    }
    if let Some(percent) = percent {
        let room = Rect::from_min_max(pos2(x, head.top()), head.max);
        let liked = section.verdict == Some(true);
        let colour = if liked { theme::LIKE } else { theme::DIM };
        label(ui, room, Align2::LEFT_CENTER, &format!("{percent:.0} %"), Style { colour, ..Style::SMALL });
    }
    let (reroll, rest) = cut_right(foot, 22.0, 2.0);
    let waits = cx.view.learns_key == Some(LoopAction::Section(number));
    let key = cx.view.settings.rating_keys.key(LoopAction::Section(number));
    let words = match (waits, key) {
        (true, _) => "press a key…".to_owned(),
        (_, Some(key)) => format!("key {}", text::midi_key(key)),
        _ => String::new(),
    };
    label(ui, rest, Align2::LEFT_CENTER, &words, Style::SMALL);
    let name = format!("Re-roll section {}", section.name);
    let help = "Makes it anew, as good as your taste is known. Locked lanes and steps stay.";
    let button = Button::new(Face::Sign(Glyph::Die), &name, help).look(Look::Bare);
    if button.text(11.0, Weight::Regular).show(ui, reroll, id("re-roll section", at)).clicked() {
        cx.send(Command::Song(SongCommand::Reroll(number)));
    }
}

fn menu(ui: &mut Ui, number: u8, section: &SectionView, cx: &mut Cx) {
    let count = cx.view.song.sections.len() as u8;
    menu_heading(ui, &section.name.to_uppercase());
    for (words, like) in [("I like it", true), ("I don't", false)] {
        if menu_item(ui, section.verdict == Some(like), words) {
            cx.send(Command::Rate { id: section.id, verdict: Verdict::of(like) });
        }
    }
    if menu_item(ui, false, "Re-roll") {
        cx.send(Command::Song(SongCommand::Reroll(number)));
    }
    if menu_item(ui, false, "Copy") {
        cx.send(Command::Song(SongCommand::Copy(number)));
    }
    if number > 1 && menu_item(ui, false, "Move to the left") {
        cx.send(Command::Song(SongCommand::Swap(number, number - 1)));
    }
    if number < count && menu_item(ui, false, "Move to the right") {
        cx.send(Command::Song(SongCommand::Swap(number, number + 1)));
    }
    if menu_item(ui, false, "Rename…") {
        let text = section.name.clone();
        cx.state.prompt = Some(Prompt { what: PromptFor::RenameSection(number), text, focused: false });
    }
    if menu_item(ui, section.frees_sounds, "Sounds of its own") {
        cx.send(Command::Song(SongCommand::FreeSounds(number, !section.frees_sounds)));
    }
    let waits = cx.view.learns_key == Some(LoopAction::Section(number));
    if menu_item(ui, waits, if waits { "Wait for no key" } else { "Learn a MIDI key" }) {
        cx.send(Command::LearnKey((!waits).then_some(LoopAction::Section(number))));
    }
    if menu_item(ui, false, "Remove") {
        cx.send(Command::Song(SongCommand::Remove(number)));
    }
}

/// The place where one more is made.
fn more(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let response = ui.interact(rect, id("more sections", 0), Sense::click());
    let lit = response.hovered();
    if lit {
        ui.painter().rect_filled(rect, CornerRadius::same(6), theme::RAISED);
    }
    dashed_outline(ui.painter(), rect, if lit { theme::DIM } else { theme::EDGE });
    let (upper, lower) = cut_top(rect, rect.height() * 0.45, 0.0);
    Glyph::Plus.paint(ui.painter(), upper.center() + vec2(0.0, 4.0), 12.0, theme::TEXT);
    let words: &[&str] = if rect.width() > 104.0 {
        &["variation · contrast", "fill · break · empty"]
    } else {
        &["make", "a section"]
    };
    for (at, words) in words.iter().enumerate() {
        let row = Rect::from_min_size(
            lower.min + vec2(4.0, 4.0 + 14.0 * at as f32),
            vec2(lower.width() - 8.0, 14.0),
        );
        label(ui, row, Align2::CENTER_CENTER, words, Style { size: 10.5, ..Style::SMALL });
    }
    let help = "One more section: a variation, a contrast, a fill, a break or a build, each the best of many by \
                your taste.";
    let name = "Make a section";
    let response = named(ui, response, || WidgetInfo::labeled(Role::Button, true, name), help);
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "MAKE A SECTION");
        for (maker, word, what) in MAKERS {
            if menu_item(ui, false, &format!("{word}: {what}")) {
                cx.send(Command::Song(SongCommand::Make(maker)));
            }
        }
        if menu_item(ui, false, "The current loop as it is") {
            cx.send(Command::Song(SongCommand::Make(Maker::Chosen)));
        }
    });
}
