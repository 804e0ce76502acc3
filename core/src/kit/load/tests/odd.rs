//! Files as other programs write them, and as they lie about: each of them is the same sound, known by
//! construction. `tests/files/odd_files.py` compares more of them with libsndfile and ffmpeg.

use super::super::*;
use super::COMPRESSED;

const RATE: u32 = 44_100;
const FRAMES: usize = 301;

/// A noise that decays, in the upper 16 of 32 bits; every value is exact in 16 bits.
fn sound() -> Vec<i32> {
    let mut state = 1u32;
    (0..FRAMES)
        .map(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = (state as i32 >> 16) * (FRAMES - at) as i32 / FRAMES as i32;
            value << 16
        })
        .collect()
}

fn expected() -> Vec<f32> {
    sound().iter().map(|value| *value as f32 / 2_147_483_648.0).collect()
}

/// In so many bytes of two's complement.
fn pcm(width: usize, big_endian: bool) -> Vec<u8> {
    let bytes = |value: &i32| {
        let all = value.to_be_bytes();
        let mut kept: Vec<u8> = all[..width].to_vec();
        if !big_endian {
            kept.reverse();
        }
        kept
    };
    sound().iter().flat_map(bytes).collect()
}

fn reals(big_endian: bool, double: bool) -> Vec<u8> {
    let one = |value: &f32| match (double, big_endian) {
        (false, false) => value.to_le_bytes().to_vec(),
        (false, true) => value.to_be_bytes().to_vec(),
        (true, false) => f64::from(*value).to_le_bytes().to_vec(),
        (true, true) => f64::from(*value).to_be_bytes().to_vec(),
    };
    expected().iter().flat_map(one).collect()
}

fn read(bytes: &[u8]) -> Result<Vec<f32>, String> {
    let mut raw = Raw::read(bytes).map_err(|error| error.to_string())?;
    assert_eq!(raw.rate_hz, RATE);
    Ok(raw.channels.remove(0))
}

#[track_caller]
fn holds(name: &str, bytes: &[u8], expected: &[f32]) {
    let found = read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found.len(), expected.len(), "{name}");
    assert!(found == expected, "{name}");
}

fn chunk(name: &[u8], body: &[u8], claimed: Option<u32>, big_endian: bool) -> Vec<u8> {
    let mut bytes = unpadded(name, body, claimed, big_endian);
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

fn unpadded(name: &[u8], body: &[u8], claimed: Option<u32>, big_endian: bool) -> Vec<u8> {
    let size = claimed.unwrap_or(body.len() as u32);
    let size = if big_endian { size.to_be_bytes() } else { size.to_le_bytes() };
    [name, &size, body].concat()
}

/// A format chunk's contents: tag, bits, bytes of a block, and what comes behind.
fn format(tag: u16, bits: u16, block: u16, more: &[u8]) -> Vec<u8> {
    let mut bytes = tag.to_le_bytes().to_vec();
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * u32::from(block)).to_le_bytes());
    bytes.extend(block.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(more);
    bytes
}

fn extensible(tag: u16, bits: u16, valid: u16, mask: u32) -> Vec<u8> {
    let mut more = 22u16.to_le_bytes().to_vec();
    more.extend(valid.to_le_bytes());
    more.extend(mask.to_le_bytes());
    more.extend(tag.to_le_bytes());
    more.extend(b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    format(0xfffe, bits, bits / 8, &more)
}

/// A RIFF of chunks with its size as claimed, or its own.
fn riff(name: &[u8; 4], size: Option<u32>, chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(name, &[b"WAVE".to_vec(), chunks.concat()].concat(), size, false)
}

fn wav(format: &[u8], data: &[u8]) -> Vec<u8> {
    riff(b"RIFF", None, &[chunk(b"fmt ", format, None, false), chunk(b"data", data, None, false)])
}

fn form(kind: &[u8; 4], size: Option<u32>, chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"FORM", &[kind.to_vec(), chunks.concat()].concat(), size, true)
}

