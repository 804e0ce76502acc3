//! Like these: what one loves already, dropped or chosen, listed with what of it is loved.

use crate::editor::actions::{Action, Cx, Dialog};
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Style, cut_bottom, cut_left, cut_right, cut_top, id, label, line, middle, paragraph,
    place, tell,
};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::ReferenceView;
use deepdrummer_core::taste::reference::ReferenceKind;
use egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, Ui};

/// How high a row is, and the gap below it.
const ROW: f32 = 26.0;
const GAP: f32 = 3.0;
/// Rows that are shown at most: the zone stays large enough to hit.
const MOST_ROWS: usize = 4;
const ZONE: f32 = 88.0;
/// The weights that a click goes through, and what they are called.
const WEIGHTS: [(f32, &str); 3] = [(1.0, "×1"), (2.0, "×2"), (0.5, "×½")];

/// Draws the zone and the list.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let count = cx.shown.taste.references.len();
    let room = ((rect.height() - ZONE).max(0.0) / (ROW + GAP)) as usize;
    let fit = count.min(MOST_ROWS).min(room);
    let (rows, zone) = cut_bottom(rect, fit as f32 * (ROW + GAP), if fit > 0 { 6.0 } else { 0.0 });
    drop_zone(ui, zone, cx);
    if fit == 0 {
        return;
    }
    // The newest are shown; the wheel brings the others.
    let most = count - fit;
    let over = ui.rect_contains_pointer(rows);
    let wheel = if over { ui.input(|input| input.smooth_scroll_delta().y) } else { 0.0 };
    if wheel.abs() > 4.0 {
        let back = cx.state.references_back;
        cx.state.references_back = if wheel > 0.0 { back + 1 } else { back.saturating_sub(1) }.min(most);
    }
    let first = most - cx.state.references_back.min(most);
    let mut rest = rows;
    for at in first..first + fit {
        let (cell, after) = cut_top(rest, ROW, GAP);
        rest = after;
        let reference = cx.shown.taste.references[at].clone();
        row(ui, cell, at, &reference, cx);
    }
}

fn drop_zone(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let painter = ui.painter();
    let edge = Stroke::new(1.0, theme::EDGE);
    painter.rect(rect, CornerRadius::same(6), theme::PANEL, edge, StrokeKind::Inside);
    let inner = rect.shrink(8.0);
    let (buttons, words) = cut_bottom(inner, 24.0, 4.0);
    let (title, words) = cut_top(words, 20.0, 0.0);
    let galley = line(painter, "Like these", theme::SIZE, Weight::SemiBold, theme::TEXT, title.width());
    place(painter, title, Align2::CENTER_CENTER, galley);
    let says = "drop MIDI clips, drum loops or a folder: what you love already teaches it at once";
    let galley = paragraph(painter, says, theme::SMALL, theme::DIM, words.width());
    if galley.size().y <= words.height() + 2.0 {
        painter.galley(words.min, galley, theme::DIM);
    }
    tell(ui, words, says);
    let half = (buttons.width() - 6.0) / 2.0;
    let (files, folder) = cut_left(buttons, half, 6.0);
    for (rect, name, folder, help) in [
        (files, "Choose a file…", false, "A MIDI clip, a drum loop or a one-shot as audio."),
        (
            folder,
            "Choose a folder…",
            true,
            "A folder of MIDI clips, loops or one-shots: it is one reference.",
        ),
    ] {
        let button = Button::new(Face::Text(name), name, help).text(theme::SMALL, Weight::Regular);
        if button.show(ui, rect, id("bring file", usize::from(folder))).clicked() {
            cx.actions.push(Action::Open(Dialog::Reference { folder }));
        }
    }
}

/// One reference: its name, what of it is loved, how much it says, and the way to be rid of it.
fn row(ui: &mut Ui, rect: Rect, at: usize, reference: &ReferenceView, cx: &mut Cx) {
    let edge = Stroke::new(1.0, theme::LINE);
    ui.painter().rect(rect, CornerRadius::same(5), theme::RAISED, edge, StrokeKind::Inside);
    let row = middle(rect.shrink2(egui::vec2(6.0, 0.0)), 20.0);
    let (remove, row) = cut_right(row, 20.0, 3.0);
    let (weight, row) = cut_right(row, 28.0, 3.0);
    let (kind, name) = cut_right(row, 92.0, 6.0);
    label(ui, name, Align2::LEFT_CENTER, &reference.name, Style { colour: theme::TEXT, ..Style::SMALL });
    let heard = match (reference.bars, reference.sounds) {
        (bars, 0) => format!("{bars} bars"),
        (0, sounds) => format!("{sounds} sounds"),
        (bars, sounds) => format!("{bars} bars, {sounds} sounds"),
    };
    tell(ui, name, &format!("{}: {heard}", reference.name));
    let kinds: Vec<ReferenceKind> = ReferenceKind::ALL
        .into_iter()
        .filter(|kind| match kind {
            ReferenceKind::Rhythm => reference.bars > 0,
            ReferenceKind::Sound => reference.sounds > 0,
            ReferenceKind::Both => reference.bars > 0 && reference.sounds > 0,
        })
        .collect();
    let now = kinds.iter().position(|kind| *kind == reference.kind).unwrap_or(0);
    let help = format!("What you love about {}: {heard} were heard. Click for another part.", reference.name);
    let title = format!("Kind of {}: {}", reference.name, reference.kind.label());
    let button = Button::new(Face::Text(reference.kind.label()), &title, &help)
        .text(theme::SMALL, Weight::Regular)
        .enabled(kinds.len() > 1);
    if button.show(ui, kind, id("reference kind", at)).clicked()
        && let Some(&kind) = kinds.get((now + 1) % kinds.len())
    {
        cx.send(Command::SetReference { at, kind, weight: reference.weight });
    }
    let now = WEIGHTS.iter().position(|(weight, _)| (weight - reference.weight).abs() < 0.01).unwrap_or(0);
    let title = format!("Weight of {}: {}", reference.name, WEIGHTS[now].1);
    let help = "How much it says: as much as a rating, twice or half as much. Click for the next.";
    let button = Button::new(Face::Text(WEIGHTS[now].1), &title, help).text(theme::SMALL, Weight::Regular);
    if button.show(ui, weight, id("reference weight", at)).clicked() {
        let weight = WEIGHTS[(now + 1) % WEIGHTS.len()].0;
        cx.send(Command::SetReference { at, kind: reference.kind, weight });
    }
    let title = format!("Remove {}", reference.name);
    let help = "It is no reference any more. Undo brings it back.";
    let button = Button::new(Face::Sign(Glyph::Cross), &title, help).text(8.5, Weight::Regular);
    if button.show(ui, remove, id("remove reference", at)).clicked() {
        cx.send(Command::RemoveReference(at));
    }
}
