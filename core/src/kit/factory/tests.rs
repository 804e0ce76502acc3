use super::*;

/// Development aid: writes every sound as WAV into the folder of an environment variable.
#[test]
#[ignore = "writes files to listen to"]
fn write_all() {
    let Ok(out) = std::env::var("SOUNDS_OUT") else { return };
    let started = std::time::Instant::now();
    let kit = kit();
    println!("{} sounds in {:?}", kit.samples().len(), started.elapsed());
    for sample in kit.samples() {
        let audio = sample.audio().unwrap();
        let channels = 1 + u16::from(audio.right.is_some());
        let spec = hound::WavSpec {
            channels,
            sample_rate: 48_000,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let Origin::Factory { kit } = &sample.origin else { continue };
        let path = format!(
            "{out}/{}_{}_{}.wav",
            sample.role.key(),
            kit.replace(' ', "-"),
            sample.name.replace(' ', "_")
        );
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for at in 0..audio.left.len() {
            writer.write_sample(audio.left[at]).unwrap();
            if let Some(right) = &audio.right {
                writer.write_sample(right[at]).unwrap();
            }
        }
        writer.finalize().unwrap();
    }
}

/// The whole kit, made once for all tests.
fn whole() -> &'static Kit {
    static KIT: std::sync::OnceLock<Kit> = std::sync::OnceLock::new();
    KIT.get_or_init(kit)
}

fn each(check: impl Fn(&Sample, &Audio)) {
    for sample in whole().samples() {
        check(sample, &sample.audio().unwrap());
    }
}

#[test]
fn there_are_five_named_kits_and_300_sounds_over_all_roles() {
    assert!(kits().len() >= 5);
    assert!(whole().samples().len() >= 300, "{}", whole().samples().len());
    for role in Role::ALL {
        assert!(whole().of_role(role).len() >= 12, "{}", role.label());
    }
    for name in kits() {
        let kit = kit_named(name).unwrap();
        assert!(Role::ALL.iter().all(|&role| kit.of_role(role).len() >= 4), "{name}");
    }
    assert!(kit_named("none").is_none());
}

#[test]
fn the_same_name_gives_the_same_sound_bit_for_bit() {
    let alone = kit_named("Dusty Break").unwrap();
    for sample in alone.samples() {
        let other = whole().get(sample.id).unwrap();
        assert_eq!(sample.analysis, other.analysis, "{}", sample.name);
        let AudioFrom::Factory(recipe) = &sample.source else { panic!("{}", sample.name) };
        assert_eq!(recipe.synthesise(), *other.audio().unwrap(), "{}", sample.name);
    }
    let id = content_id(b"factory/analog-club/kick/03");
    assert_eq!(whole().get(id).unwrap().name, "Kick 03 Analog Club");
}

#[test]
fn every_sound_starts_and_ends_at_zero_without_a_click() {
    each(|sample, audio| {
        for channel in [Some(&audio.left), audio.right.as_ref()].into_iter().flatten() {
            assert_eq!((channel[0], channel[channel.len() - 1]), (0.0, 0.0), "{}", sample.name);
            assert!(channel.iter().all(|x| x.is_finite()), "{}", sample.name);
            let peak = channel.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            let end = &channel[channel.len() - 48..];
            assert!(end.iter().all(|x| x.abs() < 0.01 * peak), "{} ends with a click", sample.name);
            // The onset is at the start: nothing waits.
            let onset = channel.iter().position(|x| x.abs() > 0.02 * peak).unwrap();
            let late = if sample.role == Role::Fx || sample.role == Role::Percussion { 9_600 } else { 480 };
            assert!(onset < late, "{} starts after {onset} frames", sample.name);
        }
    });
}

#[test]
fn no_sound_has_dc() {
    each(|sample, audio| {
        for channel in [Some(&audio.left), audio.right.as_ref()].into_iter().flatten() {
            let mean = channel.iter().map(|&x| f64::from(x)).sum::<f64>() / channel.len() as f64;
            assert!(mean.abs() < 1e-5, "{}: {mean}", sample.name);
        }
    });
}

#[test]
fn lengths_are_bounded() {
    each(|sample, audio| {
        let most = if matches!(sample.role, Role::Cymbal | Role::Fx) { 3.0 } else { 2.5 };
        let seconds = audio.left.len() as f32 / 48_000.0;
        assert!((0.02..=most).contains(&seconds), "{}: {seconds} s", sample.name);
    });
}

#[test]
fn what_carries_the_low_end_is_mono() {
    each(|sample, audio| {
        if matches!(sample.role, Role::Kick | Role::Snare | Role::Tom | Role::ClosedHat) {
            assert!(audio.right.is_none(), "{}", sample.name);
        }
        // What is stereo loses less than 3 dB in mono.
        if let Some(right) = &audio.right {
            let energy = |x: f32| f64::from(x).powi(2);
            let sides: f64 = audio.left.iter().chain(right).map(|&x| energy(x)).sum();
            let middle: f64 = audio.left.iter().zip(right).map(|(l, r)| 2.0 * energy(0.5 * (l + r))).sum();
            assert!(middle > 0.5 * sides, "{}", sample.name);
        }
    });
}