fn common(bits: u16, frames: u32, kind: Option<&[u8; 4]>) -> Vec<u8> {
    let mut body = 1u16.to_be_bytes().to_vec();
    body.extend(frames.to_be_bytes());
    body.extend(bits.to_be_bytes());
    body.extend([0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]);
    if let Some(kind) = kind {
        body.extend(kind);
        body.extend(b"\x04none\0");
    }
    chunk(b"COMM", &body, None, true)
}

fn ssnd(data: &[u8], claimed: Option<u32>) -> Vec<u8> {
    chunk(b"SSND", &[&[0; 8], data].concat(), claimed, true)
}

#[test]
fn every_coding_of_a_wav_gives_the_same_samples() {
    let all = expected();
    for (bits, width) in [(16, 2), (24, 3), (32, 4), (12, 2), (20, 3), (24, 4)] {
        let bytes = pcm(width, false);
        holds(&format!("{bits} in {width}"), &wav(&format(1, bits, width as u16, &[]), &bytes), &all);
    }
    holds("no block", &wav(&format(1, 16, 0, &[]), &pcm(2, false)), &all);
    holds("a wrong block", &wav(&format(1, 16, 7, &[]), &pcm(2, false)), &all);
    holds("no bits", &wav(&format(1, 0, 2, &[]), &pcm(2, false)), &all);
    holds("cut format", &wav(&format(1, 16, 2, &[])[..14], &pcm(2, false)), &all);
    holds("float", &wav(&format(3, 32, 4, &[]), &reals(false, false)), &all);
    holds("double", &wav(&format(3, 64, 8, &[0, 0]), &reals(false, true)), &all);
    for mask in [0, 1, 4, 0x8000_0000, u32::MAX] {
        holds("mask", &wav(&extensible(1, 16, 16, mask), &pcm(2, false)), &all);
    }
    holds("valid bits 20", &wav(&extensible(1, 24, 20, 4), &pcm(3, false)), &all);
    holds("valid bits 0", &wav(&extensible(1, 16, 0, 4), &pcm(2, false)), &all);
    holds("extensible float", &wav(&extensible(3, 32, 32, 4), &reals(false, false)), &all);
    let top: Vec<u8> = pcm(1, false).iter().map(|byte| byte ^ 0x80).collect();
    let eight: Vec<f32> = sound().iter().map(|value| (value >> 24) as f32 / 128.0).collect();
    holds("8 bits", &wav(&format(1, 8, 1, &[]), &top), &eight);
}

#[test]
fn companded_samples_are_those_of_g_711() {
    // From the tables of ITU-T G.711: code word → value of 16 bits.
    let a_law = [(0x55u8, -8i32), (0xd5, 8), (0x2a, -32_256), (0xaa, 32_256), (0x80, 5_504), (0x54, -24)];
    let mu_law = [(0x00u8, -32_124i32), (0x80, 32_124), (0xff, 0), (0x7f, 0), (0xfe, 8), (0x70, -120)];
    for (tag, kind, table) in [(6, b"alaw", a_law), (7, b"ulaw", mu_law)] {
        let codes: Vec<u8> = table.iter().map(|(code, _)| *code).collect();
        let values: Vec<f32> = table.iter().map(|(_, value)| *value as f32 / 32_768.0).collect();
        holds("wav", &wav(&format(tag, 8, 1, &[0, 0]), &codes), &values);
        holds("aifc", &form(b"AIFC", None, &[common(16, 6, Some(kind)), ssnd(&codes, None)]), &values);
    }
}

