use super::*;
use crate::kit::{Kit, factory};

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

/// Full-batch gradient descent with momentum on the mean cross-entropy, every role weighing the same.
fn fit(kit: &Kit) -> Fit {
    let rows: Vec<(Vec<f64>, usize)> =
        kit.samples().iter().map(|s| (raw(&s.analysis), s.role.index())).collect();
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
            let weight = n / (9.0 * kit.of_role(Role::ALL[role]).len() as f64);
            (z.chain([1.0]).collect(), role, weight)
        })
        .collect();
    let mut weights = vec![vec![0.0; FEATURES + 1]; 9];
    let mut velocity = weights.clone();
    for _ in 0..600 {
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
    assert!(right * 100 >= kit.samples().len() * 88, "{right} of {}", kit.samples().len());
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
        Analysis::of(&crate::kit::Audio { rate: crate::units::SampleRate::STUDIO, left, right: None })
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
