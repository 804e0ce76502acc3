use super::hypothesis::{Leaning, Op};
use super::*;
use crate::critic::{Example, Expert, Observation};
use crate::features::phases::row;
use crate::features::{Candidate, Heard, LANES, MORE_LANES, NO_SAMPLE, Space, Styles, fixture};
use crate::pattern::{Grid, Hit, Role};
use crate::rng::Rng;
use crate::units::Seed;
use std::sync::Arc;

fn random_candidate(space: &Space, grid: Grid, rng: &mut Rng) -> Candidate {
    let mut candidate = Candidate::empty(grid, &[Role::Kick, Role::Snare, Role::ClosedHat, Role::Percussion]);
    for part in candidate.parts_mut() {
        let pool = space.sounds().pool(part.role);
        part.sample = rng.pick(pool).copied().unwrap_or(NO_SAMPLE);
        part.id = space.kit().samples()[part.sample as usize].id;
        let density = rng.range(0.1, 0.6);
        for step in 0..grid.steps() {
            if rng.chance(density) {
                part.set(step, Hit::new(1 + rng.below(127) as u8));
            }
        }
    }
    candidate
}

fn world(seed: u64) -> (Space, Arc<Dictionary>, Rng) {
    let mut rng = Rng::new(Seed(seed));
    let mut space = Space::new(fixture::kit());
    let reference: Vec<Candidate> =
        (0..60).map(|_| random_candidate(&space, Grid::default(), &mut rng)).collect();
    space.fit_scale(&reference);
    let heard = reference.iter().map(|candidate| space.heard(candidate)).collect();
    (space, Arc::new(Dictionary::new(&Styles::builtin(), heard)), rng)
}

/// Tversky's ratio cell by cell, in double precision.
fn naive_row(figure: &Figure, words: &[u64], layer: usize) -> f64 {
    let (mut common, mut present, mut wanted) = (0.0, 0.0, 0.0);
    for word in words {
        for phase in 0..16 {
            let on = |t: usize| f64::from(row(figure.target, layer) >> (t % 16) & 1);
            let hit = f64::from(row(*word, layer) >> phase & 1);
            let near = if figure.tolerant {
                0.7 * on(phase) + 0.15 * (on(phase + 1) + on(phase + 15))
            } else {
                on(phase)
            };
            common += hit * near;
            present += hit;
            wanted += on(phase);
        }
    }
    let slack = 0.15 * words.len() as f64;
    let (extra, missing) = (f64::from(figure.extra), f64::from(figure.missing));
    (common + slack)
        / (common + extra * (present - common).max(0.0) + missing * (wanted - common).max(0.0) + slack)
}

fn naive_figure(figure: &Figure, heard: &Heard) -> f64 {
    let fits = |hearing: usize| {
        [0, 1, 2, 3].map(|layer| naive_row(figure, &heard.rows[hearing][..heard.bars], layer))
    };
    match figure.join {
        Join::BestLane => {
            let more = if heard.rows[MORE_LANES][0] != 0 { fits(MORE_LANES) } else { [0.0; 4] };
            fits(LANES).into_iter().chain(more).fold(0.0, f64::max)
        }
        Join::Least => {
            let rows = fits(usize::from(figure.hearing)).into_iter().zip(figure.weights);
            rows.filter(|(_, weight)| *weight > 0.0).map(|(fit, _)| fit).fold(1.0, f64::min)
        }
        Join::Mean => {
            let rows = fits(usize::from(figure.hearing)).into_iter().zip(figure.weights);
            rows.map(|(fit, weight)| fit * f64::from(weight)).sum()
        }
    }
}

fn naive_probability(h: &Hypothesis, heard: &Heard) -> f64 {
    let values: Vec<(f64, f64)> = h
        .terms()
        .iter()
        .map(|term| {
            let raw = match &term.kind {
                TermKind::Figure(figure) => naive_figure(figure, heard),
                TermKind::Leaning(leaning) => (0..usize::from(leaning.count))
                    .map(|at| {
                        let z = f64::from(heard.measures[usize::from(leaning.measures[at])]);
                        let z = match leaning.shape {
                            Shape::Near(best) if at == 0 => -(z - f64::from(best)).abs(),
                            _ => z,
                        };
                        z * f64::from(leaning.weights[at])
                    })
                    .sum(),
            };
            ((raw - f64::from(term.mean)) * f64::from(term.scale), f64::from(term.weight))
        })
        .collect();
    let u = match h.op {
        _ if values.len() == 1 => values[0].0,
        Op::Sum => {
            let norm = values.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
            values.iter().map(|(v, w)| v * w).sum::<f64>() / norm
        }
        Op::And => values.iter().map(|(v, _)| *v).fold(f64::INFINITY, f64::min) + 0.4,
        Op::Or => values.iter().map(|(v, _)| *v).fold(f64::NEG_INFINITY, f64::max) - 0.4,
    };
    let slip = f64::from(h.slip);
    slip + (1.0 - 2.0 * slip) / (1.0 + (-(u - f64::from(h.threshold)) * f64::from(h.steepness)).exp())
}

