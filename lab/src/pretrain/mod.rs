//! Pretraining of the trunk: many invented tastes at once, each a linear function of the loop's point.
//!
//! Tool threads only (`deepdrummer pretrain`); minutes on one core. Deterministic in the seed. The
//! result is the file that the repository ships.

mod tastes;

use burn::module::Module;
use burn::nn::Linear;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, activation};
use deepdrummer_core::critic::neural::{
    BIAS, Batch, Head, Input, Labelled, POINT, Pretrained, SOUND, Scale, Sounds, Trunk, points,
};
use deepdrummer_core::critic::nn::weights::WeightsError;
use deepdrummer_core::critic::nn::{linear, tensor, values};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::Loop;
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use tastes::{Taste, View, changed, random_loop};

/// How the trunk is pretrained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Seed of everything.
    pub seed: Seed,
    /// Invented tastes.
    pub tastes: usize,
    /// Loops without a purpose; half as many more are climbed towards some of the tastes.
    pub loops: usize,
    /// Passes over the loops.
    pub epochs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: Seed(1), tastes: 1500, loops: 20_000, epochs: 25 }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Passes done.
    pub epoch: usize,
    /// All passes.
    pub epochs: usize,
    /// Mean cross entropy of the last pass, in nats.
    pub loss: f32,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file to ship.
    pub bytes: Vec<u8>,
    /// Cross entropy on loops that were not trained on.
    pub held_out_loss: f32,
    /// The same for always saying each taste's mean.
    pub constant_loss: f32,
    /// The least possible: the entropy of the (soft) labels.
    pub least_loss: f32,
    /// For new tastes, after so many ratings: area under the ROC curve of the head on the trunk's
    /// points, and of the same head on plain input features.
    pub few_shot: Vec<(usize, f32, f32)>,
}

#[derive(Module, Debug)]
struct Student {
    trunk: Trunk,
    readout: Linear,
}

const BATCH: usize = 256;
/// New tastes of the examination; half of them choose the prior's width.
const FRESH_TASTES: usize = 160;
const LEARNING_RATE: f64 = 2e-3;
const WEIGHT_DECAY: f32 = 1e-2;

struct Pool {
    loops: Vec<Loop>,
    inputs: Vec<Input>,
    views: Vec<View>,
}

impl Pool {
    fn push(&mut self, l: Loop, kit: &Kit, sounds: &Sounds) {
        self.inputs.push(sounds.input(&l, kit));
        self.views.push(View::new(&l, kit, sounds));
        self.loops.push(l);
    }
}

