//! Whose taste counts: this project's beside that of the person's others, and a friend's beside both.

use crate::editor::actions::{Action, Cx, Dialog};
use crate::editor::theme::{self, Weight};
use crate::editor::widgets::{
    Button, Face, Glyph, Slider, Style, cut_left, cut_right, cut_top, id, label, menu_heading, menu_item,
    middle, paragraph, tell,
};
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::view::FriendView;
use deepdrummer_core::taste::friend::Together;
use egui::{Align2, Popup, Rect, Ui};

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let (heading, rest) = cut_top(rect, 18.0, 2.0);
    label(ui, heading, Align2::LEFT_CENTER, "WHOSE TASTE", Style::HEADING);
    let whose = &cx.view.taste.whose;
    let share = whose.project_share;
    let shown = if share.to_bits() == 0.5f32.to_bits() { "as mine".to_owned() } else { percent(share) };
    let help = "How much what you said in this project counts beside what you said in others with this profile: not at \
                all, as much, alone.";
    let (row, rest) = cut_top(rest, 22.0, 2.0);
    if let Some(share) = dial(ui, row, (0, "This project", help), (share, 0.5), &shown, cx) {
        cx.send(Command::SetProjectShare(share));
    }
    match &whose.friend {
        Some(friend) => show_friend(ui, rest, friend, cx),
        None => add_friend(ui, middle(cut_top(rest, 26.0, 0.0).0, 22.0), cx),
    }
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A share that is sent once the hand is off: the learner takes a moment for each.
fn dial(
    ui: &mut Ui,
    row: Rect,
    (number, name, help): (usize, &str, &str),
    (value, default): (f32, f32),
    shown: &str,
    cx: &mut Cx,
) -> Option<f32> {
    let draft = cx.state.share_draft.filter(|(of, _)| *of == number).map(|(_, share)| share);
    let drafted = draft.map(percent);
    let slider = Slider {
        name,
        help,
        value: draft.unwrap_or(value),
        range: 0.0..=1.0,
        default,
        step: 0.05,
        shown: drafted.as_deref().unwrap_or(shown),
        name_width: 84.0,
        value_width: 50.0,
        centred: false,
    };
    let done = slider.show(ui, row, id("share", number));
    let now = done.value.map(|share| (share * 20.0).round() / 20.0).or(draft);
    if done.ended {
        cx.state.share_draft = None;
        return now.filter(|now| now.to_bits() != value.to_bits());
    }
    if let Some(now) = now {
        cx.state.share_draft = Some((number, now));
    }
    None
}

fn show_friend(ui: &mut Ui, rect: Rect, friend: &FriendView, cx: &mut Cx) {
    let (row, rest) = cut_top(rect, 22.0, 2.0);
    let (row, remove) = {
        let (remove, row) = cut_right(row, 20.0, 4.0);
        (row, remove)
    };
    let heard = match friend.ratings {
        Some(1) => "1 rating of it is heard".to_owned(),
        Some(many) => format!("{many} ratings of it are heard"),
        None => "its file can't be read now".to_owned(),
    };
    let help =
        format!("How much {} counts beside you; {heard}. The profile itself is never changed.", friend.name);
    let shown = percent(friend.share);
    if let Some(share) = dial(ui, row, (1, &friend.name, &help), (friend.share, 0.3), &shown, cx) {
        cx.send(Command::SetFriend { share, together: friend.together });
    }
    let name = format!("Remove {}", friend.name);
    let button = Button::new(Face::Sign(Glyph::Cross), &name, "Your own taste alone. Undo brings it back.");
    if button.text(9.0, Weight::Regular).show(ui, middle(remove, 20.0), id("remove friend", 0)).clicked() {
        cx.send(Command::RemoveFriend);
    }
    let (row, rest) = cut_top(rest, 24.0, 4.0);
    let (both, either) = cut_left(middle(row, 20.0), (row.width() - 6.0) / 2.0, 6.0);
    for (rect, together, help) in [
        (both, Together::Both, "Loops that both of you like."),
        (either, Together::Either, "Loops that at least one of you likes."),
    ] {
        let button = Button::new(Face::Text(together.label()), together.label(), help);
        let button = button.text(theme::SMALL, Weight::Regular).choice(friend.together == together);
        if button.show(ui, rect, id("together", together as usize)).clicked() {
            cx.send(Command::SetFriend { share: friend.share, together });
        }
    }
    let words = match friend.shared[..] {
        [] => format!("What you and {} both like can't be said yet.", friend.name),
        _ => format!("You both like: {}.", friend.shared.join("; ")),
    };
    let galley = paragraph(ui.painter(), &words, theme::SMALL, theme::DIM, rest.width());
    if galley.size().y <= rest.height() + 2.0 {
        ui.painter().galley(rest.min, galley, theme::DIM);
    } else {
        label(ui, cut_top(rest, 16.0, 0.0).0, Align2::LEFT_CENTER, &words, Style::SMALL);
    }
    tell(ui, rest, &words);
}

fn add_friend(ui: &mut Ui, rect: Rect, cx: &mut Cx) {
    let help = "Another profile is heard beside yours. It is only read, and nothing of it enters your own.";
    let button = Button::new(Face::Menu("Add a friend’s profile"), "Add a friend’s profile", help);
    let response = button.text(theme::SMALL, Weight::Regular).show(ui, rect, id("add friend", 0));
    let profile = &cx.view.profile;
    Popup::menu(&response).show(|ui| {
        menu_heading(ui, "A FRIEND’S PROFILE");
        if menu_item(ui, false, "From a file…") {
            cx.actions.push(Action::Open(Dialog::Friend));
        }
        for name in profile.all.iter().filter(|name| **name != profile.name) {
            if menu_item(ui, false, name) {
                cx.actions.push(Action::Send(Command::BringProfile(name.clone())));
            }
        }
    });
}
