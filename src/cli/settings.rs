//! The effect's parameters as options: any of them by its id, some by a name of their own, all as the window says them.

use std::sync::Arc;

use clap::Args;

use super::{Failure, find};
use crate::instance::desk::InstanceDesk;
use crate::instance::effect_params::EffectParams;
use crate::instance::midi_play::Own;
use crate::instance::table;
use crate::instance::transport::TransportPosition;
use crate::preset::{Desk, Table};
use crate::rt::EffectSettings;

/// So many ids are offered in the place of one that is unknown.
const OFFERED: usize = 3;

/// `--set` and its short names.
#[derive(Args)]
pub(super) struct Options {
    /// Set a parameter of the effect by its id, as the window says it: output_gain=-6dB, freeze=on (repeatable).
    #[arg(long, value_name = "ID=VALUE")]
    set: Vec<String>,
    /// Add to a latent dimension, -4 to 4 standard deviations: 1=0.8 (repeatable).
    #[arg(long, value_name = "DIM=VALUE")]
    bias: Vec<String>,
    /// Multiply a latent dimension by 0 to 4: 3=1.5 (repeatable).
    #[arg(long, value_name = "DIM=FACTOR")]
    scale: Vec<String>,
    /// `follow` the input's loudness or hold a level from -70dB to 0dB [default: follow].
    #[arg(long, allow_hyphen_values = true)]
    loudness: Option<String>,
    /// Add to the followed loudness, -36 to 36 dB [default: 0].
    #[arg(long, allow_hyphen_values = true, value_name = "DB")]
    loudness_offset: Option<String>,
    /// Add to the pitch, -24 to 24 semitones [default: 0].
    #[arg(long, allow_hyphen_values = true, value_name = "SEMITONES")]
    transpose: Option<String>,
    /// Hold latent, voicing and octave steady, 0 to 100 % [default: 30].
    #[arg(long, value_name = "PERCENT")]
    stability: Option<String>,
    /// Gain of the feedback loop, 0 to 200 % [default: 0].
    #[arg(long, value_name = "PERCENT")]
    feedback: Option<String>,
    /// Centre of the feedback's band-pass, 20 to 18000 Hz [default: 800].
    #[arg(long, value_name = "HZ")]
    feedback_hz: Option<String>,
    /// Quality factor of the feedback's band-pass, 0.3 to 40 [default: 1].
    #[arg(long, value_name = "Q")]
    feedback_q: Option<String>,
    /// From dry, 0 %, to wet, 100 % [default: 100].
    #[arg(long, value_name = "PERCENT")]
    mix: Option<String>,
    /// Run the model on both channels of a stereo file instead of on their middle.
    #[arg(long)]
    both_channels: bool,
}

impl Options {
    /// What they ask for.
    pub(super) fn changes(&self) -> Result<Changes, Failure> {
        // Each option, what of a `--set` stands before its value, and its values.
        let names: [(&str, &str, &[String]); 10] = [
            ("--set", "", self.set.as_slice()),
            ("--bias", "bias_", self.bias.as_slice()),
            ("--scale", "scale_", self.scale.as_slice()),
            ("--loudness-offset", "loudness_offset=", self.loudness_offset.as_slice()),
            ("--transpose", "transpose=", self.transpose.as_slice()),
            ("--stability", "stability=", self.stability.as_slice()),
            ("--feedback", "feedback_amount=", self.feedback.as_slice()),
            ("--feedback-hz", "feedback_frequency=", self.feedback_hz.as_slice()),
            ("--feedback-q", "feedback_q=", self.feedback_q.as_slice()),
            ("--mix", "mix=", self.mix.as_slice()),
        ];
        let mut asked: Vec<(String, String)> = Vec::new();
        for (option, before, values) in names {
            asked.extend(values.iter().map(|value| (format!("{option} {value}"), format!("{before}{value}"))));
        }
        if let Some(loudness) = &self.loudness {
            let said = format!("--loudness {loudness}");
            if loudness.trim().eq_ignore_ascii_case("follow") {
                asked.push((said, "loudness_mode=follow".into()));
            } else {
                asked.push((said.clone(), "loudness_mode=manual".into()));
                asked.push((said, format!("loudness_level={loudness}")));
            }
        }
        if self.both_channels {
            asked.push(("--both-channels".into(), "channels=both".into()));
        }
        Changes::read(&asked)
    }
}

/// Parameters and what they are set to, normalised.
pub(super) struct Changes(Vec<(&'static str, f32)>);

impl Changes {
    /// Reads what is asked of the effect: each as it was said, and as `ID=VALUE`.
    pub(super) fn read(asked: &[(String, String)]) -> Result<Self, Failure> {
        Self::of(table(), "docs/parameters.md", asked)
    }

    /// Reads what is asked of the parameters of a table, which a document lists; as [`Self::read`].
    pub(super) fn of(table: &'static Table, listed_in: &str, asked: &[(String, String)]) -> Result<Self, Failure> {
        let mut changes: Vec<(&'static str, f32)> = Vec::new();
        for (said, text) in asked {
            let no_value = || format!("{said}: the value is missing; it stands behind a =, as in mix=30.");
            let (id, value) = text.split_once('=').ok_or_else(no_value)?;
            let id = id.trim();
            let Some(parameter) = table.get(id) else {
                let slip = find::slip(id, table.all().iter().map(|parameter| parameter.id.as_str()), OFFERED);
                let unknown = format!("{said}: no parameter is called “{id}”.{slip} All are in {listed_in}.");
                return Err(unknown.into());
            };
            if let Some(at) = changes.iter().position(|(other, _)| *other == id) {
                return Err(format!("{said}: “{id}” is set by {} already; say it once.", asked[at].0).into());
            }
            let normalised = parameter.read_text(value);
            let normalised = normalised.map_err(|expected| format!("{said}: “{id}” should be {expected}."))?;
            changes.push((parameter.id.as_str(), normalised));
        }
        Ok(Self(changes))
    }

    /// Puts them on a desk of the same table, over what is there.
    pub(super) fn put(&self, desk: &mut dyn Desk) {
        for (id, normalised) in &self.0 {
            desk.set(id, *normalised);
        }
    }

    /// What is played with them, over what is on the effect's desk.
    pub(super) fn settings(&self, desk: &mut InstanceDesk<EffectParams>) -> EffectSettings {
        self.put(desk);
        desk.params().settings(&TransportPosition::default(), &Own)
    }
}

/// A new instance, which no host plays.
pub(super) fn desk() -> InstanceDesk<EffectParams> {
    InstanceDesk::loose(Arc::default())
}
