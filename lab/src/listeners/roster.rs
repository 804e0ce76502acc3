//! Who sits on the panel: names, families, and the taste of each.
//!
//! Study and test threads. Names and their order are permanent: seeds and stored results refer to them.

use super::grooves::STYLES;
use super::hearing::{Ear, Heard, Thresholds, Trait};
use super::rules;
use super::taste::{Join, Likeness, Standardised, Taste};
use super::{Family, Split};
use deepdrummer_core::rng::Rng;

/// One entry of the roster.
pub(super) struct Entry {
    pub name: String,
    pub family: Family,
    pub split: Split,
    make: Box<dyn Fn(&mut Maker<'_>) -> Parts>,
}

impl Entry {
    pub(super) fn parts(&self, maker: &mut Maker<'_>) -> Parts {
        (self.make)(maker)
    }
}

/// A taste, and what of it concerns the rhythm alone and the sounds alone.
pub(super) struct Parts {
    pub whole: Taste,
    pub rhythm: Option<Taste>,
    pub sound: Option<Taste>,
}

/// What a taste is made from.
pub(super) struct Maker<'a> {
    pub ear: &'a Ear,
    pub lines: Thresholds,
    pub reference: &'a [Heard],
    pub rng: Rng,
}

impl Maker<'_> {
    fn style(&mut self, name: &str) -> Taste {
        let style = STYLES.iter().find(|s| s.name == name).unwrap_or(&STYLES[0]);
        let mut weights = [3.0, 3.0, 2.0].map(|w: f32| w * self.rng.range(0.5, 1.5));
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum);
        let likeness = match self.rng.below(5) {
            0 | 1 => Likeness::Shared,
            2 | 3 => Likeness::Nearby,
            _ => Likeness::Levels,
        };
        Taste::style(style, weights, likeness)
    }

    fn sound(&self, of: Trait, sign: f32, layer: Option<usize>) -> Taste {
        Taste::Sound { value: self.ear.z_scores(of).iter().map(|v| sign * v).collect(), layer }
    }

    /// Likeness to one sound of the kit, as a person loves "that machine".
    fn like_one_of(&mut self, layer: Option<usize>) -> Taste {
        let traits = self.ear.traits();
        let candidates: Vec<usize> =
            (0..traits.len()).filter(|&s| layer.is_none_or(|l| self.lines.layer(&traits[s]) == l)).collect();
        let reference = self.rng.pick(&candidates).copied().unwrap_or(0);
        Taste::Sound { value: self.ear.likeness_to(reference, 0.45), layer }
    }

    fn standard(&self, taste: Taste) -> Standardised {
        Standardised::new(taste, self.reference)
    }

    fn join(&self, parts: Vec<Taste>, join: Join) -> Taste {
        Taste::Several { parts: parts.into_iter().map(|t| self.standard(t)).collect(), join }
    }
}

fn of_rhythm(taste: Taste) -> Parts {
    Parts { rhythm: Some(taste.clone()), whole: taste, sound: None }
}

fn of_sound(taste: Taste) -> Parts {
    Parts { sound: Some(taste.clone()), whole: taste, rhythm: None }
}

fn joined(m: &Maker<'_>, rhythm: Taste, sound: Taste, join: Join) -> Parts {
    let whole = m.join(vec![rhythm.clone(), sound.clone()], join);
    Parts { whole, rhythm: Some(rhythm), sound: Some(sound) }
}

struct Roster(Vec<Entry>);

