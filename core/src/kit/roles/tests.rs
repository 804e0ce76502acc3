use super::*;
use crate::kit::resample::{fade_end, resample};
use crate::kit::{Audio, Kit, factory};
use crate::units::SampleRate;

/// Penalty on the squared weights: chosen so that the fit also holds for sounds unlike the factory's.
const PENALTY: f64 = 0.01;

fn raw(analysis: &Analysis) -> Vec<f64> {
    analysis
        .descriptors
        .iter()
        .enumerate()
        .filter(|&(at, _)| at != LEVEL)
        .map(|(_, &x)| f64::from(x))
        .collect()
}

type Fit = (Vec<(f64, f64)>, Vec<Vec<f64>>);

/// The sound, and how others might have recorded it: higher, lower, cut short, overdriven, through a
/// worn tape, with a little room and hiss.
fn variants(audio: &Audio) -> Vec<Audio> {
    let mut out = vec![audio.clone()];
    for semitones in [-4.0, 4.0] {
        out.push(resample(audio, SampleRate::STUDIO, semitones).unwrap());
    }
    let peak = audio.left.iter().fold(1e-6f32, |m, x| m.max(x.abs()));
    let altered = |change: &dyn Fn(&mut Vec<f32>)| {
        let mut left = audio.left.clone();
        change(&mut left);
        Audio { rate: audio.rate, left, right: None }
    };
    for share in [0.25, 0.5] {
        out.push(altered(&|left| {
            left.truncate((left.len() as f32 * share) as usize);
            let end = left.len() / 3;
            fade_end(left, end);
        }));
    }
    out.push(altered(&|left| left.iter_mut().for_each(|x| *x = (*x / peak * 5.0).tanh())));
    out.push(altered(&|left| {
        let mut low = 0.0;
        left.iter_mut().for_each(|x| {
            low += 0.4 * (*x - low);
            *x = low;
        });
    }));
    out.push(altered(&|left| {
        let mut rng = crate::rng::Rng::new(crate::units::Seed(1));
        left.resize(left.len() + 9_600, 0.0);
        for at in 1_500..left.len() {
            left[at] += 0.25 * left[at - 1_493] + peak * 0.003 * rng.range(-1.0, 1.0);
        }
    }));
    out
}

/// Full-batch gradient descent with momentum on the mean cross-entropy.
fn fit(kit: &Kit) -> Fit {
    let rows: Vec<(Vec<f64>, usize)> = kit
        .samples()
        .iter()
        .flat_map(|s| {
            let heard = variants(&s.audio().unwrap());
            heard.into_iter().map(|audio| (raw(&Analysis::of(&audio)), s.role.index())).collect::<Vec<_>>()
        })
        .collect();
    let n = rows.len() as f64;
    let scale: Vec<(f64, f64)> = (0..FEATURES)
        .map(|i| {
            let mean = rows.iter().map(|(x, _)| x[i]).sum::<f64>() / n;
            let variance = rows.iter().map(|(x, _)| (x[i] - mean).powi(2)).sum::<f64>() / n;
            (mean, variance.sqrt().max(1e-3))
        })
        .collect();
    let inputs: Vec<(Vec<f64>, usize, f64)> = rows
        .into_iter()
        .map(|(x, role)| {
            let z = x
                .iter()
                .zip(&scale)
                .map(|(x, (m, d))| ((x - m) / d).clamp(-f64::from(CLIP), f64::from(CLIP)));
            // Each role weighs the same, but for those that libraries hold less of.
            let rare = matches!(Role::ALL[role], Role::Tom | Role::Cymbal | Role::Fx);
            let share = kit.of_role(Role::ALL[role]).len() as f64 / kit.samples().len() as f64;
            // Each role weighs the same, but for those that libraries hold less of.
            let rare = matches!(Role::ALL[role], Role::Tom | Role::Cymbal | Role::Fx);
            let share = kit.of_role(Role::ALL[role]).len() as f64 / kit.samples().len() as f64;
            let weight = if rare { 0.5 } else { 1.0 } / (9.0 * share);
            (z.chain([1.0]).collect(), role, weight)
        })
        .collect();
    let mut weights = vec![vec![0.0; FEATURES + 1]; 9];
    let mut velocity = weights.clone();
    for _ in 0..300 {
        let mut gradient = vec![vec![0.0; FEATURES + 1]; 9];
        for (x, role, weight) in &inputs {
            let scores: Vec<f64> =
                weights.iter().map(|w| w.iter().zip(x).map(|(w, x)| w * x).sum()).collect();
            let top = scores.iter().copied().fold(f64::MIN, f64::max);
            let total: f64 = scores.iter().map(|s| (s - top).exp()).sum();
            for (r, g) in gradient.iter_mut().enumerate() {
                let error = (scores[r] - top).exp() / total - f64::from(u8::from(r == *role));
                g.iter_mut().zip(x).for_each(|(g, x)| *g += weight * error * x / n);
            }
        }
        for ((w, v), g) in
            weights.iter_mut().flatten().zip(velocity.iter_mut().flatten()).zip(gradient.iter().flatten())
        {
            *v = 0.9 * *v - 0.2 * (g + PENALTY * *w);
            *w += *v;
        }
    }
    (scale, weights)
}

