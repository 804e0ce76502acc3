//! How near loops before any rating come to what drummers play: told apart by rhythm and by feel, nearest
//! neighbours, copies, variety; how well lanes are completed; whether fills are told as fills.
//!
//! Tool threads. Judged against the validation part of the data; the training part serves for copies and as the
//! control "real bars of other pieces".

use super::data::{Bar, DataError, Split, performances};
use super::draws::draw;
use super::forest::{Forest, area_under_roc, told_apart};
use crate::baselines::Contender;
use crate::listeners::Setting;
use crate::study::Factory;
use deepdrummer_core::features::Styles;
use deepdrummer_core::groove::{self, CELLS, Human, Nets, Part, RhythmBar, Said};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Hit, Loop, MAX_LANES, Role};
use deepdrummer_core::propose::Mode;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// Layers that rhythms are compared on, and what each weighs in likeness: kick; snare and clap; hats and cymbals.
const LAYERS: usize = 3;
const WEIGHTS: [f32; LAYERS] = [0.4, 0.35, 0.25];
/// Loops that one learner samples.
const EACH: usize = 20;
/// Folds of the two-sample test.
const FOLDS: usize = 5;
/// Bars of one performance that are taken as reference, and as control.
const OF_ONE: usize = 8;
const OF_ANOTHER: usize = 3;

/// What is examined.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// Loops of each set.
    pub loops: usize,
    /// Root of all randomness.
    pub seed: Seed,
    /// What loops look like.
    pub setting: Setting,
    /// Settings of the dial that are examined, 0 to 1; the first is that of the rhythm's table.
    pub human: Vec<f32>,
}

/// A set of loops beside the reference.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What it is.
    pub name: String,
    /// How many loops.
    pub loops: usize,
    /// Told from the reference by rhythm: area under the curve, 0.5 is not at all.
    pub rhythm: f32,
    /// By velocity and timing, with each bar's mean offset taken out.
    pub feel: f32,
    /// The same with offsets as they are.
    pub feel_as_is: f32,
    /// Mean likeness to the nearest bar of the reference, 0 to 1.
    pub nearest: f32,
    /// Share that equals a bar that was trained on.
    pub copies: f32,
    /// Mean distance of pairs.
    pub variety: f32,
    /// Share of different ones.
    pub distinct: f32,
}

/// Completion of one lane from the others, nats a lane.
#[derive(Clone, Debug, Serialize)]
pub struct Completion {
    /// Whose lanes.
    pub name: String,
    /// How many.
    pub lanes: usize,
    /// From how often each cell of a role sounds.
    pub frequency: f32,
    /// By the net, one cell at a time.
    pub net: f32,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How it was done.
    pub settings: Settings,
    /// Bars of the reference.
    pub reference: usize,
    /// Sets of loops.
    pub rows: Vec<Row>,
    /// Completions.
    pub completion: Vec<Completion>,
    /// The last half of beats made anew: told from beats by a forest that knows fills; real fills, fills that were
    /// asked for, beats that were.
    pub fills: [f32; 3],
}

/// One bar on three layers of sixteen sixteenths.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sketch {
    piece: u64,
    velocity: [[f32; CELLS]; LAYERS],
    offset: [[f32; CELLS]; LAYERS],
}

fn layer_of(role: Role) -> Option<usize> {
    match role {
        Role::Kick => Some(0),
        Role::Snare | Role::Clap => Some(1),
        Role::ClosedHat | Role::OpenHat | Role::Cymbal => Some(2),
        Role::Tom | Role::Percussion | Role::Fx => None,
    }
}

impl Sketch {
    fn empty(piece: u64) -> Self {
        Self { piece, velocity: [[0.0; CELLS]; LAYERS], offset: [[0.0; CELLS]; LAYERS] }
    }

    /// A hit at a time in sixteenths.
    fn add(&mut self, role: Role, at: f32, velocity: u8) {
        let Some(layer) = layer_of(role) else { return };
        let cell = at.round();
        let to = cell.rem_euclid(16.0) as usize % CELLS;
        let velocity = f32::from(velocity) / 127.0;
        if velocity > self.velocity[layer][to] {
            self.velocity[layer][to] = velocity;
            self.offset[layer][to] = at - cell;
        }
    }

