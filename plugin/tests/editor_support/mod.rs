//! What editor tests, the preview and the bench share: a session that answers commands in memory, hands
//! for it, and a rasteriser that needs no graphics card.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used)]

pub(crate) mod fake;
pub(crate) mod harness;
pub(crate) mod raster;
#[cfg(target_os = "linux")]
pub(crate) mod screen;

pub(crate) use fake::Fake;

use deepdrummer_core::engine::{BusSettings, Enter, LaneMix, LaneShape};
use deepdrummer_core::features::Directions;
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, Meter, Role, SampleId, Swing};
use deepdrummer_core::propose::{
    Attribution, Claim, Prediction, Quantity, RhythmShare, Side, Statement, Steering,
};
use deepdrummer_core::session::command::{ExportSettings, KitChoice, PresetId, Strategy};
use deepdrummer_core::session::preset::{Library, Listed, Preset};
use deepdrummer_core::session::view::*;
use deepdrummer_core::taste::LoopId;
use deepdrummer_core::units::Seed;
use deepdrummer_plugin::editor::Meters;
use std::sync::Arc;

/// Meters of a host that stands still, or plays at a step.
pub(crate) fn meters(step: Option<f32>) -> Meters {
    let mut lane_peaks = [0.0; MAX_LANES];
    if step.is_some() {
        lane_peaks = [0.8, 0.1, 0.35, 0.2, 0.5, 0.05, 0.3, 0.15];
    }
    Meters {
        runs: true,
        playing: step.is_some(),
        step: step.unwrap_or(0.0),
        since: 0,
        heard: None,
        section: 0,
        audible: None,
        bars_heard: 3,
        lane_peaks,
        output_peaks: [0.5; 2],
        lufs: -16.1,
        true_peak: 0.86,
        glue_db: 1.4,
        bus_limiter: 1.0,
        bpm: 124.0,
        meter: Meter::FOUR_FOUR,
        bar: Some(17),
    }
}

/// A loop with a beat a person would recognise, repeatable for any grid.
pub(crate) fn beat(grid: Grid, roles: &[Role], salt: u64) -> Loop {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(salt + 1);
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let per_beat = grid.steps_per_beat().max(1);
    let lanes: Vec<Lane> = roles
        .iter()
        .enumerate()
        .map(|(index, role)| {
            let mut lane = Lane::empty(*role, SampleId(100 + index as u64));
            for step in 0..grid.steps() {
                let on_beat = step % per_beat == 0;
                let beat = step / per_beat;
                let chance = match role {
                    Role::Kick if on_beat => 95,
                    Role::Snare | Role::Clap if on_beat && beat % 2 == 1 => 95,
                    Role::ClosedHat if step % 2 == 0 => 85,
                    Role::OpenHat if step % per_beat == per_beat / 2 => 60,
                    _ => 12,
                };
                if next() % 100 < chance {
                    let velocity = if on_beat { 112 } else { 45 + (next() % 60) as u8 };
                    let offset = if next() % 6 == 0 { (next() % 120) as i8 - 60 } else { 0 };
                    lane.hits[step] = Hit { velocity, offset, ..Hit::NONE };
                }
            }
            lane
        })
        .collect();
    Loop::new(grid, Swing::from_percent(54.0), &lanes)
}

fn peaks(salt: usize) -> Arc<[u8]> {
    let rate = 14.0 + 6.0 * (salt % 5) as f32;
    (0..64)
        .map(|at| {
            let wobble = 0.75 + 0.25 * ((at * (7 + salt)) as f32).sin();
            (255.0 * (-(at as f32) / rate).exp() * wobble) as u8
        })
        .collect()
}

/// The roles of the four-lane example of the picture.
pub(crate) const FOUR: [Role; 4] = [Role::Kick, Role::Snare, Role::ClosedHat, Role::Percussion];

