"""Odd sound files, and how libsndfile, ffmpeg and DeepDrummer read them, sample for sample.

    python odd_files.py OUT READER

makes them in OUT (needs ffmpeg, sox, and the packages numpy and soundfile), has READER write what it reads of each
FILE to FILE.ours (`cargo build --release -p deepdrummer-lab --example decode`, then
target/release/examples/decode), and prints a table. It ends with an error where both others agree on a sound
and ours is another. The tests of `core/src/kit/load` hold the same rules on files that they make themselves.
"""
import os
import struct
import subprocess
import sys

import numpy as np
import soundfile

RATE = 44_100
FRAMES = 3_001  # odd, so that bytes of one channel are odd too
random = np.random.default_rng(7)
time = np.arange(FRAMES) / RATE
LEFT = 0.7 * np.exp(-time / 0.02) * np.sin(2 * np.pi * (180 * time)) + 0.05 * random.normal(size=FRAMES) * np.exp(-time / 0.01)
RIGHT = 0.5 * np.exp(-time / 0.03) * np.sin(2 * np.pi * (330 * time))
MONO, STEREO = LEFT[:, None], np.stack([LEFT, RIGHT], 1)


def pcm(sound, width, big=False, unsigned=False):
    top = 2 ** (8 * width - 1)
    whole = np.clip(np.round(sound.reshape(-1) * top), -top, top - 1).astype(np.int64)
    if unsigned:
        whole += top
    order = "big" if big else "little"
    return b"".join(int(x).to_bytes(width, order, signed=not unsigned) for x in whole)


def chunk(name, body, size=None, pad=True, order="<"):
    head = name + struct.pack(order + "I", len(body) if size is None else size)
    return head + body + (b"\0" if pad and len(body) % 2 else b"")