    fn of_bar(bar: &Bar) -> Self {
        let mut sketch = Self::empty(bar.piece);
        let sixteenths = if bar.triplets { 4.0 / 3.0 } else { 1.0 };
        for strip in &bar.lanes {
            for cell in (0..CELLS).filter(|cell| strip.velocity[*cell] > 0) {
                let at = (cell as f32 + strip.offset[cell]) * sixteenths;
                sketch.add(strip.role, at, strip.velocity[cell]);
            }
        }
        sketch
    }

    fn of_loop(pattern: &Loop, piece: u64) -> Self {
        let mut sketch = Self::empty(piece);
        let steps = usize::from(pattern.grid.steps_per_bar);
        for lane in pattern.lanes() {
            for (step, hit) in lane.iter().filter(|(step, _)| *step < steps) {
                sketch.add(lane.role, (4.0 * pattern.beat_in_bar(step, hit)) as f32, hit.velocity);
            }
        }
        sketch
    }

    fn mask(&self, layer: usize) -> u16 {
        self.velocity[layer].iter().enumerate().fold(0, |mask, (c, v)| mask | u16::from(*v > 0.0) << c)
    }

    fn is_full(&self) -> bool {
        (0..LAYERS).all(|layer| self.mask(layer) != 0)
    }

    fn likeness(&self, other: &Self) -> f32 {
        (0..LAYERS)
            .map(|layer| {
                let (a, b) = (self.mask(layer), other.mask(layer));
                WEIGHTS[layer] * (a & b).count_ones() as f32 / (a | b).count_ones().max(1) as f32
            })
            .sum()
    }

    fn bits(&self) -> u64 {
        (0..LAYERS).fold(0, |bits, layer| bits | u64::from(self.mask(layer)) << (16 * layer))
    }

    fn rhythm(&self) -> Vec<f32> {
        let mut row = Vec::with_capacity(LAYERS * (CELLS + 5));
        for layer in 0..LAYERS {
            let mask = self.mask(layer);
            row.extend((0..CELLS).map(|cell| f32::from(mask >> cell & 1)));
            row.push(mask.count_ones() as f32);
            row.extend((0..4).map(|phase| {
                (0..CELLS).filter(|cell| cell % 4 == phase && mask >> cell & 1 == 1).count() as f32
            }));
        }
        row
    }

    /// Figures of velocity and timing that say little of which cells sound: means, spreads and extremes of each
    /// layer, on the beat, off it and between, and how layers stand to each other.
    fn feel(&self, centred: bool) -> Vec<f32> {
        let all: Vec<(usize, usize)> = (0..LAYERS)
            .flat_map(|layer| (0..CELLS).map(move |cell| (layer, cell)))
            .filter(|&(layer, cell)| self.velocity[layer][cell] > 0.0)
            .collect();
        let mean_of = |of: &[f32]| of.iter().sum::<f32>() / of.len().max(1) as f32;
        let offsets: Vec<f32> = all.iter().map(|&(layer, cell)| self.offset[layer][cell]).collect();
        let common = if centred { mean_of(&offsets) } else { 0.0 };
        let mut row = Vec::new();
        let mut means = Vec::new();
        for values in [&self.velocity, &self.offset] {
            let is_offset = std::ptr::eq(values, &self.offset);
            let shift = if is_offset { common } else { 0.0 };
            let mut figures = |cells: Vec<f32>| {
                let mean = if cells.is_empty() { 0.0 } else { mean_of(&cells) };
                let sd = (cells.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / cells.len().max(1) as f32)
                    .sqrt();
                let most = cells.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let least = cells.iter().copied().fold(f32::INFINITY, f32::min);
                row.extend(if cells.is_empty() { [0.0; 4] } else { [mean, sd, most, least] });
                mean
            };
            for layer in 0..LAYERS {
                let of = |keep: fn(usize) -> bool| -> Vec<f32> {
                    all.iter()
                        .filter(|&&(l, cell)| l == layer && keep(cell))
                        .map(|&(l, cell)| values[l][cell] - shift)
                        .collect()
                };
                means.push(figures(of(|_| true)));
                figures(of(|cell| cell % 4 == 0));
                figures(of(|cell| cell % 4 == 2));
                figures(of(|cell| cell % 2 == 1));
            }
            figures(all.iter().map(|&(l, cell)| values[l][cell] - shift).collect());
        }
        for pair in [[0, 1], [1, 2], [0, 2], [3, 4], [4, 5], [3, 5]] {
            row.push(means[pair[0]] - means[pair[1]]);
        }
        row
    }
}

