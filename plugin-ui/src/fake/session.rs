//! A session without a plugin: a dozen models, one broken and one in quarantine, and as many presets.

use std::path::PathBuf;

use crate::session::{
    AboutView, ChosenModel, MappedControl, MidiControl, ModelCard, OscView, PresetCard, ProviderView, Session,
};
use crate::{ParamId, param};

/// The card of the first model, with all that a card may hold.
const CARD: &str = "# cello

A bowed cello from C2 to A5: follows pitch, loudness and articulation; at home under a voice, a *whistle*, a `flute`.

|  |  |
|---|---|
| training | 26383 steps, 140.0 minutes |
| sample rate | 44.1 kHz, one hop is 512 frames (11.6 ms) |
| waveform stage | pitched: harmonics on a tracked pitch, and shaped noise |

## Measured on recordings it never heard

| input | pitch error (median) | within 50 cents | loudness r |
|---|---|---|---|
| its own instrument | 0.82 cents | 98.52 % | 0.9963 |
| voice | 6.26 cents | 97.52 % | 0.9919 |
| flute | 1.03 cents | 99.15 % | 0.9977 |

## Good at

- rebuilding its own instrument: 2.307 dB from recordings it never heard
- playing in tune: 98.52 % of the pitched hops within 50 cents
  - a voice: 97.52 %

## Settings to start from

1. **Cello, plain** - for a sung or whistled line. Mix 100 %, Transpose 0 st.
2. **Wild bow** - Bias 2 at 1.5, Random amount 0.4.