#[test]
fn sizes_of_a_wav_are_claims_and_the_end_of_the_file_is_the_fact() {
    let all = expected();
    let format = chunk(b"fmt ", &format(1, 16, 2, &[]), None, false);
    let data = pcm(2, false);
    let sizes = [None, Some(0), Some(20), Some(1 << 20), Some(0x7fff_ffff), Some(u32::MAX), Some(1_235)];
    for riff_size in sizes {
        for data_size in [None, Some(0), Some(1 << 20), Some(0x7fff_ffff), Some(u32::MAX)] {
            let bytes = riff(b"RIFF", riff_size, &[format.clone(), chunk(b"data", &data, data_size, false)]);
            holds(&format!("{riff_size:?} {data_size:?}"), &bytes, &all);
        }
    }
    // A size that is smaller than what there is is believed: something else follows.
    let short = riff(b"RIFF", None, &[format.clone(), chunk(b"data", &data, Some(200), false)]);
    holds("short", &short, &all[..100]);
    // An empty chunk before whole ones is empty.
    let empty = [format.clone(), chunk(b"data", &[], None, false), chunk(b"data", &data, None, false)];
    holds("empty first", &riff(b"RIFF", None, &empty), &all);
    holds(
        "cut",
        &riff(b"RIFF", None, &[format.clone(), chunk(b"data", &data, None, false)])[..44 + 201],
        &all[..100],
    );
    holds(
        "two",
        &riff(
            b"RIFF",
            None,
            &[format.clone(), chunk(b"data", &data, None, false), chunk(b"data", &[9; 80], None, false)],
        ),
        &all,
    );
}

#[test]
fn chunks_around_the_sound_of_a_wav_are_passed_over() {
    let all = expected();
    let format = chunk(b"fmt ", &format(1, 16, 2, &[]), None, false);
    let data = chunk(b"data", &pcm(2, false), None, false);
    let odd = b"INFOISFT\x05\0\0\0odd!\0\0abc";
    for other in [
        chunk(b"LIST", odd, None, false),
        unpadded(b"LIST", odd, None, false),
        unpadded(b"xyzw", odd, None, false),
        chunk(b"zyxw", &[1; 40], None, false),
        chunk(b"abcd", &[], None, false),
        chunk(b"LIST", b"INFO", Some(1 << 30), false),
        chunk(b"LIST", b"INFO", Some(u32::MAX), false),
        vec![0; 6],
        [0xff; 41].to_vec(),
    ] {
        let name = String::from_utf8_lossy(&other).into_owned();
        holds(
            &format!("before {name}"),
            &riff(b"RIFF", None, &[other.clone(), format.clone(), data.clone()]),
            &all,
        );
        holds(
            &format!("between {name}"),
            &riff(b"RIFF", None, &[format.clone(), other.clone(), data.clone()]),
            &all,
        );
        holds(&format!("behind {name}"), &riff(b"RIFF", None, &[format.clone(), data.clone(), other]), &all);
    }
    holds("data first", &riff(b"RIFF", None, &[data.clone(), format.clone()]), &all);
    let mut tagged = b"ID3\x03\0\0\0\0\x02\x10".to_vec();
    tagged.extend([0; 272]);
    tagged.extend(wav(&format[8..], &pcm(2, false)));
    holds("tag before", &tagged, &all);
    holds("a head of another program", &[&[0; 128][..], &wav(&format[8..], &pcm(2, false))].concat(), &all);
}

#[test]
fn the_shells_of_64_bits_and_of_the_other_byte_order_are_read() {
    let all = expected();
    let data = pcm(2, false);
    let format = chunk(b"fmt ", &format(1, 16, 2, &[]), None, false);
    let mut sizes = 0u64.to_le_bytes().to_vec();
    sizes.extend((data.len() as u64).to_le_bytes());
    sizes.extend([0; 12]);
    let ds64 = chunk(b"ds64", &sizes, None, false);
    let other = chunk(b"LIST", b"INFO", None, false);
    for name in [b"RF64", b"BW64", b"RIFF"] {
        let long = chunk(b"data", &data, Some(u32::MAX), false);
        holds("64", &riff(name, Some(u32::MAX), &[ds64.clone(), format.clone(), long, other.clone()]), &all);
    }
    let mut swapped = b"WAVEfmt \0\0\0\x10\0\x01\0\x01\0\0\xac\x44\0\x01\x58\x88\0\x02\0\x10".to_vec();
    swapped.extend(chunk(b"data", &pcm(2, true), None, true));
    holds("RIFX", &chunk(b"RIFX", &swapped, None, true), &all);
    let guid = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a";
    let long = |name: &[u8], body: &[u8]| {
        let mut bytes = [name, guid, &(body.len() as u64 + 24).to_le_bytes(), body].concat();
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    };
    let mut wave = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0".to_vec();
    wave.extend(1u64.to_le_bytes());
    wave.extend([&b"wave"[..], guid].concat());
    wave.extend([long(b"junk", &[1; 13]), long(b"fmt ", &format[8..]), long(b"data", &data)].concat());
    holds("Wave64", &wave, &all);
    holds("Wave64, cut", &wave[..wave.len() - 406], &all[..FRAMES - 200]);
}