/// At most so many bars of each piece, in their order.
fn few(bars: &[Bar], most: usize, keep: impl Fn(&Bar) -> bool, rng: &mut Rng) -> Vec<Bar> {
    let mut out = Vec::new();
    let kept: Vec<&Bar> = bars.iter().filter(|bar| keep(bar)).collect();
    for of_piece in kept.chunk_by(|a, b| a.piece == b.piece) {
        let mut own = of_piece.to_vec();
        while own.len() > most {
            own.remove(rng.below(own.len()));
        }
        out.extend(own.into_iter().cloned());
    }
    out
}

fn shuffled<T>(mut items: Vec<T>, most: usize, rng: &mut Rng) -> Vec<T> {
    for at in (1..items.len()).rev() {
        items.swap(at, rng.below(at + 1));
    }
    items.truncate(most);
    items
}

/// Draws, examines, compares.
///
/// # Errors
/// The folder can't be read.
pub fn examine(
    folder: &Path,
    settings: &Settings,
    kit: &Arc<Kit>,
    make: Factory<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<Report, DataError> {
    let mut rng = Rng::stream(settings.seed, "examination of grooves", 0);
    progress("reading bars");
    let train = performances(folder, Split::Train)?;
    let validation = performances(folder, Split::Validation)?;
    let is_beat = |bar: &Bar| bar.part == Part::Beat;
    let sketch = |bars: &[Bar]| -> Vec<Sketch> {
        bars.iter().map(|bar| Sketch::of_bar(&bar.merged())).filter(Sketch::is_full).collect()
    };
    let reference = sketch(&few(&validation, OF_ONE, is_beat, &mut rng));
    let known: std::collections::HashSet<u64> = sketch(&train).iter().map(Sketch::bits).collect();
    let mut sets: Vec<(String, Vec<Sketch>)> = Vec::new();
    let real = sketch(&few(&train, OF_ANOTHER, is_beat, &mut rng));
    sets.push(("real bars of other pieces".to_owned(), shuffled(real, settings.loops, &mut rng)));
    progress("drawing from styles");
    let styles = Styles::builtin();
    let written: Vec<Sketch> = (0..2 * settings.loops as u64)
        .map(|at| draw(&styles, Some(Role::default_lanes(6)), at, &mut rng))
        .map(|bar| Sketch::of_bar(&bar))
        .filter(Sketch::is_full)
        .collect();
    sets.push(("draws from styles".to_owned(), shuffled(written, settings.loops, &mut rng)));
    progress("asking learners that were told nothing");
    let cold = cold(settings, kit, make);
    for &amount in &settings.human {
        let name = format!("before any rating, Human {:.0} %", 100.0 * amount);
        let loops = cold.iter().enumerate().map(|(at, (learner, pattern))| {
            Sketch::of_loop(&played(pattern, amount, at as u64), (2 << 40) + learner)
        });
        let loops: Vec<Sketch> = loops.filter(Sketch::is_full).collect();
        sets.push((name, loops.into_iter().take(settings.loops).collect()));
    }
    for &amount in settings.human.iter().filter(|amount| **amount > 0.0 && **amount < 1.0) {
        let name = format!("the same, straight from flat, {:.0} %", 100.0 * amount);
        let loops = cold.iter().enumerate().map(|(at, (learner, pattern))| {
            let full = played(pattern, 1.0, at as u64);
            Sketch::of_loop(&straight(&full, amount), (2 << 40) + learner)
        });
        let loops: Vec<Sketch> = loops.filter(Sketch::is_full).collect();
        sets.push((name, loops.into_iter().take(settings.loops).collect()));
    }
    let rows = sets
        .iter()
        .map(|(name, loops)| {
            progress(name);
            row(name, loops, &reference, &known, &mut rng)
        })
        .collect();
    progress("completing lanes");
    let completion = completions(&train, &few(&validation, OF_ONE, |_| true, &mut rng), settings, &mut rng);
    progress("making fills");
    let fills = fills(&train, &validation, &mut rng);
    Ok(Report { settings: settings.clone(), reference: reference.len(), rows, completion, fills })
}

/// Loops of learners that were told nothing, each with its learner.
fn cold(settings: &Settings, kit: &Arc<Kit>, make: Factory<'_>) -> Vec<(u64, Loop)> {
    let wanted = settings.loops + settings.loops / 4;
    let mut loops = Vec::new();
    for at in 0..wanted.div_ceil(EACH) as u64 {
        let seed = Seed(settings.seed.0.wrapping_add(at));
        let mut learner = make(Contender::Taste, Arc::clone(kit), seed);
        let found = learner.sample(&settings.setting.request(Mode::Good, &[]), EACH);
        loops.extend(found.into_iter().map(|proposal| (at, proposal.pattern)));
    }
    loops
}

fn played(pattern: &Loop, amount: f32, number: u64) -> Loop {
    let seed = Seed(Rng::stream(Seed(number), "human", 0).bits());
    groove::play(
        pattern,
        &Human { amount, written: 0, kept: [0; MAX_LANES], family: None, seed, template: None },
    )
}

/// The dial as a straight line from one velocity and the grid: what the dial is compared with.
fn straight(full: &Loop, amount: f32) -> Loop {
    let mut pattern = *full;
    for hit in pattern.lanes_mut().iter_mut().flat_map(|lane| &mut lane.hits).filter(|hit| hit.is_on()) {
        let velocity = 95.0 + amount * (f32::from(hit.velocity) - 95.0);
        *hit = Hit {
            velocity: velocity.round().clamp(1.0, 127.0) as u8,
            offset: (amount * f32::from(hit.offset)).round() as i8,
            ..Hit::NONE
        };
    }
    pattern
}

fn row(
    name: &str,
    loops: &[Sketch],
    reference: &[Sketch],
    known: &std::collections::HashSet<u64>,
    rng: &mut Rng,
) -> Row {
    let told = |of: &dyn Fn(&Sketch) -> Vec<f32>, rng: &mut Rng| {
        let rows = |set: &[Sketch]| -> Vec<(u64, Vec<f32>)> {
            set.iter().map(|sketch| (sketch.piece, of(sketch))).collect()
        };
        told_apart(&rows(reference), &rows(loops), FOLDS, rng)
    };
    let n = loops.len().max(1) as f32;
    let nearest = loops.iter().map(|of| {
        reference.iter().filter(|other| other.piece != of.piece).map(|o| of.likeness(o)).fold(0.0, f32::max)
    });
    let (mut distance, mut pairs) = (0.0f64, 0.0f64);
    for (at, a) in loops.iter().enumerate() {
        for b in &loops[at + 1..] {
            let (a, b) = (a.bits(), b.bits());
            distance += 1.0 - f64::from((a & b).count_ones()) / f64::from((a | b).count_ones().max(1));
            pairs += 1.0;
        }
    }
    let distinct: std::collections::HashSet<u64> = loops.iter().map(Sketch::bits).collect();
    Row {
        name: name.to_owned(),
        loops: loops.len(),
        rhythm: told(&Sketch::rhythm, rng),
        feel: told(&|of| of.feel(true), rng),
        feel_as_is: told(&|of| of.feel(false), rng),
        nearest: nearest.sum::<f32>() / n,
        copies: loops.iter().filter(|of| known.contains(&of.bits())).count() as f32 / n,
        variety: (distance / pairs.max(1.0)) as f32,
        distinct: distinct.len() as f32 / n,
    }
}

/// The bar as the rhythm net has it, and its lanes.
fn rhythm_bar<'n>(nets: &'n Nets, bar: &Bar, said: &Said, more: &[Role]) -> (RhythmBar<'n>, Vec<Role>) {
    let roles: Vec<Role> = bar.lanes.iter().map(|strip| strip.role).chain(more.iter().copied()).collect();
    let roles: Vec<Role> = roles.into_iter().take(MAX_LANES).collect();
    let usable = if bar.triplets { 0x0fff } else { 0xffff };
    let condition = said.condition(bar.triplets);
    let mut of = RhythmBar::new(&nets.rhythm, &roles, usable, bar.triplets, &condition);
    for (lane, strip) in bar.lanes.iter().enumerate().take(MAX_LANES) {
        of.show(lane, usable, strip.hits());
    }
    (of, roles)
}