/// A session in the middle of an evening: 34 ratings, two loops waiting.
pub(crate) fn session(roles: &[Role], grid: Grid) -> View {
    let names = [
        "808 long 03",
        "Clap tight 11",
        "Closed dark 07",
        "Rim wood 02",
        "Open air 04",
        "Shaker 01",
        "Tom low 05",
        "Ride 02",
    ];
    let pattern = beat(grid, roles, 1);
    let lanes = roles
        .iter()
        .enumerate()
        .map(|(index, role)| LaneView {
            role: *role,
            sample: SampleId(100 + index as u64),
            sample_name: names[index % names.len()].to_owned(),
            missing: false,
            is_own: false,
            peaks: peaks(index),
            seconds: 0.4,
            mix: LaneMix::of(*role),
            shape: LaneShape::NEW,
            locked_steps: 0,
            lock_beat: index == 0,
            as_written: false,
            lock_sound: false,
        })
        .collect();
    let verdicts = [true, false, true, true, false, true, true, true];
    let mut history: Vec<HistoryView> = verdicts
        .iter()
        .enumerate()
        .map(|(at, verdict)| HistoryView {
            id: LoopId(34 + at as u64),
            number: 34 + at as u32,
            pattern: Arc::new(beat(grid, roles, 10 + at as u64)),
            verdict: Some(*verdict),
            starred: at == 3,
            is_current: false,
            serials: vec![at as u64],
        })
        .collect();
    history.push(HistoryView {
        id: LoopId(42),
        number: 42,
        pattern: Arc::new(pattern),
        verdict: None,
        starred: false,
        is_current: true,
        serials: Vec::new(),
    });
    let mut attribution = Attribution::none(roles.len(), 0.82);
    for (index, lane) in pattern.lanes().iter().enumerate() {
        for (step, _) in lane.iter() {
            attribution.hits[index][step].points = match lane.role {
                Role::Kick if step % 8 == 0 => 0.08,
                Role::Percussion | Role::Tom => -0.05,
                _ => 0.004,
            };
        }
    }
    let statement = |text: &str, (liked, of): (usize, usize), points: f32, evidence: &[u64]| Statement {
        text: text.to_owned(),
        claim: Claim { quantity: Quantity::Hits, side: Side::AtLeast, bound: 0.0 },
        points,
        liked,
        of,
        evidence: evidence.to_vec(),
    };
    View {
        song: SongView::default(),
        revision: 1,
        current: LoopView {
            id: LoopId(42),
            number: 42,
            pattern,
            edited: false,
            verdict: None,
            rhythm_verdict: None,
            sound_verdict: None,
            prediction: Some(Prediction { p_like: 0.82, sd: 0.09 }),
            attribution: Some(Arc::new(attribution)),
            lift: Some(LiftView { text: "Kick: add step 11".to_owned(), gain: 0.07 }),
        },
        lanes,
        taste: TasteView {
            likes: 22,
            dislikes: 12,
            statements: vec![
                statement("Kick on every beat", (12, 13), 0.31, &[0, 2, 5]),
                statement("Short closed hat sound (under 62 ms)", (9, 10), 0.22, &[3]),
                statement("Perc: 3 hits a bar at most", (14, 17), 0.18, &[1, 4]),
            ],
            curve: vec![0.3, 0.4, 0.35, 0.5, 0.55, 0.68, 0.65, 0.78, 0.8, 0.8],
            reask: None,
            rhythm: Some(RhythmShare { share: 0.64, sd: 0.11 }),
            said: (1..=10)
                .map(|serial| SaidView { serial, id: LoopId(serial), like: serial % 3 > 0, aside: false })
                .collect(),
            blind: BlindView::default(),
            honesty: Some(Honesty { claimed: 0.62, liked: 0.66, ratings: 30 }),
            references: Vec::new(),
            directions: Directions::NONE,
        },
        steering: Steering { grid, ..Steering::default() },
        strategy: Strategy::Ask,
        history,
        queue: (0..3).map(|at| Arc::new(beat(grid, roles, 50 + at))).collect(),
        worker: WorkerView::Ready { queued: 3 },
        notices: Vec::new(),
        kit: KitView {
            name: "Analog Club".to_owned(),
            sounds: 412,
            mono: false,
            factory: vec![
                "All factory sounds".to_owned(),
                "Analog Club".to_owned(),
                "Dusty Breaks".to_owned(),
            ],
            recent: vec!["/home/someone/Samples/Techno".into()],
            problems: Vec::new(),
            missing: Vec::new(),
        },
        profile: ProfileView {
            name: "My techno".to_owned(),
            all: vec!["My techno".to_owned(), "Hip-hop".to_owned()],
        },
        enter: Enter::NextBar,
        export: ExportSettings::default(),
        exported: Vec::new(),
        undo: Some("Edit".to_owned()),
        redo: None,
        audition: false,
        muted_after_drag: false,
        learns_key: None,
        settings: Settings::default(),
        presets: presets(),
        for_the_host: None,
        sound_for_the_host: None,
        bus: BusSettings::GENTLE,
        levelled: true,
        human: 0.6,
        clip_feel: None,
    }
}

