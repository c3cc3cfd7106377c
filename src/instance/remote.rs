//! The pages that a controller with eight knobs shows (CLAP remote controls).

use nih_plug::prelude::*;

use super::codes_params::CodesParams;
use super::drums_params::{DrumsParams, TrackParams};
use super::effect_params::{EffectParams, LatentParams};

/// Knobs on a page.
const KNOBS: usize = 8;

/// Adds pages to a section, each with its name and its knobs: fields of `$params`.
macro_rules! pages {
    ($section:ident, $params:ident: $($name:expr => $($($field:ident).+),+;)+) => {
        $($section.add_page($name, |page| {
            $(page.add_param(&$params.$($field).+);)+
        });)+
    };
}

/// Defines the pages, the ones to play from first. Every continuous parameter is on at least one.
pub fn define_pages(params: &EffectParams, context: &mut impl RemoteControlsContext) {
    context.add_section("Play", |section| {
        pages! { section, params:
            "Main" => mix, amount, transpose, stability, feedback_amount, random_amount, freeze, output_gain;
        }
        section.add_page("Macros", |page| params.macros.iter().for_each(|each| page.add_param(&each.turned)));
        pages! { section, params:
            "Levels" => input_gain, wet_gain, mix, output_gain, limiter, width, channels, bypass;
            "Loudness" => loudness_mode, loudness_offset, loudness_range, loudness_level, gate;
            "Pitch" => transpose, octave, intonation.amount, intonation.time, intonation.scale, intonation.key,
                consonants;
        }
    });
    context.add_section("Latent", |section| {
        latent_pages(section, params, "Bias", |latent, page| page.add_param(&latent.bias));
        latent_pages(section, params, "Scale", |latent, page| page.add_param(&latent.scale));
        latent_pages(section, params, "Lock", |latent, page| page.add_param(&latent.lock));
        latent_pages(section, params, "Solo", |latent, page| page.add_param(&latent.solo));
    });
    context.add_section("Movement", |section| {
        for (at, lfo) in params.movement.lfos.iter().enumerate() {
            pages! { section, lfo:
                format!("LFO {}", at + 1) => depth, rate, wave, sync, target;
            }
        }
        pages! { section, params:
            "Followers" => movement.loudness_depth, movement.loudness_time, movement.loudness_target, movement.pitch_depth,
                movement.pitch_target;
            "Random" => random_amount, random_rate, random_take, smoothing, freeze;
            "Feedback" => feedback_amount, feedback_frequency, feedback_q, feedback_delay, feedback_sync;
        }
    });
    context.add_section("Second Sound", |section| {
        pages! { section, params:
            "Second Model" => blend, second_source;
            "Side-Chain" => side_latent, side_pitch, side_loudness;
        }
    });
    context.add_section("Paths", |section| {
        pages! { section, params:
            "Path" => path.mode, path.amount, path.slot, path.morph, path.position, path.play, path.rate, path.start;
            "Path More" => path.morph_slot, path.length, path.end, path.latent, path.loudness, path.pitch;
            "Plane" => plane.weights, plane.x, plane.y, plane.walk, plane.mpe;
        }
    });
}

/// As [`define_pages`], of the instrument.
pub fn define_codes_pages(params: &CodesParams, context: &mut impl RemoteControlsContext) {
    context.add_section("Play", |section| {
        section.add_page("Main", |page| {
            for target in &params.targets {
                page.add_param(&target.base);
            }
            for target in &params.targets {
                page.add_param(&target.weight);
            }
            page.add_param(&params.smoothness);
            page.add_param(&params.output_gain);
        });
        pages! { section, params:
            "Loudness" => envelope.attack, envelope.decay, envelope.sustain, envelope.release, envelope.velocity_range,
                envelope.pressure_range, output_gain, limiter;
            "Pitch" => pitch.mode, pitch.tuning, pitch.transpose, pitch.bend_range, pitch.mpe, pitch.mpe_bend_range,
                pitch.glide;
            "Movement" => movement.lfo_shape, movement.lfo_sync, movement.lfo_rate, movement.curve_sync,
                movement.curve_rate, movement.take, choice, smoothness;
        }
    });
    context.add_section("Targets", |section| {
        for (index, target) in params.targets.iter().enumerate() {
            pages! { section, target:
                format!("Target {}", index + 1) => descriptor, weight, base, velocity, wheel, pressure, envelope, lfo;
                format!("Target {} More", index + 1) => slide, key, curve, side;
            }
        }
    });
}

/// As [`define_pages`], of the drum machine.
pub fn define_drums_pages(params: &DrumsParams, context: &mut impl RemoteControlsContext) {
    context.add_section("Play", |section| {
        pages! { section, params:
            "Main" => pattern, chain, swing, step, run, evolve, evolve_what, output_gain;
            "Take" => take, listen, sensitivity, limiter;
        }
    });
    context.add_section("Hits", |section| {
        track_pages(section, params, "Draw", |track, page| page.add_param(&track.draw));
        track_pages(section, params, "Variation", |track, page| page.add_param(&track.variation));
        track_pages(section, params, "Vary", |track, page| page.add_param(&track.vary));
        track_pages(section, params, "Morph", |track, page| page.add_param(&track.morph));
        track_pages(section, params, "Blend", |track, page| page.add_param(&track.blend));
    });
    context.add_section("Mix", |section| {
        track_pages(section, params, "Level", |track, page| page.add_param(&track.level));
        track_pages(section, params, "Pan", |track, page| page.add_param(&track.pan));
        track_pages(section, params, "Tune", |track, page| page.add_param(&track.tune));
        track_pages(section, params, "Decay", |track, page| page.add_param(&track.decay));
        track_pages(section, params, "Mute", |track, page| page.add_param(&track.mute));
        track_pages(section, params, "Solo", |track, page| page.add_param(&track.solo));
        track_pages(section, params, "Lock", |track, page| page.add_param(&track.lock));
    });
    context.add_section("Tracks", |section| {
        for (index, track) in params.tracks.iter().enumerate() {
            pages! { section, track:
                format!("Track {}", index + 1) => draw, blend, morph, pad_x, pad_y, tune, decay, level;
                format!("Track {} More", index + 1) => class, class_b, morph_draw, path, reverse, choke;
            }
        }
    });
}

/// One control of all tracks.
fn track_pages<S: RemoteControlsSection>(
    section: &mut S,
    params: &DrumsParams,
    name: &str,
    add: impl Fn(&TrackParams, &mut S::Page),
) {
    section.add_page(name, |page| params.tracks.iter().for_each(|track| add(track, page)));
}

/// One control of all dimensions, eight to a page: "Latent 1-8 Bias", "Latent 9-16 Bias".
fn latent_pages<S: RemoteControlsSection>(
    section: &mut S,
    params: &EffectParams,
    name: &str,
    add: impl Fn(&LatentParams, &mut S::Page),
) {
    for (index, dimensions) in params.latent.chunks(KNOBS).enumerate() {
        let first = index * KNOBS + 1;
        section.add_page(format!("Latent {first}-{} {name}", first + dimensions.len() - 1), |page| {
            for latent in dimensions {
                add(latent, page);
            }
        });
    }
}