def fmt(tag=1, channels=1, rate=RATE, bits=16, block=None, more=b"", order="<"):
    block = channels * ((bits + 7) // 8) if block is None else block
    return struct.pack(order + "HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block, bits) + more


GUID = bytes.fromhex("000000001000800000aa00389b71")


def extensible(sub=1, channels=1, bits=16, valid=None, mask=0, tail=GUID):
    valid = bits if valid is None else valid
    return fmt(0xFFFE, channels, bits=bits, more=struct.pack("<HHIH", 22, valid, mask, sub) + tail)


def riff(*parts, size=None, kind=b"RIFF", order="<"):
    body = b"WAVE" + b"".join(parts)
    return kind + struct.pack(order + "I", len(body) if size is None else size) + body


def wav(data=None, head=None, data_size=None, size=None, before=b"", behind=b"", pad=True):
    data = pcm(MONO, 2) if data is None else data
    head = fmt() if head is None else head
    return riff(chunk(b"fmt ", head), before, chunk(b"data", data, data_size, pad), behind, size=size)


def rate80(rate):
    exponent = rate.bit_length() - 1
    return struct.pack(">HQ", 16383 + exponent, rate << (63 - exponent))


def comm(channels=1, bits=16, frames=FRAMES, rate=RATE, kind=None):
    body = struct.pack(">HIH", channels, frames, bits) + rate80(rate)
    return body if kind is None else body + kind + b"\x04none\0"


def form(*parts, size=None, kind=b"AIFF"):
    body = kind + b"".join(parts)
    return b"FORM" + struct.pack(">I", len(body) if size is None else size) + body


def aiff(data=None, common=None, ssnd_size=None, size=None, before=b"", behind=b"", kind=b"AIFF", offset=0):
    data = pcm(MONO, 2, big=True) if data is None else data
    common = comm() if common is None else common
    version = chunk(b"FVER", b"\xa2\x80\x51\x40", order=">") if kind == b"AIFC" else b""
    body = struct.pack(">II", offset, 0) + bytes(offset) + data
    sound = chunk(b"SSND", body, ssnd_size, order=">")
    return form(version, chunk(b"COMM", common, order=">"), before, sound, behind, size=size, kind=kind)


def aifc(kind, data, bits, channels=1):
    return aiff(data, comm(channels, bits, kind=kind), kind=b"AIFC")


def synchsafe(n):
    return bytes([n >> 21 & 127, n >> 14 & 127, n >> 7 & 127, n & 127])


def id3v2(size, body=None, version=3):
    body = bytes(size) if body is None else body
    frame = b"APIC" + struct.pack(">I", len(body) + 14) + b"\0\0" + b"\0image/jpeg\0\3\0" + body
    return b"ID3" + bytes([version, 0, 0]) + synchsafe(len(frame)) + frame


ID3V1 = b"TAG" + b"name".ljust(125, b"\0")
APE = b"APETAGEX" + struct.pack("<IIII", 2000, 92, 1, 0xA0000000) + bytes(8) + bytes(60) + b"APETAGEX" + struct.pack("<IIII", 2000, 92, 1, 0x80000000) + bytes(8)
LYRICS = b"LYRICSBEGIN" + b"IND00002" + b"00" + b"LYR00004la la"[:12] 
LYRICS = LYRICS + b"%06d" % len(LYRICS) + b"LYRICS200"


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def made(out, name, *options, source="stereo.wav"):
    path = os.path.join(out, "made-" + name)
    run("ffmpeg", "-y", "-v", "error", "-i", os.path.join(out, source), *options, path)
    with open(path, "rb") as file:
        return file.read()


def sox(out, name, *options, source="mono.wav"):
    path = os.path.join(out, "sox-" + name)
    run("sox", os.path.join(out, source), *options, path)
    with open(path, "rb") as file:
        return file.read()


def odd_files(out):
    """Name → bytes."""
    data = pcm(MONO, 2)
    for name, sound in (("mono.wav", MONO), ("stereo.wav", STEREO)):
        soundfile.write(os.path.join(out, name), sound, RATE, subtype="PCM_16")
    odd = pcm(MONO, 1, unsigned=True)  # an odd number of bytes
    listed = chunk(b"LIST", b"INFOISFT\x05\0\0\0odd!\0")
    f = {}
    f["wav-plain.wav"] = wav()
    f["wav-u8.wav"] = wav(odd, fmt(bits=8))
    f["wav-24.wav"] = wav(pcm(STEREO, 3), fmt(channels=2, bits=24))
    f["wav-32.wav"] = wav(pcm(STEREO, 4), fmt(channels=2, bits=32))
    f["wav-20in24.wav"] = wav(pcm(MONO, 3), fmt(bits=20, block=3))
    f["wav-12in16.wav"] = wav(data, fmt(bits=12, block=2))
    f["wav-24in32.wav"] = wav(pcm(MONO, 4), fmt(bits=24, block=4))
    f["wav-f32.wav"] = wav(MONO.astype("<f4").tobytes(), fmt(3, bits=32))
    f["wav-f64.wav"] = wav(STEREO.astype("<f8").tobytes(), fmt(3, channels=2, bits=64))
    f["wav-f32-fact.wav"] = wav(MONO.astype("<f4").tobytes(), fmt(3, bits=32, more=b"\0\0"), before=chunk(b"fact", struct.pack("<I", 5)))
    for mask in (0, 1, 4, 0x80000000, 0xFFFFFFFF, 3):
        f[f"wav-extensible-mask-{mask:x}.wav"] = wav(head=extensible(mask=mask))
    f["wav-extensible-20-valid.wav"] = wav(pcm(MONO, 3), extensible(bits=24, valid=20))
    f["wav-extensible-0-valid.wav"] = wav(head=extensible(valid=0))
    f["wav-extensible-float.wav"] = wav(MONO.astype("<f4").tobytes(), extensible(3, bits=32))
    f["wav-extensible-ambisonic.wav"] = wav(pcm(STEREO, 2), extensible(channels=2, tail=bytes.fromhex("000021071 1d3864 4c8c1ca000000".replace(" ", ""))))
    f["wav-extensible-stereo.wav"] = wav(pcm(STEREO, 2), extensible(channels=2, mask=3))
    f["wav-4-channels.wav"] = wav(pcm(np.concatenate([STEREO, STEREO], 1), 2), extensible(channels=4, mask=0x33))
    f["wav-fmt-18.wav"] = wav(head=fmt(more=b"\0\0"))
    f["wav-fmt-40-zeros.wav"] = wav(head=fmt(more=bytes(24)))
    f["wav-fmt-odd-17.wav"] = wav(head=fmt(more=b"\0"))
    f["wav-block-0.wav"] = wav(head=fmt(block=0))
    f["wav-block-wrong.wav"] = wav(head=fmt(block=7))
    f["wav-byte-rate-0.wav"] = wav(head=fmt()[:8] + bytes(4) + fmt()[12:])
    for name, size in (("0", 0), ("short", 20), ("long", 1 << 20), ("ffffffff", 0xFFFFFFFF), ("odd", 12345)):
        f[f"wav-riff-size-{name}.wav"] = wav(size=size)
    for name, size in (("0", 0), ("short", 3000), ("long", 1 << 20), ("ffffffff", 0xFFFFFFFF), ("7fffffff", 0x7FFFFFFF), ("odd", 2001)):
        f[f"wav-data-size-{name}.wav"] = wav(data_size=size)
    f["wav-both-sizes-0.wav"] = wav(size=0, data_size=0)
    f["wav-both-sizes-ffffffff.wav"] = wav(size=0xFFFFFFFF, data_size=0xFFFFFFFF)
    f["wav-data-0-chunks-behind.wav"] = wav(data_size=0, behind=listed)
    f["wav-cut-half.wav"] = wav()[: 44 + FRAMES]
    f["wav-cut-in-frame.wav"] = wav(pcm(STEREO, 3), fmt(channels=2, bits=24))[: 44 + 6001]
    f["wav-list-before.wav"] = wav(before=listed)
    f["wav-list-odd-padded.wav"] = wav(before=chunk(b"LIST", b"INFOISFT\x05\0\0\0odd!\0\0abc"[:23]))
    f["wav-list-odd-unpadded.wav"] = wav(before=chunk(b"LIST", b"INFOISFT\x05\0\0\0odd!\0\0abc"[:23], pad=False))
    f["wav-u8-odd-data-padded.wav"] = wav(odd, fmt(bits=8), behind=listed)
    f["wav-u8-odd-data-unpadded.wav"] = wav(odd, fmt(bits=8), behind=listed, pad=False)
    f["wav-many-chunks.wav"] = wav(before=b"".join(chunk(name, bytes(n)) for n, name in enumerate([b"JUNK", b"bext", b"iXML", b"cue ", b"smpl", b"inst", b"acid", b"xyz1", b"PAD ", b"FLLR"])))
    f["wav-unknown-size-0.wav"] = wav(before=chunk(b"abcd", b""))
    f["wav-list-claims-too-much.wav"] = wav(before=chunk(b"LIST", b"INFO", 1 << 30))
    f["wav-junk-4k.wav"] = wav(before=chunk(b"JUNK", bytes(4052)))
    f["wav-data-before-fmt.wav"] = riff(chunk(b"data", data), chunk(b"fmt ", fmt()))
    f["wav-two-data.wav"] = wav(behind=chunk(b"data", data[:400]))
    f["wav-empty-data-first.wav"] = wav(before=chunk(b"data", b""))
    f["wav-two-fmt.wav"] = wav(before=chunk(b"fmt ", fmt()))
    f["wav-garbage-behind.wav"] = wav(behind=random.bytes(501))
    f["wav-id3-behind.wav"] = wav(behind=chunk(b"id3 ", id3v2(3000)))
    f["wav-id3v2-before.wav"] = id3v2(2000) + wav()
    f["wav-id3v1-behind.wav"] = wav() + ID3V1
    f["wav-rifx.wav"] = b"RIFX" + struct.pack(">I", 36 + len(data)) + b"WAVE" + chunk(b"fmt ", fmt(order=">"), order=">") + chunk(b"data", pcm(MONO, 2, big=True), order=">")
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 72 + len(data), len(data), FRAMES, 0))
    f["wav-rf64.wav"] = riff(ds64, chunk(b"fmt ", fmt()), chunk(b"data", data, 0xFFFFFFFF), listed, kind=b"RF64", size=0xFFFFFFFF)
    f["wav-bw64.wav"] = riff(ds64, chunk(b"fmt ", fmt()), chunk(b"data", data, 0xFFFFFFFF), kind=b"BW64", size=0xFFFFFFFF)
    f["wav-rf64-plain-sizes.wav"] = riff(ds64, chunk(b"fmt ", fmt()), chunk(b"data", data), kind=b"RF64")
    f["wav-alaw.wav"] = made(out, "alaw.wav", "-c:a", "pcm_alaw")
    f["wav-ulaw.wav"] = made(out, "ulaw.wav", "-c:a", "pcm_mulaw")
    for channels in (1, 2):
        source = "mono.wav" if channels == 1 else "stereo.wav"
        f[f"wav-ima-{channels}.wav"] = made(out, f"ima{channels}.wav", "-c:a", "adpcm_ima_wav", source=source)
        f[f"wav-ms-{channels}.wav"] = made(out, f"ms{channels}.wav", "-c:a", "adpcm_ms", source=source)
        f[f"wav-sox-ima-{channels}.wav"] = sox(out, f"ima{channels}.wav", "-e", "ima-adpcm", source=source)
        f[f"wav-sox-ms-{channels}.wav"] = sox(out, f"ms{channels}.wav", "-e", "ms-adpcm", source=source)
    f["wav-ima-cut.wav"] = f["wav-ima-1.wav"][:-700]
    f["w64.w64"] = made(out, "w.w64")
    f["w64-cut.w64"] = f["w64.w64"][:-2000]
    mp3 = made(out, "plain.mp3", "-b:a", "128k", "-id3v2_version", "0", "-write_id3v1", "0")
    bare = made(out, "bare.mp3", "-b:a", "128k", "-id3v2_version", "0", "-write_xing", "0")
    ogg = made(out, "plain.ogg", "-c:a", "libvorbis")
    f["wav-mp3-inside.wav"] = riff(chunk(b"fmt ", fmt(0x55, 2, bits=0, block=1, more=struct.pack("<HHIHHH", 12, 1, 2, 417, 1, 1393))), chunk(b"fact", struct.pack("<I", FRAMES)), chunk(b"data", bare))
    f["wav-mp3-inside-made.wav"] = made(out, "mp3.wav", "-c:a", "libmp3lame")
    f["wav-ogg-inside.wav"] = riff(chunk(b"fmt ", fmt(0x674F, 2, bits=0, block=1, more=b"\0\0")), chunk(b"data", ogg))
    f["wav-flac-inside.wav"] = riff(chunk(b"fmt ", fmt(0xF1AC, 2, bits=16, block=1, more=b"\0\0")), chunk(b"data", made(out, "in.flac")))
    # AIFF
    listed = chunk(b"ANNO", b"odd", order=">")
    f["aiff-plain.aif"] = aiff()
    f["aiff-8.aif"] = aiff(pcm(MONO, 1), comm(bits=8))
    f["aiff-24.aif"] = aiff(pcm(STEREO, 3, big=True), comm(2, 24))
    f["aiff-32.aif"] = aiff(pcm(STEREO, 4, big=True), comm(2, 32))
    f["aiff-12.aif"] = aiff(pcm(MONO, 2, big=True), comm(bits=12))
    f["aiff-20.aif"] = aiff(pcm(MONO, 3, big=True), comm(bits=20))
    for name, size in (("0", 0), ("short", 30), ("long", 1 << 22), ("ffffffff", 0xFFFFFFFF)):
        f[f"aiff-form-size-{name}.aif"] = aiff(size=size)
    for name, size in (("0", 0), ("8", 8), ("long", 1 << 22), ("ffffffff", 0xFFFFFFFF), ("short", 2008)):
        f[f"aiff-ssnd-size-{name}.aif"] = aiff(ssnd_size=size)
    f["aiff-comm-frames-0.aif"] = aiff(common=comm(frames=0))
    f["aiff-comm-frames-many.aif"] = aiff(common=comm(frames=0x7FFFFFFF))
    f["aiff-offset-16.aif"] = aiff(offset=16)
    f["aiff-cut-half.aif"] = aiff()[: 54 + FRAMES]
    f["aiff-odd-chunk-unpadded.aif"] = aiff(before=chunk(b"ANNO", b"odd", pad=False, order=">"))
    f["aiff-chunks-around.aif"] = aiff(before=listed + chunk(b"MARK", b"\0\1\0\1\0\0\0\5\3abc", order=">"), behind=listed + chunk(b"ID3 ", id3v2(900), order=">"))
    f["aiff-mark-unpadded-names.aif"] = aiff(before=chunk(b"MARK", b"\0\2\0\1\0\0\0\5\4abcd\0\2\0\0\0\x09\2ab", order=">"))
    f["aiff-unknown-chunk.aif"] = aiff(before=chunk(b"zzzz", bytes(10), order=">"))
    f["aiff-comm-behind.aif"] = form(chunk(b"SSND", bytes(8) + pcm(MONO, 2, big=True), order=">"), chunk(b"COMM", comm(), order=">"))
    for name, kind, bytes_, bits in (
        ("none", b"NONE", pcm(MONO, 2, big=True), 16),
        ("twos", b"twos", pcm(MONO, 2, big=True), 16),
        ("sowt", b"sowt", data, 16),
        ("sowt-24", b"sowt", pcm(MONO, 3), 24),
        ("in24", b"in24", pcm(MONO, 3, big=True), 24),
        ("in32", b"in32", pcm(MONO, 4, big=True), 32),
        ("fl32", b"fl32", MONO.astype(">f4").tobytes(), 32),
        ("FL32", b"FL32", MONO.astype(">f4").tobytes(), 32),
        ("fl64", b"fl64", MONO.astype(">f8").tobytes(), 64),
        ("FL64", b"FL64", MONO.astype(">f8").tobytes(), 64),
        ("raw", b"raw ", odd, 8),
    ):
        f[f"aifc-{name}.aifc"] = aifc(kind, bytes_, bits)
    for encoding in ("a-law", "mu-law"):
        f[f"aifc-{encoding}.aifc"] = aifc(b"alaw" if encoding == "a-law" else b"ulaw", made(out, encoding[0] + ".wav", "-c:a", "pcm_alaw" if encoding == "a-law" else "pcm_mulaw", source="mono.wav").split(b"data", 1)[1][4:][:FRAMES], 16)
    f["aifc-ima4.aifc"] = aifc(b"ima4", made(out, "ima4.aifc", "-c:a", "adpcm_ima_qt", source="mono.wav").split(b"SSND", 1)[1][12:], 16)
    with open(os.path.join(out, "mono.wav"), "rb") as source:
        piped = subprocess.run(["sox", "-t", "wav", "-", "-t", "aiff", "-"], stdin=source, capture_output=True, check=True)
    f["aiff-sox-pipe.aiff"] = piped.stdout
    with open(os.path.join(out, "mono.wav"), "rb") as source:
        piped = subprocess.run(["sox", "-t", "wav", "-", "-t", "wav", "-"], stdin=source, capture_output=True, check=True)
    f["wav-sox-pipe.wav"] = piped.stdout
    piped = subprocess.run(["ffmpeg", "-v", "error", "-i", os.path.join(out, "mono.wav"), "-f", "wav", "-"], capture_output=True, check=True)
    f["wav-ffmpeg-pipe.wav"] = piped.stdout
    # FLAC
    for bits in (16, 24):
        soundfile.write(os.path.join(out, "made.flac"), STEREO, RATE, subtype=f"PCM_{bits}", format="FLAC")
        with open(os.path.join(out, "made.flac"), "rb") as file:
            f[f"flac-{bits}.flac"] = file.read()
    flac = f["flac-16.flac"]
    f["flac-ffmpeg.flac"] = made(out, "x.flac", "-frame_size", "512")
    f["flac-id3v2-before.flac"] = id3v2(5000) + flac
    for name, tag in (("id3v1", ID3V1), ("ape", APE), ("ape-id3v1", APE + ID3V1), ("zeros", bytes(700)), ("text", b"a note that somebody left " * 9), ("noise", random.bytes(999))):
        f[f"flac-{name}-behind.flac"] = flac + tag
    f["flac-short-id3v1-behind.flac"] = made(out, "short.flac", "-t", "0.03") + ID3V1
    f["flac-cut.flac"] = f["flac-ffmpeg.flac"][:-2500]
    blocks = made(out, "pic.flac")
    f["flac-big-picture.flac"] = flac[:4] + bytes([0]) + flac[5:42] + bytes([6]) + (2_000_000).to_bytes(3, "big") + random.bytes(2_000_000) + flac[42:]
    f["flac-total-unknown.flac"] = flac[:21] + bytes([flac[21] & 0xF0]) + bytes(4) + flac[26:]
    f["flac-md5-wrong.flac"] = flac[:26] + bytes(range(16)) + flac[42:]
    f["flac-in-ogg.oga"] = made(out, "flac.oga", "-c:a", "flac")
    # MPEG
    f["mp3-plain.mp3"] = mp3
    f["mp3-no-lame-tag.mp3"] = bare
    for kilo in (4, 1100, 3000):
        f[f"mp3-cover-{kilo}k.mp3"] = id3v2(0, random.bytes(kilo << 10)) + mp3
    f["mp3-cover-of-syncs.mp3"] = id3v2(0, b"\xff\xfb\x90\x64" * 9000) + mp3
    f["mp3-cover-of-frames.mp3"] = id3v2(0, bare * 3) + mp3
    f["mp3-two-tags.mp3"] = id3v2(300) + id3v2(500, version=4) + mp3
    for name, tag in (("id3v1", ID3V1), ("ape", APE), ("lyrics3", LYRICS + ID3V1), ("zeros", bytes(900))):
        f[f"mp3-{name}-behind.mp3"] = mp3 + tag
    f["mp3-ape-before.mp3"] = APE + mp3
    f["mp3-zeros-before.mp3"] = bytes(900) + bare
    f["mp3-vbr.mp3"] = made(out, "vbr.mp3", "-q:a", "4")
    f["mp3-mono-22k.mp3"] = made(out, "m22.mp3", "-ac", "1", "-ar", "22050", "-b:a", "48k")
    f["mp3-mono-8k.mp3"] = made(out, "m8.mp3", "-ac", "1", "-ar", "8000", "-b:a", "16k")
    f["mp3-cut.mp3"] = bare[:-500]
    f["mp3-as.wav"] = mp3
    f["mp2.mp2"] = made(out, "x.mp2", "-b:a", "128k")
    # Ogg
    f["ogg-plain.ogg"] = ogg
    f["ogg-as.wav"] = ogg
    f["ogg-low.ogg"] = made(out, "low.ogg", "-c:a", "libvorbis", "-q:a", "0")
    f["ogg-mono.ogg"] = made(out, "mono.ogg", "-c:a", "libvorbis", source="mono.wav")
    f["ogg-cut.ogg"] = ogg[:-300]
    f["ogg-junk-behind.ogg"] = ogg + random.bytes(500)
    f["ogg-id3v2-before.ogg"] = id3v2(700) + ogg
    f["ogg-sox.ogg"] = sox(out, "x.ogg")
    f["opus.opus"] = made(out, "x.opus", "-c:a", "libopus")
    return f