/// The same with the styles of the preset that it came from.
pub(crate) fn directed(roles: &[Role], grid: Grid) -> View {
    let mut view = session(roles, grid);
    view.steering.styles = view.presets.library.all[0].preset.steering.styles;
    view
}

/// The factory's presets and two of a person's own, of which the project came from one.
pub(crate) fn presets() -> PresetsView {
    let mut library = Library::clone(&Library::factory());
    for (name, lanes) in [("Late night", 6), ("Sunday", 4)] {
        let preset = Preset {
            name: name.to_owned(),
            category: "House".to_owned(),
            tags: vec!["mine".to_owned()],
            kit: KitChoice::FactoryKit("Deep House".to_owned()),
            lanes: Role::default_lanes(lanes).to_vec(),
            steering: Steering { swing: Some(Swing::from_percent(57.0)), ..Steering::default() },
            tempo: None,
            seed: Seed(7),
            sound: None,
        };
        library.all.push(Listed { preset, own: true, favourite: false });
    }
    library.all[0].favourite = true;
    PresetsView {
        library: Arc::new(library),
        current: Some(CurrentPreset {
            id: PresetId { own: false, name: "Warehouse".to_owned() },
            changed: false,
        }),
        loading: None,
        removed: None,
    }
}

/// A session with a song of six sections over sixteen bars, the first of them chosen.
pub(crate) fn with_song(mut view: View) -> View {
    use deepdrummer_core::propose::sections::Maker;
    let grid = view.current.pattern.grid;
    let roles: Vec<Role> = view.lanes.iter().map(|lane| lane.role).collect();
    let made = [
        ("A", Maker::Chosen, 0.91, Some(true)),
        ("A′", Maker::Variation, 0.86, None),
        ("B", Maker::Contrast, 0.78, None),
        ("Fill", Maker::Fill, 0.83, None),
        ("Break", Maker::Break, 0.30, Some(false)),
    ];
    view.song.sections = made
        .into_iter()
        .enumerate()
        .map(|(at, (name, maker, p_like, verdict))| SectionView {
            id: if at == 0 { view.current.id } else { LoopId(900 + at as u64) },
            name: name.to_owned(),
            maker,
            pattern: Arc::new(if at == 0 {
                view.current.pattern
            } else {
                beat(grid, &roles, 60 + at as u64)
            }),
            variants: if maker == Maker::Fill { 8 } else { 1 },
            prediction: Some(Prediction { p_like, sd: 0.1 }),
            verdict,
            chosen: at == 0,
            frees_sounds: false,
            energy: vec![[0.22, 0.26, 0.3, 0.42, 0.08][at]; usize::from(grid.bars)],
        })
        .collect();
    view.song.strip = vec![1, 1, 1, 4, 2, 2, 2, 4, 3, 3, 3, 5, 1, 1, 1, 4];
    (view.song.arranged, view.song.looped) = (true, true);
    view.song.fills.half = true;
    view.song.source = Some("A".to_owned());
    view
}
