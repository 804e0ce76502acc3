//! What a frame of the editor costs without the graphics card: run and tessellate.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/editor_support/mod.rs"]
mod editor_support;

use criterion::{Criterion, criterion_group, criterion_main};
use deepdrummer_core::pattern::{Grid, Role};
use deepdrummer_plugin::editor::EditorApp;
use editor_support::{FOUR, Fake, meters, session};
use egui::{RawInput, Rect, pos2, vec2};

fn frame(ctx: &egui::Context, app: &mut EditorApp, size: (f32, f32)) -> usize {
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(size.0, size.1))),
        ..RawInput::default()
    };
    let mut output = ctx.run_ui(input, |ui| app.ui(ui));
    let shapes = std::mem::take(&mut output.shapes);
    let primitives = ctx.tessellate(shapes, output.pixels_per_point);
    output.drop_without_applying_deltas();
    primitives.len()
}

fn frames(criterion: &mut Criterion) {
    let wide = Grid { bars: 4, steps_per_bar: 24, ..Grid::default() };
    for (name, view, size) in [
        ("4 lanes of 16 steps", session(&FOUR, Grid::default()), (1080.0, 660.0)),
        ("8 lanes of 96 steps", session(Role::default_lanes(8), wide), (1600.0, 1000.0)),
    ] {
        let fake = Fake::new(view);
        fake.0.lock().unwrap().meters = Some(meters(Some(3.0)));
        let ctx = egui::Context::default();
        let mut app = EditorApp::new(Box::new(fake.clone()));
        app.open(&ctx);
        for _ in 0..3 {
            frame(&ctx, &mut app, size);
        }
        criterion.bench_function(&format!("full redraw, {name}"), |bencher| {
            bencher.iter(|| frame(&ctx, &mut app, size));
        });
        criterion.bench_function(&format!("idle poll, {name}"), |bencher| bencher.iter(|| app.changed()));
    }
}

criterion_group!(benches, frames);
criterion_main!(benches);
