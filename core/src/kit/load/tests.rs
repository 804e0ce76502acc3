use super::*;
use crate::kit::embed::encode;
use std::io::Cursor;

mod odd;
mod onset;

/// A decaying stereo tone as 16-bit WAV.
fn wav(channels: u16, rate_hz: u32, frames: u32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for i in 0..frames {
        let fall = 1.0 - f64::from(i) / f64::from(frames);
        for channel in 0..channels {
            let x = fall * (f64::from(i) * 0.1 + f64::from(channel)).sin();
            writer.write_sample((x * 20_000.0) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// The same as AIFF: FORM, COMM with an 80-bit rate of 44,100 Hz, SSND; big-endian.
fn aiff(frames: u32) -> Vec<u8> {
    let mut sound = Vec::new();
    for i in 0..frames {
        let x = (f64::from(i) * 0.1).sin() * (1.0 - f64::from(i) / f64::from(frames));
        sound.extend(((x * 20_000.0) as i16).to_be_bytes());
    }
    let mut body = b"AIFFCOMM".to_vec();
    body.extend(18u32.to_be_bytes());
    body.extend(1u16.to_be_bytes());
    body.extend(frames.to_be_bytes());
    body.extend(16u16.to_be_bytes());
    body.extend([0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]);
    body.extend(b"SSND");
    body.extend((sound.len() as u32 + 8).to_be_bytes());
    body.extend([0; 8]);
    body.extend(sound);
    let mut bytes = b"FORM".to_vec();
    bytes.extend((body.len() as u32).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// The same as FLAC: STREAMINFO and frames of verbatim subframes, 16 bits, mono, 44.1 kHz.
fn flac() -> Vec<u8> {
    let crc = |bytes: &[u8], polynomial: u32, width: u32| {
        bytes.iter().fold(0u32, |crc, &byte| {
            (0..8).fold(crc ^ (u32::from(byte) << (width - 8)), |crc, _| {
                let top = crc >> (width - 1) & 1;
                (crc << 1 ^ if top == 1 { polynomial } else { 0 }) & ((1u32 << width) - 1)
            })
        })
    };
    let mut bytes = b"fLaC".to_vec();
    bytes.extend([0x80, 0, 0, 34]);
    bytes.extend([0x02, 0x00, 0x02, 0x00]); // blocks of 512
    bytes.extend([0; 6]);
    bytes.extend([0x0a, 0xc4, 0x40, 0xf0]); // 44,100 Hz, one channel, 16 bits
    bytes.extend(1_536u32.to_be_bytes());
    bytes.extend([0; 16]);
    for frame in 0..3u8 {
        let from = bytes.len();
        bytes.extend([0xff, 0xf8, 0x99, 0x08, frame]); // 512 samples, 44.1 kHz, mono, 16 bits
        bytes.push(crc(&bytes[from..], 0x07, 8) as u8);
        bytes.push(0x02); // a verbatim subframe
        for i in 0..512u32 {
            let t = f64::from(u32::from(frame) * 512 + i);
            let x = (t * 0.1).sin() * (1.0 - t / 1_536.0);
            bytes.extend(((x * 20_000.0) as i16).to_be_bytes());
        }
        let sum = crc(&bytes[from..], 0x8005, 16) as u16;
        bytes.extend(sum.to_be_bytes());
    }
    bytes
}

fn decoded(bytes: &[u8]) -> Result<Loaded, KitError> {
    decode(bytes, Channels::Keep)
}

#[test]
fn every_length_of_a_cut_file_ends_in_a_sound_or_a_reason() {
    for (name, bytes) in [("wav", wav(2, 44_100, 400)), ("aiff", aiff(600)), ("flac", flac())] {
        let whole = decoded(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(whole.audio.left.len() > 300, "{name}");
        for length in 0..bytes.len() {
            if let Ok(loaded) = decoded(&bytes[..length]) {
                assert!(loaded.audio.left.iter().all(|x| x.is_finite()), "{name} {length}");
            }
        }
    }
}

/// The same tone of 440 Hz, 80 ms, written by other programs.
const COMPRESSED: [(&str, &[u8]); 3] = [
    ("ogg", include_bytes!("fixtures/tone.ogg")),
    ("mp3", include_bytes!("fixtures/tone.mp3")),
    ("flac", include_bytes!("fixtures/tone.flac")),
];

#[test]
fn compressed_formats_are_read() {
    for (ending, bytes) in COMPRESSED {
        let loaded = decoded(bytes).unwrap_or_else(|error| panic!("{ending}: {error}"));
        let analysis = crate::kit::analysis::Analysis::of(&loaded.audio);
        assert!((analysis.centroid_hz - 440.0).abs() < 60.0, "{ending}: {} Hz", analysis.centroid_hz);
        assert!((0.05..0.14).contains(&analysis.duration_s), "{ending}: {} s", analysis.duration_s);
    }
}

#[test]
fn every_cut_of_a_compressed_file_ends_in_a_sound_or_a_reason() {
    for (ending, bytes) in COMPRESSED {
        for length in (0..bytes.len()).step_by(3) {
            if let Ok(loaded) = decoded(&bytes[..length]) {
                assert!(loaded.audio.left.iter().all(|x| x.is_finite()), "{ending} {length}");
            }
        }
    }
}

#[test]
fn every_damaged_byte_ends_in_a_sound_or_a_reason() {
    for bytes in [wav(1, 44_100, 120), aiff(120), flac()] {
        for at in 0..bytes.len().min(200) {
            for value in [0u8, 0x7f, 0xff, bytes[at] ^ 0x10] {
                let mut damaged = bytes.clone();
                damaged[at] = value;
                if let Ok(loaded) = decoded(&damaged) {
                    assert!(loaded.audio.left.iter().all(|x| x.is_finite()));
                    assert!(loaded.audio.left.len() <= (MAX_SECONDS * 384_000.0) as usize);
                }
            }
        }
    }
}

#[test]
fn wrong_headers_and_empty_files_are_refused_with_a_reason() {
    for bytes in [
        &b""[..],
        b"x",
        b"RIFF",
        b"RIFF\xff\xff\xff\xffWAVE",
        b"fLaC",
        b"ID3\x04",
        b"OggS",
        &[0xff; 64],
        &[0; 4096],
    ] {
        let error = decoded(bytes).unwrap_err();
        assert!(matches!(error, KitError::Malformed { .. } | KitError::Unsupported { .. }), "{error}");
    }
}

#[test]
fn a_header_that_claims_gigabytes_costs_nothing() {
    let mut bytes = wav(1, 44_100, 100);
    let data = bytes.windows(4).position(|w| w == b"data").unwrap();
    bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    bytes[data + 4..data + 8].copy_from_slice(&0xffff_fff0u32.to_le_bytes());
    if let Ok(loaded) = decoded(&bytes) {
        assert!(loaded.audio.left.len() <= 100);
    }
}

#[test]
fn rates_outside_8_to_384_khz_and_too_many_channels_are_refused() {
    let patched = |at: usize, value: &[u8]| {
        let mut bytes = wav(1, 44_100, 200);
        bytes[at..at + value.len()].copy_from_slice(value);
        decoded(&bytes)
    };
    for rate in [0u32, 1, 4_000, 400_000, u32::MAX] {
        assert!(patched(24, &rate.to_le_bytes()).is_err(), "{rate} Hz");
    }
    for channels in [0u16, 33, 64, u16::MAX] {
        assert!(patched(22, &channels.to_le_bytes()).is_err(), "{channels} channels");
    }
    assert!(decoded(&wav(64, 44_100, 50)).is_err());
}

#[test]
fn any_rate_and_channel_count_within_the_limits_is_read() {
    for rate in [8_000, 22_050, 44_100, 96_000, 384_000] {
        for channels in [1, 2, 6] {
            let loaded =
                decoded(&wav(channels, rate, 4_000)).unwrap_or_else(|e| panic!("{rate} {channels}: {e}"));
            assert_eq!(loaded.audio.rate.hz_u32(), rate);
            assert_eq!(loaded.audio.right.is_some(), channels == 2);
        }
    }
    let mono = decode(&wav(2, 44_100, 4_000), Channels::Mono).unwrap();
    assert!(mono.audio.right.is_none());
}

#[test]
fn values_that_are_no_numbers_become_silence() {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for x in [0.5f32, f32::NAN, f32::INFINITY, -0.5, f32::NEG_INFINITY, 1e30, 0.25, 0.1] {
        for _ in 0..50 {
            writer.write_sample(x).unwrap();
        }
    }
    writer.finalize().unwrap();
    let loaded = decoded(&bytes.into_inner()).unwrap();
    assert!(loaded.audio.left.iter().all(|x| x.is_finite() && x.abs() <= MAX_VALUE));
}

#[test]
fn silence_around_a_sound_is_trimmed_and_the_end_is_zero() {
    let mut left = vec![0.0f32; 20_000];
    left.extend((0..5_000).map(|i| 0.5 * (i as f32 * 0.2).sin() * (1.0 - i as f32 / 5_000.0)));
    left.extend(vec![0.0; 30_000]);
    let audio = Audio { rate: SampleRate::STUDIO, left, right: None };
    let loaded = decoded(&encode(&audio).unwrap()).unwrap();
    let length = loaded.audio.left.len();
    assert!((4_900..5_100).contains(&length), "{length}");
    assert!(loaded.audio.left[..60].iter().any(|x| x.abs() > 0.01));
    assert_eq!(*loaded.audio.left.last().unwrap(), 0.0);
    assert!(
        decoded(&encode(&Audio { rate: SampleRate::STUDIO, left: vec![0.0; 500], right: None }).unwrap())
            .is_err()
    );
}

#[test]
fn a_long_file_is_cut_with_a_fade() {
    let loaded = decoded(&wav(1, 8_000, 8_000 * 25)).unwrap();
    assert!(loaded.cut);
    assert_eq!(loaded.audio.left.len(), (8_000.0 * MAX_SECONDS) as usize);
    let end = &loaded.audio.left[loaded.audio.left.len() - 40..];
    assert!(end.iter().all(|x| x.abs() < 0.02), "{end:?}");
}

#[test]
fn the_identity_is_that_of_the_bytes() {
    assert_eq!(content_id(b"abc").to_string(), "6437b3ac38465133");
    let bytes = wav(1, 44_100, 100);
    assert_eq!(decoded(&bytes).unwrap().id, content_id(&bytes));
}
