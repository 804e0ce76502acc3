//! What the loader makes of sound files, before anything is trimmed: for each FILE a FILE.ours with the rate and
//! the number of channels (at most two), 32 bits each, and the samples as 32-bit floats, least significant byte
//! first. `tests/files/odd_files.py` compares them with what other programs read.

use deepdrummer_core::kit::embed::decode_embedded;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let mut beside = path.clone().into_os_string();
        beside.push(".ours");
        match decode_embedded(std::fs::read(&path)?) {
            Ok(audio) => {
                let channels = if audio.right.is_some() { 2u32 } else { 1 };
                let mut bytes = audio.rate.hz_u32().to_le_bytes().to_vec();
                bytes.extend(channels.to_le_bytes());
                for (at, left) in audio.left.iter().enumerate() {
                    bytes.extend(left.to_le_bytes());
                    if let Some(right) = audio.right.as_ref().and_then(|right| right.get(at)) {
                        bytes.extend(right.to_le_bytes());
                    }
                }
                std::fs::write(&beside, bytes)?;
            }
            Err(error) => {
                println!("{}: {error}", path.display());
                let _ = std::fs::remove_file(&beside);
            }
        }
    }
    Ok(())
}
