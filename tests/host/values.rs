//! Parameters set to, and modulated by, what is no number or out of every range.

use super::*;

const BAD: [f64; 7] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308, 1e30, -1e30];

/// A second in which every parameter gets every bad value, as such or as a modulation; one in which modulation ends and all
/// have their defaults again; and one of peace.
fn torment(id: &str) -> Vec<Vec<f32>> {
    let mut plugin = offline(id);
    activate(&mut plugin, 512);
    let params = plugin.params().unwrap();
    let mut events: Vec<Event> = Vec::new();
    // MIDI controllers of each channel are left out: they are many, and no others.
    let params: Vec<_> =
        params.into_iter().filter(|param| !param.is_hidden && !param.name.contains("MIDI CC")).collect();
    for (turn, bad) in BAD.into_iter().enumerate() {
        for param in &params {
            let frame = turn * 6000;
            let kind = match turn % 2 {
                0 => EventKind::Value { id: param.id, value: bad },
                _ => EventKind::Modulation { id: param.id, amount: bad },
            };
            events.push(Event { frame, kind });
        }
    }
    for param in &params {
        events.push(Event { frame: 48_000, kind: EventKind::Modulation { id: param.id, amount: 0.0 } });
        events.push(Event::value(48_000, param.id, param.default));
    }
    let is_effect = id == EFFECT;
    if !is_effect {
        events.push(Event { frame: 0, kind: EventKind::NoteOn(1, 0, 60, 0.8) });
        events.push(Event { frame: 96_000, kind: EventKind::NoteOn(2, 0, 64, 0.8) });
        events.sort_by_key(|event| event.frame);
    }
    let input = if is_effect { sung(3 * 48_000) } else { Vec::new() };
    let alone_frames = (!is_effect).then_some(3 * 48_000);
    let take = Take { input: &input, events: &events, alone_frames, ..Take::default() };
    plugin.play(&take, &mut std::iter::empty(), Pace::Hurry).unwrap()
}

#[test]
fn values_and_modulations_that_are_no_numbers_leave_the_output_finite_and_bounded_and_end() {
    for id in [EFFECT, CODES] {
        let output = torment(id);
        for (channel, samples) in output.iter().enumerate() {
            let bad = samples.iter().position(|sample| !(0.0..=64.0).contains(&sample.abs()));
            assert_eq!(bad, None, "{id}, channel {channel}");
            assert!(rms(&samples[120_000..]) > 1e-3, "{id}, channel {channel}: silent for good");
        }
    }
}

#[test]
fn an_input_that_is_no_number_ends_no_model() {
    let mut plugin = offline(EFFECT);
    activate(&mut plugin, 512);
    let silence = play(&mut plugin, &vec![vec![0.0; 96_000]; 2], &[]);
    plugin.reset().unwrap();
    for bad in [f32::NAN, f32::INFINITY] {
        let output = play(&mut plugin, &vec![vec![bad; 96_000]; 2], &[]);
        assert_same(&output, &silence, &format!("{bad} and silence"));
        plugin.reset().unwrap();
    }
    let input = sung(SOUND_FRAMES);
    let (_, expected) = bounce(512, &input, &[]);
    assert_same(&play(&mut plugin, &input, &[]), &expected, "after two seconds of NaN and a reset");
}

#[test]
fn eight_voices_at_full_velocity_are_far_below_what_is_rounded_off() {
    let mut plugin = offline(CODES);
    activate(&mut plugin, 512);
    let keys = [48u8, 52, 55, 60, 64, 67, 72, 76];
    let events: Vec<Event> =
        (1u32..).zip(keys).map(|(note, key)| Event { frame: 0, kind: EventKind::NoteOn(note, 0, key, 1.0) }).collect();
    let take = Take { events: &events, alone_frames: Some(96_000), ..Take::default() };
    let output = plugin.play(&take, &mut std::iter::empty(), Pace::Hurry).unwrap();
    let peak = peak(&output.concat());
    println!("eight voices: {:.1} dB", 20.0 * peak.log10());
    assert!(peak > 0.01 && peak < 4.0, "{peak}");
}