fn completions(train: &[Bar], played: &[Bar], settings: &Settings, rng: &mut Rng) -> Vec<Completion> {
    let drawn = super::draws::draws(600, Seed(settings.seed.0.wrapping_add(77)));
    [("bars that drummers played", played, train), ("new draws from styles", &drawn[..], &drawn[..])]
        .into_iter()
        .map(|(name, bars, known)| {
            let mut counts = [[0.0f32; CELLS]; Role::ALL.len()];
            let mut lanes_of = [0.0f32; Role::ALL.len()];
            for strip in known.iter().filter(|bar| !bar.triplets).flat_map(|bar| bar.merged().lanes) {
                lanes_of[strip.role.index()] += 1.0;
                for cell in (0..CELLS).filter(|cell| strip.hits() >> cell & 1 == 1) {
                    counts[strip.role.index()][cell] += 1.0;
                }
            }
            let (mut lanes, mut frequency, mut net) = (0, 0.0f64, 0.0f64);
            for bar in bars.iter().filter(|bar| !bar.triplets).map(Bar::merged) {
                for lane in 0..bar.lanes.len().min(MAX_LANES) {
                    let role = bar.lanes[lane].role.index();
                    let truth = bar.lanes[lane].hits();
                    for (cell, count) in counts[role].iter().enumerate() {
                        let p = (count / lanes_of[role].max(1.0)).clamp(0.01, 0.99);
                        frequency -= f64::from(if truth >> cell & 1 == 1 { p } else { 1.0 - p }).ln();
                    }
                    if let Some(nats) = completed(&bar, lane, rng) {
                        net += nats;
                    }
                    lanes += 1;
                }
            }
            let mean = |sum: f64| (sum / f64::from(lanes.max(1))) as f32;
            let (frequency, net) = (mean(frequency), mean(net));
            Completion { name: name.to_owned(), lanes: lanes as usize, frequency, net }
        })
        .collect()
}

