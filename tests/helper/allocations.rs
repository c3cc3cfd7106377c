//! Both plugins at work. The bundle for tests ends the process at the first allocation or free in `process()`.

use test_host::{Event, Format, Library, Pace, ParamEvent, Render, Take, bundle};

/// The same state with another model. A CLAP state of nice-plug: eight bytes of length, then JSON.
fn asking_for(model: &str, state: &[u8]) -> Vec<u8> {
    let mut content: serde_json::Value = serde_json::from_slice(&state[8..]).unwrap();
    content["fields"]["model"] = serde_json::json!({ "name": model, "hash": "" }).to_string().into();
    let text = serde_json::to_vec(&content).unwrap();
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}

/// Plays every block size while every parameter moves, in each kind of host and of model.
pub fn render(mode: &str) {
    let library = Library::load(&bundle()).unwrap();
    // Of each kind of model.
    for (channels, model, blocks) in [
        (2, "cello", &[1usize, 16, 64, 333, 512, 4096][..]),
        (1, "cello", &[1, 16, 64, 333, 512, 4096]),
        (2, "horn-codes", &[64, 4096]),
    ] {
        for &block in blocks {
            let mut plugin = library.instantiate("org.timbreloom.effect").unwrap();
            let state = plugin.save_state().unwrap();
            plugin.load_state(&asking_for(model, &state)).unwrap();
            plugin.set_channels(channels).unwrap();
            plugin.set_render(if mode == "offline" { Render::Offline } else { Render::Realtime }).unwrap();
            plugin.activate(Format { rate_hz: 48_000.0, min_block_frames: 1, max_block_frames: 4096 }).unwrap();
            assert_ne!(plugin.latency_frames().unwrap(), 0, "{model} does not play");
            let frames = 12_000;
            let sound: Vec<f32> = (0..frames).map(|n| (n as f32 * 0.02).sin() * 0.2).collect();
            // Every parameter moves, in the middle of blocks.
            let events: Vec<ParamEvent> = plugin
                .params()
                .unwrap()
                .iter()
                .enumerate()
                .map(|(n, param)| ParamEvent { frame: 101 * (n + 1), id: param.id, value: param.max })
                .collect();
            let input = vec![sound; channels];
            plugin.render(&input, &mut std::iter::repeat(block), &events, Pace::Hurry).unwrap();
            plugin.reset().unwrap();
            plugin.render(&input, &mut std::iter::repeat(block), &[], Pace::Hurry).unwrap();
        }
    }
    for side in [false, true] {
        for block in [1usize, 64, 333, 4096] {
            let mut plugin = library.instantiate("org.timbreloom.codes").unwrap();
            if side {
                plugin.set_layout("Stereo with side-chain").unwrap();
            }
            plugin.set_render(if mode == "offline" { Render::Offline } else { Render::Realtime }).unwrap();
            plugin.activate(Format { rate_hz: 48_000.0, min_block_frames: 1, max_block_frames: 4096 }).unwrap();
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
    println!("rendered all");
}
