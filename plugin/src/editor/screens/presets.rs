//! The browser of presets, and the preset's name in the top bar with arrows to the one before and after.

use crate::editor::actions::Cx;
use crate::editor::state::{Browser, Group, Prompt, PromptFor};
use crate::editor::text;
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Look, Style, cut_left, cut_right, cut_top, id, label, line, menu_item, middle,
    named, place, text_field,
};
use deepdrummer_core::session::command::{Command, PresetId};
use deepdrummer_core::session::preset::{Library, Listed, NO_CATEGORY};
use egui::text::{CCursor, CCursorRange};
use egui::{
    Align2, Area, CornerRadius, Frame, Id, Key, Modifiers, Order, Popup, Rect, Role, ScrollArea, Sense,
    Stroke, StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo, vec2,
};

const WIDTH: f32 = 620.0;
const GROUPS: f32 = 148.0;
const ROW: f32 = 34.0;
/// Groups that are no categories.
const FIXED_GROUPS: usize = 3;
/// A search is at most this long.
const MAX_SEARCH: usize = 60;
/// Rows that Page Up and Page Down pass.
const PAGE: usize = 8;

/// Draws the name and its arrows into the top bar.
pub(super) fn in_the_bar(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (before, rest) = cut_left(rect, 22.0, 2.0);
    let (after, name) = cut_right(rest, 22.0, 2.0);
    let presets = &cx.view.presets;
    let shown = cx.state.browser.asked.as_ref().or(presets.loading.as_ref());
    let (words, help) = match (shown, &presets.current) {
        (Some(id), _) => (id.name.clone(), format!("“{}” is being loaded.", id.name)),
        (None, Some(current)) => {
            let star = if current.changed { " *" } else { "" };
            let since = if current.changed { " It was changed since." } else { "" };
            let help =
                format!("This project came from the preset “{}”.{since} Click to see all.", current.id.name);
            (format!("{}{star}", current.id.name), help)
        }
        (None, None) => ("Presets".to_owned(), "Places to start from: kit, lanes and steering.".to_owned()),
    };
    let any = !presets.library.all.is_empty();
    for (rect, glyph, word, by) in
        [(before, Glyph::Left, "Preset before", -1), (after, Glyph::Right, "Preset after", 1)]
    {
        let help = "Loads it. The arrows walk through what the browser lists.";
        let button = Button::new(Face::Sign(glyph), word, help).enabled(any).text(10.0, Weight::Regular);
        if button.show(ui, rect, id(word, 0)).clicked() {
            step(by, cx);
        }
    }
    let open = cx.state.browser.open;
    let button = Button::new(Face::Menu(&words), "Presets", &help).choice(open);
    if button.show(ui, name, id("presets", 0)).clicked() {
        if open {
            close(ui, cx);
        } else {
            open_it(cx);
        }
    }
}

fn open_it(cx: &mut Cx) {
    let here = here(cx);
    let browser = &mut cx.state.browser;
    browser.open = true;
    browser.wants_keyboard = true;
    browser.shows_row = true;
    let listed = listed(&cx.view.presets.library, browser);
    browser.row = listed.iter().position(|listed| Some(listed.id()) == here).unwrap_or(0);
    cx.state.settings_open = false;
    // Another instance may have changed them.
    cx.send(Command::ReadPresets);
}

fn close(ui: &Ui, cx: &mut Cx) {
    cx.state.browser.open = false;
    // Whoever opens it again looks for something else; the arrows walk through the group.
    cx.state.browser.search.clear();
    ui.memory_mut(|memory| memory.surrender_focus(field()));
}

fn field() -> Id {
    Id::unique("deepdrummer preset search")
}

/// The preset that plays, or will in a moment.
fn here(cx: &Cx) -> Option<PresetId> {
    let presets = &cx.view.presets;
    let asked = cx.state.browser.asked.clone().or_else(|| presets.loading.clone());
    asked.or_else(|| presets.current.as_ref().map(|current| current.id.clone()))
}

/// What the browser lists: the presets of a group in which every word that was typed is found.
fn listed<'a>(library: &'a Library, browser: &Browser) -> Vec<&'a Listed> {
    let search = browser.search.to_lowercase();
    let words: Vec<&str> = search.split_whitespace().collect();
    let wanted = |listed: &&Listed| {
        let preset = &listed.preset;
        let of_group = match &browser.group {
            Group::All => true,
            Group::Factory => !listed.own,
            Group::Own => listed.own,
            Group::Category(category) => preset.category == *category,
        };
        if !of_group || (browser.favourites && !listed.favourite) {
            return false;
        }
        let text = || {
            format!("{} {} {} {}", preset.name, preset.category, preset.tags.join(" "), text::preset(preset))
                .to_lowercase()
        };
        words.is_empty() || {
            let text = text();
            words.iter().all(|word| text.contains(word))
        }
    };
    library.all.iter().filter(wanted).collect()
}