/// Pretrains a trunk for the sounds of a kit.
///
/// # Errors
/// The weights would not fit the file format's limits.
pub fn pretrain(
    kit: &Kit,
    options: Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, WeightsError> {
    pretrain_watched(kit, options, &mut |now, _| {
        if now.epoch > 0 {
            progress(now);
        }
    })
}

/// The same for whoever looks at the trunk after each pass, and at first before any. Looking changes nothing.
///
/// # Errors
/// The weights would not fit the file format's limits.
pub fn pretrain_watched(
    kit: &Kit,
    options: Options,
    progress: &mut dyn FnMut(Progress, &Trunk),
) -> Result<Report, WeightsError> {
    let mut rng = Rng::stream(options.seed, "pretrain", 0);
    let scale = Scale::of(kit);
    let sounds = Sounds::new(kit, &scale);
    let mut pool = Pool { loops: Vec::new(), inputs: Vec::new(), views: Vec::new() };
    for _ in 0..options.loops.max(64) {
        pool.push(random_loop(kit, &mut rng), kit, &sounds);
    }
    let plain = pool.loops.len();
    let invent = |count: usize, rng: &mut Rng| -> Vec<Taste> {
        (0..count).map(|_| Taste::random(&sounds, &pool.views[..plain.min(800)], rng)).collect()
    };
    let tastes = invent(options.tastes, &mut rng);
    // A stream of their own: the same new tastes examine every run of a seed.
    let mut exam = Rng::stream(options.seed, "examination", 0);
    let fresh = invent(FRESH_TASTES, &mut exam);
    let climbed: Vec<Loop> = (0..plain / 2)
        .map(|k| climb(&tastes[k % tastes.len()], &pool.loops[rng.below(plain)], kit, &sounds, &mut rng))
        .collect();
    for l in climbed {
        pool.push(l, kit, &sounds);
    }
    let labels: Vec<Vec<f32>> =
        tastes.iter().map(|taste| soft_labels(taste, &pool, plain, &mut rng)).collect();

    let mut order: Vec<usize> = (0..pool.loops.len()).collect();
    shuffle(&mut order, &mut rng);
    let (held_out, train) = order.split_at(order.len() / 10);
    let student = train_student(&pool, &labels, train, options, &mut rng, progress);

    let device = Device::flex();
    let held_out_loss = loss_on(&student, &pool, &labels, held_out, &device);
    let (constant_loss, least_loss) = bounds(&labels, held_out);
    let mut result = whitened(&student, &pool, scale, tastes.len(), &device);
    let few_shot = examine(&mut result, &pool, &fresh, plain, &mut exam);
    Ok(Report { bytes: result.write()?, held_out_loss, constant_loss, least_loss, few_shot })
}

fn shuffle(items: &mut [usize], rng: &mut Rng) {
    for at in (1..items.len()).rev() {
        items.swap(at, rng.below(at + 1));
    }
}

/// A short climb towards a taste, not to its top.
fn climb(taste: &Taste, from: &Loop, kit: &Kit, sounds: &Sounds, rng: &mut Rng) -> Loop {
    let mut here = *from;
    let mut value = taste.value(&View::new(&here, kit, sounds));
    for _ in 0..15 + rng.below(45) {
        let next = changed(&here, kit, rng);
        let there = taste.value(&View::new(&next, kit, sounds));
        if there > value - 0.1 * rng.unit() {
            (here, value) = (next, there);
        }
    }
    here
}

/// P(like) of every loop: a soft threshold that 8 to 40 % of the plain loops pass.
fn soft_labels(taste: &Taste, pool: &Pool, plain: usize, rng: &mut Rng) -> Vec<f32> {
    let values: Vec<f32> = pool.views.iter().map(|v| taste.value(v)).collect();
    let mut sorted = values[..plain].to_vec();
    sorted.sort_by(f32::total_cmp);
    let threshold = sorted[((1.0 - rng.range(0.08, 0.4)) * (plain - 1) as f32) as usize];
    let mean = sorted.iter().sum::<f32>() / plain as f32;
    let sd = (sorted.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / plain as f32).sqrt().max(1e-4);
    values.iter().map(|v| 1.0 / (1.0 + (-(v - threshold) / (0.25 * sd)).clamp(-30.0, 30.0).exp())).collect()
}

fn targets(labels: &[Vec<f32>], rows: &[usize]) -> Vec<f32> {
    rows.iter().flat_map(|&row| labels.iter().map(move |taste| taste[row])).collect()
}

fn train_student(
    pool: &Pool,
    labels: &[Vec<f32>],
    train: &[usize],
    options: Options,
    rng: &mut Rng,
    progress: &mut dyn FnMut(Progress, &Trunk),
) -> Student {
    let device = Device::flex().autodiff();
    let mut student =
        Student { trunk: Trunk::new(rng, &device), readout: linear(POINT, labels.len(), rng, &device) };
    let mut optimizer = AdamWConfig::new().with_weight_decay(WEIGHT_DECAY).init();
    progress(Progress { epoch: 0, epochs: options.epochs, loss: f32::NAN }, &student.trunk.valid());
    let mut order = train.to_vec();
    let steps = options.epochs * order.len().div_ceil(BATCH);
    let mut step = 0;
    for epoch in 0..options.epochs {
        shuffle(&mut order, rng);
        let mut sum = 0.0;
        for rows in order.chunks(BATCH) {
            let batch = Batch::new(Rows { pool, rows, at: 0 }, &device);
            let count = (rows.len() * labels.len()) as f32;
            let y = tensor(targets(labels, rows), [rows.len(), labels.len()], &device);
            let logit = student.readout.forward(student.trunk.forward(&batch));
            let loss = (activation::softplus(logit.clone(), 1.0) - y * logit).sum().div_scalar(count);
            sum += values(loss.clone().inner())[0] * rows.len() as f32;
            // Scaled up so that the gradient of one taste does not depend on how many there are.
            let gradients = GradientsParams::from_grads(loss.mul_scalar(10.0).backward(), &student);
            let rate =
                LEARNING_RATE * 0.5 * (1.0 + (std::f64::consts::PI * step as f64 / steps as f64).cos());
            student = optimizer.step(rate.max(1e-6), student, gradients);
            step += 1;
        }
        let now = Progress { epoch: epoch + 1, epochs: options.epochs, loss: sum / order.len() as f32 };
        progress(now, &student.trunk.valid());
    }
    student.valid()
}

/// The inputs of some rows of the pool.
#[derive(Clone)]
struct Rows<'a> {
    pool: &'a Pool,
    rows: &'a [usize],
    at: usize,
}

impl<'a> Iterator for Rows<'a> {
    type Item = &'a Input;
    fn next(&mut self) -> Option<&'a Input> {
        let row = *self.rows.get(self.at)?;
        self.at += 1;
        Some(&self.pool.inputs[row])
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rows.len() - self.at, Some(self.rows.len() - self.at))
    }
}

impl ExactSizeIterator for Rows<'_> {}

