//! The plugins at work. The bundle for tests ends the process at the first allocation or free in `process()`.

use serde_json::json;
use test_host::{Event, Pace, Render, Take};

use crate::common::plugin::{CODES, DRUMS, EFFECT, activate, library, load_with, named, ticking};
use crate::common::sounds::tone;

/// Plays every block size while every parameter moves, in each kind of host and of model.
pub fn render(mode: &str) {
    let library = library();
    let render = if mode == "offline" { Render::Offline } else { Render::Realtime };
    // Of each kind of model.
    for (layout, channels, model, blocks) in [
        ("Stereo", 2, "cello", &[1usize, 16, 64, 333, 512, 4096][..]),
        ("Mono", 1, "cello", &[1, 16, 64, 333, 512, 4096]),
        ("Stereo", 2, "horn-codes", &[64, 4096]),
    ] {
        for &block in blocks {
            let mut plugin = library.instantiate(EFFECT).unwrap();
            load_with(&mut plugin, &[("model", named(model))]);
            plugin.set_layout(layout).unwrap();
            plugin.set_render(render).unwrap();
            assert_ne!(activate(&mut plugin, 4096), 0, "{model} does not play");
            // Every parameter moves, in the middle of blocks.
            let params = plugin.params().unwrap();
            let moves = params.iter().enumerate().map(|(n, param)| Event::value(101 * (n + 1), param.id, param.max));
            let events: Vec<Event> = moves.collect();
            let input = vec![tone(196.0, 12, 0.1, 12_000); channels];
            plugin.render(&input, &mut std::iter::repeat(block), &events, Pace::Hurry).unwrap();
            plugin.reset().unwrap();
            plugin.render(&input, &mut std::iter::repeat(block), &[], Pace::Hurry).unwrap();
        }
    }
    for side in [false, true] {
        for block in [1usize, 64, 333, 4096] {
            let mut plugin = library.instantiate(CODES).unwrap();
            if side {
                plugin.set_layout("Stereo with side-chain").unwrap();
            }
            plugin.set_render(render).unwrap();
            activate(&mut plugin, 4096);
            let mut events: Vec<Event> = (0..20)
                .flat_map(|n| {
                    let (frame, channel) = (601 * usize::from(n), n % 3);
                    [
                        Event::note_on(frame, channel, 40 + 2 * n, 90),
                        Event::bend(frame + 10, channel, i16::from(n) * 100),
                        Event::controller(frame + 20, channel, 1, 6 * n),
                        Event::note_off(frame + 300, channel, 40 + n),
                    ]
                })
                .collect();
            // Every parameter moves, in the middle of blocks.
            let params = plugin.params().unwrap();
            events.extend(params.iter().enumerate().map(|(n, param)| Event::value(101 * (n + 1), param.id, param.max)));
            events.sort_by_key(|event| event.frame);
            let sound = vec![vec![0.1; 12_000]; if side { 2 } else { 0 }];
            let take = Take {
                side: &sound,
                alone_frames: Some(12_000),
                events: &events,
                song_s: Some(3.0),
                ..Take::default()
            };
            plugin.play(&take, &mut std::iter::repeat(block), Pace::Hurry).unwrap();
            plugin.reset().unwrap();
            plugin.play(&take, &mut std::iter::repeat(block), Pace::Hurry).unwrap();
        }
    }
    for (layout, more_outputs, sides) in [
        ("Stereo", 0, 0),
        ("Output for each track", 7, 0),
        ("Stereo with side-chain", 0, 2),
        ("Output for each track, with side-chain", 7, 2),
    ] {
        for block in [1usize, 64, 333, 4096] {
            let mut plugin = library.instantiate(DRUMS).unwrap();
            load_with(&mut plugin, &ticking());
            load_with(&mut plugin, &[("patterns", json!({"1": vec![json!({"steps": "9757"}); 8]}))]);
            plugin.set_layout(layout).unwrap();
            plugin.set_render(render).unwrap();
            activate(&mut plugin, 4096);
            let mut events: Vec<Event> = (0..20).map(|n| Event::note_on(601 * usize::from(n), 0, 26 + n, 90)).collect();
            // Every parameter moves, in the middle of blocks.
            let params = plugin.params().unwrap();
            events.extend(params.iter().enumerate().map(|(n, param)| Event::value(67 * (n + 1), param.id, param.max)));
            events.sort_by_key(|event| event.frame);
            // Listen is among the first that are switched on, and mute is not.
            let knocks = (0..12_000).map(|frame| if frame % 3_000 == 700 { 0.5 } else { 0.0 }).collect::<Vec<f32>>();
            let take = Take {
                side: &vec![knocks; sides],
                alone_frames: Some(12_000),
                events: &events,
                song_s: Some(3.0),
                more_outputs,
                ..Take::default()
            };
            plugin.play(&take, &mut std::iter::repeat(block), Pace::Hurry).unwrap();
            // Others come while it plays.
            load_with(&mut plugin, &[("patterns", json!({"8": [{"steps": "9.9."}]})), ("kit", json!([[1.0]]))]);
            plugin.play(&take, &mut std::iter::repeat(block), Pace::Hurry).unwrap();
            plugin.reset().unwrap();
            plugin.play(&take, &mut std::iter::repeat(block), Pace::Hurry).unwrap();
        }
    }
    println!("rendered all");
}