/// Loads the preset before or after the present one in the list.
fn step(by: isize, cx: &mut Cx) {
    let library = &cx.view.presets.library;
    let mut all = listed(library, &cx.state.browser);
    if all.is_empty() {
        all = library.all.iter().collect();
    }
    let here = here(cx);
    let at = all.iter().position(|listed| Some(listed.id()) == here);
    let count = all.len() as isize;
    if count == 0 {
        return;
    }
    let next = match at {
        Some(at) => (at as isize + by).rem_euclid(count),
        None if by > 0 => 0,
        None => count - 1,
    };
    let id = all[next as usize].id();
    cx.state.browser.row = next as usize;
    cx.state.browser.shows_row = true;
    load(id, cx);
}

fn load(id: PresetId, cx: &mut Cx) {
    cx.state.browser.asked = Some(id.clone());
    cx.send(Command::LoadPreset(id));
}

/// Draws the browser over the window while it is open.
pub(super) fn show(ui: &mut Ui, window: Rect, cx: &mut Cx) {
    if !cx.state.browser.open {
        return;
    }
    let asks = cx.state.prompt.is_some() || Popup::is_any_open(ui.ctx());
    let library = std::sync::Arc::clone(&cx.view.presets.library);
    let all = listed(&library, &cx.state.browser);
    if !asks && keys(ui, &all, cx) {
        return;
    }
    let width = WIDTH.min(window.width() - 48.0);
    let height = (window.height() - 96.0).min(520.0);
    let area = Area::new(Id::unique("deepdrummer presets"))
        .order(Order::Foreground)
        .fixed_pos(window.left_top() + vec2(112.0, 48.0))
        .constrain_to(window);
    let response = area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(14.0).show(ui, |ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::empty());
            let (head, rest) = cut_top(rect, 28.0, 8.0);
            heading(ui, head, cx);
            let foot = footer_height(cx);
            let (body, footer) = cut_top(rest, rest.height() - foot, 6.0);
            let (left, right) = cut_left(body, GROUPS, 10.0);
            groups(ui, left, &library, cx);
            list(ui, right, &all, cx);
            if foot > 0.0 {
                self::footer(ui, footer, cx);
            }
        });
    });
    let below_the_bar = |ui: &Ui| {
        ui.input(|input| input.pointer.interact_pos()).is_some_and(|pos| pos.y > window.top() + 44.0)
    };
    if response.response.clicked_elsewhere() && !asks && cx.state.prompt.is_none() && below_the_bar(ui) {
        close(ui, cx);
    }
}

/// Keys of the list, also while the search field has the keyboard. True if one of them closed the browser.
fn keys(ui: &Ui, all: &[&Listed], cx: &mut Cx) -> bool {
    let focused = ui.memory(|memory| memory.focused());
    let in_the_list = focused.is_none_or(|focused| focused == field());
    let count = |key: Key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
    let last = all.len().saturating_sub(1);
    // Typing searches, also once something else was clicked.
    if focused != Some(field()) {
        let typed = ui.input(|input| {
            let text = |event: &egui::Event| match event {
                egui::Event::Text(text) => Some(text.clone()),
                _ => None,
            };
            input.events.iter().filter_map(text).collect::<String>()
        });
        if !typed.trim().is_empty() {
            let browser = &mut cx.state.browser;
            let room = MAX_SEARCH.saturating_sub(browser.search.chars().count());
            browser.search.extend(typed.chars().take(room));
            browser.row = 0;
            browser.shows_row = true;
            browser.wants_keyboard = true;
            // It goes on behind what is there.
            let end = CCursor::new(browser.search.chars().count());
            let mut state = TextEdit::load_state(ui.ctx(), field()).unwrap_or_default();
            state.cursor.set_char_range(Some(CCursorRange::one(end)));
            state.store(ui.ctx(), field());
        }
    }
    let browser = &mut cx.state.browser;
    let before = browser.row;
    browser.row = browser.row.min(last);
    if in_the_list {
        let (up, down) = (count(Key::ArrowUp), count(Key::ArrowDown));
        let (page_up, page_down) = (count(Key::PageUp), count(Key::PageDown));
        browser.row = (browser.row + down + PAGE * page_down).min(last).saturating_sub(up + PAGE * page_up);
    }
    browser.shows_row |= browser.row != before;
    let row = browser.row;
    if in_the_list
        && count(Key::Enter) > 0
        && let Some(listed) = all.get(row)
    {
        load(listed.id(), cx);
    }
    // The host gets it too; it is not consumed.
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        close(ui, cx);
        return true;
    }
    false
}