impl Roster {
    fn add(
        &mut self,
        family: Family,
        name: &str,
        split: Split,
        make: impl Fn(&mut Maker<'_>) -> Parts + 'static,
    ) {
        self.0.push(Entry { name: format!("{}/{name}", family.key()), family, split, make: Box::new(make) });
    }

    /// Every second one of a family is kept for the final examination.
    fn alternate(&self, family: Family) -> Split {
        let before = self.0.iter().filter(|e| e.family == family).count();
        if before.is_multiple_of(2) { Split::Tuning } else { Split::HeldOut }
    }
}

/// The whole roster.
pub(super) fn entries() -> Vec<Entry> {
    let mut r = Roster(Vec::new());
    for style in &STYLES {
        let split = r.alternate(Family::Genre);
        r.add(Family::Genre, style.name, split, move |m| of_rhythm(m.style(style.name)));
    }
    by_rule(&mut r);
    by_sound(&mut r);
    by_dynamics(&mut r);
    by_rhythm_and_sound(&mut r);
    by_mixture(&mut r);
    by_drift(&mut r);
    r.0
}

fn by_rule(r: &mut Roster) {
    let metric: [(&str, rules::Rule); 12] = [
        ("four_on_the_floor", rules::four_on_the_floor),
        ("backbeat", rules::backbeat),
        ("half_time", rules::half_time),
        ("no_one", rules::no_one),
        ("offbeat_brights", rules::offbeat_brights),
        ("three_three_two", rules::three_three_two),
        ("three_against_four", rules::three_against_four),
        ("closing_fill", rules::closing_fill),
        ("question_and_answer", rules::question_and_answer),
        ("repeated_halves", rules::repeated_halves),
        ("syncopated_lows", rules::syncopated_lows),
        ("one_gap", rules::one_gap),
    ];
    for (name, rule) in metric {
        let split = r.alternate(Family::Metric);
        r.add(Family::Metric, name, split, move |_| of_rhythm(Taste::Rule(rule)));
    }
    let texture: [(&str, rules::Rule); 7] = [
        ("sparse", rules::sparse),
        ("moderate", rules::moderate),
        ("bright_carpet", rules::bright_carpet),
        ("rolling_lows", rules::rolling_lows),
        ("two_voices", rules::two_voices),
        ("together", rules::together),
        ("interlocked", rules::interlocked),
    ];
    for (name, rule) in texture {
        let split = r.alternate(Family::Texture);
        r.add(Family::Texture, name, split, move |_| of_rhythm(Taste::Rule(rule)));
    }
}

fn by_sound(r: &mut Roster) {
    let scalar: [(&str, Trait, f32, Option<usize>); 6] = [
        ("dark", Trait::Brightness, -1.0, None),
        ("bright", Trait::Brightness, 1.0, None),
        ("noisy", Trait::Noise, 1.0, None),
        ("pure", Trait::Noise, -1.0, None),
        ("loud", Trait::Level, 1.0, None),
        ("deep_lows", Trait::Brightness, -1.0, Some(0)),
    ];
    for (name, of, sign, layer) in scalar {
        let split = r.alternate(Family::Timbre);
        r.add(Family::Timbre, name, split, move |m| of_sound(m.sound(of, sign, layer)));
    }
    for (name, layer) in [("one_sound", None), ("one_snare", Some(1)), ("one_kick", Some(0))] {
        let split = r.alternate(Family::Timbre);
        r.add(Family::Timbre, name, split, move |m| of_sound(m.like_one_of(layer)));
    }
    let split = r.alternate(Family::Timbre);
    r.add(Family::Timbre, "dark_lows_bright_tops", split, |m| {
        let (lows, tops) =
            (m.sound(Trait::Brightness, -1.0, Some(0)), m.sound(Trait::Brightness, 1.0, Some(2)));
        of_sound(m.join(vec![lows, tops], Join::Weighted(vec![1.0, 1.0])))
    });
}

fn by_dynamics(r: &mut Roster) {
    for (name, sign, layer) in [
        ("tight", -1.0, None),
        ("long", 1.0, None),
        ("long_lows", 1.0, Some(0)),
        ("short_brights", -1.0, Some(2)),
    ] {
        let split = r.alternate(Family::Dynamics);
        r.add(Family::Dynamics, name, split, move |m| of_sound(m.sound(Trait::Length, sign, layer)));
    }
    let played: [(&str, rules::Rule); 7] = [
        ("soft", rules::soft),
        ("contrast", rules::contrast),
        ("even", rules::even),
        ("ghost_notes", rules::ghost_notes),
        ("beat_accents", rules::beat_accents),
        ("crescendo", rules::crescendo),
        ("swung", rules::swung),
    ];
    for (name, rule) in played {
        let split = r.alternate(Family::Dynamics);
        r.add(Family::Dynamics, name, split, move |_| of_rhythm(Taste::Rule(rule)));
    }
}

fn by_rhythm_and_sound(r: &mut Roster) {
    let pairs: [(&'static str, Trait, f32); 5] = [
        ("disco", Trait::Length, -1.0),
        ("dubstep", Trait::Brightness, -1.0),
        ("funk", Trait::Noise, -1.0),
        ("garage", Trait::Brightness, 1.0),
        ("son", Trait::Length, 1.0),
    ];
    for (style, of, sign) in pairs {
        let word = match (of, sign > 0.0) {
            (Trait::Length, false) => "tight",
            (Trait::Length, true) => "long",
            (Trait::Brightness, false) => "dark",
            (Trait::Brightness, true) => "bright",
            (Trait::Noise, false) => "pure",
            _ => "other",
        };
        r.add(Family::Both, &format!("{style}_and_{word}"), Split::HeldOut, move |m| {
            let (rhythm, sound) = (m.style(style), m.sound(of, sign, None));
            joined(m, rhythm, sound, Join::And)
        });
    }
    r.add(Family::Both, "trap_and_one_snare", Split::HeldOut, |m| {
        let (rhythm, sound) = (m.style("trap"), m.like_one_of(Some(1)));
        joined(m, rhythm, sound, Join::And)
    });
    r.add(Family::Both, "backbeat_and_short_brights", Split::HeldOut, |m| {
        let sound = m.sound(Trait::Length, -1.0, Some(2));
        joined(m, Taste::Rule(rules::backbeat), sound, Join::And)
    });
    r.add(Family::Both, "sparse_and_long", Split::HeldOut, |m| {
        let sound = m.sound(Trait::Length, 1.0, None);
        joined(m, Taste::Rule(rules::sparse), sound, Join::And)
    });
}

fn by_mixture(r: &mut Roster) {
    r.add(Family::Mixture, "house_dark_sparse", Split::HeldOut, |m| {
        let (house, dark) = (m.style("house"), m.sound(Trait::Brightness, -1.0, None));
        let rhythm = m.join(vec![house, Taste::Rule(rules::sparse)], Join::Weighted(vec![1.0, 0.5]));
        joined(m, rhythm, dark, Join::Weighted(vec![1.0, 0.6]))
    });
    r.add(Family::Mixture, "afrobeat_tight_offbeat", Split::HeldOut, |m| {
        let (beat, tight) = (m.style("afrobeat"), m.sound(Trait::Length, -1.0, None));
        let rhythm = m.join(vec![beat, Taste::Rule(rules::offbeat_brights)], Join::Weighted(vec![1.0, 0.5]));
        joined(m, rhythm, tight, Join::Weighted(vec![1.0, 0.6]))
    });
    r.add(Family::Mixture, "breakbeat_noisy_ghosts", Split::HeldOut, |m| {
        let (beat, noisy) = (m.style("breakbeat"), m.sound(Trait::Noise, 1.0, None));
        let rhythm = m.join(vec![beat, Taste::Rule(rules::ghost_notes)], Join::Weighted(vec![1.0, 0.5]));
        joined(m, rhythm, noisy, Join::Weighted(vec![1.0, 0.5]))
    });
    r.add(Family::Mixture, "bossa_interlocked_pure", Split::HeldOut, |m| {
        let (beat, pure) = (m.style("bossa"), m.sound(Trait::Noise, -1.0, None));
        let rhythm = m.join(vec![beat, Taste::Rule(rules::interlocked)], Join::Weighted(vec![0.8, 0.6]));
        joined(m, rhythm, pure, Join::Weighted(vec![1.0, 0.6]))
    });
    for (a, b) in [("house", "trap"), ("samba", "rock"), ("dembow", "electro")] {
        r.add(Family::Mixture, &format!("{a}_or_{b}"), Split::HeldOut, move |m| {
            let (x, y) = (m.style(a), m.style(b));
            of_rhythm(m.join(vec![x, y], Join::Or))
        });
    }
    r.add(Family::Mixture, "son_or_dark", Split::HeldOut, |m| {
        let (rhythm, sound) = (m.style("son"), m.sound(Trait::Brightness, -1.0, None));
        joined(m, rhythm, sound, Join::Or)
    });
}

fn by_drift(r: &mut Roster) {
    fn drifting(m: &Maker<'_>, from: Taste, to: Taste, during: (usize, usize)) -> Taste {
        let (from, to) = (Box::new(m.standard(from)), Box::new(m.standard(to)));
        Taste::Drifting { from, to, during }
    }
    r.add(Family::Drift, "electro_to_funk", Split::HeldOut, |m| {
        let (a, b) = (m.style("electro"), m.style("funk"));
        of_rhythm(drifting(m, a, b, (20, 60)))
    });
    r.add(Family::Drift, "soca_switches_to_one_drop", Split::HeldOut, |m| {
        let (a, b) = (m.style("soca"), m.style("one_drop"));
        of_rhythm(drifting(m, a, b, (40, 41)))
    });
    r.add(Family::Drift, "dark_to_bright", Split::HeldOut, |m| {
        let (a, b) = (m.sound(Trait::Brightness, -1.0, None), m.sound(Trait::Brightness, 1.0, None));
        of_sound(drifting(m, a, b, (20, 60)))
    });
    r.add(Family::Drift, "sparse_to_carpet", Split::HeldOut, |m| {
        of_rhythm(drifting(m, Taste::Rule(rules::sparse), Taste::Rule(rules::bright_carpet), (20, 60)))
    });
}
