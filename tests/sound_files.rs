//! Sound files as they come: in many formats, joined, cut, damaged, unfinished, with headers that lie, and through pipes.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::fs;
use std::path::{Path, PathBuf};

use timbreloom::offline::audio_file::{Audio, AudioFileError, ReadReport, read};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sound").join(name)
}

/// Reads a file of these bytes.
fn read_bytes(name: &str, bytes: &[u8]) -> Result<(Audio, ReadReport), AudioFileError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    read(&path)
}

fn whole(name: &str) -> Audio {
    let (audio, report) = read(&fixture(name)).unwrap();
    assert!(report.is_sound(), "{name}: {:?}", report.remarks(audio.rate_hz));
    audio
}

fn remarks(report: &ReadReport) -> String {
    report.remarks(22_050).join(" ")
}

/// The largest difference of the samples that both have.
fn apart(a: &Audio, b: &Audio) -> f32 {
    assert_eq!((a.rate_hz, a.channels.len()), (b.rate_hz, b.channels.len()));
    let pairs = a.channels.iter().zip(&b.channels).flat_map(|(a, b)| a.iter().zip(b));
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_format_gives_the_sound_it_was_made_of() {
    let expected = whole("short.wav");
    assert_eq!((expected.rate_hz, expected.channels.len(), expected.frames()), (8_000, 2, 2_000));
    for (name, tolerance) in [
        ("short.aiff", 0.0),
        ("short-float.aifc", 1e-6),
        ("short-little.aifc", 0.0),
        ("short.w64", 0.0),
        ("short-rf64.wav", 0.0),
        ("short-rifx.wav", 0.0),
        ("short.caf", 0.0),
        ("short-alac.m4a", 0.0),
        ("short.mka", 0.0),
        ("short-mulaw.wav", 0.02),
        ("short-ms-adpcm.wav", 0.06),
        ("short-ima-adpcm.wav", 0.06),
    ] {
        let found = whole(name);
        // Some of these fill up their last block.
        assert!((2_000..2_600).contains(&found.frames()), "{name}: {} frames", found.frames());
        // An adaptive coder has to find its step first.
        let settled = |audio: &Audio| {
            let from = if name.contains("adpcm") { 500 } else { 0 };
            Audio { channels: audio.channels.iter().map(|c| c[from..].to_vec()).collect(), ..audio.clone() }
        };
        let apart = apart(&settled(&expected), &settled(&found));
        assert!(apart <= tolerance, "{name}: {apart}");
    }
    let found = whole("short-aac.m4a");
    assert!((1_900..5_200).contains(&found.frames()), "{} frames", found.frames());
}

#[test]
fn a_variable_mp3_without_a_header_is_read_to_its_end() {
    let found = whole("vbr-without-header.mp3");
    // Three seconds, and what the encoder adds at either end.
    assert!((66_150..69_000).contains(&found.frames()), "{} frames", found.frames());
    let loudest = found.channels[0][63_000..65_000].iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
    assert!((0.03..0.07).contains(&loudest), "the tone lasts to the end: {loudest}");
}

#[test]
fn recordings_one_behind_the_other_are_all_read_and_told() {
    for (name, frames) in [("sweep.mp3", 22_050), ("sweep.ogg", 22_050), ("sweep.flac", 22_050)] {
        let one = whole(name);
        assert_eq!(one.frames(), frames, "{name}");
        let bytes = fs::read(fixture(name)).unwrap();
        let (both, report) = read_bytes(name, &[&bytes[..], &bytes].concat()).unwrap();
        assert_eq!(both.frames(), 2 * frames, "{name}");
        assert!(both.channels[0][..frames] == one.channels[0][..], "{name}: the first one");
        assert!(both.channels[0][frames..] == one.channels[0][..], "{name}: the second one");
        assert!(remarks(&report).contains("2 recordings"), "{name}: {}", remarks(&report));
    }
    // With the tags that players leave at a file's beginning and end.
    let bytes = fs::read(fixture("sweep.flac")).unwrap();
    let (tagged, report) = read_bytes("a.flac", &[&b"ID3\x04\0\0\0\0\0\x06artist"[..], &bytes].concat()).unwrap();
    assert!(tagged == whole("sweep.flac") && report.is_sound(), "{}", remarks(&report));
    let bytes = fs::read(fixture("sweep.mp3")).unwrap();
    let mut tag = b"TAGa title".to_vec();
    tag.resize(128, 0);
    let (both, _) = read_bytes("a.mp3", &[&bytes[..], &tag, &bytes, &tag].concat()).unwrap();
    assert_eq!(both.frames(), 44_100);
}

/// A WAV of 16 bits whose header says that its data has `stated` bytes.
fn wav(stated: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    bytes.extend([22_050_u32.to_le_bytes(), 44_100_u32.to_le_bytes()].concat());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(stated.to_le_bytes());
    bytes.extend(data);
    bytes
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 16_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

#[test]
fn the_data_of_a_wav_is_believed_and_not_its_header() {
    let data = noise(20_000);
    let (expected, _) = read_bytes("a.wav", &wav(20_000, &data)).unwrap();
    assert_eq!(expected.frames(), 10_000);
    for (stated, remark) in [
        (0, "never finished"),
        (4_000, "its header promises 0.091 s, but 0.454 s of sound are there"),
        (40_000, "cut short: its header promises 0.454 s more than the 0.454 s that are there"),
        // What programs write into a pipe.
        (u32::MAX, ""),
        (0x7fff_ffff - 36, ""),
    ] {
        let (found, report) = read_bytes("a.wav", &wav(stated, &data)).unwrap();
        assert!(found == expected, "{stated}: {} frames", found.frames());
        assert!(remarks(&report).contains(remark), "{stated}: {}", remarks(&report));
        assert_eq!(remark.is_empty(), report.is_sound(), "{stated}: {}", remarks(&report));
    }
    // Chunks behind the sound are no sound, nor is a bit of padding.
    for tail in [&b"LIST\x04\0\0\0INFO"[..], b"LIST\x04\0\0\0INFOid3 \x02\0\0\0xy", &[0; 100], b"\0LIST\x04\0\0\0INFO"]
    {
        let (found, report) = read_bytes("a.wav", &[&wav(20_000, &data)[..], tail].concat()).unwrap();
        assert!(found == expected && report.is_sound(), "{tail:?}: {}", remarks(&report));
    }
    assert!(matches!(read_bytes("a.wav", &wav(0, b"LIST\x04\0\0\0INFO")), Err(AudioFileError::NoFrames { .. })));
}

#[test]
fn what_is_damaged_is_silence_of_the_same_length_and_told() {
    let one = whole("sweep.flac");
    let mut bytes = fs::read(fixture("sweep.flac")).unwrap();
    // A frame of 1152 in about 700 bytes: two or three are hit.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 1_000].fill(0x5a);
    let (found, report) = read_bytes("a.flac", &bytes).unwrap();
    assert_eq!(found.frames(), one.frames());
    assert!(remarks(&report).contains("silence of the same length"), "{}", remarks(&report));
    let (sound, expected) = (&found.channels[0], &one.channels[0]);
    assert!(
        sound[..8_000] == expected[..8_000] && sound[16_000..] == expected[16_000..],
        "what is whole keeps its place"
    );
    let silent = sound.windows(2).filter(|pair| pair == &[0.0, 0.0]).count();
    assert!((1_000..5_000).contains(&silent), "{silent} frames of silence for two or three packets");

    // A page of an Ogg: the silence may stand a page too late, but what follows that page is in its place.
    let one = whole("busy.ogg");
    let mut bytes = fs::read(fixture("busy.ogg")).unwrap();
    let pages: Vec<usize> = (0..bytes.len() - 4).filter(|&at| &bytes[at..at + 4] == b"OggS").collect();
    assert!(pages.len() > 5, "{} pages", pages.len());
    let hit = pages[3] + 200;
    bytes[hit..hit + 50].fill(0x5a);
    let (found, report) = read_bytes("a.ogg", &bytes).unwrap();
    assert!(found.frames().abs_diff(one.frames()) < 1_024, "{} of {}", found.frames(), one.frames());
    assert!(remarks(&report).contains("silence of the same length"), "{}", remarks(&report));

    let one = whole("sweep.mp3");
    let mut bytes = fs::read(fixture("sweep.mp3")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 400].fill(0);
    let (found, report) = read_bytes("a.mp3", &bytes).unwrap();
    // Counted by the mean length of a frame.
    assert!(found.frames().abs_diff(one.frames()) <= 3 * 576, "{} of {}", found.frames(), one.frames());
    assert!(remarks(&report).contains("silence of the same length"), "{}", remarks(&report));
}

#[test]
fn a_cut_file_gives_what_is_there_and_tells_what_is_missing() {
    for name in ["sweep.flac", "sweep.mp3", "busy.ogg", "short.wav", "short.aiff", "short.w64", "short-rf64.wav"] {
        let one = whole(name);
        let bytes = fs::read(fixture(name)).unwrap();
        let (found, report) = read_bytes(name, &bytes[..bytes.len() * 2 / 3]).unwrap();
        let share = found.frames() as f64 / one.frames() as f64;
        assert!((0.3..0.9).contains(&share), "{name}: {share}");
        let sure = found.frames() - found.frames().min(1_200);
        assert!(found.channels[0][..sure] == one.channels[0][..sure], "{name}");
        assert!(remarks(&report).contains("cut short"), "{name}: {}", remarks(&report));
    }
}

#[test]
fn what_is_no_sound_is_named_for_what_it_is() {
    let of = |bytes: &[u8]| read_bytes("take.wav", bytes).unwrap_err().to_string();
    assert!(of(&fs::read(fixture("short.opus")).unwrap()).contains("is Ogg Opus"));
    assert!(of(&fs::read(fixture("short.wma")).unwrap()).contains("is Windows Media"));
    assert!(of(b"MThd\0\0\0\x06\0\x01\0\x01").contains("a MIDI file"));
    assert!(of(b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ").contains("AppleDouble"));
    assert!(of(b"version https://git-lfs.github.com/spec/v1\n").contains("Git LFS"));
    assert!(of(b"<!DOCTYPE html>\n<html><body>404</body></html>").contains("a page of the web"));
    let mut mp3_in_wav = wav(4_000, &noise(4_000));
    mp3_in_wav[20] = 0x55;
    assert!(of(&mp3_in_wav).contains("a WAV file around MP3"));
}

#[cfg(unix)]
#[test]
fn a_pipe_gives_what_the_file_gives() {
    for name in [
        "short.wav",
        "short.aiff",
        "short.w64",
        "short-rf64.wav",
        "short-ima-adpcm.wav",
        "sweep.mp3",
        "sweep.flac",
        "sweep.ogg",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let bytes = fs::read(fixture(name)).unwrap();
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, bytes)
        });
        let (found, report) = read(&pipe).unwrap_or_else(|error| panic!("{name}: {error}"));
        writer.join().unwrap().unwrap();
        assert!(report.is_sound(), "{name}: {}", remarks(&report));
        assert!(found == whole(name), "{name}: {} frames", found.frames());
    }
}