fn heading(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (close_at, rest) = cut_right(rect, 26.0, 8.0);
    let button = Button::new(Face::Sign(Glyph::Cross), "Close the presets", "Back to the loop (Escape).");
    if button.look(Look::Bare).show(ui, close_at, id("close presets", 0)).clicked() {
        close(ui, cx);
    }
    let (save, rest) = cut_right(rest, 124.0, 8.0);
    let help = "Keeps kit, lanes, steering and seed as a preset of your own.";
    let button = Button::new(Face::Text("Save as preset…"), "Save as preset…", help);
    if button.show(ui, save, id("save preset", 0)).clicked() {
        ask_to_save(cx);
    }
    let (star, search) = cut_right(rest, 104.0, 8.0);
    let on = cx.state.browser.favourites;
    let face = Face::Both(if on { Glyph::Star } else { Glyph::StarOutline }, "Favourites");
    let button = Button::new(face, "Favourites only", "Lists only what you marked with a star.").switch(on);
    if button.show(ui, star, id("favourites only", 0)).clicked() {
        cx.state.browser.favourites = !on;
        cx.state.browser.row = 0;
    }
    let browser = &mut cx.state.browser;
    let mut ui = ui.new_child(UiBuilder::new().max_rect(middle(search, 26.0)));
    let before = browser.search.clone();
    let edit = TextEdit::singleline(&mut browser.search)
        .hint_text("Search presets")
        .char_limit(MAX_SEARCH)
        .desired_width(search.width() - 16.0)
        .id(field());
    let response = text_field(&mut ui, edit, "Search presets", &mut cx.state.text_field);
    let browser = &mut cx.state.browser;
    if browser.search != before {
        browser.row = 0;
        browser.shows_row = true;
    }
    if std::mem::take(&mut browser.wants_keyboard) {
        response.request_focus();
    }
}

/// Asks for name and category. A preset of one's own is proposed as it is, to be replaced; a new one goes
/// where the last one went, at first where the preset is that it came from.
fn ask_to_save(cx: &mut Cx) {
    let presets = &cx.view.presets;
    let current = presets.current.as_ref();
    let own = current.filter(|current| current.id.own);
    let text = own.map_or_else(String::new, |current| current.id.name.clone());
    let from = current.and_then(|current| presets.library.find(&current.id));
    let from = from.map(|listed| listed.preset.category.clone());
    let last = cx.state.browser.category.clone();
    let category = if own.is_some() { from.or(last) } else { last.or(from) };
    let what = PromptFor::SavePreset { category: category.unwrap_or_else(|| NO_CATEGORY.to_owned()) };
    cx.state.prompt = Some(Prompt { what, text, focused: false });
}

/// The categories that there are, in the library's order.
pub(super) fn categories(library: &Library) -> Vec<&str> {
    let mut categories: Vec<&str> = Vec::new();
    for listed in &library.all {
        if !categories.contains(&listed.preset.category.as_str()) {
            categories.push(&listed.preset.category);
        }
    }
    categories
}

fn groups(ui: &mut Ui, rect: Rect, library: &Library, cx: &mut Cx) {
    let own = library.all.iter().filter(|listed| listed.own).count();
    let fixed = [
        ("All".to_owned(), Group::All),
        ("Factory".to_owned(), Group::Factory),
        (format!("Yours · {own}"), Group::Own),
    ];
    let of_categories =
        categories(library).into_iter().map(|name| (name.to_owned(), Group::Category(name.to_owned())));
    let entries: Vec<(String, Group)> = fixed.into_iter().chain(of_categories).collect();
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect));
    ScrollArea::vertical().id_salt("preset groups").auto_shrink([false, false]).show(&mut ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        for (at, (words, group)) in entries.into_iter().enumerate() {
            if at == FIXED_GROUPS {
                ui.add_space(7.0);
            }
            let (row, response) = ui.allocate_exact_size(vec2(rect.width() - 8.0, 24.0), Sense::click());
            let chosen = cx.state.browser.group == group;
            let name = format!("Group {words}");
            let response = named(
                ui,
                response,
                || WidgetInfo::selected(Role::Button, true, chosen, &name),
                "Lists these presets only.",
            );
            ground(ui, row, chosen, response.hovered());
            let colour = if chosen { theme::TEXT } else { theme::DIM };
            let weight = if chosen { Weight::SemiBold } else { Weight::Regular };
            let room = row.shrink2(vec2(8.0, 0.0));
            let galley = line(ui.painter(), &words, theme::SIZE, weight, colour, room.width());
            place(ui.painter(), room, Align2::LEFT_CENTER, galley);
            if response.clicked() {
                cx.state.browser.group = group;
                cx.state.browser.row = 0;
                cx.state.browser.shows_row = true;
            }
        }
    });
}

