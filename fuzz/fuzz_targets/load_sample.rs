//! Any bytes as a sound file: a sound within the limits, or a reason.
#![no_main]

use deepdrummer_core::kit::analysis::Analysis;
use deepdrummer_core::kit::load::{Channels, MAX_SECONDS, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(loaded) = decode(bytes.to_vec(), None, Channels::Keep) {
        let audio = &loaded.audio;
        assert!(audio.left.iter().chain(audio.right.iter().flatten()).all(|x| x.is_finite()));
        assert!(audio.left.len() as f64 <= (MAX_SECONDS + 0.1) * audio.rate.hz());
        assert!(Analysis::of(audio).is_finite());
    }
});