#[test]
fn every_coding_and_size_of_an_aiff_gives_the_same_samples() {
    let all = expected();
    let frames = FRAMES as u32;
    for (bits, width) in [(16, 2), (24, 3), (32, 4), (12, 2), (20, 3)] {
        let chunks = [common(bits, frames, None), ssnd(&pcm(width, true), None)];
        holds(&format!("{bits} bits"), &form(b"AIFF", None, &chunks), &all);
    }
    let data = pcm(2, true);
    for (kind, bits, bytes) in [
        (b"NONE", 16, data.clone()),
        (b"twos", 24, pcm(3, true)),
        (b"sowt", 16, pcm(2, false)),
        (b"sowt", 24, pcm(3, false)),
        (b"in24", 24, pcm(3, true)),
        (b"in32", 32, pcm(4, true)),
        (b"42ni", 24, pcm(3, false)),
        (b"23ni", 32, pcm(4, false)),
        (b"fl32", 32, reals(true, false)),
        (b"FL32", 32, reals(true, false)),
        (b"fl64", 64, reals(true, true)),
        (b"FL64", 64, reals(true, true)),
    ] {
        let chunks = [common(bits, frames, Some(kind)), ssnd(&bytes, None)];
        holds(&String::from_utf8_lossy(kind), &form(b"AIFC", None, &chunks), &all);
    }
    for size in [None, Some(0), Some(30), Some(1 << 20), Some(u32::MAX)] {
        for sound_size in [None, Some(0), Some(8), Some(1 << 20), Some(u32::MAX)] {
            let chunks = [common(16, frames, None), ssnd(&data, sound_size)];
            holds(&format!("{size:?} {sound_size:?}"), &form(b"AIFF", size, &chunks), &all);
        }
    }
    for claimed in [0, 1, u32::MAX] {
        holds("frames", &form(b"AIFF", None, &[common(16, claimed, None), ssnd(&data, None)]), &all);
    }
    let mark = chunk(b"MARK", b"\0\x02\0\x01\0\0\0\x05\x04abcd\0\x02\0\0\0\x09\x02ab", None, true);
    let odd = unpadded(b"ANNO", b"odd", None, true);
    let chunks = [mark, odd, ssnd(&data, None), common(16, frames, None)];
    holds("chunks around", &form(b"AIFF", None, &chunks), &all);
    let whole = form(b"AIFF", None, &[common(16, frames, None), ssnd(&data, None)]);
    holds("cut", &whole[..54 + 201], &all[..100]);
}