fn ground(ui: &Ui, rect: Rect, chosen: bool, hovered: bool) {
    let fill = match (chosen, hovered) {
        (true, _) => theme::PRESSED,
        (false, true) => theme::HOVER,
        (false, false) => return,
    };
    ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
}

fn list(ui: &mut Ui, rect: Rect, all: &[&Listed], cx: &mut Cx) {
    if all.is_empty() {
        nothing(ui, rect, cx);
        return;
    }
    let here = here(cx);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(rect));
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical().id_salt("preset list").auto_shrink([false, false]);
    if std::mem::take(&mut cx.state.browser.shows_row) {
        // In the middle, so that one sees where one comes from and where to.
        let top = cx.state.browser.row as f32 * ROW - (rect.height() - ROW) / 2.0;
        area = area.vertical_scroll_offset(top.clamp(0.0, (all.len() as f32 * ROW - rect.height()).max(0.0)));
    }
    area.show_rows(&mut ui, ROW, all.len(), |ui, rows| {
        for at in rows {
            let (place, _) = ui.allocate_exact_size(vec2(rect.width() - 12.0, ROW), Sense::empty());
            row(ui, place, at, all[at], here.as_ref(), cx);
        }
    });
}

fn row(ui: &mut Ui, rect: Rect, at: usize, listed: &Listed, here: Option<&PresetId>, cx: &mut Cx) {
    let preset = &listed.preset;
    let preset_id = listed.id();
    let key = |what: &str| Id::unique(("deepdrummer preset", what, listed.own, preset.name.as_str()));
    let is_here = here == Some(&preset_id);
    let response = ui.interact(rect, key("row"), Sense::click());
    let name = format!("Preset {}", preset.name);
    let about = text::preset(preset);
    let tempo = preset.tempo.map(text::tempo);
    let suggests = |tempo: &String| format!(" Preset suggests {tempo} BPM; your host's tempo stays.");
    let suggests = tempo.as_ref().map_or_else(String::new, suggests);
    let help = format!("Load it: {about}. It enters as every next loop does.{suggests}");
    let response = named(ui, response, || WidgetInfo::selected(Role::Button, true, is_here, &name), &help);
    let at_row = cx.state.browser.row == at;
    ground(ui, rect.shrink2(vec2(0.0, 1.0)), false, response.hovered() || at_row);
    if at_row {
        let edge = Stroke::new(1.0, theme::ACCENT);
        let rect = rect.shrink2(vec2(0.5, 1.0));
        ui.painter().rect_stroke(rect, CornerRadius::same(5), edge, StrokeKind::Inside);
    }
    if response.clicked() {
        cx.state.browser.row = at;
        load(preset_id.clone(), cx);
    }
    let (star, rest) = cut_left(rect.shrink2(vec2(4.0, 0.0)), 26.0, 4.0);
    let (word, glyph) = if listed.favourite {
        (format!("Remove the star of {}", preset.name), Glyph::Star)
    } else {
        (format!("Star {}", preset.name), Glyph::StarOutline)
    };
    let help = "Favourites are remembered on this machine.";
    let button = Button::new(Face::Sign(glyph), &word, help).look(Look::Bare);
    let star = button.show(ui, middle(star, 24.0), key("star"));
    if listed.favourite {
        Glyph::Star.paint(ui.painter(), star.rect.center(), theme::SIZE * 1.05, theme::ACCENT);
    }
    if star.clicked() {
        cx.send(Command::FavouritePreset(preset_id.clone(), !listed.favourite));
    }
    let (more, rest) = cut_right(rest, 26.0, 4.0);
    if listed.own {
        own_menu(ui, middle(more, 24.0), key("more"), &preset.name, cx);
    }
    let (shelf, rest) = cut_right(rest, 92.0, 6.0);
    let category = if listed.own { "yours" } else { preset.category.as_str() };
    match tempo {
        Some(tempo) => {
            let (upper, lower) = cut_top(shelf, 19.0, 0.0);
            label(ui, upper, Align2::RIGHT_BOTTOM, category, Style::SMALL);
            label(ui, lower, Align2::RIGHT_TOP, &format!("{tempo} BPM"), Style::SMALL);
        }
        None => _ = label(ui, shelf, Align2::RIGHT_CENTER, category, Style::SMALL),
    }
    let (upper, lower) = cut_top(rest, 19.0, 0.0);
    let painter = ui.painter();
    let mut first = upper;
    if is_here {
        let (check, after) = cut_left(upper, 14.0, 3.0);
        Glyph::Check.paint(painter, check.center() + vec2(0.0, 2.0), 11.0, theme::ACCENT);
        first = after;
    }
    let galley = line(painter, &preset.name, theme::SIZE, Weight::SemiBold, theme::TEXT, first.width());
    place(painter, first, Align2::LEFT_BOTTOM, galley);
    let galley = line(painter, &about, theme::SMALL, Weight::Regular, theme::DIM, lower.width());
    place(painter, lower, Align2::LEFT_TOP, galley);
}

