//! The ports of Timbreloom Drums: a stereo output or one for each track, and a side-chain to listen to.

use std::num::NonZeroU32;

use nih_plug::prelude::*;

use crate::drums::TRACKS;
use crate::dsp::sample_guard::SampleGuard;

const STEREO: AudioIOLayout =
    AudioIOLayout { main_output_channels: NonZeroU32::new(2), ..AudioIOLayout::const_default() };

const EACH_TRACK: AudioIOLayout = AudioIOLayout {
    aux_output_ports: &[new_nonzero_u32(2); TRACKS - 1],
    names: PortNames {
        layout: Some("Output for each track"),
        main_output: Some("Track 1"),
        aux_outputs: &["Track 2", "Track 3", "Track 4", "Track 5", "Track 6", "Track 7", "Track 8"],
        ..PortNames::const_default()
    },
    ..STEREO
};

/// Ports of the side-chain.
const SIDE: &[NonZeroU32] = &[new_nonzero_u32(2)];

/// What the mixer plays into: stereo pairs, with the main one first.
pub(super) type Outs<'a> = [[&'a mut [f32]; 2]; TRACKS];

/// A VST3 host sees the first one: an output for each track, and as with the effect the side-chain, are for CLAP hosts.
pub(super) const LAYOUTS: &[AudioIOLayout] = &[
    STEREO,
    EACH_TRACK,
    AudioIOLayout {
        aux_input_ports: SIDE,
        names: PortNames { layout: Some("Stereo with side-chain"), ..STEREO.names },
        ..STEREO
    },
    AudioIOLayout {
        aux_input_ports: SIDE,
        names: PortNames { layout: Some("Output for each track, with side-chain"), ..EACH_TRACK.names },
        ..EACH_TRACK
    },
];

/// The output ports as pairs, with the main one first, as many as there are. Wait-free.
pub(super) fn pairs<'a, 'b>(
    buffer: &'a mut Buffer,
    aux: &'a mut AuxiliaryBuffers,
    places: &'b mut Outs<'a>,
) -> &'b mut [[&'a mut [f32]; 2]] {
    let ports = pair(buffer).into_iter().chain(aux.outputs.iter_mut().map_while(pair));
    let count = places.iter_mut().zip(ports).map(|(place, port)| *place = port).count();
    &mut places[..count]
}

fn pair<'a>(port: &'a mut Buffer<'_>) -> Option<[&'a mut [f32]; 2]> {
    match port.as_slice() {
        [left, right] => Some([&mut **left, &mut **right]),
        _ => None,
    }
}

/// Puts the middle of the side-chain's channels into the first one. Wait-free.
pub(super) fn mix_side(aux: &mut AuxiliaryBuffers, held: &mut SampleGuard) {
    let Some([first, others @ ..]) = aux.inputs.first_mut().map(Buffer::as_slice) else { return };
    let share = 1.0 / (1 + others.len()) as f32;
    for (frame, sample) in first.iter_mut().enumerate() {
        let own = held.guard_input(*sample);
        *sample = share * others.iter().fold(own, |sum, other| sum + held.guard_input(other[frame]));
    }
}

/// Nothing is heard of any port. Wait-free.
pub(super) fn silence(buffer: &mut Buffer, aux: &mut AuxiliaryBuffers) {
    let fill = |port: &mut Buffer<'_>| port.as_slice().iter_mut().for_each(|channel| channel.fill(0.0));
    fill(buffer);
    aux.outputs.iter_mut().for_each(fill);
}