fn loss_on(student: &Student, pool: &Pool, labels: &[Vec<f32>], rows: &[usize], device: &Device) -> f32 {
    let mut sum = 0.0;
    for part in rows.chunks(BATCH) {
        let batch = Batch::new(Rows { pool, rows: part, at: 0 }, device);
        let y = tensor(targets(labels, part), [part.len(), labels.len()], device);
        let logit = student.readout.forward(student.trunk.forward(&batch));
        sum += values((activation::softplus(logit.clone(), 1.0) - y * logit).sum())[0];
    }
    sum / (rows.len() * labels.len()) as f32
}

/// Cross entropy of always saying the mean, and of saying the truth.
fn bounds(labels: &[Vec<f32>], rows: &[usize]) -> (f32, f32) {
    let entropy = |p: f32, q: f32| {
        let q = q.clamp(1e-6, 1.0 - 1e-6);
        -(p * q.ln() + (1.0 - p) * (1.0 - q).ln())
    };
    let (mut constant, mut least) = (0.0, 0.0);
    for taste in labels {
        let mean = rows.iter().map(|&r| taste[r]).sum::<f32>() / rows.len() as f32;
        for &r in rows {
            constant += entropy(taste[r], mean);
            least += entropy(taste[r], taste[r]);
        }
    }
    let n = (rows.len() * labels.len()) as f32;
    (constant / n, least / n)
}

/// Turns the trunk's space so that the readouts of the tastes become independent and equally strong:
/// with C = Wᵀ W / T = L Lᵀ, `(point − mean) L` has standard normal tastes.
fn whitened(student: &Student, pool: &Pool, scale: Scale, tastes: usize, device: &Device) -> Pretrained {
    let mut mean = vec![0.0f32; POINT];
    let all: Vec<usize> = (0..pool.inputs.len()).collect();
    for part in all.chunks(BATCH) {
        let rows = values(student.trunk.forward(&Batch::new(Rows { pool, rows: part, at: 0 }, device)));
        for row in rows.chunks_exact(POINT) {
            mean.iter_mut().zip(row).for_each(|(m, v)| *m += v / all.len() as f32);
        }
    }
    // `[POINT][tastes]`, the mean taste taken off.
    let weight = values(student.readout.weight.val());
    let centred: Vec<f64> = weight
        .chunks_exact(tastes)
        .flat_map(|row| {
            let m = row.iter().sum::<f32>() / tastes as f32;
            row.iter().map(move |v| f64::from(v - m))
        })
        .collect();
    let mut lower = vec![0.0f64; POINT * POINT];
    for i in 0..POINT {
        for j in 0..=i {
            let (a, b) = (&centred[i * tastes..(i + 1) * tastes], &centred[j * tastes..(j + 1) * tastes]);
            let mut c = a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() / tastes as f64;
            if i == j {
                c += 1e-6;
            }
            let known: f64 = (0..j).map(|k| lower[i * POINT + k] * lower[j * POINT + k]).sum();
            lower[i * POINT + j] =
                if i == j { (c - known).max(1e-12).sqrt() } else { (c - known) / lower[j * POINT + j] };
        }
    }
    Pretrained {
        trunk: student.trunk.clone(),
        scale,
        mean,
        whiten: lower.iter().map(|v| *v as f32).collect(),
        weight_sd: 1.0,
    }
}

/// Chooses the prior's width and examines few-shot learning, both on tastes that were not trained on:
/// the first half chooses, the second half is reported.
fn examine(
    result: &mut Pretrained,
    pool: &Pool,
    fresh: &[Taste],
    plain: usize,
    rng: &mut Rng,
) -> Vec<(usize, f32, f32)> {
    let device = Device::flex();
    let ours = points(&result.trunk, result, pool.inputs.iter(), &device);
    let theirs = raw_points(pool, rng);
    let (choosing, reported) = fresh.split_at(fresh.len() / 2);
    let mut trials = |tastes: &[Taste]| -> Vec<Trial> {
        tastes.iter().map(|taste| Trial::new(taste, pool, plain, rng)).collect()
    };
    let (choosing, reported) = (trials(choosing), trials(reported));
    let mean_auc = |trials: &[Trial], points: &[[f32; POINT]], n: usize, sd: f64| {
        trials.iter().map(|t| t.auc(points, n, sd)).sum::<f32>() / trials.len() as f32
    };
    let loss = |trials: &[Trial], sd: f64| {
        trials.iter().map(|t| t.loss(&ours, 20, sd) + t.loss(&ours, 60, sd)).sum::<f32>()
    };
    let widths = [0.1, 0.2, 0.35, 0.5, 0.7, 1.0];
    let best = widths.into_iter().min_by(|a, b| loss(&choosing, *a).total_cmp(&loss(&choosing, *b)));
    let sd = best.unwrap_or(0.5);
    result.weight_sd = sd as f32;
    [10, 20, 40, 80]
        .into_iter()
        .map(|n| (n, mean_auc(&reported, &ours, n, sd), mean_auc(&reported, &theirs, n, 0.5)))
        .collect()
}