/// What can be done with a preset of one's own.
fn own_menu(ui: &mut Ui, rect: Rect, id: Id, name: &str, cx: &mut Cx) {
    let word = format!("More about {name}");
    let button = Button::new(Face::Sign(Glyph::Dots), &word, "Rename or remove it.").look(Look::Bare);
    let response = button.show(ui, rect, id);
    Popup::menu(&response).show(|ui| {
        if menu_item(ui, false, "Rename…") {
            let what = PromptFor::RenamePreset(name.to_owned());
            cx.state.prompt = Some(Prompt { what, text: name.to_owned(), focused: false });
        }
        if menu_item(ui, false, "Remove") {
            cx.send(Command::RemovePreset(name.to_owned()));
        }
    });
}

fn nothing(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (upper, rest) = cut_top(rect, 60.0, 6.0);
    label(ui, upper, Align2::CENTER_BOTTOM, "No preset is like that.", Style::DIM);
    let (row, _) = cut_top(rest, 26.0, 0.0);
    let button = Rect::from_center_size(row.center(), vec2(90.0, 26.0));
    let show_all = Button::new(Face::Text("Show all"), "Show all", "Forgets search, group and favourites.");
    if show_all.show(ui, button, id("show all presets", 0)).clicked() {
        let browser = &mut cx.state.browser;
        browser.search.clear();
        browser.group = Group::All;
        browser.favourites = false;
        browser.wants_keyboard = true;
    }
}

fn footer_height(cx: &Cx) -> f32 {
    let presets = &cx.view.presets;
    let lines = presets.library.problems.len().min(2) + usize::from(presets.library.problems.len() > 2);
    let removed = if presets.removed.is_some() { 28.0 } else { 0.0 };
    removed + if lines > 0 { 16.0 * lines as f32 + 6.0 } else { 0.0 }
}

/// What was removed and can be brought back, and files that can't be read.
fn footer(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let presets = &cx.view.presets;
    let mut rest = rect;
    if let Some(name) = &presets.removed {
        let (row, after) = cut_top(rest, 26.0, 2.0);
        rest = after;
        let (undo, words) = cut_right(row, 92.0, 8.0);
        label(ui, words, Align2::LEFT_CENTER, &format!("“{name}” was removed."), Style::TEXT);
        let help = "It goes back to where it was.";
        let button =
            Button::new(Face::Text("Bring back"), "Bring back", help).text(theme::SMALL, Weight::Regular);
        if button.show(ui, undo, id("restore preset", 0)).clicked() {
            cx.actions.push(crate::editor::actions::Action::Send(Command::RestorePreset(name.clone())));
        }
    }
    let problems = &presets.library.problems;
    let warning = Style { colour: theme::ACCENT, ..Style::SMALL };
    for problem in problems.iter().take(2) {
        let (row, after) = cut_top(rest, 16.0, 0.0);
        rest = after;
        label(ui, row, Align2::LEFT_CENTER, &format!("Left alone: {problem}"), warning);
    }
    if problems.len() > 2 {
        let words = format!("and {} more that can't be read", problems.len() - 2);
        label(ui, cut_top(rest, 16.0, 0.0).0, Align2::LEFT_CENTER, &words, warning);
    }
}