#[test]
fn loudness_within_a_role_is_matched() {
    for role in Role::ALL {
        let mut levels: Vec<f32> = whole()
            .of_role(role)
            .iter()
            .map(|&at| whole().samples()[at as usize].analysis.loudness_db)
            .collect();
        levels.sort_by(f32::total_cmp);
        let spread = levels[levels.len() - 1] - levels[0];
        // Short clicks reach their highest peak before their role's loudness.
        let most = if matches!(role, Role::Clap | Role::ClosedHat | Role::Percussion) { 12.0 } else { 6.0 };
        assert!(spread <= most, "{}: {levels:?}", role.label());
    }
}

/// Sums of `of` over stretches of so many seconds, each by the frame at which it ends.
fn running(audio: &Audio, seconds: f32, of: fn(f32) -> f32) -> Vec<f32> {
    let span = dsp::frames(seconds);
    let at = |end: usize| audio.left[end.saturating_sub(span - 1)..=end].iter().map(|&x| of(x)).sum();
    (0..audio.left.len()).map(at).collect()
}

/// A kick's attack is there within 5 ms: the mean magnitude of 1.5 ms has 80 % of its highest value.
#[test]
fn kicks_are_there_within_5_ms() {
    each(|sample, audio| {
        if sample.role == Role::Kick {
            let envelope = running(audio, 0.001_5, f32::abs);
            let top = envelope.iter().copied().fold(0.0, f32::max);
            let at = envelope.iter().position(|level| *level >= 0.8 * top).unwrap();
            assert!(at <= 240, "{}: {:.1} ms", sample.name, at as f32 / 48.0);
        }
    });
}

/// From where the power of 5 ms is highest until it is 20 dB lower for good.
#[test]
fn snares_have_a_body_and_most_take_100_ms_to_fall_by_20_db() {
    let falls = std::cell::RefCell::new(Vec::new());
    each(|sample, audio| {
        if sample.role == Role::Snare {
            let power = running(audio, 0.005, |x| x * x);
            let top = (0..power.len()).max_by(|&a, &b| power[a].total_cmp(&power[b])).unwrap();
            let last = power.iter().rposition(|level| *level >= 0.01 * power[top]).unwrap();
            falls.borrow_mut().push(last.saturating_sub(top) as f32 / 48.0);
        }
    });
    let mut falls = falls.into_inner();
    falls.sort_by(f32::total_cmp);
    assert!(falls[0] > 55.0 && falls[falls.len() / 2] > 95.0, "{falls:?}");
}

/// Half of the hats have their centroid high up, and none is dull.
#[test]
fn hats_are_bright() {
    let centroids = |role: Role| -> Vec<f32> {
        let of = |&at: &u32| whole().samples()[at as usize].analysis.centroid_hz;
        let mut all: Vec<f32> = whole().of_role(role).iter().map(of).collect();
        all.sort_by(f32::total_cmp);
        all
    };
    for role in [Role::ClosedHat, Role::OpenHat] {
        let all = centroids(role);
        assert!(all[0] > 4_500.0 && all[all.len() / 2] > 8_800.0, "{}: {all:?}", role.label());
    }
}

#[test]
fn sounds_of_a_role_differ_audibly() {
    for role in Role::ALL {
        let members = whole().of_role(role);
        for &at in members {
            let Some(&next) = whole().nearest(at as usize, 1).first() else { panic!("alone") };
            let distance = whole().distance(at as usize, next as usize);
            assert!(
                distance > 0.25,
                "{} and {}: {distance}",
                whole().samples()[at as usize].name,
                whole().samples()[next as usize].name
            );
        }
    }
}

/// Dense, ordinary loops with random sounds at default levels, six lanes at 120 quarter notes a minute:
/// none passes full scale between the samples (four-fold interpolation, BS.1770 annex 2).
#[test]
fn typical_full_loops_stay_below_full_scale() {
    let mut rng = crate::rng::Rng::new(Seed(5));
    let lanes: [(Role, u16); 6] = [
        (Role::Kick, 0b0001_0001_0001_0001),
        (Role::Snare, 0b0001_0000_0001_0000),
        (Role::Clap, 0b0001_0000_0001_0000),
        (Role::ClosedHat, 0b1111_1111_1111_1111),
        (Role::OpenHat, 0b0100_0100_0100_0100),
        (Role::Percussion, 0b1001_0010_0100_1001),
    ];
    for round in 0..60 {
        let mut bus = [vec![0.0f32; 96_000 * 2], vec![0.0f32; 96_000 * 2]];
        for (role, steps) in lanes {
            let at = *rng.pick(whole().of_role(role)).unwrap();
            let audio = whole().samples()[at as usize].audio().unwrap();
            for step in (0..32).filter(|step| steps >> (step % 16) & 1 == 1) {
                dsp::mix_at(&mut bus[0], step * 6_000, &audio.left, 1.0);
                dsp::mix_at(&mut bus[1], step * 6_000, audio.right.as_ref().unwrap_or(&audio.left), 1.0);
            }
        }
        for side in bus {
            let peak = dsp::true_peak(&side);
            assert!(peak < 1.0, "round {round}: {peak}");
        }
    }
}