/// What a head could use without the trunk: a random projection of the plain inputs to the same number
/// of dimensions, standardised.
fn raw_points(pool: &Pool, rng: &mut Rng) -> Vec<[f32; POINT]> {
    let flat: Vec<Vec<f32>> = pool
        .inputs
        .iter()
        .map(|input| {
            let mut row = input.whole.to_vec();
            let n = input.lanes.len().max(1) as f32;
            let size = input.lanes.first().map_or(SOUND, |(_, s)| s.len());
            let mut sound = vec![0.0; size];
            for (_, s) in &input.lanes {
                sound.iter_mut().zip(s).for_each(|(to, v)| *to += v / n);
            }
            row.extend(sound);
            row
        })
        .collect();
    let width = flat.first().map_or(0, Vec::len);
    let n = flat.len().max(1) as f32;
    let mean: Vec<f32> = (0..width).map(|k| flat.iter().map(|r| r[k]).sum::<f32>() / n).collect();
    let sd: Vec<f32> = (0..width)
        .map(|k| (flat.iter().map(|r| (r[k] - mean[k]).powi(2)).sum::<f32>() / n).sqrt().max(1e-3))
        .collect();
    let projection: Vec<f32> = (0..width * POINT).map(|_| rng.normal() / (width as f32).sqrt()).collect();
    flat.iter()
        .map(|row| {
            let mut point = [0.0; POINT];
            for k in 0..width {
                let z = (row[k] - mean[k]) / sd[k];
                point.iter_mut().zip(&projection[k * POINT..]).for_each(|(to, w)| *to += z * w);
            }
            point
        })
        .collect()
}

/// One new taste: rated loops (a third of them liked, 5 % of the labels wrong) and loops to be told
/// apart.
struct Trial {
    rated: Vec<(usize, bool)>,
    asked: Vec<(usize, bool)>,
}

impl Trial {
    fn new(taste: &Taste, pool: &Pool, plain: usize, rng: &mut Rng) -> Self {
        let values: Vec<f32> = pool.views.iter().map(|v| taste.value(v)).collect();
        let mut sorted = values[..plain].to_vec();
        sorted.sort_by(f32::total_cmp);
        let threshold = sorted[(0.88 * (plain - 1) as f32) as usize];
        let (mut liked, mut disliked): (Vec<usize>, Vec<usize>) =
            (0..values.len()).partition(|&row| values[row] > threshold);
        shuffle(&mut liked, rng);
        shuffle(&mut disliked, rng);
        let mut rated = Vec::new();
        for k in 0..90 {
            let from = if k % 3 == 0 { &mut liked } else { &mut disliked };
            if let Some(row) = from.pop() {
                rated.push((row, (k % 3 == 0) ^ rng.chance(0.05)));
            }
        }
        let asked = liked
            .iter()
            .take(300)
            .map(|&row| (row, true))
            .chain(disliked.iter().take(600).map(|&row| (row, false)))
            .collect();
        Self { rated, asked }
    }

    fn head(&self, points: &[[f32; POINT]], n: usize, sd: f64) -> Head {
        let data: Vec<Labelled> = self
            .rated
            .iter()
            .take(n)
            .map(|&(row, like)| Labelled { point: points[row], like, weight: 1.0 })
            .collect();
        Head::fit(&data, sd, BIAS)
    }

    fn auc(&self, points: &[[f32; POINT]], n: usize, sd: f64) -> f32 {
        let head = self.head(points, n, sd);
        let mut scored: Vec<(f32, bool)> =
            self.asked.iter().map(|&(row, like)| (head.logit(&points[row]).0, like)).collect();
        area_under_roc(&mut scored)
    }

    fn loss(&self, points: &[[f32; POINT]], n: usize, sd: f64) -> f32 {
        let head = self.head(points, n, sd);
        let losses = self.asked.iter().map(|&(row, like)| {
            let p = head.probability(&points[row]).clamp(1e-4, 1.0 - 1e-4);
            -(if like { p } else { 1.0 - p }).ln()
        });
        losses.sum::<f32>() / self.asked.len().max(1) as f32
    }
}

/// Probability that a liked one scores above a disliked one (Mann–Whitney); sorts the scores.
fn area_under_roc(scored: &mut [(f32, bool)]) -> f32 {
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut liked) = (0.0f64, 0.0f64, 0.0f64);
    for (_, like) in scored.iter() {
        if *like {
            wins += below;
            liked += 1.0;
        } else {
            below += 1.0;
        }
    }
    if below * liked > 0.0 { (wins / (below * liked)) as f32 } else { 0.5 }
}

#[cfg(test)]
mod tests;