#[test]
fn blocks_of_adpcm_are_decoded_and_cut_ones_as_far_as_they_go() {
    // The predictor stays where the head of its block puts it while all steps are the smallest.
    let head = [0x00u8, 0x20, 0, 0];
    let mut block = head.to_vec();
    block.extend([0x80; 32]);
    let ima = wav(&format(0x11, 4, 36, &[2, 0, 65, 0]), &[block.clone(), block.clone()].concat());
    let found = read(&ima).unwrap();
    assert_eq!(found.len(), 130);
    assert!(found.iter().all(|x| (x - 0.25).abs() < 2e-3), "{found:?}");
    let found = read(&wav(&format(0x11, 4, 36, &[]), &[&block[..], &block[..18]].concat())).unwrap();
    assert!((65 + 20..65 + 40).contains(&found.len()), "{}", found.len());
    let mut block = vec![0u8, 16, 0, 0x00, 0x20, 0x00, 0x20];
    block.extend([0; 25]);
    let found = read(&wav(&format(2, 4, 32, &[2, 0, 52, 0]), &block)).unwrap();
    assert_eq!(found, [0.25; 52]);
    let apple: Vec<u8> = [&[0x20, 0x00][..], &[0x80; 32]].concat();
    let found = read(&form(b"AIFC", None, &[common(16, 1, Some(b"ima4")), ssnd(&apple, None)])).unwrap();
    assert_eq!(found.len(), 64);
    assert!(found.iter().all(|x| (x - 0.25).abs() < 2e-3), "{found:?}");
    for block in [0u16, 1, 4] {
        assert!(read(&wav(&format(0x11, 4, block, &[]), &[1; 400])).is_err());
        assert!(read(&wav(&format(2, 4, block, &[]), &[1; 400])).is_err());
    }
}

/// An ID3v2 tag with a cover of these bytes.
fn cover(picture: &[u8]) -> Vec<u8> {
    let body = [b"\0image/jpeg\0\x03\0", picture].concat();
    let frame = [b"APIC", &(body.len() as u32).to_be_bytes()[..], &[0, 0], &body].concat();
    let size = frame.len();
    let safe = [size >> 21, size >> 14, size >> 7, size].map(|part| (part & 127) as u8);
    [b"ID3\x03\0\0", &safe[..], &frame].concat()
}

fn ape() -> Vec<u8> {
    let head = |flags: u32| {
        let words = [2_000u32, 52, 0, flags].map(u32::to_le_bytes).concat();
        [b"APETAGEX", &words[..], &[0; 8]].concat()
    };
    [head(0xa000_0000), vec![7; 20], head(0x8000_0000)].concat()
}

#[test]
fn tags_before_and_behind_cost_no_compressed_sound_anything() {
    let mut id3v1 = b"TAG".to_vec();
    id3v1.resize(128, b' ');
    let lyrics = b"LYRICSBEGINLYR00004la la000023LYRICS200".to_vec();
    let mut noise = 1u32;
    let picture: Vec<u8> = (0..1_200_000)
        .map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        })
        .collect();
    for (name, plain) in COMPRESSED {
        let whole = read(plain).unwrap();
        // A cover of anything, even of whole frames, is skipped by its size.
        for content in [&picture[..], &[0xff, 0xfb, 0x90, 0x64].repeat(3_000), &COMPRESSED[1].1.repeat(4)] {
            holds(&format!("{name} cover"), &[&cover(content), plain].concat(), &whole);
            holds(&format!("{name} covers"), &[&cover(content), &cover(b"x"), plain].concat(), &whole);
        }
        holds(&format!("{name} APE before"), &[&ape(), plain].concat(), &whole);
        for tag in
            [id3v1.clone(), ape(), [ape(), id3v1.clone()].concat(), [lyrics.clone(), id3v1.clone()].concat()]
        {
            let what = String::from_utf8_lossy(&tag[..8]).into_owned();
            holds(&format!("{name} {what} behind"), &[plain, &tag].concat(), &whole);
        }
        // What is no tag at all.
        for junk in [vec![0; 700], b"a note that somebody left".repeat(9), picture[..999].to_vec()] {
            holds(&format!("{name} junk behind"), &[plain, &junk].concat(), &whole);
        }
        // Where only the container says WAV.
        let inside = wav(&format(0x55, 0, 1, &[0, 0]), plain);
        holds(&format!("{name} in RIFF"), &inside, &whole);
    }
}

