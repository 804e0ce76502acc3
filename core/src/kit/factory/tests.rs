use super::*;

/// Development aid: writes every sound as WAV into the folder of an environment variable.
#[test]
#[ignore = "writes files to listen to"]
fn write_all() {
    let Ok(out) = std::env::var("SOUNDS_OUT") else { return };
    let started = std::time::Instant::now();
    let kit = kit(&|_, _| {});
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