#[test]
fn particles_judge_as_a_cell_by_cell_computation_does() {
    let (space, dictionary, mut rng) = world(1);
    for bars in [1, 2, 4] {
        for _ in 0..40 {
            let candidate = random_candidate(&space, Grid { bars, ..Grid::default() }, &mut rng);
            let heard = space.heard(&candidate);
            for _ in 0..20 {
                let h = dictionary.draw(&mut rng);
                let (quick, naive) = (f64::from(h.probability(&heard)), naive_probability(&h, &heard));
                assert!((quick - naive).abs() < 2e-3, "{quick} {naive} {h:?}");
            }
        }
    }
}

fn observation(space: &Space, candidate: &Candidate, serial: u64, like: bool) -> Observation {
    Observation {
        reference: false,
        serial,
        subject: Example::new(space, candidate),
        like: Some(like),
        rhythm: None,
        sound: None,
        over: None,
        weight: 1.0,
    }
}

#[test]
fn fits_kept_up_judgement_by_judgement_equal_fits_over_the_whole_log() {
    let (space, dictionary, mut rng) = world(2);
    let mut particles = Particles::new(dictionary, Rng::new(Seed(3)));
    for serial in 0..25 {
        let candidate = random_candidate(&space, Grid::default(), &mut rng);
        let like = candidate.parts()[0].mask.count_ones() < 5;
        particles.observe(&observation(&space, &candidate, serial, like));
        if serial == 17 {
            particles.doubt(0.3);
        }
    }
    assert!(particles.fit_error() < 0.02, "{}", particles.fit_error());
}

#[test]
fn a_reset_is_as_if_nothing_had_ever_been_judged() {
    let (space, dictionary, mut rng) = world(4);
    let mut used = Particles::new(Arc::clone(&dictionary), Rng::new(Seed(3)));
    let mut fresh = Particles::new(dictionary, Rng::new(Seed(3)));
    let all: Vec<Observation> = (0..12)
        .map(|serial| {
            let candidate = random_candidate(&space, Grid::default(), &mut rng);
            observation(&space, &candidate, serial, serial % 3 == 0)
        })
        .collect();
    let probes: Vec<Example> = all.iter().map(|o| o.subject.clone()).collect();
    all.iter().for_each(|o| used.observe(o));
    assert_ne!(used.opinions(&probes), fresh.opinions(&probes));
    used.reset();
    assert_eq!(used.opinions(&probes), fresh.opinions(&probes));
    for o in all.iter().rev() {
        used.observe(o);
        fresh.observe(o);
    }
    assert_eq!(used.opinions(&probes), fresh.opinions(&probes));
}

#[test]
fn a_rule_on_one_layer_is_found_from_thirty_ratings() {
    let (space, dictionary, mut rng) = world(5);
    let mut particles = Particles::new(dictionary, Rng::new(Seed(6)));
    let taste = |candidate: &Candidate| candidate.parts()[2].mask.count_ones() >= 6;
    for serial in 0..30 {
        let candidate = random_candidate(&space, Grid::default(), &mut rng);
        particles.observe(&observation(&space, &candidate, serial, taste(&candidate)));
    }
    let mut right = 0;
    for _ in 0..200 {
        let candidate = random_candidate(&space, Grid::default(), &mut rng);
        let p = particles.judge(&space.heard(&candidate)).mean;
        right += u32::from((p > 0.5) == taste(&candidate));
    }
    assert!(right >= 160, "{right} of 200");
}

#[test]
fn labels_for_rhythm_and_for_sound_teach_their_own_part() {
    let (space, dictionary, mut rng) = world(7);
    let leaning = Dictionary::leaning(&mut rng);
    let about = |measure: u16| Leaning { measures: [measure; 3], count: 1, shape: Shape::Line, ..leaning };
    let mut sound = about(0);
    sound.weights = [1.0; 3];
    let mut h = dictionary.draw(&mut rng);
    h.terms[0] = dictionary.term(TermKind::Leaning(sound), 1.0);
    h.count = 1;
    let heard = space.heard(&random_candidate(&space, Grid::default(), &mut rng));
    assert!((h.part_probability(&heard, true) - h.probability(&heard)).abs() < 1e-6);
    assert!((h.part_probability(&heard, false) - 0.5).abs() < 1e-6);
}

#[test]
fn the_bank_holds_what_the_prior_draws_whether_it_is_prepared_or_not() {
    let (_, dictionary, mut rng) = world(8);
    let mut again = rng.clone();
    let drawn: Vec<Hypothesis> = (0..9_000).map(|_| dictionary.draw(&mut again)).collect();
    let mut bank = bank::Bank::draw(drawn.len(), &dictionary, &mut rng);
    assert_eq!(rng.bits(), again.bits(), "both take as many random numbers");
    let same = |a: &Hypothesis, b: &Hypothesis| {
        a.terms() == b.terms()
            && (a.op, a.threshold, a.steepness, a.slip) == (b.op, b.threshold, b.steepness, b.slip)
    };
    let holds = |bank: &bank::Bank| {
        drawn.iter().enumerate().all(|(at, drawn)| same(&bank.get(at, &dictionary), drawn))
    };
    assert!(holds(&bank));
    let mut units = 0;
    while bank.prepare(&dictionary) {
        units += 1;
        assert!(holds(&bank), "after {units} units of work");
    }
    assert_eq!(units, 3);
    assert!(bank.all(&dictionary).zip(&drawn).all(|(a, b)| same(&a, b)));
}