def by_libsndfile(path):
    try:
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return (rate, sound) if len(sound) else None
    except Exception:
        return None


def by_ffmpeg(path):
    probe = ["ffprobe", "-v", "quiet", "-select_streams", "a:0", "-show_entries", "stream=sample_rate,channels", "-of", "csv=p=0", path]
    said = subprocess.run(probe, capture_output=True, text=True).stdout.split()
    if not said:
        return None
    rate, channels = (int(x) for x in said[0].strip(",").split(",")[:2])
    decoded = subprocess.run(["ffmpeg", "-v", "quiet", "-i", path, "-map", "0:a:0", "-f", "f32le", "-"], capture_output=True).stdout
    sound = np.frombuffer(decoded[: len(decoded) // 4 * 4], "<f4")
    sound = sound[: len(sound) // channels * channels].reshape(-1, channels)
    return (rate, sound) if len(sound) else None


def by_ours(path):
    try:
        with open(path + ".ours", "rb") as file:
            content = file.read()
    except OSError:
        return None
    rate, channels = struct.unpack("<II", content[:8])
    return rate, np.frombuffer(content[8:], "<f4").reshape(-1, channels)


def differ(a, b):
    """The largest difference, the difference in length, or None where they can't be compared."""
    if a is None or b is None or a[0] != b[0]:
        return None
    channels = min(a[1].shape[1], b[1].shape[1], 2)
    frames = min(len(a[1]), len(b[1]))
    gap = np.abs(np.nan_to_num(a[1][:frames, :channels]) - np.nan_to_num(b[1][:frames, :channels]))
    return float(gap.max()), len(a[1]) - len(b[1])


# With the reason in docs/formats.md.
NOT_READ = ("opus.opus",)
LOSSY = ("mp3", "ogg", "mp2", "ima", "ms-", "wav-sox", "aifc-ima4", "wav-mp3")


def main():
    out, reader = sys.argv[1:3]
    os.makedirs(out, exist_ok=True)
    files = odd_files(out)
    paths = []
    for name, content in files.items():
        path = os.path.join(out, name)
        with open(path, "wb") as file:
            file.write(content)
        paths.append(path)
    subprocess.run([reader, *paths], check=True, stdout=subprocess.DEVNULL)
    wrong, both, read = [], 0, 0
    print(f"{'file':34} {'libsndfile':>10} {'ffmpeg':>8} {'ours':>8}  ours to libsndfile, to ffmpeg; both others")
    for path in paths:
        name = os.path.basename(path)
        others = by_libsndfile(path), by_ffmpeg(path)
        ours = by_ours(path)
        gaps = differ(ours, others[0]), differ(ours, others[1]), differ(*others)
        bound = 5e-3 if any(mark in name for mark in LOSSY) else 2e-7
        # Length of the two others may differ where an encoder's padding does.
        close = lambda gap: gap is not None and gap[0] <= bound and (gap[1] == 0 or bound > 1e-3)
        two = others[0] is not None and others[1] is not None
        both += two
        read += ours is not None
        # Where the two disagree by more than their arithmetic, nobody can say what is right.
        if name not in NOT_READ and two and (ours is None or close(gaps[2]) and not (close(gaps[0]) and close(gaps[1]))):
            wrong.append(name)
        length = lambda sound: "no" if sound is None else str(len(sound[1]))
        gap = lambda gap: "-" if gap is None else "same" if gap == (0, 0) else f"{gap[0]:.1e}" + (f" {gap[1]:+d}" if gap[1] else "")
        print(f"{name:34} {length(others[0]):>10} {length(others[1]):>8} {length(ours):>8}  {'  '.join(gap(one) for one in gaps)}{'   WRONG' if name in wrong else ''}")
    print(f"{len(paths)} files; both others read {both}, ours {read}; wrong: {', '.join(wrong) or 'none'}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
