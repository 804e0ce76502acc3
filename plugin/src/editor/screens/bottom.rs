//! The bottom row: the two rating buttons, moving on, and the tiles that are dragged into a track.

use crate::editor::actions::{Action, Cx, ExportFor, ExportOf};
use crate::editor::handle::HostParam;
use crate::editor::state::Page;
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, cut_left, cut_right, dashed_outline, id, line, menu_heading, menu_item, named,
    place,
};
use crate::params::choices::EnterChoice;
use deepdrummer_core::session::command::{Command, ExportKind, MidiTracks, Nearness};
use deepdrummer_core::taste::Verdict;
use egui::{
    Align2, CornerRadius, CursorIcon, Popup, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

/// Draws it.
pub fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    ui.painter().rect_filled(rect, CornerRadius::ZERO, theme::GROUND);
    let row = Rect::from_center_size(rect.center(), vec2(rect.width() - 32.0, 71.0));
    let scale = ((row.width() - 828.0) / 220.0).clamp(0.0, 1.0);
    let rate_width = 138.0 + scale * 52.0;
    let tile_width = 78.0 + scale * 24.0;
    let (dislike, rest) = cut_left(row, rate_width, 12.0);
    let (tiles, rest) = cut_right(rest, 3.0 * tile_width + 16.0, 12.0);
    let (like, middle) = cut_right(rest, rate_width, 12.0);
    rating(ui, dislike, false, cx);
    between(ui, middle, cx);
    rating(ui, like, true, cx);
    let mut rest = tiles;
    let files = format!("{} files", cx.view.lanes.len());
    let tiles = if cx.state.page == Page::Song && !cx.view.song.strip.is_empty() {
        let bars = format!("{} bars", cx.view.song.strip.len());
        [(ExportKind::SongMidi, bars.clone()), (ExportKind::SongAudio, bars), (ExportKind::SongStems, files)]
    } else {
        let drag = "drag to track".to_owned();
        [(ExportKind::Midi, drag.clone()), (ExportKind::Audio, drag), (ExportKind::Stems, files)]
    };
    for (kind, detail) in tiles {
        let (rect, after) = cut_left(rest, tile_width, 8.0);
        rest = after;
        tile(ui, rect, kind, &detail, cx);
    }
}

/// Likes or dislikes the loop that is heard. A second press waits for the next loop.
pub fn rate(cx: &mut Cx, like: bool) {
    let loop_id = cx.rated_loop();
    if cx.state.rated == Some((loop_id, like)) {
        return;
    }
    cx.state.rated = Some((loop_id, like));
    cx.send(Command::Rate { id: loop_id, verdict: Verdict::of(like) });
}

/// Moves on without a verdict: to the loop after this one in the history, else to the next of the queue.
pub fn forward(cx: &mut Cx) {
    let newest = cx.view.history.last().is_none_or(|entry| entry.is_current);
    if newest {
        let heard = cx.meters.filter(|meters| meters.playing);
        let within_first_bar = heard.is_some_and(|meters| meters.bars_heard == 0);
        let id = cx.rated_loop();
        cx.send(Command::Skip { id, within_first_bar });
    } else {
        cx.send(Command::Forward);
    }
}

fn rating(ui: &mut Ui, rect: Rect, like: bool, cx: &mut Cx) {
    let (word, key, glyph, look, colour) = if like {
        ("Like", "L", Glyph::Heart, Look::Like, theme::LIKE)
    } else {
        ("Dislike", "D", Glyph::Cross, Look::Dislike, theme::DISLIKE)
    };
    let chosen = cx.shown.current.verdict == Some(like);
    let help = format!("{word} the loop that you hear ({key}). The sound is not interrupted.");
    let button = Button::new(Face::Text(""), word, &help).look(look);
    let response = button.show(ui, rect, id(word, 0));
    let painter = ui.painter();
    if chosen {
        let stroke = Stroke::new(2.0, colour);
        painter.rect_stroke(rect, CornerRadius::same(9), stroke, StrokeKind::Inside);
    }
    let keys = cx.view.settings.rating_keys;
    let note = if like { keys.like } else { keys.dislike };
    let small = match (chosen, note) {
        (true, _) => format!("you said so · {key}"),
        (_, Some(note)) => format!("{key} · note {}", text::midi_key(note)),
        (_, None) => key.to_owned(),
    };
    let galley = line(painter, word, 16.0, Weight::Bold, colour, rect.width() - 40.0);
    let total = galley.size().x + 22.0;
    let y = rect.center().y - 9.0;
    glyph.paint(painter, pos2(rect.center().x - total / 2.0 + 8.0, y), 16.0, colour);
    let area = Rect::from_min_size(pos2(rect.center().x - total / 2.0 + 22.0, y - 12.0), vec2(total, 24.0));
    place(painter, area, Align2::LEFT_CENTER, galley);
    let galley = line(painter, &small, theme::SMALL, Weight::Regular, colour, rect.width() - 16.0);
    let area =
        Rect::from_center_size(pos2(rect.center().x, rect.center().y + 16.0), vec2(rect.width(), 16.0));
    place(painter, area, Align2::CENTER_CENTER, galley);
    if response.clicked() {
        rate(cx, like);
    }
}

