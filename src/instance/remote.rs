//! The pages that a controller with eight knobs shows (CLAP remote controls).

use nih_plug::prelude::*;

use super::codes_params::CodesParams;
use super::effect_params::{EffectParams, LatentParams};

/// Knobs on a page.
const KNOBS: usize = 8;

/// Defines the pages, the ones to play from first. Every continuous parameter is on at least one.
pub fn define_pages(params: &EffectParams, context: &mut impl RemoteControlsContext) {
    context.add_section("Play", |section| {
        section.add_page("Main", |page| {
            page.add_param(&params.mix);
            page.add_param(&params.amount);
            page.add_param(&params.transpose);
            page.add_param(&params.stability);
            page.add_param(&params.feedback_amount);
            page.add_param(&params.random_amount);
            page.add_param(&params.freeze);
            page.add_param(&params.output_gain);
        });
        section.add_page("Levels", |page| {
            page.add_param(&params.input_gain);
            page.add_param(&params.output_gain);
            page.add_param(&params.mix);
            page.add_param(&params.width);
            page.add_param(&params.channels);
            page.add_param(&params.bypass);
        });
        section.add_page("Loudness", |page| {
            page.add_param(&params.loudness_mode);
            page.add_param(&params.loudness_offset);
            page.add_param(&params.loudness_range);
            page.add_param(&params.loudness_level);
        });
    });
    context.add_section("Latent", |section| {
        latent_pages(section, params, "Bias", |latent, page| page.add_param(&latent.bias));
        latent_pages(section, params, "Scale", |latent, page| page.add_param(&latent.scale));
        latent_pages(section, params, "Lock", |latent, page| page.add_param(&latent.lock));
        latent_pages(section, params, "Solo", |latent, page| page.add_param(&latent.solo));
    });
    context.add_section("Movement", |section| {
        section.add_page("Random", |page| {
            page.add_param(&params.random_amount);
            page.add_param(&params.random_rate);
            page.add_param(&params.random_take);
            page.add_param(&params.smoothing);
            page.add_param(&params.freeze);
        });
        section.add_page("Feedback", |page| {
            page.add_param(&params.feedback_amount);
            page.add_param(&params.feedback_frequency);
            page.add_param(&params.feedback_q);
            page.add_param(&params.feedback_delay);
            page.add_param(&params.feedback_sync);
        });
    });
    context.add_section("Second Sound", |section| {
        section.add_page("Second Model", |page| {
            page.add_param(&params.blend);
            page.add_param(&params.second_source);
        });
        section.add_page("Side-Chain", |page| {
            page.add_param(&params.side_latent);
            page.add_param(&params.side_pitch);
            page.add_param(&params.side_loudness);
        });
    });
}

/// As [`define_pages`], of the instrument.
pub fn define_codes_pages(params: &CodesParams, context: &mut impl RemoteControlsContext) {
    let (pitch, envelope, movement) = (&params.pitch, &params.envelope, &params.movement);
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
        section.add_page("Loudness", |page| {
            page.add_param(&envelope.attack);
            page.add_param(&envelope.decay);
            page.add_param(&envelope.sustain);
            page.add_param(&envelope.release);
            page.add_param(&envelope.velocity_range);
            page.add_param(&envelope.pressure_range);
            page.add_param(&params.output_gain);
        });
        section.add_page("Pitch", |page| {
            page.add_param(&pitch.mode);
            page.add_param(&pitch.tuning);
            page.add_param(&pitch.transpose);
            page.add_param(&pitch.bend_range);
            page.add_param(&pitch.mpe);
            page.add_param(&pitch.mpe_bend_range);
            page.add_param(&pitch.glide);
        });
        section.add_page("Movement", |page| {
            page.add_param(&movement.lfo_shape);
            page.add_param(&movement.lfo_sync);
            page.add_param(&movement.lfo_rate);
            page.add_param(&movement.curve_sync);
            page.add_param(&movement.curve_rate);
            page.add_param(&movement.take);
            page.add_param(&params.choice);
            page.add_param(&params.smoothness);
        });
    });
    context.add_section("Targets", |section| {
        for (index, target) in params.targets.iter().enumerate() {
            section.add_page(format!("Target {}", index + 1), |page| {
                page.add_param(&target.descriptor);
                page.add_param(&target.weight);
                page.add_param(&target.base);
                page.add_param(&target.velocity);
                page.add_param(&target.wheel);
                page.add_param(&target.pressure);
                page.add_param(&target.envelope);
                page.add_param(&target.lfo);
            });
            section.add_page(format!("Target {} More", index + 1), |page| {
                page.add_param(&target.slide);
                page.add_param(&target.key);
                page.add_param(&target.curve);
                page.add_param(&target.side);
            });
        }
    });
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