#[test]
#[ignore = "prints roles/weights.rs anew"]
fn print_weights() {
    let (scale, weights) = fit(&factory::kit(&|_, _| {}));
    println!(
        "//! The fitted numbers of [`super::role_by_sound`]: printed by its test `print_weights`, never edited.\n"
    );
    println!("use super::FEATURES;\n");
    println!("/// Mean and deviation of each input over the factory sounds.");
    println!("pub(super) const SCALE: [(f32, f32); FEATURES] = [");
    for (mean, deviation) in scale {
        println!("    ({mean:.4}, {deviation:.4}),");
    }
    println!("];\n/// A row for each role; the last number is the constant.");
    println!("#[rustfmt::skip]\npub(super) const WEIGHTS: [[f32; FEATURES + 1]; 9] = [");
    for row in weights {
        let row: Vec<String> = row.iter().map(|w| format!("{w:.3}")).collect();
        println!("    [{}],", row.join(", "));
    }
    println!("];");
}

#[test]
fn factory_sounds_are_told_apart() {
    let kit = factory::kit(&|_, _| {});
    let right = kit.samples().iter().filter(|s| role_by_sound(&s.analysis) == s.role).count();
    assert!(right * 100 >= kit.samples().len() * 85, "{right} of {}", kit.samples().len());
}

/// Accuracy on recordings with telling names, in the folder of an environment variable. They had no part
/// in the fit.
#[test]
#[ignore = "needs a folder of recordings"]
fn accuracy_on_recordings() {
    let Ok(folder) = std::env::var("SOUNDS_IN") else { return };
    let kit = crate::kit::scan::load_dir(Path::new(&folder)).unwrap().kit;
    let mut table = [[0usize; 9]; 9];
    for sample in kit.samples() {
        let crate::kit::Origin::File { path } = &sample.origin else { continue };
        if let Some(role) = role_by_name(Path::new(path.file_name().unwrap()), &sample.analysis) {
            table[role.index()][role_by_sound(&sample.analysis).index()] += 1;
        }
    }
    for (role, row) in Role::ALL.iter().zip(&table) {
        println!("{:10} {row:3?}", role.label());
    }
    let all: usize = table.iter().flatten().sum();
    let right: usize = (0..9).map(|i| table[i][i]).sum();
    println!("{right} of {all}: {:.1} %", 100.0 * right as f32 / all.max(1) as f32);
}

#[test]
fn names_of_common_libraries_are_understood() {
    let analysis = |t60: f32| {
        let left =
            (0..24_000).map(|i| (-6.9 * i as f32 / 48_000.0 / t60).exp() * (i as f32 * 1.1).sin()).collect();
        Analysis::of(&Audio { rate: SampleRate::STUDIO, left, right: None })
    };
    let (short, long) = (analysis(0.1), analysis(2.0));
    for (name, role) in [
        ("BD 001.wav", Some(Role::Kick)),
        ("808_Kick-Long.wav", Some(Role::Kick)),
        ("kick14.aif", Some(Role::Kick)),
        ("DR110_ClosedHat_Clean.wav", Some(Role::ClosedHat)),
        ("Open Hat 3.flac", Some(Role::OpenHat)),
        ("OHH_vinyl.wav", Some(Role::OpenHat)),
        ("hihat open 02.wav", Some(Role::OpenHat)),
        ("Cow Bell 001.wav", Some(Role::Percussion)),
        ("Rimshot02.wav", Some(Role::Clap)),
        ("SNR-tight.ogg", Some(Role::Snare)),
        ("LowTom.wav", Some(Role::Tom)),
        ("Crash A.wav", Some(Role::Cymbal)),
        ("Vermona_HiHat_02.wav", Some(Role::ClosedHat)),
        ("Snares/x1.wav", Some(Role::Snare)),
        ("drums/thing.wav", None),
        ("Chinese theatre.wav", None),
    ] {
        assert_eq!(role_by_name(Path::new(name), &short), role, "{name}");
    }
    assert_eq!(role_by_name(Path::new("Vermona_HiHat_02.wav"), &long), Some(Role::OpenHat));
}

#[test]
fn corrections_are_saved_as_readable_text() {
    let mut overrides = RoleOverrides::default();
    overrides.set(SampleId(0xab), Role::OpenHat);
    let text = serde_json::to_string(&overrides).unwrap();
    assert_eq!(text, r#"{"00000000000000ab":"open_hat"}"#);
    assert_eq!(serde_json::from_str::<RoleOverrides>(&text).unwrap(), overrides);
    overrides.clear(SampleId(0xab));
    assert_eq!(overrides, RoleOverrides::default());
}
