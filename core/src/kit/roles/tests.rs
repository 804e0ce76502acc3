use super::*;
use crate::kit::{Audio, factory};
use crate::units::SampleRate;

#[test]
fn factory_sounds_are_told_apart() {
    let kit = factory::kit();
    let right = kit.samples().iter().filter(|s| role_by_sound(&s.analysis) == s.role).count();
    assert!(right * 100 >= kit.samples().len() * 85, "{right} of {}", kit.samples().len());
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
        ("RideBell-3.wav", Some(Role::Cymbal)),
        ("drum_cymbal_closed.flac", Some(Role::ClosedHat)),
        ("drum_cymbal_open.flac", Some(Role::OpenHat)),
        ("hihat_opened02.ogg", Some(Role::OpenHat)),
        ("ZildjianSplashChoke-Hard.wav", Some(Role::Cymbal)),
        ("SabianHatChoke-Hard.wav", Some(Role::ClosedHat)),
        ("EE_Hat_Op_Dirty.flac", Some(Role::OpenHat)),
        ("VP Hat 1 Cl.flac", Some(Role::ClosedHat)),
        ("HiHatFoot-2.wav", Some(Role::ClosedHat)),
        ("hhpedal_01.flac", Some(Role::ClosedHat)),
        ("CajonSlaps-Hard.wav", Some(Role::Percussion)),
        ("Open your mind/vocal.wav", None),
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
