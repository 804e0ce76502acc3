//! What the window says of why, of a real session and a listener whose taste is known, after 0, 3, 10 and 30 ratings.
//! The pictures go to `target/test-output/editor-why`, with `UPDATE_PICTURES=1` also to `docs/lab`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod editor_support;

use deepdrummer_core::kit::factory;
use deepdrummer_core::pattern::{Loop, Role};
use deepdrummer_core::propose::{CriticKind, learner};
use deepdrummer_core::session::Session;
use deepdrummer_core::session::command::Command;
use deepdrummer_core::session::doc::Document;
use deepdrummer_core::session::view::{KitView, View, WorkerView};
use deepdrummer_core::taste::{Source, Verdict};
use deepdrummer_core::units::Seed;
use editor_support::Fake;
use editor_support::raster::{Picture, Raster};
use egui::{RawInput, Rect, Vec2, pos2, vec2};
use std::path::Path;
use std::sync::Arc;

const SIZE: Vec2 = vec2(1080.0, 660.0);

/// Somebody who likes a kick on every beat, and few other kicks.
fn likes(pattern: &Loop) -> bool {
    let kick = pattern.lanes()[0].mask();
    kick & 0x1111 == 0x1111 && (kick & !0x1111).count_ones() <= 2
}

fn picture(view: &View) -> Picture {
    let ctx = egui::Context::default();
    let mut app = deepdrummer_plugin::editor::EditorApp::new(Box::new(Fake::new(view.clone())));
    app.open(&ctx);
    let mut raster = Raster::default();
    let mut last = None;
    for frame in 0..3 {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), SIZE)),
            time: Some(f64::from(frame) * 0.1),
            ..RawInput::default()
        };
        if let Some(viewport) = input.viewports.get_mut(&egui::ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(1.0);
        }
        let output = ctx.run_ui(input, |ui| app.ui(ui));
        raster.update(&output.textures_delta);
        let primitives = ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
        last = Some(raster.draw(SIZE, output.pixels_per_point, &primitives));
        output.drop_without_applying_deltas();
    }
    last.unwrap()
}

/// All that is shown of why holds by hand: of the log, and of the loop.
fn check(session: &Session, view: &View) {
    let kit = session.kit().unwrap();
    let rated: Vec<(Loop, bool)> = session
        .log()
        .entries()
        .iter()
        .filter(|said| said.source == Source::Rated)
        .filter_map(|said| Some((said.subject, said.verdict.like?)))
        .collect();
    for statement in &view.taste.statements {
        let holding: Vec<&(Loop, bool)> =
            rated.iter().filter(|(pattern, _)| statement.claim.holds(pattern, kit)).collect();
        let liked = holding.iter().filter(|(_, like)| *like).count();
        assert_eq!((statement.liked, statement.of), (liked, holding.len()), "{}", statement.text);
        let disliked = rated.iter().filter(|(_, like)| !*like).count();
        assert!((holding.len() - liked) * 2 <= disliked, "true of the disliked too: {}", statement.text);
        println!("  {}: {liked} of {} liked", statement.text, holding.len());
    }
    let marks = view.current.attribution.as_ref().unwrap();
    for (lane, hits) in view.current.pattern.lanes().iter().zip(&marks.hits) {
        let marked = hits.iter().enumerate().filter(|(_, mark)| mark.is_certain());
        assert!(marked.into_iter().all(|(step, _)| lane.hits[step].is_on()), "a mark where nothing sounds");
    }
    if rated.is_empty() {
        assert!(view.taste.statements.is_empty() && view.current.lift.is_none());
        assert!(marks.hits.iter().flatten().all(|mark| mark.points == 0.0));
    }
}

#[test]
fn what_is_said_of_why_after_0_3_10_and_30_ratings_is_true() {
    let kit = Arc::new(factory::kit());
    let mut session = Session::new(Document::new(Seed(20), Role::default_lanes(4)));
    let critic = learner(CriticKind::Taste, Arc::clone(&kit), Seed(20));
    let name = KitView { name: "All factory sounds".to_owned(), ..KitView::default() };
    let _ = session.set_kit(kit, critic, name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("target/test-output/editor-why")];
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        folders.push(root.join("docs/lab"));
    }
    for rating in 0..=30 {
        let _ = session.settle();
        while session.work() {}
        if [0, 3, 10, 30].contains(&rating) {
            let view = session.view(WorkerView::Ready { queued: 2 });
            println!("after {rating} ratings, {} liked:", view.taste.likes);
            check(&session, &view);
            let picture = picture(&view);
            for folder in &folders {
                std::fs::create_dir_all(folder).unwrap();
                picture.write(&folder.join(format!("why-{rating}.png")));
            }
        }
        let (id, pattern) = session.current().unwrap();
        let _ = session.apply(Command::Rate { id, verdict: Verdict::of(likes(&pattern)) });
    }
}