See [the documentation](https://example.org/cello) for more.
";

/// Name, domain, stage, description, pitch range in Hz, share of real time, bytes.
type Row = (&'static str, &'static str, &'static str, &'static str, Option<[f32; 2]>, f32, u64);

const MODELS: [Row; 12] = [
    ("cello", "strings", "pitched", "A bowed cello from C2 to A5.", Some([65.0, 1050.0]), 0.31, 8_400_000),
    (
        "cello-live",
        "strings",
        "pitched",
        "A cello for the stage, with half the delay.",
        Some([65.0, 1050.0]),
        0.24,
        6_100_000,
    ),
    ("choir", "voice", "general", "Many voices on vowels, near and far.", None, 0.36, 9_300_000),
    ("drums-live", "drums", "general", "An acoustic kit; any rhythm becomes one.", None, 0.22, 5_800_000),
    ("flute", "winds", "pitched", "A concert flute with breath and keys.", Some([240.0, 2300.0]), 0.30, 8_200_000),
    (
        "glass-harmonica",
        "keys",
        "pitched",
        "Wet fingers on glass, slow to speak.",
        Some([196.0, 1400.0]),
        0.29,
        8_000_000,
    ),
    ("horn", "winds", "pitched", "A French horn, from a whisper to a blare.", Some([60.0, 900.0]), 0.31, 8_300_000),
    ("music-box", "keys", "general", "Tines and the wood around them.", None, 0.27, 7_000_000),
    (
        "oboe-old-hall",
        "winds",
        "pitched",
        "An oboe in a hall with three seconds of its own.",
        Some([230.0, 1600.0]),
        0.0,
        8_100_000,
    ),
    ("strings", "strings", "general", "A section of strings that follows chords.", None, 0.38, 9_800_000),
    ("voice", "voice", "pitched", "One singing voice without words.", Some([90.0, 1100.0]), 0.30, 8_400_000),
    ("whale", "animals", "pitched", "Songs of humpback whales.", Some([30.0, 4000.0]), 0.0, 12_000_000),
];

/// Name, model, comment, whether it is the musician's own.
type PresetRow = (&'static str, &'static str, &'static str, bool);

const PRESETS: [PresetRow; 13] = [
    ("Late Set", "cello", "For my own voice, close microphone. Blend towards horn in the chorus.", true),
    ("Rehearsal 3", "horn", "", true),
    ("Wet Street", "strings", "Organ chords, long smoothing.", true),
    ("Warm Line", "cello", "A sung or whistled line becomes a calm cello.", false),
    ("Wild Bow", "cello", "Speech with a nervous bow. Turn the drift up.", false),
    ("Cello and Horn", "cello", "Both at once, half and half.", false),
    ("Bowed Drone", "cello", "The loop sings on its own note. Play little.", false),
    ("Fog Horn", "horn", "Two octaves down. On read sentences.", false),
    ("Distant Call", "horn", "Soft, with room. On a flute.", false),
    ("Canyon", "flute", "Answers a second later.", false),
    ("Even Carpet", "strings", "Any chords, no attacks.", false),
    ("Dark Kit", "drums-live", "A plucked bass becomes toms.", false),
    ("Behind the Singer", "choir", "Voices a third around yours.", false),
];

fn model(index: usize, (name, domain, stage, description, pitch_hz, load, size_bytes): Row) -> ModelCard {
    ModelCard {
        name: name.to_owned(),
        hash: format!("{index:016x}"),
        domain: domain.to_owned(),
        description: description.to_owned(),
        licence: "Weights: MIT OR Apache-2.0".to_owned(),
        provenance: "Philharmonia Orchestra sound samples (22 minutes): free for any use, not to be redistributed as \
                     samples or as a sampler instrument."
            .to_owned(),
        stage: stage.to_owned(),
        card: if index == 0 { CARD.to_owned() } else { String::new() },
        pitch_hz,
        loudness_db: [-58.0, -14.0],
        middle_loudness_db: -26.0,
        dims: 16,
        delay_ms: 23.2,
        load: (load > 0.0).then_some(load),
        size_bytes,
        is_favourite: matches!(name, "horn" | "strings"),
        ..ModelCard::default()
    }
}

/// The same at each call: *cello* plays, *horn* is blended in, controller 74 holds the mix, OSC is on.
pub fn session() -> Session {
    let mut models: Vec<ModelCard> = MODELS.into_iter().enumerate().map(|(index, row)| model(index, row)).collect();
    models[8].problem = "The decoder has 3 inputs, expected 2. Export it again with format 1.".to_owned();
    models[11].problem =
        "Loading it ended the host on 3 May at 21:14. It is not loaded until you let it out.".to_owned();
    models[11].is_quarantined = true;
    let presets = PRESETS.into_iter().map(|(name, model, comment, is_users)| PresetCard {
        name: name.to_owned(),
        model: model.to_owned(),
        comment: comment.to_owned(),
        path: PathBuf::from(format!("presets/{model}/{name}.json")),
        is_users,
        is_favourite: matches!(name, "Warm Line" | "Rehearsal 3"),
        problem: if name == "Rehearsal 3" {
            "The key \u{201c}format\u{201d} is missing.".to_owned()
        } else {
            String::new()
        },
    });
    let chosen = |index: usize| ChosenModel {
        name: MODELS[index].0.to_owned(),
        hash: format!("{index:016x}"),
        ..ChosenModel::default()
    };
    let mapped = |param: ParamId, cc: u8, held: Option<f32>| MappedControl {
        param,
        cc,
        channel: None,
        low: 0.0,
        high: 1.0,
        held,
    };
    Session {
        presets: presets.collect(),
        first: ChosenModel { is_embedding_wanted: true, embedded_bytes: 11_200_000, ..chosen(0) },
        second: chosen(6),
        models,
        sounds: &["A sung line", "A spoken sentence", "A whistle", "Two chords"],
        preset: "Warm Line".to_owned(),
        is_preset_edited: true,
        undo: Some("Bias 1".to_owned()),
        provider: ProviderView {
            offered: ["Auto", "CPU", "CUDA"].map(str::to_owned).to_vec(),
            chosen: "Auto".to_owned(),
            running: "CPU".to_owned(),
            note: "CUDA was tried and is slower than the CPU for this model.".to_owned(),
        },
        midi: MidiControl {
            is_offered: true,
            mapped: vec![mapped(param::MIX, 74, Some(0.6)), mapped(param::BIAS[0], 20, None)],
            ..MidiControl::default()
        },
        about: AboutView {
            manual: Some(PathBuf::from("/usr/lib/clap/timbreloom-resources/docs/manual.md")),
            third_party: Some(PathBuf::from("/usr/lib/clap/timbreloom-resources/THIRD-PARTY.md")),
        },
        osc: OscView {
            is_offered: true,
            is_on: true,
            port: 9000,
            send_port: 9001,
            counts: [1204, 2, 0],
            last_refusal: "/timbreloom/plane takes two numbers from 0 to 1, x and y, and one came.".to_owned(),
            ..OscView::default()
        },
        ..Session::default()
    }
}