/// Nats of one lane given the others, one cell at a time in a random order.
fn completed(bar: &Bar, lane: usize, rng: &mut Rng) -> Option<f64> {
    let nets = Nets::builtin()?;
    let said = Said { density: None, ..bar.said() };
    let (mut of, _) = rhythm_bar(nets, bar, &said, &[]);
    let truth = bar.lanes[lane].hits();
    of.hide(lane, 0xffff);
    let order = shuffled((0..CELLS).collect(), CELLS, rng);
    let mut odds = [[0.0; CELLS]; MAX_LANES];
    let mut nats = 0.0;
    for cell in order {
        let mut cells = [0; MAX_LANES];
        cells[lane] = 1 << cell;
        of.log_odds_of(&cells, &mut odds);
        let towards = if truth >> cell & 1 == 1 { odds[lane][cell] } else { -odds[lane][cell] };
        nats += f64::from((-towards.clamp(-9.2, 9.2)).exp().ln_1p());
        of.show(lane, 1 << cell, truth);
    }
    Some(nats)
}

/// The last eight cells of every role.
fn tail(bar: &Bar) -> Vec<f32> {
    let mut row = vec![0.0; Role::ALL.len() * 8];
    for strip in &bar.lanes {
        for cell in (8..CELLS).filter(|cell| strip.hits() >> cell & 1 == 1) {
            row[strip.role.index() * 8 + cell - 8] = 1.0;
        }
    }
    row
}