fn between(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let width = rect.width().min(300.0);
    let row = Rect::from_center_size(pos2(rect.center().x, rect.center().y - 12.0), vec2(width, 31.0));
    let share = (width - 16.0 - 20.0) / 230.0;
    let (back, rest) = cut_left(row, 64.0 * share, 6.0);
    let (skip, rest) = cut_left(rest, 62.0 * share, 6.0);
    let (dial, more) = cut_right(rest, 24.0, 2.0);
    let position = cx.view.history.iter().position(|entry| entry.is_current);
    // From a section of the song one goes back to the loop before it.
    let of_song = cx.view.song.sections.iter().any(|section| section.chosen);
    let can_go_back = of_song || position.is_some_and(|at| at > 0);
    let size = (theme::SIZE * share).clamp(11.0, theme::SIZE);
    let button = Button::new(Face::Both(Glyph::Left, "Back"), "Back", "The loop before this one (←).");
    if button.text(size, Weight::Regular).enabled(can_go_back).show(ui, back, id("back", 0)).clicked() {
        cx.send(Command::Back);
    }
    let help = "On to the next loop without a verdict (→). Within its first bar it counts as a weak dislike.";
    let button = Button::new(Face::Both(Glyph::Right, "Skip"), "Skip", help).text(size, Weight::Regular);
    if button.show(ui, skip, id("skip", 0)).clicked() {
        forward(cx);
    }
    let nearness = cx.state.nearness;
    let help = format!("A loop like this one. {}.", text::nearness(nearness));
    let button =
        Button::new(Face::Text("More like this"), "More like this", &help).text(size, Weight::Regular);
    if button.show(ui, more, id("more like this", 0)).clicked() {
        cx.send(Command::MoreLikeThis(nearness));
    }
    let button = Button::new(Face::Sign(Glyph::Down), "How near", "How near “more like this” stays.");
    let response = button.text(8.5, Weight::Regular).show(ui, dial, id("how near", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "MORE LIKE THIS");
        for choice in [Nearness::Near, Nearness::Middle, Nearness::Far] {
            if menu_item(ui, choice == nearness, text::nearness(choice)) {
                cx.state.nearness = choice;
                cx.send(Command::MoreLikeThis(choice));
            }
        }
    });
    let now = cx.controls().enter;
    let words = text::enter(now);
    let words = format!("Next loop enters {words}");
    let row =
        Rect::from_center_size(pos2(rect.center().x, rect.center().y + 22.0), vec2(width.min(250.0), 24.0));
    let face = Face::Menu(&words);
    let help = "When the next loop takes over from this one.";
    let response = Button::new(face, "When the next loop enters", help)
        .look(Look::Bare)
        .text(size, Weight::Regular)
        .show(ui, row, id("enter", 0));
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "THE NEXT LOOP ENTERS");
        for (at, choice) in EnterChoice::ALL.into_iter().map(EnterChoice::enter).enumerate() {
            if menu_item(ui, choice == now, text::enter(choice)) {
                cx.set(HostParam::Enter, at as f32);
            }
        }
    });
}

fn tile(ui: &mut Ui, rect: Rect, kind: ExportKind, detail: &str, cx: &mut Cx) {
    let word = text::export(kind);
    let response = ui.interact(rect, id(word, 1), Sense::click_and_drag()).on_hover_cursor(CursorIcon::Grab);
    let painter = ui.painter();
    let lit = response.hovered() || response.dragged();
    if lit {
        painter.rect_filled(rect, CornerRadius::same(8), theme::RAISED);
    }
    dashed_outline(painter, rect, if lit { theme::DIM } else { theme::EDGE });
    let galley = line(painter, word, theme::SIZE, Weight::SemiBold, theme::TEXT, rect.width() - 10.0);
    let top = Rect::from_center_size(rect.center() - vec2(0.0, 9.0), vec2(rect.width(), 18.0));
    place(painter, top, Align2::CENTER_CENTER, galley);
    let galley = line(painter, detail, theme::SMALL, Weight::Regular, theme::DIM, rect.width() - 8.0);
    let bottom = Rect::from_center_size(rect.center() + vec2(0.0, 10.0), vec2(rect.width(), 16.0));
    place(painter, bottom, Align2::CENTER_CENTER, galley);
    let name = if kind.is_of_the_song() { word.to_owned() } else { format!("{word} of this loop") };
    let help = match kind {
        ExportKind::Midi if cx.view.export.midi_tracks == MidiTracks::One => {
            "Drag to a track: one MIDI file, all lanes on one track (see the settings). Click for save as…"
        }
        ExportKind::Midi => {
            "Drag to a track: one MIDI file, every lane a named track (see the settings). Click for save as…"
        }
        ExportKind::SongMidi => {
            "Drag to a track: the whole arrangement as MIDI, a marker at each section. Click for save as…"
        }
        ExportKind::SongAudio => {
            "Drag to a track: the mix of the whole arrangement, exactly its bars. Click for save as…"
        }
        ExportKind::Audio => "Drag to a track: the mix as exactly these bars. Click for save as…",
        _ => "Drag to tracks: one audio file a lane, they line up and sum to the mix. Click for save as…",
    };
    let response = named(ui, response, || WidgetInfo::labeled(Role::Button, true, &name), help);
    let of = ExportOf { id: None, kind };
    if response.drag_started() {
        cx.actions.push(Action::Export(of, ExportFor::Drag));
    }
    let mut chosen = response.clicked().then_some(ExportFor::SaveAs);
    let entries = |ui: &mut Ui| {
        menu_heading(ui, &word.to_uppercase());
        for (words, what) in [
            ("Save as…", ExportFor::SaveAs),
            ("Write and copy path", ExportFor::CopyPath),
            ("Write and show in folder", ExportFor::ShowInFolder),
        ] {
            if menu_item(ui, false, words) {
                chosen = Some(what);
            }
        }
    };
    Popup::context_menu(&response).show(entries);
    if let Some(what) = chosen {
        cx.actions.push(Action::Export(of, what));
    }
}