#[test]
fn blocks_of_a_flac_are_passed_over_by_their_size_and_its_length_is_a_claim() {
    let plain = COMPRESSED[2].1;
    let whole = read(plain).unwrap();
    // STREAMINFO alone, then a large picture, then the frames with whatever was there.
    let mut large = plain[..4].to_vec();
    large.push(0);
    large.extend(&plain[5..42]);
    large.extend([6, 0x1e, 0x84, 0x80]);
    large.extend(vec![0xff; 2_000_000]);
    large.extend(&plain[42..]);
    holds("picture", &large, &whole);
    let mut unknown = plain.to_vec();
    unknown[21] &= 0xf0;
    unknown[22..26].fill(0);
    holds("no length", &unknown, &whole);
    unknown[25] = 9;
    holds("a wrong length", &unknown, &whole);
    let mut claims = plain.to_vec();
    claims[43..46].copy_from_slice(&[0xff, 0xff, 0xff]);
    holds("a block that claims too much", &claims, &whole);
}

/// The stored files, of which each is the same hit; see the file's name for what is odd.
const CASES: &[(&str, &[u8])] = &[
    ("03-riff-ok-data-0.wav", include_bytes!("../fixtures/cases/03-riff-ok-data-0.wav")),
    ("07-riff-0-data-ok.wav", include_bytes!("../fixtures/cases/07-riff-0-data-ok.wav")),
    ("52-list-odd-size-padded.wav", include_bytes!("../fixtures/cases/52-list-odd-size-padded.wav")),
    ("70-rf64.wav", include_bytes!("../fixtures/cases/70-rf64.wav")),
    ("01-form-long.aif", include_bytes!("../fixtures/cases/01-form-long.aif")),
    ("06-cut-in-half.aif", include_bytes!("../fixtures/cases/06-cut-in-half.aif")),
    ("12-mark-unpadded-names.aif", include_bytes!("../fixtures/cases/12-mark-unpadded-names.aif")),
    ("20-sox-pipe.aiff", include_bytes!("../fixtures/cases/20-sox-pipe.aiff")),
    ("07-id3v1-behind.flac", include_bytes!("../fixtures/cases/07-id3v1-behind.flac")),
    ("short-80ms-id3v1.flac", include_bytes!("../fixtures/cases/short-80ms-id3v1.flac")),
];

#[test]
fn stored_odd_files_hold_the_plain_hit_sample_for_sample() {
    let plain = read(include_bytes!("../fixtures/cases/plain.wav")).unwrap();
    assert_eq!(plain.len(), 9_000);
    for (name, bytes) in CASES {
        let frames = match *name {
            "06-cut-in-half.aif" => 4_500,
            "short-80ms-id3v1.flac" => 3_500,
            _ => 9_000,
        };
        holds(name, bytes, &plain[..frames]);
    }
    // Of 24 bits, which the plain file has cut to 16.
    for bytes in [
        &include_bytes!("../fixtures/cases/30-sowt-24.aifc")[..],
        include_bytes!("../fixtures/cases/37-ext-mask-80000000.wav"),
    ] {
        let finer = read(bytes).unwrap();
        assert_eq!(finer.len(), plain.len());
        assert!(finer.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1.5 / 32_768.0));
    }
}

#[test]
fn an_mp3_without_a_lame_tag_starts_at_its_hit() {
    let plain = decode(include_bytes!("../fixtures/cases/plain.wav"), Channels::Keep).unwrap().audio;
    for (name, bytes) in [
        ("tag", &include_bytes!("../fixtures/cases/plain.mp3")[..]),
        ("no tag", include_bytes!("../fixtures/cases/32-notag.mp3")),
        ("in a RIFF", include_bytes!("../fixtures/cases/08-mp3-in-riff.wav")),
    ] {
        let loud = |audio: &Audio| audio.left.iter().position(|x| x.abs() > 0.3).unwrap();
        let audio = decode(bytes, Channels::Keep).unwrap_or_else(|error| panic!("{name}: {error}")).audio;
        let late = loud(&audio).abs_diff(loud(&plain));
        assert!(late < 60, "{name}: {late} frames");
    }
}