/// See [`Report::fills`].
fn fills(train: &[Bar], validation: &[Bar], rng: &mut Rng) -> [f32; 3] {
    let straight = |bars: &[Bar], part: Part| -> Vec<Bar> {
        bars.iter().filter(|bar| !bar.triplets && bar.part == part).map(Bar::merged).collect()
    };
    let beats = shuffled(straight(train, Part::Beat), 2_500, rng);
    let known: Vec<Bar> = straight(train, Part::Fill);
    let rows: Vec<Vec<f32>> = beats.iter().chain(&known).map(tail).collect();
    let classes: Vec<bool> = (0..rows.len()).map(|at| at >= beats.len()).collect();
    let forest = Forest::grow(&rows, &classes, rng);
    let beats = few(&straight(validation, Part::Beat), 4, |_| true, rng);
    let ask = |bars: &[Bar]| -> Vec<f32> { bars.iter().map(|bar| forest.ask(&tail(bar))).collect() };
    let of_beats = ask(&beats);
    let real = area_under_roc(&of_beats, &ask(&straight(validation, Part::Fill)));
    let mut made = |part: Part| -> f32 {
        let Some(nets) = Nets::builtin() else { return 0.5 };
        let made: Vec<Bar> = beats
            .iter()
            .map(|beat| {
                let said = Said { part: Some(part), density: None, ..beat.said() };
                let absent: Vec<Role> = [Role::Tom, Role::Cymbal]
                    .into_iter()
                    .filter(|role| beat.lanes.iter().all(|strip| strip.role != *role))
                    .collect();
                let (mut bar, roles) = rhythm_bar(nets, beat, &said, &absent);
                bar.redraw(&[0xff00; MAX_LANES], 72, 1.0, rng);
                let lanes = roles.iter().enumerate().map(|(lane, &role)| {
                    let mut strip = super::data::Strip::silent(role);
                    for cell in (0..CELLS).filter(|cell| bar.hits(lane) >> cell & 1 == 1) {
                        strip.velocity[cell] = 100;
                    }
                    strip
                });
                Bar { lanes: lanes.collect(), ..beat.clone() }
            })
            .collect();
        area_under_roc(&of_beats, &ask(&made))
    };
    [real, made(Part::Fill), made(Part::Beat)]
}

/// The tables as text.
#[must_use]
pub fn table(report: &Report) -> String {
    use comfy_table::{Table, presets};
    let mut sets = Table::new();
    sets.load_style(presets::ASCII_MARKDOWN);
    sets.set_header([
        "loops",
        "n",
        "rhythm, AUC",
        "feel, AUC",
        "feel as is",
        "nearest",
        "copies",
        "variety",
        "distinct",
    ]);
    for row in &report.rows {
        sets.add_row([
            row.name.clone(),
            row.loops.to_string(),
            format!("{:.3}", row.rhythm),
            format!("{:.3}", row.feel),
            format!("{:.3}", row.feel_as_is),
            format!("{:.3}", row.nearest),
            format!("{:.1} %", 100.0 * row.copies),
            format!("{:.3}", row.variety),
            format!("{:.2}", row.distinct),
        ]);
    }
    let mut lanes = Table::new();
    lanes.load_style(presets::ASCII_MARKDOWN);
    lanes.set_header(["a lane from the others, nats", "lanes", "frequency of cells", "net"]);
    for of in &report.completion {
        lanes.add_row([
            of.name.clone(),
            of.lanes.to_string(),
            format!("{:.2}", of.frequency),
            format!("{:.2}", of.net),
        ]);
    }
    let [real, fill, beat] = report.fills;
    format!(
        "Beside {} bars of the validation part.\n{sets}\n\n{lanes}\n\nThe last half bar, told from beats: real fills \
         {real:.3}, fills that were asked for {fill:.3}, beats that were {beat:.3}.\n",
        report.reference
    )
}
